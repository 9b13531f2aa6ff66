// Triggers, trails and pegs that the venue lacks. Instruments have a tick of 0.000000001.

#include <gtest/gtest.h>

#include "tests/core/order/plain_venue_world.hpp"

namespace fermata {
namespace {

using test::OrderWorld;
using test::price;
using test::units;
using Plain = test::PlainVenueWorld;
using W = OrderWorld;

// --- triggers ---

TEST(OrderEmulation, HoldsAStopUntilTheMarketTouchesItsTrigger) {
    Plain w;
    w.quote(price(99), price(100));
    const OrderTag tag = w.stop(Side::kBuy, price(105));
    EXPECT_EQ(w.sends(), 0U);
    EXPECT_EQ(w.state(tag), OrderState::kSuspended);
    EXPECT_EQ(w.last_update(tag).reason, OrderReason::kEmulated);
    EXPECT_NE(w.last_update(tag).flags & kOrderEmulated, 0);
    EXPECT_EQ(w.exposure().buy, units(10)) << "reserved all along";
    w.quote(price(103), price(104));
    EXPECT_TRUE(w.out.empty());
    w.quote(price(104), price(105));
    EXPECT_EQ(w.update().state, OrderState::kTriggered);
    EXPECT_EQ(w.update().previous, OrderState::kSuspended);
    EXPECT_EQ(w.update().reason, OrderReason::kConditionMet);
    EXPECT_EQ(w.sent().type, OrderType::kMarket);
    EXPECT_EQ(w.sent().stop_price, Price::zero());
    EXPECT_EQ(w.sent().quantity, units(10));
    EXPECT_EQ(w.sent().order_id, w.orders.find(tag)->id);
    EXPECT_EQ(w.sent().flags, 0);
    w.quote(price(104), price(106));
    EXPECT_TRUE(w.out.empty()) << "sent once";
    w.tell(tag, ExecType::kNew);
    EXPECT_EQ(w.state(tag), OrderState::kTriggered);
    w.tell(w.trade(tag, units(10), price(106)));
    EXPECT_EQ(w.state(tag), OrderState::kFilled);
    EXPECT_EQ(w.exposure().buy, Quantity::zero());
}

TEST(OrderEmulation, TriggersNothingInAHaltAndByTheFirstPriceBehindIt) {
    Plain w;
    w.quote(price(99), price(100));
    const OrderTag stop = w.stop(Side::kBuy, price(105));
    const OrderTag trail = w.trailing(Side::kSell, price(2));
    const auto halt = [&](bool halts) { w.market(make_halt(w.now, W::kSpy, StreamId{0}, halts)); };
    halt(true);
    w.quote(price(105), price(106));
    w.quote(price(90), price(91));
    w.print(price(110));
    EXPECT_FALSE(w.is_sent(stop) || w.is_sent(trail));
    EXPECT_EQ(w.orders.find(trail)->stop_price, price(97)) << "99 - 2, of before the halt";
    halt(false);
    EXPECT_FALSE(w.is_sent(stop)) << "no price has come";
    w.print(price(104));
    EXPECT_FALSE(w.is_sent(stop)) << "what was printed in the halt triggers nothing later either";
    w.print(price(105));
    EXPECT_TRUE(w.is_sent(stop));
}

TEST(OrderEmulation, LooksAtTheSideThatTheOrderWouldTradeWith) {
    Plain w;
    w.quote(price(99), price(101));
    const OrderTag sell = w.stop(Side::kSell, price(95));
    w.quote(price(96), price(97));
    EXPECT_FALSE(w.is_sent(sell));
    w.quote(price(95), price(99));
    EXPECT_TRUE(w.is_sent(sell));
}

TEST(OrderEmulation, LooksAtTradesAloneOnceThereAreAny) {
    Plain w;
    w.print(price(100));
    const OrderTag tag = w.stop(Side::kBuy, price(105));
    w.quote(price(105), price(106));
    EXPECT_FALSE(w.is_sent(tag));
    w.print(price(105));
    EXPECT_TRUE(w.is_sent(tag));
}

TEST(OrderEmulation, TriggersIfTouchedOrdersFromTheOtherSide) {
    Plain w;
    w.print(price(100));
    OrderEvent e = w.order(Side::kBuy, OrderType::kLimitIfTouched);
    e.data.new_order.stop_price = price(95);
    e.data.new_order.price = price(96);
    const OrderTag buy = w.submit(e);
    e = w.order(Side::kSell, OrderType::kMarketIfTouched);
    e.data.new_order.stop_price = price(105);
    const OrderTag sell = w.submit(e);
    w.print(price(96));
    w.print(price(104));
    EXPECT_FALSE(w.is_sent(buy) || w.is_sent(sell));
    w.print(price(95));
    EXPECT_EQ(w.sent().type, OrderType::kLimit);
    EXPECT_EQ(w.sent().price, price(96));
    w.print(price(106));
    EXPECT_EQ(w.sent().type, OrderType::kMarket);
    EXPECT_EQ(w.sent().side, Side::kSell);
}

TEST(OrderEmulation, SendsAStopThatTheMarketHasReachedAlready) {
    Plain w;
    w.print(price(100));
    const OrderTag tag = w.stop(Side::kSell, price(101));
    EXPECT_EQ(w.state(tag), OrderState::kTriggered);
    EXPECT_EQ(w.sends(), 1U);
}

TEST(OrderEmulation, SendsWhatIsTouchedTogetherFromTheNearestTriggerOn) {
    Plain w;
    w.print(price(100));
    const OrderTag far = w.stop(Side::kBuy, price(103));
    const OrderTag near = w.stop(Side::kBuy, price(101));
    const OrderTag same = w.stop(Side::kBuy, price(101));
    const OrderTag beyond = w.stop(Side::kBuy, price(104));
    w.print(price(103));
    std::vector<OrderTag> sent;
    for (const OrderEvent& e : w.emitted(OrderEventType::kSendNew)) {
        sent.push_back(e.data.new_order.tag);
    }
    EXPECT_EQ(sent, (std::vector<OrderTag>{near, same, far}));
    EXPECT_FALSE(w.is_sent(beyond));
}

TEST(OrderEmulation, TakesABarsExtremesForOrdersThatWereHeldWhenItBegan) {
    Plain w;
    w.bar(price(100), price(100), price(100), price(100));
    const OrderTag early = w.stop(Side::kBuy, price(105));
    w.bar_open(price(100));
    const OrderTag late = w.stop(Side::kBuy, price(105));
    w.bar(price(100), price(106), price(99), price(101));
    EXPECT_TRUE(w.is_sent(early));
    EXPECT_FALSE(w.is_sent(late)) << "the high may have been before it came";
    w.bar_open(price(101));
    w.bar(price(101), price(107), price(100), price(106));
    EXPECT_TRUE(w.is_sent(late));
}

TEST(OrderEmulation, TriggersAtTheOpenOfABarThatGaps) {
    Plain w;
    w.bar(price(100), price(100), price(100), price(100));
    const OrderTag tag = w.stop(Side::kSell, price(95));
    w.bar_open(price(90));
    EXPECT_TRUE(w.is_sent(tag));
}

// --- trails ---

TEST(OrderEmulation, TrailsTheMarketAndNeverBack) {
    Plain w;
    w.print(price(100));
    const OrderTag tag = w.trailing(Side::kSell, price(5));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(95));
    w.print(price(108));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(103));
    w.print(price(104));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(103));
    EXPECT_FALSE(w.is_sent(tag));
    w.print(price(103));
    EXPECT_TRUE(w.is_sent(tag));
    EXPECT_EQ(w.sent().type, OrderType::kMarket);
    EXPECT_EQ(w.sent().offset, 0);
    EXPECT_EQ(w.sent().offset_kind, OffsetKind::kNone);
    w.print(price(120));
    EXPECT_TRUE(w.out.empty()) << "it trails no more";
}

