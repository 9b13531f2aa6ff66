#include "core/algo/algo_desk.hpp"

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::price_of;
using test::units;

bool is_child(const NewOrderData& o) { return o.parent.value != 0; }

struct Desk : HostedStrategy {
    explicit Desk(Multiplier multiplier = Multiplier::from_units(1))
        : HostedStrategy({}, 1, multiplier) {
        // Two venues are quoted, by the streams 0 and 1.
        routing.venue_of_stream = {VenueId{0}, VenueId{1}};
        routing.venues = {{VenueId{0}, {}, {}, {}}, {VenueId{1}, {}, {}, {}}};
        start();
    }
    /// To this time of the run's first day, or later ones; the next event is a second behind it.
    void pass_to(Duration time) { pass(Timestamp{} + time - now()); }
    OrderTag begin(AlgoRequest r) {
        OrderTag tag;
        act([&](StrategyContext& c) {
            if (r.end.ns != 0) r.end = c.now() + Duration{r.end.ns};
            tag = c.algorithms().execute(c, r);
        });
        return tag;
    }
    /// The child that is at work.
    Seen child() { return only(is_child); }
    std::size_t live_children() {
        std::size_t n = 0;
        for (const Seen& o : live()) n += is_child(o.order) ? 1 : 0;
        return n;
    }
    const AlgoReportData* report() {
        for (const OrderEvent& e : records) {
            if (e.type == OrderEventType::kAlgoReport) return &e.data.algo_report;
        }
        return nullptr;
    }
    std::size_t actions(AlgoAction action) {
        std::size_t n = 0;
        for (const OrderEvent& e : records) {
            n += e.type == OrderEventType::kAlgo && e.data.algo.action == action ? 1 : 0;
        }
        return n;
    }
};

/// `end` counts from the beginning.
AlgoRequest request(AlgoKind kind, std::int64_t quantity, Duration over = {}) {
    AlgoRequest r;
    r.kind = kind;
    r.quantity = units(quantity);
    r.end = Timestamp{over.ns};
    return r;
}

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

TEST(AlgoDesk, NeverPricesAChildBeyondItsBound) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.price = price_of("100.05");
    d.begin(r);
    d.pass(Duration::seconds(0));
    EXPECT_EQ(d.child().order.type, OrderType::kLimit);
    EXPECT_EQ(d.child().order.price, price_of("100.05"));
}

TEST(AlgoDesk, TakesItsBoundFromTheParentInForce) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.slices = 4;
    r.price = price_of("100.05");
    const OrderTag parent = d.begin(r);
    d.pass(Duration::seconds(0));
    d.fill(d.child().order.tag, 25, "100.02");
    d.act(
        [&](StrategyContext& c) { c.replace(parent, {units(100), price_of("99.50"), {}, {}, 0}); });
    d.pass(Duration::minutes(10));
    EXPECT_EQ(d.child().order.price, price_of("99.50"));
    EXPECT_EQ(d.child().order.quantity, units(25));
    EXPECT_EQ(d.actions(AlgoAction::kAmend), 1u);
}

TEST(AlgoDesk, TakesALiveChildToTheNewBound) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 1000);
    r.price = price_of("99");
    r.slice = units(300);
    const OrderTag parent = d.begin(r);
    const OrderTag child = d.child().order.tag;
    d.fill(child, 100, "99");
    d.act([&](StrategyContext& c) {
        c.replace(parent, {units(1000), price_of("98.50"), {}, {}, 0});
    });
    EXPECT_EQ(d.child().order.tag, child) << "replaced, not sent anew";
    EXPECT_EQ(d.child().order.price, price_of("98.50"));
    EXPECT_EQ(d.child().leaves(), units(200));
}

// The gate passes the parent's new price and not the child's: the child is taken back, and what
// comes next is priced anew.
TEST(AlgoDesk, TakesAChildBackThatCannotFollowTheBound) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 1000);
    r.price = price_of("99");
    r.slice = units(300);
    const OrderTag parent = d.begin(r);
    const OrderTag child = d.child().order.tag;
    d.refuses_changes = true;
    d.adjust(parent, "98.50");  // in force without being asked for
    EXPECT_EQ(d.child().order.price, price_of("99")) << "a corporate action sees to it itself";
    d.act([&](StrategyContext& c) { c.replace(child, {units(300), price_of("99"), {}, {}, 0}); });
    EXPECT_FALSE(d.orders.at(child.value).live());
    d.quote("100.00", "100.02");
    EXPECT_EQ(d.child().order.price, price_of("98.50"));
}

