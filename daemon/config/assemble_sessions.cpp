#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

VenueId venue_of(const Draft& d, const std::string& name) {
    const auto& venues = d.settings.venues;
    for (std::size_t n = 0; n < venues.size(); ++n) {
        if (venues[n].name == name) return VenueId{static_cast<VenueId::rep>(n)};
    }
    return VenueId{0};  // the reader knows that there is one of that name
}

/// Two of ours with one name at the venue could not be told apart in what it sends.
void refuse_twins(Draft& d, const std::vector<std::string>& texts, const char* what,
                  const Path& path) {
    std::map<std::string, std::size_t> seen;
    for (std::size_t n = 0; n < texts.size(); ++n) {
        if (texts[n].empty() || seen.emplace(texts[n], n).second) continue;
        d.problem(path, "found " + in_quotes(texts[n]) + " for two " + what +
                            ", expected a name of its own for each");
    }
}

StreamId add_stream(Draft& d, const SessionConfig& s, const char* what, MarketEventType kind) {
    const StreamId id{static_cast<StreamId::rep>(d.config.streams.size())};
    d.config.streams.push_back({id, s.name + " " + what, kind, Duration{}, s.venue});
    return id;
}

/// A replay has no use for them, and numbers its streams as it did without sessions.
void add_streams(Draft& d, SessionConfig& s) {
    if (s.role != SessionRole::kMarketData || d.config.mode == Mode::kReplay) return;
    if (s.quotes) s.quote_stream = add_stream(d, s, "quotes", MarketEventType::kQuote);
    if (s.trades) s.trade_stream = add_stream(d, s, "trades", MarketEventType::kTrade);
}

/// SecurityType (167) as Interactive Brokers names it; its source is in docs/fix.md.
std::string interactive_brokers_type(AssetClass asset_class) {
    switch (asset_class) {
        case AssetClass::kEquity:
        case AssetClass::kEtf:
            return "CS";
        case AssetClass::kIndex:
            return "IND";
        case AssetClass::kFuture:
            return "FUT";
        case AssetClass::kForex:
            return "CASH";
        case AssetClass::kBond:
            return "BOND";
        case AssetClass::kOption:
            return "OPT";
        case AssetClass::kCrypto:
            break;  // no word is known: security_types says it
    }
    return {};
}

/// What the dialect says where the session's own keys say nothing.
void complete_dialect(Draft& d, SessionKeys& keys, SessionConfig& out, const Path& path) {
    const bool orders = out.role == SessionRole::kOrders || out.role == SessionRole::kWatchdog;
    if (!orders) return;
    const auto says = [&](int tag) {
        return std::any_of(out.order_tags.begin(), out.order_tags.end(),
                           [&](const TagValue& field) { return field.tag == tag; });
    };
    const bool brokers = out.dialect == SessionDialect::kInteractiveBrokers;
    for (const Instrument& instrument : d.config.instruments.all()) {
        const auto text = keys.security_types.find(instrument.symbol);
        std::string type = text == keys.security_types.end() ? std::string() : text->second;
        if (brokers && type.empty() && !says(kSecurityTypeTag)) {
            type = interactive_brokers_type(instrument.asset_class);
            if (type.empty()) {
                d.problem(join(path, "security_types"),
                          "found nothing for " + in_quotes(instrument.symbol) +
                              ", expected its SecurityType (167): the dialect has no word for its "
                              "asset class");
            }
        }
        out.security_types.push_back(std::move(type));
    }
    if (!brokers) return;
    out.expire_time = false;
    if (!says(204)) out.order_tags.push_back({204, "0"});
    if (!says(100)) out.order_tags.push_back({100, "SMART"});
}

SessionConfig session(Draft& d, SessionKeys& keys, const Path& path) {
    SessionConfig out = keys.session;
    if (keys.venue.empty()) keys.venue = d.settings.venues.front().name;
    out.venue = venue_of(d, keys.venue);
    out.store = keys.store.resolved;
    for (const LogonTagSettings& field : keys.logon_tags) {
        out.logon_tags.push_back({field.tag, field.value,
                                  field.file ? field.file->resolved : std::filesystem::path(),
                                  field.environment});
    }
    if (keys.cancel_on_disconnect) out.cancel_on_disconnect = *keys.cancel_on_disconnect;
    for (const AccountConfig& account : d.config.accounts) {
        const auto text = keys.accounts.find(account.name);
        out.accounts.push_back(text == keys.accounts.end() ? std::string() : text->second);
    }
    refuse_twins(d, out.accounts, "accounts", join(path, "accounts"));
    for (const Instrument& instrument : d.config.instruments.all()) {
        const auto text = keys.symbols.find(instrument.symbol);
        out.symbols.push_back(text == keys.symbols.end() ? instrument.symbol : text->second);
    }
    refuse_twins(d, out.symbols, "instruments", join(path, "symbols"));
    complete_dialect(d, keys, out, path);
    if (out.role == SessionRole::kMarketData) {
        for (const std::string& symbol : keys.instruments) {
            out.instruments.push_back(d.ids.at(symbol));
        }
        if (keys.instruments.empty()) {
            for (const Instrument& i : d.config.instruments.all()) out.instruments.push_back(i.id);
        }
    }
    add_streams(d, out);
    return out;
}

/// A copy is matched by its ExecID, which must be read alike on both sessions.
void check_copies(Draft& d) {
    const auto& sessions = d.config.sessions;
    for (std::size_t n = 0; n < sessions.size(); ++n) {
        if (sessions[n].role != SessionRole::kDropCopy) continue;
        for (const SessionConfig& orders : sessions) {
            if (orders.role != SessionRole::kOrders || orders.venue != sessions[n].venue ||
                orders.executions_by_account == sessions[n].executions_by_account) {
                continue;
            }
            d.problem({"sessions", std::to_string(n), "executions_by_account"},
                      "found another value than in session " + in_quotes(orders.name) +
                          " of the same venue, expected the same: executions are matched by it");
        }
    }
}

}  // namespace

void assemble_sessions(Draft& d) {
    using CompIds = std::tuple<std::string, std::string, std::string>;
    std::map<CompIds, std::string> names;
    std::map<std::pair<VenueId, SessionRole>, std::string> of_venue;
    bool market_data = false;
    for (std::size_t n = 0; n < d.settings.sessions.size(); ++n) {
        const Path path{"sessions", std::to_string(n)};
        SessionConfig s = session(d, d.settings.sessions[n], path);
        const auto [same, fresh] =
            names.try_emplace({s.sender_comp_id, s.target_comp_id, s.qualifier}, s.name);
        if (!fresh) {
            d.problem(path, "found the sender_comp_id, target_comp_id and qualifier of session " +
                                in_quotes(same->second) +
                                ", expected a qualifier that tells them apart");
        }
        market_data = market_data || s.role == SessionRole::kMarketData;
        if (s.role == SessionRole::kOrders || s.role == SessionRole::kWatchdog) {
            const auto [other, first] = of_venue.try_emplace({s.venue, s.role}, s.name);
            if (!first) {
                d.problem(join(path, "role"), std::string("found a second session of role ") +
                                                  session_role_name(s.role) + " for the venue of " +
                                                  in_quotes(other->second) +
                                                  ", expected at most one");
            }
        }
        d.config.sessions.push_back(std::move(s));
    }
    check_copies(d);
    if (d.config.feeds.empty() && (d.config.mode == Mode::kReplay || !market_data)) {
        d.problem({"feeds"},
                  "found an empty list, expected at least one feed; outside of mode replay a "
                  "session of role market_data serves instead");
    }
}

}  // namespace fermata::config