TEST(OrderEmulation, TrailsByAPercentageWithALimitAtItsDistance) {
    Plain w;
    w.print(price(200));
    OrderEvent e = w.order(Side::kBuy, OrderType::kTrailingStopLimit);
    e.data.new_order.offset = Ratio::kOne / 10;  // 10%
    e.data.new_order.offset_kind = OffsetKind::kTrailPercent;
    e.data.new_order.price = price(2);  // above the trigger
    const OrderTag tag = w.submit(e);
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(220));
    w.print(price(150));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(165));
    w.print(price(166));
    EXPECT_EQ(w.sent().type, OrderType::kLimit);
    EXPECT_EQ(w.sent().price, price(167));
}

// At 99, not above 120; then without a worst price. A dividend of 1 lowers the limit that is at the
// venue to 98 and the worst price to 119, so the next quotes are followed up to there.
TEST(OrderEmulation, LowersTheWorstPriceOfAPegByADividendAndNotToItsPrice) {
    for (const Price worst : {price(120), Price::zero()}) {
        Plain w;
        w.quote(price(99), price(101));
        const OrderTag tag = w.peg(OffsetKind::kPegPrimary, Price::zero(), worst);
        w.tell(w.report(tag, ExecType::kNew));
        MarketEvent e = make_event(MarketEventType::kCorporateAction, w.tick(), W::kSpy, {});
        e.data.corporate_action = make_dividend(price(1));
        w.out.clear();
        w.orders.on_corporate_action(e, w.out);
        EXPECT_EQ(w.orders.find(tag)->price, price(98));
        EXPECT_EQ(w.orders.find(tag)->bound, worst.is_zero() ? Price::zero() : price(119));
    }
}

