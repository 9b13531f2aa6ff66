#include "daemon/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/compare/story_fixture.hpp"

namespace fermata::compare::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Comparison = TwoRuns;

TEST_F(Comparison, SaysEqualOfTheSameOrdersAndFillsUnderOtherClocksAndIds) {
    live.trade(Side::kBuy, 2).trade(Side::kSell, 5);
    replay.trade(Side::kBuy, 2).trade(Side::kSell, 5);
    live.story.orders[0].terms.order_id = ClientOrderId{77};
    live.story.orders[0].fills[0].exec_id = ExecId{5};
    const RunComparison result = compare();
    EXPECT_TRUE(result.equal());
    EXPECT_EQ(result.orders_equal, 2u);
    EXPECT_EQ(result.fills_first, 2u);
    EXPECT_EQ(result.latency_first.count, 2u);
    EXPECT_EQ(result.latency_first.median.ns, kMillisecond);
    EXPECT_THAT(result.causes, IsEmpty());
}

TEST_F(Comparison, ExplainsAFillByTheQuoteThatTheOrderMet) {
    live.order(Side::kBuy, 2, 100, 12 * kMillisecond);
    live.fill(3);
    replay.order(Side::kBuy, 2, 100, 200'000);
    replay.fill(2);
    const OrderDifference d = only();
    EXPECT_EQ(d.kinds, kOtherFills);
    EXPECT_EQ(d.cause, Cause::kMetOtherQuote);
    EXPECT_THAT(d.met_first, ElementsAre(FactPlace{0, 3}));
    EXPECT_THAT(d.met_second, ElementsAre(FactPlace{0, 2}));
    EXPECT_THAT(d.why, HasSubstr("met quote 4 of AAA (10.02 x 100 / 10.03 x 100) in the first"));
    EXPECT_THAT(d.why, HasSubstr("quote 3 of AAA (10.03 x 100 / 10.04 x 100) in the second"));
    EXPECT_THAT(d.why, HasSubstr("first run was answered 12.000 ms after its decision, the next "
                                 "quote came after 10.000 ms"));
    EXPECT_THAT(d.why, HasSubstr("second run was answered 0.200 ms"));
}

TEST_F(Comparison, DoesNotClaimAQuoteThatDoesNotFitTheFill) {
    live.order(Side::kBuy, 2);
    live.fill(3).price = price(777);  // nobody offered that
    replay.trade(Side::kBuy, 2);
    EXPECT_EQ(only().cause, Cause::kUnknown);

    live.story.orders[0].fills[0].price = price(1004);   // what the replay met as well ...
    live.story.orders[0].fills[0].quantity = units(60);  // ... but less of it
    EXPECT_EQ(only().cause, Cause::kUnknown);
}

TEST_F(Comparison, CountsAQuoteOfTooLittleAsNotMet) {
    live.story.market[0].facts[3].content[3] = units(50).raw();
    replay.story.market[0].facts[3].content[3] = units(50).raw();
    live.order(Side::kBuy, 2);
    live.fill(3);
    replay.trade(Side::kBuy, 2);
    EXPECT_EQ(only().cause, Cause::kUnknown) << "50 were there, 100 were filled";
}

TEST_F(Comparison, NamesTheControlThatRefusedInOneRunOnly) {
    live.order(Side::kBuy, 2);
    live.story.orders[0].state = OrderState::kDenied;
    live.story.orders[0].failed = 0x02;  // number 1: RECOVERING
    replay.trade(Side::kBuy, 2);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kRefused);
    EXPECT_EQ(d.why, "in the first run the gate refused it: RECOVERING");

    replay.story.orders[0] = live.story.orders[0];
    EXPECT_TRUE(compare().equal()) << "refused in both";
    replay.story.orders[0].state = OrderState::kRejected;
    live.story.orders[0].state = OrderState::kFilled;
    replay.story.orders[0].failed = 0;
    replay.story.orders[0].reason = OrderReason::kInsufficientFunds;
    live.fill(2);
    EXPECT_EQ(only().why, "in the second run the venue refused it: insufficient_funds");
}

