#include "core/algo/algo_desk.hpp"

#include "tests/core/algo/hosted_desk.hpp"

namespace fermata {
namespace {

using test::Desk;
using test::price_of;
using test::request;
using test::units;

TEST(AlgoDesk, WorksATwapSliceBySlice) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    const OrderTag parent = d.begin(r);
    EXPECT_EQ(d.orders.at(parent.value).order.flags, kOrderParent);
    for (int slice = 1; slice <= 4; ++slice) {
        d.pass(slice == 1 ? Duration::seconds(0) : Duration::minutes(10));
        const auto child = d.child().order;
        EXPECT_EQ(child.quantity, units(25));
        EXPECT_EQ(child.tif, TimeInForce::kIoc);
        EXPECT_EQ(child.parent, parent);
        d.fill(child.tag, 25, "100.02");
        EXPECT_EQ(d.live_children(), 0u);
    }
    EXPECT_EQ(d.orders.at(parent.value).state, OrderState::kFilled);
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->children, 4);
}

TEST(AlgoDesk, CatchesUpWithWhatASliceCouldNotGet) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    d.begin(r);
    d.pass(Duration::seconds(0));
    const auto first = d.child().order;
    d.fill(first.tag, 10, "100");
    d.end(first.tag);
    EXPECT_EQ(d.live_children(), 0u) << "it waits for the next slice";
    d.pass(Duration::minutes(10));
    EXPECT_EQ(d.child().order.quantity, units(40));
}

TEST(AlgoDesk, EndsWithWhatItHasAtItsTime) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 2;
    const OrderTag parent = d.begin(r);
    d.pass(Duration::minutes(39));
    d.fill(d.child().order.tag, 50, "100");  // the only one that was filled
    d.pass(Duration::minutes(2));
    EXPECT_TRUE(d.live().empty());
    EXPECT_EQ(d.orders.at(parent.value).state, OrderState::kCanceled);
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->filled, units(50));
}

// On the first day 100 trade from 12:00 to 12:30 and 300 from 12:30 to 13:00, besides 100 in its
// first minutes, by which it is seen to be whole. Asked for on that day, when no curve is known:
// what begins at noon of the second day sends a quarter at 12:00, the rest at 12:30.
TEST(AlgoDesk, PlansAVwapWhenItBegins) {
    for (const bool paused : {false, true}) {
        SCOPED_TRACE(paused);
        Desk d;
        d.act([](StrategyContext& c) { c.algorithms().watch_volume(InstrumentId{0}); });
        d.trade("100", 100);
        AlgoRequest r = request(AlgoKind::kVwap, 100);
        r.slices = 2;
        r.begin = Timestamp{} + Duration::hours(36);
        OrderTag parent;
        d.act([&](StrategyContext& c) {
            r.end = r.begin + Duration::hours(1);
            parent = c.algorithms().execute(c, r);
        });
        d.pass_to(Duration::hours(12));
        d.trade("100", 100);
        d.pass_to(Duration::minutes(750));
        d.trade("100", 300);
        d.pass_to(Duration::hours(24));
        d.trade("100", 5000);
        if (paused) d.act([&](StrategyContext& c) { c.algorithms().pause(c, parent); });
        d.restart();
        d.pass_to(Duration::hours(36) - Duration::nanoseconds(1));
        EXPECT_EQ(d.live_children(), 0u);
        d.pass_to(Duration::hours(36));
        EXPECT_EQ(d.live_children(), paused ? 0u : 1u);
        if (paused) d.act([&](StrategyContext& c) { c.algorithms().go_on(c, parent); });
        EXPECT_EQ(d.child().order.quantity, units(25));
        d.fill(d.child().order.tag, 25, "100");
        d.pass_to(Duration::minutes(36 * 60 + 30));
        EXPECT_EQ(d.child().order.quantity, units(75));
    }
}

// The first day is over at midnight, whether something has traded since or not: 100 in its first
// half hour, 300 in the second.
TEST(AlgoDesk, PlansAVwapAtMidnightFromTheDayBefore) {
    Desk d;
    d.act([](StrategyContext& c) { c.algorithms().watch_volume(InstrumentId{0}); });
    d.trade("100", 100);
    d.pass_to(Duration::minutes(30));
    d.trade("100", 300);
    AlgoRequest r = request(AlgoKind::kVwap, 100);
    r.slices = 2;
    r.begin = Timestamp{} + Duration::days(1);
    d.act([&](StrategyContext& c) {
        r.end = r.begin + Duration::hours(1);
        c.algorithms().execute(c, r);
    });
    d.pass_to(Duration::days(1));
    EXPECT_EQ(d.child().order.quantity, units(25));
}

TEST(AlgoDesk, SendsNothingWhenItIsCanceledBeforeItBegins) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100);
    r.begin = Timestamp{} + Duration::hours(1);
    OrderTag parent;
    d.act([&](StrategyContext& c) {
        r.end = r.begin + Duration::hours(1);
        parent = c.algorithms().execute(c, r);
    });
    d.act([&](StrategyContext& c) { c.cancel(parent); });
    d.pass_to(Duration::hours(3));
    EXPECT_EQ(d.orders.size(), 1u);
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->filled, Quantity::zero());
}