TEST(OrderEmulation, MeetsABarWithTheTriggerFromBeforeItThenTrails) {
    Plain w;
    w.bar(price(100), price(100), price(100), price(100));
    const OrderTag tag = w.trailing(Side::kSell, price(5));  // trigger 95
    w.bar_open(price(100));
    w.bar(price(100), price(110), price(96), price(106));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(105));
    EXPECT_FALSE(w.is_sent(tag)) << "the low of 96 may have been before the high";
    w.bar_open(price(107));
    w.bar(price(107), price(115), price(106), price(109));  // trails to 110, and closes below it
    EXPECT_TRUE(w.is_sent(tag));
}

TEST(OrderEmulation, WaitsForAPriceToTrail) {
    Plain w;
    const OrderTag tag = w.trailing(Side::kBuy, price(5));
    EXPECT_EQ(w.state(tag), OrderState::kSuspended);
    w.print(price(50));
    EXPECT_EQ(w.orders.find(tag)->stop_price, price(55));
}

// --- pegs and market-to-limit ---

TEST(OrderEmulation, PegsToTheQuoteAtALimitedRate) {
    Plain w;
    const OrderTag tag = w.peg(OffsetKind::kPegPrimary, -price(1));
    EXPECT_EQ(w.sends(), 0U) << "nothing to peg to yet";
    w.quote(price(99), price(101));
    EXPECT_EQ(w.sent().type, OrderType::kLimit);
    EXPECT_EQ(w.sent().price, price(98));
    w.tell(tag, ExecType::kNew);
    w.quote(price(100), price(102));
    EXPECT_EQ(w.sends(), 0U) << "too soon";
    w.now = w.now + Duration::milliseconds(100);
    w.quote(price(100), price(102));
    ASSERT_EQ(w.emitted(OrderEventType::kSendReplace).size(), 1U);
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace)[0].data.change.price, price(99));
    EXPECT_EQ(w.update().reason, OrderReason::kRepriced);
    w.now = w.now + Duration::milliseconds(100);
    w.quote(price(103), price(104));
    EXPECT_EQ(w.sends(), 0U) << "one replace at a time";
    w.tell(w.replaced(tag, Quantity::zero(), units(10), price(99)));
    EXPECT_EQ(w.state(tag), OrderState::kReplaced);
    w.quote(price(100), price(104));
    EXPECT_EQ(w.sends(), 0U) << "it stands where it should";
    w.quote(price(103), price(104));
    EXPECT_EQ(w.emitted(OrderEventType::kSendReplace)[0].data.change.price, price(102));
    EXPECT_GE(w.exposure().buy_value, test::dollars(1'020));
}

TEST(OrderEmulation, PegsNoFurtherThanTheWorstPrice) {
    Plain w;
    w.quote(price(99), price(101));
    w.peg(OffsetKind::kPegMarket, Price::zero(), price(100));
    EXPECT_EQ(w.sent().price, price(100));
    w.peg(OffsetKind::kPegMid, price(0, 500), price(110));
    EXPECT_EQ(w.sent().price, price(100, 500));
}

TEST(OrderEmulation, AmendsAPegAtTheVenue) {
    Plain w;
    w.quote(price(99), price(101));
    const OrderTag tag = w.peg(OffsetKind::kPegPrimary, Price::zero());
    w.tell(tag, ExecType::kNew);
    OrderEvent e = w.change(OrderEventType::kReplace, tag);
    e.data.change.quantity = units(20);
    e.data.change.price = price(98);  // no further than that
    w.out.clear();
    w.orders.accept_replace(e, price(100), w.out);
    const ChangeOrderData d = w.emitted(OrderEventType::kSendReplace).at(0).data.change;
    EXPECT_EQ(d.price, price(98));
    EXPECT_EQ(d.quantity, units(20));
}

TEST(OrderEmulation, TurnsMarketToLimitIntoALimitAtTheOtherSide) {
    Plain w;
    w.quote(price(99), price(101));
    w.submit(w.order(Side::kBuy, OrderType::kMarketToLimit));
    EXPECT_EQ(w.sent().type, OrderType::kLimit);
    EXPECT_EQ(w.sent().price, price(101));
    w.submit(w.order(Side::kSell, OrderType::kMarketToLimit));
    EXPECT_EQ(w.sent().price, price(99));
}

}  // namespace
}  // namespace fermata
