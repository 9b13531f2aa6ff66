// Why two runs differ: fills of orders whose terms changed, orders that follow others, and what
// happens while a run is being stopped.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/compare/story_fixture.hpp"

namespace fermata::compare::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Explanation : TwoRuns {
    /// A limit order to buy that was decided on quote `on`, with its first terms.
    static OrderStory& rest(MadeRun& run, std::size_t on, std::int64_t cents) {
        OrderStory& order = run.order(Side::kBuy, on);
        order.terms.type = OrderType::kLimit;
        order.terms.price = price(cents);
        change(run, on, cents);
        return order;
    }
    /// New terms of the newest order that were asked for on quote `on`, and came into force.
    static void change(MadeRun& run, std::size_t on, std::int64_t cents) {
        const MarketFact& f = run.story.market[0].facts[on];
        run.story.orders.back().at_venue.push_back(
            {price(cents), {}, units(100), f.ts, f.position, true});
    }
    /// The newest order was filled at its newest terms when quote `by` came.
    static void hit(MadeRun& run, std::size_t by) {
        const auto& terms = run.story.orders.back().at_venue;
        FillStory& fill = run.fill(by);
        fill.price = terms.back().price;
        fill.terms = terms.size() - 1;
    }
    /// The newest order was decided on news of the order at this index, when quote `on` was newest.
    static void follow(MadeRun& run, std::size_t order, std::size_t on) {
        OrderStory& o = run.story.orders.back();
        o.follows = order;
        o.cause = make_cause(CauseKind::kTrading, 10 + order);
        o.position = on + 1;
    }
};

TEST_F(Explanation, NamesNoOtherQuoteWhereTheAnswerCameBeforeIt) {
    live.order(Side::kBuy, 2, 100, 3'500'000);
    FillStory& fill = live.fill(3);  // its price is that of the next quote, 10 ms behind ...
    fill.ts = *live.story.orders[0].answered;
    fill.position = 3;  // ... which had not come
    replay.trade(Side::kBuy, 2);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kUnknown);
    EXPECT_THAT(d.why, HasSubstr("first run was answered 3.500 ms after its decision, the next "
                                 "quote came after 10.000 ms"));
}

TEST_F(Explanation, SaysThatNewTermsWereInTimeInOneRunOnly) {
    rest(live, 1, 1000);
    rest(replay, 1, 1000);
    change(replay, 2, 1003);
    live.fill(3).price = price(1000);
    hit(replay, 3);
    const OrderDifference d = only();
    EXPECT_EQ(d.kinds, kOtherFills);
    EXPECT_EQ(d.cause, Cause::kTermsInForce);
    EXPECT_THAT(d.why, HasSubstr("a limit of 10 for 100 was in force in the first run, a limit of "
                                 "10.03 for 100 in the second: change 1 was in time in one of them "
                                 "only"));
    EXPECT_THAT(d.why, HasSubstr("second run was told of the fill 11.000 ms after its terms were "
                                 "sent, the next quote came after 10.000 ms"));
}

TEST_F(Explanation, NamesTheFirstChangeThatWasNotTheSame) {
    for (MadeRun* run : {&live, &replay}) {
        rest(*run, 0, 990);
        change(*run, 1, 991);
    }
    change(live, 4, 1005);
    change(replay, 3, 1003);
    hit(live, 5);
    hit(replay, 5);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kTermsInForce);
    EXPECT_THAT(d.why, HasSubstr("change 2 was of quote 5 of AAA (10.05 x 100 / 10.06 x 100) in "
                                 "the first run, of quote 4 of AAA (10.02 x 100 / 10.03 x 100) in "
                                 "the second"));
}

TEST_F(Explanation, TellsAMoveOfTheVenueFromANewPriceThatWasAskedFor) {
    rest(live, 1, 990);
    rest(replay, 1, 990);
    change(live, 2, 1003);
    change(replay, 2, 1002);
    replay.story.orders[0].at_venue.back().moved = true;
    hit(live, 3);
    hit(replay, 3);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kTermsInForce);
    EXPECT_THAT(d.why, HasSubstr("change 1 was made by the venue itself in one of them only"));
    EXPECT_THAT(d.why, HasSubstr("second run was told of the fill 11.000 ms after the venue moved "
                                 "it there"));
}

