// Which order of one run is which of the other. See comparison.hpp.

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/compare/comparison.hpp"

namespace fermata::compare {
namespace {

/// Orders of one strategy in one instrument, in the order of the decisions.
struct Group {
    std::vector<std::size_t> first, second;
};

/// What stands between two pairs of one decision: side by side, as long as they go the same way.
void pair_rest(const RunStory& first, const RunStory& second, const Group& group, std::size_t i,
               std::size_t i_end, std::size_t j, std::size_t j_end, std::vector<OrderPair>& out) {
    while (i < i_end || j < j_end) {
        const bool has_first = i < i_end, has_second = j < j_end;
        const bool same_way =
            has_first && has_second &&
            first.orders[group.first[i]].side() == second.orders[group.second[j]].side();
        if (same_way) {
            out.push_back({group.first[i++], group.second[j++]});
        } else if (!has_second || (has_first && i_end - i >= j_end - j)) {
            out.push_back({group.first[i++], std::nullopt});
        } else {
            out.push_back({std::nullopt, group.second[j++]});
        }
    }
}

void pair_group(const RunStory& first, const RunStory& second, const MarketAlignment& market,
                const Group& group, std::vector<OrderPair>& out) {
    std::size_t i = 0, j = 0;  // what is not paired yet
    std::size_t look = 0;      // orders of the second run before it were decided earlier
    for (std::size_t n = 0; n < group.first.size(); ++n) {
        const OrderStory& a = first.orders[group.first[n]];
        const auto own = first.decided_on(a);
        const auto there = own ? market.to_second(*own) : std::nullopt;
        if (!there) continue;
        const std::uint64_t position = second.fact(*there).position;
        while (look < group.second.size() &&
               second.orders[group.second[look]].decision() < position) {
            ++look;
        }
        for (std::size_t m = std::max(look, j); m < group.second.size(); ++m) {
            const OrderStory& b = second.orders[group.second[m]];
            if (b.decision() > position) break;
            if (b.side() != a.side() || b.terms.type != a.terms.type ||
                second.decided_on(b) != there) {
                continue;
            }
            pair_rest(first, second, group, i, n, j, m, out);
            out.push_back({group.first[n], group.second[m], true});
            i = n + 1;
            j = m + 1;
            break;
        }
    }
    pair_rest(first, second, group, i, group.first.size(), j, group.second.size(), out);
}

}  // namespace

std::vector<OrderPair> pair_orders(const RunStory& first, const RunStory& second,
                                   const MarketAlignment& market) {
    std::map<std::pair<std::string, std::string>, Group> groups;
    for (std::size_t n = 0; n < first.orders.size(); ++n) {
        groups[{first.orders[n].strategy, first.orders[n].instrument}].first.push_back(n);
    }
    for (std::size_t n = 0; n < second.orders.size(); ++n) {
        groups[{second.orders[n].strategy, second.orders[n].instrument}].second.push_back(n);
    }
    std::vector<OrderPair> pairs;
    for (const auto& [name, group] : groups) pair_group(first, second, market, group, pairs);
    return pairs;
}

}  // namespace fermata::compare
