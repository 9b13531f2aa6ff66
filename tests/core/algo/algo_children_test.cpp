// What an execution algorithm sends, and at which price.

#include "tests/core/algo/hosted_desk.hpp"

namespace fermata {
namespace {

using test::Desk;
using test::price_of;
using test::request;
using test::units;

TEST(AlgoChildren, NeverPricesAChildBeyondItsBound) {
    Desk d;
    AlgoRequest r = request(AlgoKind::kTwap, 100, Duration::minutes(40));
    r.price = price_of("100.05");
    d.begin(r);
    d.pass(Duration::seconds(0));
    EXPECT_EQ(d.child().order.type, OrderType::kLimit);
    EXPECT_EQ(d.child().order.price, price_of("100.05"));
}

TEST(AlgoChildren, TakesItsBoundFromTheParentInForce) {
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

TEST(AlgoChildren, TakesALiveChildToTheNewBound) {
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
TEST(AlgoChildren, TakesAChildBackThatCannotFollowTheBound) {
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
TEST(AlgoChildren, RoutesNothingBeyondTheNewBound) {
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
TEST(AlgoChildren, FollowsADividendOfItsParent) {
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

TEST(AlgoChildren, ShowsAnIcebergSliceBySlice) {
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

TEST(AlgoChildren, VariesTheSlicesOfAnIcebergByItsSeed) {
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

TEST(AlgoChildren, PegsItsChild) {
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

}  // namespace
}  // namespace fermata
