#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/compare/comparison.hpp"

namespace fermata::compare::test {

inline constexpr std::int64_t kMillisecond = 1'000'000;

inline Price price(std::int64_t cents) { return Price::from_raw(cents * 10'000'000); }
inline Quantity units(std::int64_t n) { return Quantity::from_units(n); }

/// A run in the making: quotes of AAA, and orders of the strategy "a" that are decided on them.
/// Quote k (from 0) is at feed position k + 1 and `start + k * step`.
class MadeRun {
public:
    explicit MadeRun(std::int64_t start_ns = 0, std::int64_t step_ns = 10 * kMillisecond)
        : start_(start_ns), step_(step_ns) {
        story.market.push_back({"AAA", MarketEventType::kQuote, {}});
    }
    /// 100 shares on both sides, a cent apart.
    MadeRun& quote(std::int64_t bid_cents, std::int64_t size = 100) {
        auto& facts = story.market[0].facts;
        MarketFact f;
        f.content = {price(bid_cents).raw(), units(size).raw(), price(bid_cents + 1).raw(),
                     units(size).raw(), 0};
        f.position = facts.size() + 1;
        f.ts = Timestamp{start_ + static_cast<std::int64_t>(facts.size()) * step_};
        facts.push_back(f);
        return *this;
    }
    MadeRun& quotes(const std::vector<std::int64_t>& bids) {
        for (const std::int64_t bid : bids) quote(bid);
        return *this;
    }
    /// A market order that was decided on quote `on` and answered at once. No fill yet.
    OrderStory& order(Side side, std::size_t on, std::int64_t quantity = 100,
                      std::int64_t answered_ns = kMillisecond) {
        OrderStory o;
        o.strategy = "a";
        o.account = "main";
        o.instrument = "AAA";
        o.name = "a#" + std::to_string(story.orders.size() + 1);
        o.terms.side = side;
        o.terms.quantity = units(quantity);
        o.cause = make_cause(CauseKind::kMarket, on + 1);
        o.position = on + 1;
        o.decided = story.market[0].facts[on].ts;
        o.answered = o.decided + Duration{answered_ns};
        o.state = OrderState::kNew;
        story.longest_answer = std::max(story.longest_answer, Duration{answered_ns});
        story.orders.push_back(o);
        return story.orders.back();
    }
    /// The newest order is filled by quote `by`, whole, and the strategy knows it at once: with the
    /// answer, or a millisecond behind that quote.
    FillStory& fill(std::size_t by) {
        OrderStory& o = story.orders.back();
        const MarketFact& f = story.market[0].facts[by];
        FillStory fill;
        fill.quantity = o.terms.quantity;
        fill.price = o.side() == Side::kBuy ? f.ask() : f.bid();
        fill.ts = std::max(*o.answered, f.ts + Duration{kMillisecond});
        fill.position = fill.known = by + 1;
        o.fills.push_back(fill);
        o.state = OrderState::kFilled;
        return o.fills.back();
    }
    /// Bought or sold on quote `on` and filled by it.
    MadeRun& trade(Side side, std::size_t on) {
        order(side, on);
        fill(on);
        return *this;
    }

    RunStory story;

private:
    std::int64_t start_, step_;
};

inline const std::vector<std::int64_t> kBids = {1000, 1001, 1003, 1002, 1005, 1004, 1007, 1006};

inline constexpr std::int64_t kLive = 1'700'000'000'000'000'000;  // ns, the live run's clock

/// A live run and a replay of the same quotes.
struct TwoRuns : ::testing::Test {
    TwoRuns() {
        live.quotes(kBids);
        replay.quotes(kBids);
    }
    [[nodiscard]] RunComparison compare() const { return compare_runs(live.story, replay.story); }
    /// The only difference there is.
    [[nodiscard]] OrderDifference only() const {
        const RunComparison result = compare();
        EXPECT_EQ(result.differences.size(), 1u);
        return result.differences.empty() ? OrderDifference{} : result.differences.front();
    }

    MadeRun live{kLive}, replay{0};
};

}  // namespace fermata::compare::test
