// What the trading stage sends when a flatten is in force, against a venue that the test plays.

#include "core/order/flattener.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "core/base/state_archive.hpp"
#include "core/order/closing_tag.hpp"
#include "tests/core/order/flatten_world.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::FlattenWorld;
using test::kSlice;
using test::price;
using test::StageWorld;
using test::Stops;
using test::units;

constexpr AccountId kMain = test::kFlattenAccount;

TEST(Flattener, SellsALongPositionAtTheBidInTenSlicesAndSaysWhenNothingIsLeft) {
    FlattenWorld w;
    w.hold(1, 1'000);
    w.flatten();
    for (int slice = 0; slice < 10; ++slice) {
        const NewOrderData d = w.take_closing();
        EXPECT_EQ(d.side, Side::kSell);
        EXPECT_EQ(d.quantity, units(100));
        EXPECT_EQ(d.price, price(19, 900));
        EXPECT_EQ(d.strategy, StrategyId{1});
        w.fill(d.order_id, 100);
        EXPECT_TRUE(w.orders_sent.empty()) << "a pause is between two slices";
        EXPECT_EQ(w.flat_alerts(), slice == 9 ? 1U : 0U);
        w.after(kSlice);
    }
    EXPECT_EQ(w.position(), 0);
    EXPECT_TRUE(w.orders_sent.empty());
    EXPECT_TRUE(w.stops().empty());
    w.after(Duration::seconds(3));
    EXPECT_EQ(w.flat_alerts(), 1U) << "once";
}

TEST(Flattener, BuysAShortPositionBackAtTheOffer) {
    FlattenWorld w;
    w.hold(2, -5);
    w.flatten(ControlScope::kStrategy, 2);
    const NewOrderData d = w.take_closing();
    EXPECT_EQ(d.side, Side::kBuy);
    EXPECT_EQ(d.quantity, units(1));  // a tenth, and no less than a lot
    EXPECT_EQ(d.price, price(20, 100));
}

TEST(Flattener, GoesATenthOfAPercentFartherWithEverySliceThatGetsNothing) {
    FlattenWorld w;
    w.hold(1, 10);
    w.flatten();
    // 19.9 less 0, 0.0199, 0.0398 ... and no more than five steps; the tick is 1e-9.
    for (const std::int64_t away : {0, 199, 398, 597, 796, 995, 995}) {
        const NewOrderData d = w.take_closing();
        EXPECT_EQ(d.price, Price::from_raw(19'900'000'000 - away * 100'000));
        w.report(d.order_id, ExecType::kExpired);
        w.after(kSlice);
        if (away < 995) w.quote();
    }
}

TEST(Flattener, AsksAVenueThatRejectsItsSlicesOnceASecondAtTheSamePriceAndSaysSo) {
    FlattenWorld w;
    w.hold(1, 10);
    w.flatten();
    const Price touch = Price::from_raw(19'900'000'000);
    for (int round = 0; round < 15; ++round) {
        const NewOrderData d = w.take_closing();
        EXPECT_EQ(d.price, touch);
        w.report(d.order_id, ExecType::kRejected);
        for (int slices = 0; slices < 9; ++slices) w.after(kSlice);
        EXPECT_TRUE(w.orders_sent.empty());
        EXPECT_EQ(w.stops(), Stops{FlattenStop::kRejected});
        w.quote();
        w.after(kSlice);
    }
    w.fill(w.take_closing().order_id, 1);
    w.after(kSlice);
    EXPECT_EQ(w.position(1), 9);
    w.report(w.take_closing().order_id, ExecType::kRejected);
    w.after(kSlice);
    EXPECT_EQ(w.stops(), (Stops{FlattenStop::kRejected, FlattenStop::kRejected}))
        << "what went on is told of again when it stops again";
}

TEST(Flattener, SendsNothingBeforeItsCancelsAreConfirmed) {
    FlattenWorld w;
    w.hold(1, 10);
    const ClientOrderId resting = w.place(1, Side::kSell, 10);
    w.report(resting, ExecType::kNew);
    w.flatten();
    ASSERT_EQ(w.cancels_sent.size(), 1U);
    w.after(kSlice);
    EXPECT_TRUE(w.orders_sent.empty());
    w.report(resting, ExecType::kCanceled);
    w.after(kSlice);
    EXPECT_EQ(w.take_closing().quantity, units(1));
}

TEST(Flattener, LeavesToAnUnknownOrderWhatThatMayStillClose) {
    FlattenWorld w;
    w.hold(1, 10);
    const ClientOrderId lost = w.place(1, Side::kSell, 7);
    w.report(lost, ExecType::kNew);
    w.flatten();
    w.gate.unanswered.push_back(lost);
    w.after(kSlice);
    ASSERT_EQ(w.orders.find(lost)->state, OrderState::kUnknown);
    // Three of ten cannot be sold by it: one by one, as a slice is a tenth.
    for (int n = 0; n < 3; ++n) {
        w.fill(w.take_closing().order_id, 1);
        w.after(kSlice);
    }
    EXPECT_TRUE(w.orders_sent.empty());
    EXPECT_EQ(w.stops(), Stops{FlattenStop::kUnconfirmed});
    w.fill(lost, 7);
    EXPECT_EQ(w.position(), 0);
    EXPECT_EQ(w.flat_alerts(), 1U);
}

TEST(Flattener, ClosesWhatACancelThatWasTooLateBought) {
    FlattenWorld w;
    const ClientOrderId resting = w.place(1, Side::kBuy, 4);
    w.report(resting, ExecType::kNew);
    w.flatten();
    EXPECT_EQ(w.flat_alerts(), 1U);
    w.fill(resting, 4);
    w.after(kSlice);
    EXPECT_EQ(w.take_closing().side, Side::kSell);
}

TEST(Flattener, StopsWithOneAlertWhileThePriceIsStaleAndGoesOnWithAFreshOne) {
    FlattenWorld w;
    w.hold(1, 10);
    w.after(Duration::milliseconds(5'001));
    w.flatten();
    w.after(Duration::seconds(2));
    w.after(Duration::seconds(2));
    EXPECT_TRUE(w.orders_sent.empty());
    EXPECT_EQ(w.stops(), Stops{FlattenStop::kStale});
    w.quote();
    w.after(Duration::seconds(1));
    EXPECT_EQ(w.take_closing().quantity, units(1));
    w.after(Duration::seconds(10));
    EXPECT_EQ(w.stops(), Stops{FlattenStop::kStale}) << "a slice is on its way";
}

TEST(Flattener, StopsWhereTheInstrumentIsHaltedOrItsSessionIsClosed) {
    FlattenWorld w;
    w.hold(1, 10);
    MarketEvent session =
        make_event(MarketEventType::kSession, w.now, AccountWorld::kSpy, StreamId{0});
    session.data.session.open = 0;
    w.happens(session);
    w.flatten();
    EXPECT_EQ(w.stops(), Stops{FlattenStop::kClosed});
    session.data.session.open = 1;
    w.happens(session);
    w.command(ControlScope::kInstrument, AccountWorld::kSpy.value, 0);
    w.after(Duration::seconds(1));
    EXPECT_EQ(w.stops(), (Stops{FlattenStop::kClosed, FlattenStop::kHalted}));
    EXPECT_TRUE(w.orders_sent.empty());
    w.command(ControlScope::kInstrument, AccountWorld::kSpy.value, 0, TradingState::kActive);
    w.after(Duration::seconds(1));
    EXPECT_EQ(w.take_closing().quantity, units(1));
}

TEST(Flattener, ClosesAnInstrumentThatIsHaltedByTheFlattenItself) {
    FlattenWorld w;
    w.hold(1, 10);
    w.flatten(ControlScope::kInstrument, AccountWorld::kSpy.value);
    EXPECT_EQ(w.take_closing().quantity, units(1));
    EXPECT_TRUE(w.stops().empty());
}

TEST(Flattener, TriesSmallerSlicesWhereTheGateRefusesAndTellsWhenItRefusesThem) {
    FlattenWorld w;
    w.hold(1, 1'000);
    w.gate.refuses = {100, 50};  // half of 100 is refused as well, half of 50 is not
    w.flatten();
    w.after(kSlice);
    w.after(kSlice);
    EXPECT_EQ(w.take_closing().quantity, units(25));
    EXPECT_TRUE(w.stops().empty());

    FlattenWorld refused;
    refused.hold(1, 10);
    refused.gate.refuses = {1};
    refused.flatten();
    for (int n = 0; n < 30; ++n) refused.after(kSlice);
    EXPECT_EQ(refused.stops(), Stops{FlattenStop::kRefused});
}

TEST(Flattener, ClosesWhatTheScopeHoldsAndNothingElse) {
    FlattenWorld w;
    w.hold(1, 10);
    w.hold(2, 20);
    w.flatten(ControlScope::kStrategy, 2);
    const NewOrderData d = w.take_closing();
    EXPECT_EQ(d.strategy, StrategyId{2});
    w.after(Duration::seconds(1));
    EXPECT_TRUE(w.orders_sent.empty()) << "one at a time, and nothing of strategy 1";
}

TEST(Flattener, ClosesTheAccountAndNotWhatItsStrategiesHoldAgainstEachOther) {
    FlattenWorld w;
    w.hold(1, 10);
    w.hold(2, -4);
    w.flatten();
    EXPECT_EQ(w.stops(), Stops{FlattenStop::kOffset});  // strategy 2 is short, the account is not
    for (int n = 0; n < 6; ++n) {
        const NewOrderData d = w.take_closing();
        EXPECT_EQ(d.strategy, StrategyId{1});
        w.fill(d.order_id, d.quantity.raw() / Quantity::kOne);
        w.after(kSlice);
    }
    EXPECT_EQ(w.position(), 0);
    EXPECT_TRUE(w.orders_sent.empty());
    EXPECT_EQ(w.flat_alerts(), 1U);
}

TEST(Flattener, EndsWithTheRelease) {
    FlattenWorld w;
    w.hold(1, 10);
    w.flatten();
    w.fill(w.take_closing().order_id, 1);
    w.command(ControlScope::kFirm, 0, 0, TradingState::kActive);
    w.after(Duration::seconds(1));
    EXPECT_TRUE(w.orders_sent.empty());
    EXPECT_EQ(w.position(), 9);
}

TEST(Flattener, GoesOnWhenTheFirmIsHaltedOnceMore) {
    FlattenWorld w;
    w.hold(1, 10);
    w.flatten();
    w.fill(w.take_closing().order_id, 1);
    w.command(ControlScope::kFirm, 0, 0);  // by a control, say
    w.after(kSlice);
    EXPECT_EQ(w.take_closing().quantity, units(1));
}

TEST(Flattener, LetsNoStrategyPlaceOrdersAsItsOwn) {
    FlattenWorld w;
    w.gate.refuses = {10};  // as the gate refuses what has no number
    OrderEvent e = w.order(10);
    e.data.new_order.tag = make_closing_tag(StageWorld::kStrategy, 1);
    w.intents({e});
    ASSERT_FALSE(w.records.empty());
    EXPECT_EQ(w.records[0].type, OrderEventType::kNewOrder);
    EXPECT_EQ(w.records[0].data.new_order.order_id.value, 0U);
}

TEST(Flattener, GoesOnWhereASnapshotLeftIt) {
    FlattenWorld before;
    before.hold(1, 10);
    before.flatten();
    before.fill(before.take_closing().order_id, 1);
    std::vector<std::byte> bytes;
    const auto all = [](StateArchive& a, FlattenWorld& w) {
        a(w.accounts_book, w.orders, w.marks, w.stage);
    };
    StateWriter writer(bytes);
    all(writer, before);
    ASSERT_TRUE(writer.ok()) << writer.error().message();
    FlattenWorld after;
    StateReader reader(bytes);
    all(reader, after);
    reader.finish();
    ASSERT_TRUE(reader.ok()) << reader.error().message();
    after.now = before.now;
    before.after(kSlice);
    after.feed = before.feed - 1;  // the same event
    after.after(kSlice);
    EXPECT_EQ(after.take_closing().tag, before.take_closing().tag);
}

/// Whatever the venue does with resting, canceled, lost and closing orders: no closing order could
/// turn or enlarge a position, even if everything fills that may.
RC_GTEST_PROP(FlattenerProperty, NeverSendsWhatCouldCrossZero, ()) {
    FlattenWorld w;
    std::map<std::uint64_t, std::pair<Side, std::int64_t>> open;  // leaves, as the venue has them
    const auto deal = [&](std::int64_t most) { return *rc::gen::inRange<std::int64_t>(1, most); };
    for (std::uint16_t s = 1; s <= 3; ++s) {
        if (const auto q = *rc::gen::inRange<std::int64_t>(-60, 60); q != 0) w.hold(s, q);
    }
    for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        const Side side = *rc::gen::element(Side::kBuy, Side::kSell);
        const auto s = *rc::gen::inRange<std::uint16_t>(1, 4);
        const std::int64_t quantity = deal(40);
        const ClientOrderId id = w.place(s, side, quantity);
        w.report(id, ExecType::kNew);
        open[id.value] = {side, quantity};
    }
    const bool firm = *rc::gen::arbitrary<bool>();
    w.flatten(firm ? ControlScope::kFirm : ControlScope::kStrategy, firm ? 0 : 2);
    const auto take_in = [&] {
        for (const OrderEvent& e : w.orders_sent) {
            const NewOrderData& d = e.data.new_order;
            const std::int64_t quantity = d.quantity.raw() / Quantity::kOne;
            const std::int64_t sign = d.side == Side::kSell ? 1 : -1;
            RC_ASSERT(is_closing(d.tag));
            RC_ASSERT(firm || d.strategy == StrategyId{2});
            RC_ASSERT(quantity <= sign * w.position(d.strategy.value));
            std::int64_t may = quantity;
            for (const auto& [id, o] : open) may += o.first == d.side ? o.second : 0;
            RC_ASSERT(may <= std::max<std::int64_t>(sign * w.position(), 0));
            open[d.order_id.value] = {d.side, quantity};
        }
        w.orders_sent.clear();
    };
    take_in();
    for (int step = *rc::gen::inRange(10, 80); step > 0; --step) {
        const int what = *rc::gen::inRange(0, 6);
        if (what < 4 && !open.empty()) {
            auto at = open.begin();
            std::advance(
                at, *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(open.size())));
            const ClientOrderId id{at->first};
            if (what < 2) {
                const std::int64_t part = deal(at->second.second + 1);
                const bool over = (at->second.second -= part) == 0;
                if (over) open.erase(at);
                w.fill(id, part);
            } else if (what == 2) {
                open.erase(at);
                w.report(id, ExecType::kCanceled);
            } else {
                w.gate.unanswered.push_back(id);
                w.after(Duration::milliseconds(1));
            }
        } else if (what == 4) {
            w.quote(800 + deal(200));
        } else {
            w.after(Duration::milliseconds(deal(3'000)));
        }
        take_in();
    }
}

}  // namespace
}  // namespace fermata
