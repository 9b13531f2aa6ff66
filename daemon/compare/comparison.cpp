#include "daemon/compare/comparison.hpp"

#include <algorithm>
#include <utility>

#include "daemon/compare/explanation.hpp"

namespace fermata::compare {
namespace {

struct CauseText {
    std::string_view name, meaning;
};
constexpr CauseText kCauses[kCauseCount] = {
    {"refused", "the gate or the venue refused the order in one run only"},
    {"fill_corrected", "the venue took a fill back, or changed it, in one run only"},
    {"run_not_covered", "one run had ended, or not begun"},
    {"other_terms", "other terms were in force at the venue when the order was filled"},
    {"met_another_quote", "the exchange had another quote when the order was filled"},
    {"cancel_race", "a cancel came before the fill in one run only"},
    {"saw_other_data", "the strategy had seen other market events"},
    {"report_timing", "it decided before it knew of a fill of its own in one run only"},
    {"earlier_difference", "holdings or worth differed, because of a difference before it"},
    {"unknown", "the records do not tell"},
};

bool same_terms(const NewOrderData& a, const NewOrderData& b) {
    return a.side == b.side && a.type == b.type && a.tif == b.tif && a.quantity == b.quantity &&
           a.price == b.price && a.stop_price == b.stop_price && a.flags == b.flags &&
           a.display_quantity == b.display_quantity && a.offset == b.offset &&
           a.offset_kind == b.offset_kind && a.link_role == b.link_role;
}

bool same(const FillStory& a, const FillStory& b) {
    return a.quantity == b.quantity && a.price == b.price;
}

LatencySummary latency_of(const RunStory& run) {
    std::vector<std::int64_t> all;
    for (const OrderStory& o : run.orders) {
        if (const auto latency = o.latency()) all.push_back(latency->ns);
    }
    if (all.empty()) return {};
    std::sort(all.begin(), all.end());
    const auto rank = [&](std::size_t percent) {  // nearest rank
        return Duration{all[(all.size() * percent + 99) / 100 - 1]};
    };
    return {all.size(), rank(50), rank(99), Duration{all.back()}};
}

std::size_t fills_of(const RunStory& run) {
    std::size_t count = 0;
    for (const OrderStory& o : run.orders) count += o.fills.size();
    return count;
}

/// When the pair was decided, in the feed positions of the first run: what only the second has
/// stands where its decision is, or else behind the pair before it.
std::uint64_t decided_at(const RunStory& first, const RunStory& second, const OrderPair& pair,
                         const MarketAlignment& market, std::uint64_t before) {
    if (pair.first) return first.orders[*pair.first].decision();
    const auto place = second.decided_on(second.orders[*pair.second]);
    const auto here = place ? market.to_first(*place) : std::nullopt;
    return here ? first.fact(*here).position : before;
}

}  // namespace

std::string_view name(Cause cause) noexcept { return kCauses[static_cast<int>(cause)].name; }
std::string_view meaning(Cause cause) noexcept { return kCauses[static_cast<int>(cause)].meaning; }

std::size_t first_other_fill(const OrderStory& a, const OrderStory& b) {
    std::size_t n = 0;
    while (n < a.fills.size() && n < b.fills.size() && same(a.fills[n], b.fills[n])) ++n;
    return n;
}

std::uint8_t differences_between(const RunStory& first, const RunStory& second,
                                 const OrderPair& pair, const MarketAlignment& market) {
    if (!pair.second) return kOnlyFirst;
    if (!pair.first) return kOnlySecond;
    const OrderStory &a = first.orders[*pair.first], &b = second.orders[*pair.second];
    std::uint8_t kinds = 0;
    if (!same_terms(a.terms, b.terms)) kinds |= kOtherTerms;
    const auto on_a = first.decided_on(a), on_b = second.decided_on(b);
    if (on_a && on_b && market.to_second(*on_a) != on_b) kinds |= kOtherDecision;
    if (a.requests != b.requests) kinds |= kOtherRequests;
    if (first_other_fill(a, b) != std::max(a.fills.size(), b.fills.size())) kinds |= kOtherFills;
    return kinds;
}

RunComparison compare_runs(const RunStory& first, const RunStory& second) {
    RunComparison result;
    const MarketAlignment market(first, second);
    result.market = market.streams();
    result.orders_first = first.orders.size();
    result.orders_second = second.orders.size();
    result.fills_first = fills_of(first);
    result.fills_second = fills_of(second);
    result.latency_first = latency_of(first);
    result.latency_second = latency_of(second);
    std::vector<std::pair<std::uint64_t, OrderDifference>> found;
    std::uint64_t at = 0;
    for (const OrderPair& pair : pair_orders(first, second, market)) {
        at = decided_at(first, second, pair, market, at);
        const std::uint8_t kinds = differences_between(first, second, pair, market);
        if (kinds == 0) {
            ++result.orders_equal;
        } else {
            OrderDifference difference;
            difference.orders = pair;
            difference.kinds = kinds;
            found.emplace_back(at, std::move(difference));
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Explainer explainer(first, second, market);
    for (auto& [position, difference] : found) {
        explainer.explain(difference);
        ++result.causes[difference.cause];
        result.differences.push_back(std::move(difference));
    }
    return result;
}

}  // namespace fermata::compare