// An offer of one at 100.02 is within 100.05 and not within 100: the child there is canceled. At
// 99.99 it goes on.
TEST(AlgoDesk, RoutesNothingBeyondTheNewBound) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kRouter, 10);
    r.price = price_of("100.05");
    const OrderTag parent = d.begin(r);
    EXPECT_EQ(d.child().order.price, price_of("100.02"));
    d.act([&](StrategyContext& c) { c.replace(parent, {units(10), price_of("100"), {}, {}, 0}); });
    EXPECT_EQ(d.live_children(), 0u);
    d.quote("99.97", "99.99", {}, StreamId{1});
    EXPECT_EQ(d.child().order.price, price_of("99.99"));
    EXPECT_EQ(d.child().order.venue, VenueId{1});
}

// A dividend of 2.00 lowers the parent's limit of 100 to 98, and the live child's with it; the
// order manager tells of them in either order. Neither the child nor the next one is priced at 100.
TEST(AlgoDesk, FollowsADividendOfItsParent) {
    for (const bool child_first : {false, true}) {
        SCOPED_TRACE(child_first);
        Desk d;
        AlgoRequest r = request(AlgoKind::kIceberg, 1000);
        r.price = price_of("100");
        r.slice = units(300);
        const OrderTag parent = d.begin(r);
        const OrderTag child = d.child().order.tag;
        d.adjust(child_first ? child : parent, "98");
        d.adjust(child_first ? parent : child, "98");
        EXPECT_EQ(d.child().order.tag, child);
        EXPECT_EQ(d.child().order.price, price_of("98"));
        d.fill(child, 300, "97.90");
        EXPECT_EQ(d.child().order.quantity, units(300));
        EXPECT_EQ(d.child().order.price, price_of("98"));
    }
}

// rho = 20%: after 400 shares of others 100 may be ours, 100 / (400 + 100).
TEST(AlgoDesk, TakesItsShareOfTheVolume) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kPov, 150);
    r.rate = *parse<Ratio>("0.2");
    r.slice = units(50);
    d.begin(r);
    d.trade("100", 100);
    EXPECT_EQ(d.live_children(), 0u) << "25 are due, 50 the least";
    d.trade("100", 100);
    EXPECT_EQ(d.child().order.quantity, units(50));
    d.fill(d.child().order.tag, 50, "100");
    d.trade("100", 200);
    EXPECT_EQ(d.child().order.quantity, units(50));
    d.fill(d.child().order.tag, 50, "100");
    d.trade("100", 10'000);
    EXPECT_EQ(d.child().order.quantity, units(50)) << "never more than the parent";
}

// 10% of the volume: 100 of 100 + 900. With three times the quantity it is 100 still, and after
// another 900 of the others 200 of 2000.
TEST(AlgoDesk, GoesOnAtItsRateWhenItIsResized) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kPov, 1000);
    r.rate = *parse<Ratio>("0.1");
    const OrderTag parent = d.begin(r);
    d.trade("100", 900);
    d.fill(d.child().order.tag, 100, "100");
    d.act([&](StrategyContext& c) { c.replace(parent, {units(3000), {}, {}, {}, 0}); });
    EXPECT_EQ(d.live_children(), 0u) << "nothing was traded since";
    d.trade("100", 900);
    EXPECT_EQ(d.child().order.quantity, units(100));
}

// The quantity of 100 held it back at 9,000 of the others, where 1,000 were its share; 40 of it
// were filled. Resized to 400, it takes the other 360.
TEST(AlgoDesk, TakesItsShareOfAllTheVolumeWhenItIsEnlarged) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kPov, 100);
    r.rate = *parse<Ratio>("0.1");
    const OrderTag parent = d.begin(r);
    d.trade("100", 9000);
    const OrderTag child = d.child().order.tag;
    d.fill(child, 40, "100");
    d.end(child);
    d.act([&](StrategyContext& c) { c.replace(parent, {units(400), {}, {}, {}, 0}); });
    EXPECT_EQ(d.child().order.quantity, units(360));
}