TEST_F(Comparison, KeepsOneOrderTooManyFromShiftingTheOthers) {
    for (const std::size_t on : {1, 3, 5, 7}) live.trade(on == 3 ? Side::kSell : Side::kBuy, on);
    for (const std::size_t on : {1, 5, 7}) replay.trade(Side::kBuy, on);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 1u);
    EXPECT_EQ(result.differences[0].kinds, kOnlyFirst);
    EXPECT_EQ(result.differences[0].orders.first, 1u);
    EXPECT_EQ(result.orders_equal, 3u);
}

TEST_F(Comparison, SaysThatTheOtherRunNeverSawTheQuote) {
    auto& facts = live.story.market[0].facts;
    facts.erase(facts.begin() + 3);  // the positions of the others stay
    live.trade(Side::kBuy, 1);
    replay.trade(Side::kBuy, 1).trade(Side::kSell, 3);
    const OrderDifference d = only();
    EXPECT_EQ(d.kinds, kOnlySecond);
    EXPECT_EQ(d.cause, Cause::kSawOtherData);
    EXPECT_THAT(d.why, HasSubstr("the first run never saw quote 4 of AAA"));
}

TEST_F(Comparison, SaysThatQuotesWereMissingBeforeTheDecision) {
    auto& facts = live.story.market[0].facts;
    facts.erase(facts.begin() + 1, facts.begin() + 3);
    live.order(Side::kBuy, 2);  // facts[2] is quote 5 of the data
    live.story.orders[0].cause = make_cause(CauseKind::kMarket, 5);
    live.fill(2).known = 5;
    replay.order(Side::kSell, 4);
    replay.fill(4);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u) << "another side is another order";
    for (const OrderDifference& d : result.differences) {
        EXPECT_EQ(d.cause, Cause::kSawOtherData);
        EXPECT_THAT(d.why,
                    HasSubstr("0 events of AAA came in the first run only, 2 in the second"));
    }
}

TEST_F(Comparison, TellsAReportThatCameAfterTheNextDecision) {
    live.order(Side::kBuy, 2);
    live.fill(2).known = 4;  // after quote 3 was acted on
    replay.trade(Side::kBuy, 2).trade(Side::kSell, 3);
    const OrderDifference d = only();
    EXPECT_EQ(d.kinds, kOnlySecond);
    EXPECT_EQ(d.cause, Cause::kReportTiming);
    EXPECT_THAT(d.why,
                HasSubstr("a holding of 0 in the first run, 100 in the second, with 100 and 0 "
                          "still to come"));
}

TEST_F(Comparison, TellsAnOrderUnderWayFromOneThatIsDone) {
    live.trade(Side::kBuy, 1).order(Side::kSell, 3);
    live.fill(3).known = 6;  // at quote 4 it still holds, and has an order under way
    replay.trade(Side::kBuy, 1).trade(Side::kSell, 3).trade(Side::kBuy, 4).trade(Side::kSell, 5);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    EXPECT_EQ(result.differences[0].cause, Cause::kReportTiming);
    EXPECT_EQ(result.differences[1].cause, Cause::kEarlier);
    EXPECT_THAT(result.differences[1].why,
                HasSubstr("of 100 in the first run, 100 in the second, with -100 and 0 still"));
}

TEST_F(Comparison, CarriesAnEarlierDifferenceOn) {
    live.order(Side::kBuy, 1);
    live.story.orders[0].state = OrderState::kDenied;
    replay.trade(Side::kBuy, 1).trade(Side::kSell, 4);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    EXPECT_EQ(result.differences[0].cause, Cause::kRefused);
    EXPECT_EQ(result.differences[1].cause, Cause::kEarlier);
    EXPECT_THAT(result.differences[1].why, HasSubstr("as its orders differ before"));
    EXPECT_EQ(result.causes.at(Cause::kEarlier), 1u);
}

