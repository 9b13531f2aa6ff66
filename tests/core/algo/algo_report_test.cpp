// What an execution algorithm sees of the market's volume, and how it is measured against it.

#include "tests/core/algo/hosted_desk.hpp"

namespace fermata {
namespace {

using test::Desk;
using test::price_of;
using test::request;
using test::units;

// rho = 20%: after 400 shares of others 100 may be ours, 100 / (400 + 100).
TEST(AlgoReport, TakesItsShareOfTheVolume) {
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
TEST(AlgoReport, GoesOnAtItsRateWhenItIsResized) {
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
TEST(AlgoReport, TakesItsShareOfAllTheVolumeWhenItIsEnlarged) {
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
TEST(AlgoReport, CountsOfABarWhatLiesBehindTheBeginning) {
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
TEST(AlgoReport, TakesNoBarToBeginBeforeItsSession) {
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

// Buys 100: arrival mid 100.01, 60 at 100.05 and 20 at 100.11, 20 missed, mid 100.21 at the end.
// Average (6003 + 2002.2) / 80 = 100.065. Shortfall 60 x 0.04 + 20 x 0.10 + 20 x 0.20 = 8.40.
// The market traded 300 at 100.10 and 100 at 100.30 meanwhile: VWAP 100.15.
TEST(AlgoReport, ReportsAgainstItsBenchmarks) {
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
TEST(AlgoReport, WeighsTheTimeInWhichItWorked) {
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
TEST(AlgoReport, RoundsTheShortfallOnceAndBehindTheMultiplier) {
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
TEST(AlgoReport, ReportsNoFewerChildrenThanItCanCount) {
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
