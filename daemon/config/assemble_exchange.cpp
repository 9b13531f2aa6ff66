#include <algorithm>
#include <set>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

/// Index of the element of that name, which is known to exist.
template <class Items>
std::uint16_t index_of(const Items& items, const std::string& name) {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const auto& item) { return item.name == name; });
    return static_cast<std::uint16_t>(found == items.end() ? 0 : found - items.begin());
}

}  // namespace

void assemble_exchange(Draft& d) {
    if (!d.settings.exchange) return;
    const ExchangeSettings& s = *d.settings.exchange;
    venue::ExchangeConfig& e = d.config.exchange.emplace(s.plain);
    if (!s.venue.empty()) e.venue = VenueId{index_of(d.config.venues, s.venue)};
    e.folder = s.folder->resolved;
    e.fault_seed = s.faults.seed;
    e.faults = s.faults.list;
    std::set<std::string> known;
    for (std::size_t n = 0; n < s.members.size(); ++n) {
        const MemberSettings& from = s.members[n];
        const Path path{"exchange", "members", std::to_string(n), "comp_id"};
        if (from.comp_id == e.comp_id || !known.insert(from.comp_id).second) {
            d.problem(path, "found " + in_quotes(from.comp_id) +
                                " again, expected a CompID that nobody else has");
        }
        venue::MemberConfig& m = e.members.emplace_back();
        m.comp_id = from.comp_id;
        m.firm = from.firm.empty() ? from.comp_id : from.firm;
        for (const std::string& account : from.accounts) {
            m.accounts.push_back(AccountId{index_of(d.config.accounts, account)});
        }
        m.orders = from.orders;
        m.market_data = from.market_data;
        m.drop_copy = from.drop_copy;
        m.cancel_on_disconnect = from.cancel_on_disconnect;
        m.of_firm = from.of_firm;
    }
    for (std::size_t n = 0; n < e.faults.size(); ++n) {
        const std::string& member = e.faults[n].member;
        if (member.empty() || known.contains(member)) continue;
        d.problem({"exchange", "faults", "list", std::to_string(n), "member"},
                  "found " + in_quotes(member) + ", expected the comp_id of a member");
    }
}

}  // namespace fermata::config
