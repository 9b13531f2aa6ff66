#include "core/algo/router.hpp"

#include <gtest/gtest.h>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

constexpr InstrumentId kStock{0};
constexpr VenueId kA{0}, kB{1}, kC{2};
constexpr Multiplier kOne = Multiplier::from_units(1);

Price price(const std::string& text) { return *parse<Price>(text); }
Quantity units(std::int64_t n) { return Quantity::from_units(n); }

/// Streams 1, 2 and 3 are those of the venues A, B and C; stream 0 is of none.
struct World {
    World() {
        table.venue_of_stream = {VenueId{0xffff}, kA, kB, kC};
        table.venues = {{kA, price("0.003"), {}, Duration::microseconds(100)},
                        {kB, price("-0.002"), {}, Duration::microseconds(300)},
                        {kC, price("0.003"), {}, Duration::microseconds(50)}};
        router.configure(table);
    }
    void quote(std::uint16_t stream, const std::string& bid, std::int64_t bids,
               const std::string& ask, std::int64_t asks) {
        router.on_quote(StreamId{stream}, kStock,
                        {price(bid), units(bids), price(ask), units(asks), 0});
    }
    RoutingTable table;
    Router router;
};

TEST(Router, HasNothingToChooseWithoutTwoQuotedVenues) {
    World w;
    EXPECT_TRUE(w.router.any());
    w.table.venue_of_stream = {kA, kA, VenueId{0xffff}};
    EXPECT_FALSE(w.router.any());
    EXPECT_FALSE(w.router.choose(kStock, Side::kBuy, {}, kOne).has_value());
}

// A: 0 + 0.003, B: 0.01 - 0.002 = 0.008, so A; B is next.
TEST(Router, WeighsPriceAndFee) {
    World w;
    w.quote(1, "10.00", 100, "10.01", 200);
    w.quote(2, "10.00", 100, "10.02", 300);
    const auto route = w.router.choose(kStock, Side::kBuy, {}, kOne);
    ASSERT_TRUE(route.has_value());
    EXPECT_EQ(route->venue, kA);
    EXPECT_EQ(route->price, price("10.01"));
    EXPECT_EQ(route->quantity, units(200));
    EXPECT_EQ(route->cost, price("0.003"));
    EXPECT_EQ(route->next, kB);
    EXPECT_EQ(route->next_cost, price("0.008"));
    EXPECT_EQ(route->candidates, 2);
    // The same price everywhere: the rebate wins.
    w.quote(2, "10.00", 100, "10.01", 300);
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kB);
}

// A future of 50 a point. Ten contracts at A cost 2.25 each, 22.50; at B the quarter point more is
// 0.25 x 50 x 10 = 125, and 0.10 each another 1: 126. A contract in points: A 2.25 / 50 = 0.045,
// B 0.25 + 0.10 / 50 = 0.252. With a multiplier of 1 B is cheaper: 0.35 against 2.25.
TEST(Router, WeighsAFeeAContractByWhatAPointIsWorth) {
    World w;
    w.table.venues[0].fee = price("2.25");
    w.table.venues[1].fee = price("0.10");
    w.quote(1, "3999.75", 100, "4000.00", 100);
    w.quote(2, "4000.00", 100, "4000.25", 100);
    const auto route = w.router.choose(kStock, Side::kBuy, {}, Multiplier::from_units(50));
    ASSERT_TRUE(route.has_value());
    EXPECT_EQ(route->venue, kA);
    EXPECT_EQ(route->fee, price("0.045"));
    EXPECT_EQ(route->cost, price("0.045"));
    EXPECT_EQ(route->next_cost, price("0.252"));
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kB);
}

// Both at 100 and a rate of 0.1%: 0.1 points of the price whatever a point is worth, as both the
// fee and the value grow with the multiplier. B's 0.20 a contract is less for 5 a point, 0.04.
TEST(Router, LeavesAFeeRateAsItIsWhateverAPointIsWorth) {
    World w;
    w.table.venues[0] = {kA, {}, *parse<Ratio>("0.001"), {}};
    w.table.venues[1] = {kB, price("0.20"), {}, {}};
    w.quote(1, "99", 100, "100", 100);
    w.quote(2, "99", 100, "100", 100);
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kA);
    const auto route = w.router.choose(kStock, Side::kBuy, {}, Multiplier::from_units(5));
    EXPECT_EQ(route->venue, kB);
    EXPECT_EQ(route->cost, price("0.04"));
    EXPECT_EQ(route->next_cost, price("0.1"));
}

TEST(Router, SellsToTheHighestBid) {
    World w;
    w.quote(1, "10.00", 100, "10.02", 100);
    w.quote(2, "9.98", 100, "10.02", 100);
    const auto route = w.router.choose(kStock, Side::kSell, {}, kOne);
    EXPECT_EQ(route->venue, kA);
    EXPECT_EQ(route->next_cost, price("0.018"));  // 0.02 - 0.002
}

TEST(Router, BreaksTiesByLatencyThenSize) {
    World w;
    w.quote(1, "10.00", 100, "10.01", 900);
    w.quote(3, "10.00", 100, "10.01", 100);
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kC);
}

TEST(Router, LooksNoFurtherThanTheBound) {
    World w;
    w.quote(1, "10.00", 100, "10.05", 100);
    EXPECT_FALSE(w.router.choose(kStock, Side::kBuy, price("10.04"), kOne).has_value());
    EXPECT_TRUE(w.router.choose(kStock, Side::kBuy, price("10.05"), kOne).has_value());
    EXPECT_FALSE(w.router.choose(kStock, Side::kSell, price("10.01"), kOne).has_value());
}

TEST(Router, CountsNothingTwiceBeforeTheNextQuote) {
    World w;
    w.quote(1, "10.00", 100, "10.01", 200);
    w.quote(2, "10.00", 100, "10.03", 300);
    w.router.sent(kStock, Side::kBuy, kA, units(150));
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->quantity, units(50));
    w.router.sent(kStock, Side::kBuy, kA, units(50));
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kB);
    w.quote(1, "10.00", 100, "10.01", 200);
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kA);
}

// 99 of 999 filled at A: f = (99 + 1) / (999 + 1) = 0.1. A: 0.003 + 0.9 x 0.01 = 0.012; B: 0.008.
TEST(Router, LearnsWhereOrdersMiss) {
    World w;
    w.quote(1, "10.00", 100, "10.01", 200);
    w.quote(2, "10.01", 100, "10.02", 300);
    EXPECT_EQ(w.router.choose(kStock, Side::kBuy, {}, kOne)->venue, kA);
    w.router.over(kA, units(999), units(99));
    const auto route = w.router.choose(kStock, Side::kBuy, {}, kOne);
    EXPECT_EQ(route->venue, kB);
    EXPECT_EQ(route->next_cost, price("0.012"));
    EXPECT_EQ(route->fill_rate, Ratio::from_units(1));
}

TEST(Router, KnowsNoSizeWhereNoneIsShown) {
    World w;
    w.quote(1, "10.00", 100, "10.01", 0);
    EXPECT_FALSE(w.router.choose(kStock, Side::kBuy, {}, kOne).has_value());
}

}  // namespace
}  // namespace fermata