// Bars of an hour, the algorithm begins 55 minutes into one with 1200: a twelfth of it, 100, is
// behind the beginning. rho = 1/2: as much as the others. The next bar counts in full.
TEST(AlgoDesk, CountsOfABarWhatLiesBehindTheBeginning) {
    Desk d;
    d.pass_to(Duration::hours(1) - Duration::seconds(2));
    AlgoRequest r = request(AlgoKind::kPov, 10'000);
    r.rate = *parse<Ratio>("0.5");
    r.begin = Timestamp{} + Duration::minutes(115);
    const OrderTag parent = d.begin(r);
    d.bar("100", "100", "100", "100", 700);
    d.pass_to(Duration::hours(2) - Duration::seconds(1));
    d.bar("100", "100", "100", "100", 1200);
    EXPECT_EQ(d.child().order.quantity, units(100));
    d.fill(d.child().order.tag, 100, "100");
    d.pass_to(Duration::hours(3) - Duration::seconds(1));
    d.bar("100", "100", "100", "100", 1200);
    EXPECT_EQ(d.child().order.quantity, units(1200));
    d.act([&](StrategyContext& c) { c.cancel(parent); });
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->market_volume, units(1300));
}

// Asked for at the bar that ends at 01:00; the session opens 19 hours later, and the first bar of
// it ends after another 5 minutes, 3 of which are behind the beginning: 3 / 5 of 500.
TEST(AlgoDesk, TakesNoBarToBeginBeforeItsSession) {
    Desk d;
    d.pass_to(Duration::hours(1) - Duration::seconds(2));
    AlgoRequest r = request(AlgoKind::kPov, 10'000);
    r.rate = *parse<Ratio>("0.5");
    r.begin = Timestamp{} + Duration::minutes(20 * 60 + 2) + Duration::seconds(1);
    d.begin(r);
    d.bar("100", "100", "100", "100", 700);
    d.pass_to(Duration::hours(20));
    d.session(true);
    d.pass_to(Duration::minutes(20 * 60 + 5));
    d.bar("100", "100", "100", "100", 500);
    EXPECT_EQ(d.child().order.quantity, units(300));
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

TEST(AlgoDesk, ShowsAnIcebergSliceBySlice) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 250);
    r.side = Side::kSell;
    r.price = price_of("101");
    r.slice = units(100);
    const OrderTag parent = d.begin(r);
    for (const std::int64_t slice : {100, 100, 50}) {
        EXPECT_EQ(d.child().order.quantity, units(slice));
        EXPECT_EQ(d.child().order.tif, TimeInForce::kGtc);
        d.fill(d.child().order.tag, slice, "101");
    }
    EXPECT_EQ(d.orders.at(parent.value).state, OrderState::kFilled);
}

TEST(AlgoDesk, VariesTheSlicesOfAnIcebergByItsSeed) {
    const auto slices = [](std::uint64_t seed) {
        Desk d;
        AlgoRequest r = request(AlgoKind::kIceberg, 1000);
        r.price = price_of("101");
        r.slice = units(100);
        r.randomness = *parse<Ratio>("0.5");
        r.seed = seed;
        d.begin(r);
        std::vector<std::int64_t> found;
        while (d.live_children() == 1) {
            const auto child = d.child().order;
            found.push_back(child.quantity.raw() / Quantity::kOne);
            EXPECT_GE(found.back(), 1);
            EXPECT_LE(found.back(), 150);
            d.fill(child.tag, found.back(), "101");
        }
        return found;
    };
    EXPECT_EQ(slices(7), slices(7));
    EXPECT_NE(slices(7), slices(8));
}

TEST(AlgoDesk, PegsItsChild) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kPeg, 250);
    r.peg = OffsetKind::kPegMid;
    r.offset = price_of("-0.01");
    r.price = price_of("100.50");
    r.slice = units(100);
    d.begin(r);
    const auto child = d.child().order;
    EXPECT_EQ(child.type, OrderType::kPegged);
    EXPECT_EQ(child.offset_kind, OffsetKind::kPegMid);
    EXPECT_EQ(child.offset, price_of("-0.01").raw());
    EXPECT_EQ(child.price, price_of("100.50"));
    d.fill(child.tag, 100, "100");
    EXPECT_EQ(d.child().order.quantity, units(100));
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

