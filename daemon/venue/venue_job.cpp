#include "daemon/venue/venue_job.hpp"

#include <map>

#include "core/base/assert.hpp"

namespace fermata::venue {
namespace {

std::vector<SimAccount> balances_of(const Config& config) {
    std::vector<SimAccount> result;
    for (const AccountConfig& account : config.accounts) {
        SimAccount broker;
        broker.id = account.id;
        broker.kind =
            account.type == AccountConfig::Type::kCash ? AccountKind::kCash : AccountKind::kMargin;
        broker.cash.resize(config.instruments.currencies().size());
        for (const auto& [currency, cash] : account.cash) broker.cash[currency.value] = cash;
        for (const OpeningPosition& p : account.positions) {
            broker.positions.push_back({p.instrument, p.quantity});
        }
        result.push_back(std::move(broker));
    }
    return result;
}

}  // namespace

VenueJob venue_job(const Config& config) {
    FERMATA_ASSERT(config.exchange.has_value());
    const ExchangeConfig& e = *config.exchange;
    VenueJob job;
    job.core.sim = config.venues.at(e.venue.value);
    job.core.balances = balances_of(config);
    for (const AccountConfig& account : config.accounts) {
        job.core.accounts.push_back(account.name);
    }
    job.core.orders_max = config.engine.orders_max;
    job.core.orders_kept = e.orders_kept;
    job.core.triggered_by_l = e.triggered_by_l;
    // A journal is of these members, by their places.
    job.identity = config.hash + " venue " + std::to_string(e.venue.value) + " " + e.comp_id + " " +
                   std::to_string(job.core.orders_max) + " " + std::to_string(e.orders_kept) +
                   (e.triggered_by_l ? " L" : " D");
    std::map<std::string, std::uint32_t> firms;
    for (const MemberConfig& from : e.members) {
        ExchangeMember m;
        m.comp_id = from.comp_id;
        m.firm =
            firms.try_emplace(from.firm, static_cast<std::uint32_t>(firms.size())).first->second;
        m.accounts = from.accounts;
        m.orders = from.orders;
        m.market_data = from.market_data;
        m.drop_copy = from.drop_copy;
        m.cancel_on_disconnect = from.cancel_on_disconnect;
        m.of_firm = from.of_firm;
        job.identity += " " + from.comp_id + "/" + from.firm + (from.orders ? "o" : "") +
                        (from.drop_copy ? "d" : "") + (from.of_firm ? "f" : "");
        for (const AccountId account : from.accounts) {
            job.identity += "," + std::to_string(account.value);
        }
        job.core.members.push_back(std::move(m));
        job.acceptor.members.push_back(from.comp_id);
    }
    job.acceptor.port = e.port;
    job.acceptor.comp_id = e.comp_id;
    job.acceptor.store_folder = (e.folder / "sessions").string();
    job.acceptor.cancel_on_disconnect_tag = e.cancel_on_disconnect_tag;
    job.acceptor.logon_timeout = e.logon_timeout;
    job.acceptor.behind_bytes = e.behind_bytes;
    job.acceptor.unread_bytes_max = e.unread_bytes_max;
    job.faults = e.faults;
    job.fault_seed = e.fault_seed;
    job.live = config.live;
    job.from = config.run.from;
    job.to = config.run.to;
    job.instruments = &config.instruments;
    job.folder = e.folder;
    job.requests_max = e.requests_max;
    return job;
}

}  // namespace fermata::venue
