#include "core/algo/algo_desk.hpp"

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::price_of;
using test::units;

bool is_child(const NewOrderData& o) { return o.parent.value != 0; }

struct Desk : HostedStrategy {
    Desk() { start(); }
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

}  // namespace
}  // namespace fermata