// Buys 100: arrival mid 100.01, 60 at 100.05 and 20 at 100.11, 20 missed, mid 100.21 at the end.
// Average (6003 + 2002.2) / 80 = 100.065. Shortfall 60 x 0.04 + 20 x 0.10 + 20 x 0.20 = 8.40.
// The market traded 300 at 100.10 and 100 at 100.30 meanwhile: VWAP 100.15.
TEST(AlgoDesk, ReportsAgainstItsBenchmarks) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 100);
    r.price = price_of("101");
    const OrderTag parent = d.begin(r);
    const OrderTag child = d.child().order.tag;
    d.fill(child, 60, "100.05");
    d.trade("100.10", 300);
    d.trade("100.30", 100);
    d.fill(child, 20, "100.11");
    d.quote("100.20", "100.22");
    d.act([&](StrategyContext& c) { c.cancel(parent); });
    const AlgoReportData* report = d.report();
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->arrival, price_of("100.01"));
    EXPECT_EQ(report->average, price_of("100.065"));
    EXPECT_EQ(report->last, price_of("100.21"));
    EXPECT_EQ(report->interval_vwap, price_of("100.15"));
    EXPECT_EQ(report->market_volume, units(400));
    EXPECT_EQ(report->shortfall, *parse<Money>("8.4"));
    // The mid was 100.01 for three seconds (two trades and a quote), then 100.21 for one.
    EXPECT_EQ(report->interval_twap, price_of("100.06"));
}

// Buys 100 an hour after it was asked for, over 1,000 seconds. The mid is 100 for the hour, 110
// from one second before it begins, 120 from 500 seconds behind it: (110 x 500 + 120 x 500) / 1000
// = 115.
TEST(AlgoDesk, WeighsTheTimeInWhichItWorked) {
    Desk d;
    d.quote("99.99", "100.01");
    AlgoRequest r = request(AlgoKind::kTwap, 100);
    r.slices = 1;
    r.begin = d.now() + Duration::hours(1);
    d.act([&](StrategyContext& c) {
        r.end = r.begin + Duration::seconds(1000);
        c.algorithms().execute(c, r);
    });
    d.pass_to(r.begin - Timestamp{} - Duration::seconds(2));
    d.quote("109.99", "110.01");
    d.pass_to(r.begin - Timestamp{} + Duration::seconds(499));
    d.quote("119.99", "120.01");
    d.pass_to(r.end - Timestamp{});
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->interval_twap, price_of("115"));
}

// 1 at 3333.5433355 against an arrival of 3333.375, 1000 a point: 0.1683355 x 1000 = 168.3355. A
// micro is the smallest money, and 0.1683355
// of it would have become 0.168336, 168.336.
TEST(AlgoDesk, RoundsTheShortfallOnceAndBehindTheMultiplier) {
    Desk d(Multiplier::from_units(1000));
    d.quote("3333.25", "3333.50");
    AlgoRequest r = request(AlgoKind::kIceberg, 1);
    r.price = price_of("3340");
    d.begin(r);
    d.fill(d.child().order.tag, 1, "3333.5433355");
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->arrival, price_of("3333.375"));
    EXPECT_EQ(d.report()->shortfall, *parse<Money>("168.3355"));
}

// The record has 16 bits for it: 65,535 stands for as many or more.
TEST(AlgoDesk, ReportsNoFewerChildrenThanItCanCount) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kIceberg, 65'537);
    r.price = price_of("101");
    r.slice = units(1);
    d.begin(r);
    while (d.report() == nullptr && d.orders.size() < 70'000) {
        const OrderTag child{d.orders.rbegin()->first};
        d.fill(child, 1, "101");
    }
    ASSERT_NE(d.report(), nullptr);
    EXPECT_EQ(d.report()->filled, units(65'537));
    EXPECT_EQ(d.report()->children, 65'535);
}

}  // namespace
}  // namespace fermata