TEST_F(Comparison, SaysThatARunEndedOrBeganElsewhere) {
    auto& facts = live.story.market[0].facts;
    facts.resize(6);
    facts.erase(facts.begin(), facts.begin() + 2);
    replay.trade(Side::kBuy, 0).trade(Side::kSell, 7);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    for (const OrderDifference& d : result.differences) EXPECT_EQ(d.cause, Cause::kNotCovered);
    EXPECT_THAT(result.differences[0].why, HasSubstr("the first run began after quote 1 of AAA"));
    EXPECT_THAT(result.differences[1].why,
                HasSubstr("the first run had ended before quote 8 of AAA"));
}

TEST_F(Comparison, SaysThatARunEndedWithTheOrderOpen) {
    live.order(Side::kBuy, 7);
    replay.trade(Side::kBuy, 7);
    EXPECT_EQ(only().cause, Cause::kNotCovered);
    live.story.orders[0].state = OrderState::kCanceled;  // by the stop
    live.story.orders[0].reason = OrderReason::kRequested;
    EXPECT_EQ(only().cause, Cause::kNotCovered);
}

TEST_F(Comparison, TellsABustFromAMissingFill) {
    live.trade(Side::kBuy, 2);
    live.story.orders[0].fills.clear();
    live.story.orders[0].busted = 1;
    replay.trade(Side::kBuy, 2);
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kCorrected);
    EXPECT_EQ(d.why, "1 fills were taken back or changed in the first run, 0 in the second");
}

TEST_F(Comparison, TellsWhereACancelWasInTime) {
    live.order(Side::kBuy, 2);
    replay.trade(Side::kBuy, 2);
    for (MadeRun* run : {&live, &replay}) {
        run->story.orders[0].requests.push_back({});
        run->story.orders[0].requested_cancel = true;
    }
    live.story.orders[0].state = OrderState::kCanceled;
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kCancelRace);
    EXPECT_EQ(d.why, "the cancel was in time in the first run, too late in the second run");
}

TEST_F(Comparison, ComparesTermsAndRequestsToo) {
    live.trade(Side::kBuy, 2);
    replay.trade(Side::kBuy, 2);
    live.story.orders[0].terms.price = price(1);
    EXPECT_EQ(only().kinds, kOtherTerms);
    live.story.orders[0].terms.price = Price{};
    live.story.orders[0].requests.push_back({true, price(5), Price{}, units(3)});
    EXPECT_EQ(only().kinds, kOtherRequests);
    live.story.orders[0].requests.clear();
    live.story.orders[0].cause = make_cause(CauseKind::kMarket, 4);
    EXPECT_EQ(only().kinds, kOtherDecision);
}

TEST_F(Comparison, TakesAQuantityByWorthForAnEarlierDifference) {
    live.order(Side::kBuy, 1);
    live.story.orders[0].state = OrderState::kDenied;
    replay.order(Side::kBuy, 1);
    replay.fill(1).quantity = Quantity{};
    live.order(Side::kBuy, 4, 90);
    replay.order(Side::kBuy, 4, 100);
    live.story.orders[1].equity = Money::from_units(900);
    replay.story.orders[1].equity = Money::from_units(1000);
    const RunComparison result = compare();
    ASSERT_EQ(result.differences.size(), 2u);
    EXPECT_EQ(result.differences[1].cause, Cause::kEarlier);
    EXPECT_THAT(result.differences[1].why, HasSubstr("worth 900 in the first run, 1000 in the"));
}

TEST_F(Comparison, ClaimsNothingWithoutMarketDataOnRecord) {
    live.trade(Side::kBuy, 2);
    replay.order(Side::kBuy, 2);
    replay.fill(3);
    EXPECT_EQ(only().cause, Cause::kMetOtherQuote);
    replay.story.market.clear();
    const OrderDifference d = only();
    EXPECT_EQ(d.cause, Cause::kUnknown);
    EXPECT_THAT(d.why, HasSubstr("market data is not on record in both"));
}

}  // namespace
}  // namespace fermata::compare::test