TEST(AlgoDesk, PausesAndGoesOn) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    const OrderTag parent = d.begin(r);
    d.pass(Duration::seconds(0));
    d.act([&](StrategyContext& c) { EXPECT_TRUE(c.algorithms().pause(c, parent)); });
    EXPECT_EQ(d.live_children(), 0u);
    d.pass(Duration::minutes(15));
    EXPECT_EQ(d.live_children(), 0u);
    d.act([&](StrategyContext& c) { EXPECT_TRUE(c.algorithms().go_on(c, parent)); });
    EXPECT_EQ(d.child().order.quantity, units(50)) << "what became due meanwhile";
    EXPECT_EQ(d.actions(AlgoAction::kPause), 1u);
    EXPECT_EQ(d.actions(AlgoAction::kGoOn), 1u);
}

// The second and third of four slices are due while the session is closed: nothing is sent, which
// the gate would refuse, and both at the opening.
TEST(AlgoDesk, WaitsForTheSessionToOpen) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    d.begin(r);
    d.pass(Duration::seconds(0));
    d.fill(d.child().order.tag, 25, "100");
    d.session(false);
    d.pass(Duration::minutes(25));
    EXPECT_EQ(d.orders.size(), 2u) << "the parent and the first child";
    d.restart();
    d.session(true);
    EXPECT_EQ(d.child().order.quantity, units(50));
}

TEST(AlgoDesk, SendsNoChildInAHaltAndWhatBecameDueBehindIt) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    d.begin(r);
    d.pass(Duration::seconds(0));
    d.fill(d.child().order.tag, 25, "100");
    d.halt(true);
    d.pass(Duration::minutes(15));
    EXPECT_EQ(d.orders.size(), 2u) << "the parent and the first child";
    d.restart();
    d.halt(false);
    d.pass(Duration::minutes(10));
    EXPECT_EQ(d.child().order.quantity, units(50));
}

TEST(AlgoDesk, IsCanceledWithItsParent) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 250);
    r.price = price_of("99");
    r.slice = units(100);
    const OrderTag parent = d.begin(r);
    d.fill(d.child().order.tag, 30, "99");
    d.act([&](StrategyContext& c) { c.cancel(parent); });
    EXPECT_TRUE(d.live().empty());
    EXPECT_EQ(d.actions(AlgoAction::kCancel), 1u);
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->filled, units(30));
    EXPECT_EQ(d.report()->quantity, units(250));
}

/// The child is canceled once a second while its venue is away, not once a turn of the loop.
TEST(AlgoDesk, TriesACancelAgainThatFoundNoSessionAndNotAtOnce) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 250);
    r.price = price_of("99");
    r.slice = units(100);
    const OrderTag parent = d.begin(r);
    d.disconnected = true;
    d.act([&](StrategyContext& c) { c.cancel(parent); });
    EXPECT_EQ(d.cancels_refused, 1u);
    EXPECT_EQ(d.live_children(), 1u);
    d.quote("100.00", "100.02");
    EXPECT_EQ(d.cancels_refused, 2u) << "a second later";
    d.disconnected = false;
    d.quote("100.00", "100.02");
    EXPECT_TRUE(d.live().empty()) << "the parent too";
}

// Half of the schedule of 100 is due; with 200 it is 100.
TEST(AlgoDesk, IsResizedWithItsParent) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 2;
    const OrderTag parent = d.begin(r);
    d.pass(Duration::seconds(0));
    d.fill(d.child().order.tag, 50, "100");
    d.act([&](StrategyContext& c) { c.replace(parent, {units(200), {}, {}, {}, 0}); });
    EXPECT_EQ(d.child().order.quantity, units(50));
    EXPECT_EQ(d.actions(AlgoAction::kAmend), 1u);
}

TEST(AlgoDesk, DoesNothingWhenTheGateRefusesTheParent) {
    Desk d;
    d.refuses = [](const NewOrderData& o) { return (o.flags & kOrderParent) != 0; };
    d.begin(request(AlgoKind::kTwap, 100, Duration::minutes(40)));
    d.pass(Duration::hours(1));
    EXPECT_TRUE(d.live().empty());
    EXPECT_EQ(d.orders.size(), 1u);
}

TEST(AlgoDesk, RefusesTermsThatMakeNoSense) {
    const Quantity lot = units(1);
    const auto fault = [&](auto change) {
        AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
        change(r);
        return std::string(check(r, lot, Timestamp{1}));
    };
    EXPECT_EQ(fault([](AlgoRequest&) {}), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.quantity = {}; }), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.quantity = *parse<Quantity>("1.5"); }), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.end = {}; }), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.slices = 0; }), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.randomness = Ratio::from_units(1); }), "");
    EXPECT_NE(fault([](AlgoRequest& r) { r.kind = AlgoKind::kPov; }), "") << "without a rate";
    EXPECT_NE(fault([](AlgoRequest& r) { r.kind = AlgoKind::kIceberg; }), "") << "no price";
    EXPECT_NE(fault([](AlgoRequest& r) { r.kind = AlgoKind::kNone; }), "");
}

TEST(AlgoDesk, GoesOnFromASnapshotInTheMiddle) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    r.randomness = *parse<Ratio>("0.3");
    r.seed = 3;
    d.begin(r);
    d.pass(Duration::minutes(11));
    if (d.live_children() == 1) d.fill(d.child().order.tag, 5, "100");
    d.restart();
    for (int n = 0; n < 40; ++n) {
        d.pass(Duration::minutes(1));
        if (d.live_children() == 1) {
            const auto child = d.child();
            d.fill(child.order.tag, child.leaves().raw() / Quantity::kOne, "100");
        }
    }
    EXPECT_TRUE(d.live().empty());
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->filled, units(100));
}

}  // namespace
}  // namespace fermata