TEST_F(Explanation, NamesTheQuotesAtTheFillsOfAnOrderThatRested) {
    for (MadeRun* run : {&live, &replay}) {
        // The first quote after the decision fits, and is not what they met.
        for (const std::size_t n : {1, 5}) {
            run->story.market[0].facts[n].content[2] = price(1003).raw();
        }
        rest(*run, 0, 990);
        change(*run, 2, 1003);
    }
    hit(live, 5);
    live.story.orders[0].fills[0].quantity = units(60);
    hit(replay, 3);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kMetOtherQuote);
    EXPECT_THAT(d.met_first, ElementsAre(FactPlace{0, 5}));
    EXPECT_THAT(d.met_second, ElementsAre(FactPlace{0, 3}));
}

TEST_F(Explanation, SaysThatWhatItFollowedDiffers) {
    live.order(Side::kBuy, 1, 100, 12 * kMillisecond);
    live.fill(2);
    replay.trade(Side::kBuy, 1);
    for (MadeRun* run : {&live, &replay}) {
        const std::size_t on = run == &live ? 3 : 2;
        run->trade(Side::kSell, on);
        follow(*run, 0, on);
    }
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    EXPECT_EQ(result.differences[0].cause, Cause::kMetOtherQuote);
    EXPECT_EQ(result.differences[1].cause, Cause::kEarlier);
    EXPECT_THAT(result.differences[1].why,
                HasSubstr("it followed a#1 at quote 4 of AAA (10.02 x 100 / 10.03 x 100) in the "
                          "first run, a#1 at quote 3 of AAA (10.03 x 100 / 10.04 x 100) in the "
                          "second, which differ"));
}

TEST_F(Explanation, SaysThatTheNewsOfTheSameFillCameElsewhere) {
    for (MadeRun* run : {&live, &replay}) {
        const std::size_t on = run == &live ? 3 : 2;
        run->trade(Side::kBuy, 1).trade(Side::kSell, on);
        follow(*run, 0, on);
    }
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kReportTiming);
    EXPECT_THAT(d.why, HasSubstr("it followed a#1 at quote 4 of AAA"));
}

TEST_F(Explanation, SaysThatAnExitFollowsAnOrderThatTheOtherRunDoesNotHave) {
    replay.trade(Side::kBuy, 1);
    replay.order(Side::kSell, 1);
    follow(replay, 0, 1);
    live.story.market[0].facts.erase(live.story.market[0].facts.begin() + 1);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    EXPECT_EQ(result.differences[0].cause, Cause::kSawOtherData);
    EXPECT_EQ(result.differences[1].cause, Cause::kEarlier);
    EXPECT_EQ(result.differences[1].why, "in the second run it follows a#1, which differs");
}

TEST_F(Explanation, SaysThatAnOrderWasDecidedWhileItsRunWasBeingStopped) {
    live.trade(Side::kBuy, 1);
    replay.trade(Side::kBuy, 1);
    live.order(Side::kSell, 4);
    follow(live, 0, 4);
    live.story.orders[1].state = OrderState::kDenied;
    live.story.orders[1].failed = 0x02;  // number 1: RECOVERING
    EXPECT_EQ(only().cause, Cause::kUnknown) << "it may have been refused in the midst of the run";
    live.story.stop = RunStory::Stop{5, 1};
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kNotCovered);
    EXPECT_EQ(d.why,
              "the first run was being stopped (RECOVERING) when it was decided: the gate refused "
              "it: RECOVERING");
    live.story.stop = RunStory::Stop{5, 2};
    EXPECT_EQ(only().cause, Cause::kUnknown) << "decided before it";
}

TEST_F(Explanation, SaysThatTheOtherRunWasBeingStoppedAtTheDecision) {
    live.trade(Side::kBuy, 1);
    replay.trade(Side::kBuy, 1).trade(Side::kSell, 4);
    live.story.stop = RunStory::Stop{4, 1};
    EXPECT_EQ(only().cause, Cause::kNotCovered);
    live.story.stop = RunStory::Stop{6, 1};
    EXPECT_EQ(only().cause, Cause::kUnknown);
}

}  // namespace
}  // namespace fermata::compare::test
