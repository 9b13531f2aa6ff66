// Which events a fill can have met at the exchange. See comparison.hpp.

#include <algorithm>

#include "daemon/compare/comparison.hpp"

namespace fermata::compare {
namespace {

/// Reports and market data come over sessions of their own: what a fill met is in the record with
/// the report, or comes a little behind it. So many events at most ...
constexpr std::size_t kLateMax = 16;
/// ... and in this time, however fast the report was.
constexpr Duration kLateLeast = Duration::milliseconds(5);

/// A resting limit is hit at its own price by what comes to it.
bool is_hit(const VenueTerms& terms, Side side, Price filled, Price other) {
    if (!terms.limit || filled != terms.price) return false;
    return side == Side::kBuy ? other <= filled : other >= filled;
}

bool fits(const MarketFact& f, MarketEventType kind, const VenueTerms& terms, Side side,
          const FillStory& fill) {
    const bool quote = kind == MarketEventType::kQuote, buys = side == Side::kBuy;
    const Price other = !quote ? Price::from_raw(f.content[0]) : buys ? f.ask() : f.bid();
    const Quantity size = !quote ? Quantity::from_raw(f.content[1])
                          : buys ? f.ask_size()
                                 : f.bid_size();
    if (!f.size_unknown && size < fill.quantity) return false;
    return (quote && other == fill.price) || is_hit(terms, side, fill.price, other);
}

/// The newest event at this time, or the first one.
std::size_t in_force_at(const std::vector<MarketFact>& facts, Timestamp ts) {
    const auto behind = std::upper_bound(facts.begin(), facts.end(), ts,
                                         [](Timestamp t, const MarketFact& f) { return t < f.ts; });
    return behind == facts.begin() ? 0 : static_cast<std::size_t>(behind - facts.begin()) - 1;
}

}  // namespace

std::vector<FactPlace> met_by(const RunStory& run, const OrderStory& order, const FillStory& fill) {
    if (const auto place = fill.met ? run.at(*fill.met) : std::nullopt) return {*place};
    const VenueTerms terms = order.terms_at(fill);
    const Duration took = std::min(fill.ts - terms.sent, run.longest_answer);
    const Duration late = std::max(took, kLateLeast);
    std::vector<FactPlace> before, behind;
    for (const MarketEventType kind : {MarketEventType::kQuote, MarketEventType::kTrade}) {
        const auto stream = run.stream_of(order.instrument, kind);
        if (!stream) continue;
        const auto& facts = run.market[*stream].facts;
        const auto newest = run.newest(*stream, fill.position);
        const std::size_t end = newest ? *newest + 1 : 0;
        const std::size_t begin =
            std::max(run.newest(*stream, terms.position).value_or(0),
                     in_force_at(facts, Timestamp{fill.ts.ns - 2 * run.longest_answer.ns}));
        for (std::size_t n = begin; n < end; ++n) {
            if (fits(facts[n], kind, terms, order.side(), fill)) before.push_back({*stream, n});
        }
        for (std::size_t n = end; n < std::min(end + kLateMax, facts.size()); ++n) {
            if (late < facts[n].ts - fill.ts) break;
            if (fits(facts[n], kind, terms, order.side(), fill)) behind.push_back({*stream, n});
        }
    }
    const auto earlier = [&](FactPlace a, FactPlace b) {
        return run.fact(a).position < run.fact(b).position;
    };
    std::sort(before.rbegin(), before.rend(), earlier);
    std::sort(behind.begin(), behind.end(), earlier);
    return before.empty() ? behind : before;
}

}  // namespace fermata::compare
