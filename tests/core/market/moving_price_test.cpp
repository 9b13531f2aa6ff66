#include "core/market/moving_price.hpp"

#include <gtest/gtest.h>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

Price price(const char* text) { return parse<Price>(text).value(); }
std::int64_t part(const char* text) { return parse<Ratio>(text).value().raw(); }
constexpr Price kCent = Price::from_raw(10'000'000);

Price trigger(Side side, OffsetKind kind, std::int64_t offset, const char* market) {
    return trailing_trigger(side, kind, offset, price(market), kCent);
}

TEST(TrailingTrigger, LiesBelowTheMarketForSalesAndAboveForPurchases) {
    const std::int64_t two = price("2").raw();
    EXPECT_EQ(trigger(Side::kSell, OffsetKind::kTrailPrice, two, "100"), price("98"));
    EXPECT_EQ(trigger(Side::kBuy, OffsetKind::kTrailPrice, two, "100"), price("102"));
    // A distance in price is taken as it is, on the tick or not.
    EXPECT_EQ(trigger(Side::kSell, OffsetKind::kTrailPrice, price("0.005").raw(), "100"),
              price("99.995"));
}

// 1% of 33.33 is 0.3333: 32.9967 and 33.6633.
TEST(TrailingTrigger, RoundsAPercentageToTheTickAwayFromTheMarket) {
    EXPECT_EQ(trigger(Side::kSell, OffsetKind::kTrailPercent, part("0.01"), "33.33"),
              price("32.99"));
    EXPECT_EQ(trigger(Side::kBuy, OffsetKind::kTrailPercent, part("0.01"), "33.33"),
              price("33.67"));
    EXPECT_EQ(trigger(Side::kBuy, OffsetKind::kTrailPercent, part("0.01"), "100"), price("101"));
}

// Oil on 20 April 2020: 10% of 37.63 is 3.763, below -37.63 as above it.
TEST(TrailingTrigger, TakesItsDistanceFromTheSizeOfANegativePrice) {
    EXPECT_EQ(trigger(Side::kSell, OffsetKind::kTrailPercent, part("0.1"), "-37.63"),
              price("-41.4"));  // -41.393 rounded down
    EXPECT_EQ(trigger(Side::kBuy, OffsetKind::kTrailPercent, part("0.1"), "-37.63"),
              price("-33.86"));  // -33.867 rounded up
}

TEST(TrailingTrigger, StaysWithinTheNumbers) {
    EXPECT_GT(trailing_trigger(Side::kSell, OffsetKind::kTrailPrice, Price::max().raw(),
                               Price::min(), kCent),
              Price::min());
    EXPECT_LT(trailing_trigger(Side::kBuy, OffsetKind::kTrailPercent, Ratio::kOne - 1, Price::max(),
                               kCent),
              Price::max());
    EXPECT_LT(trailing_limit(Price::max(), Price::max()), Price::max());
}

TEST(TrailsTo, NeverMovesATriggerBack) {
    EXPECT_TRUE(trails_to(Side::kSell, price("99"), price("98")));
    EXPECT_FALSE(trails_to(Side::kSell, price("98"), price("98")));
    EXPECT_FALSE(trails_to(Side::kSell, price("97"), price("98")));
    EXPECT_TRUE(trails_to(Side::kBuy, price("101"), price("102")));
    EXPECT_FALSE(trails_to(Side::kBuy, price("103"), price("102")));
}

// (100.00 + 100.05) / 2 = 100.025.
TEST(PeggedPrice, RoundsToTheTickAwayFromTheMarket) {
    const Price mid = middle(price("100"), price("100.05"));
    EXPECT_EQ(mid, price("100.025"));
    EXPECT_EQ(pegged_price(Side::kBuy, 0, mid, Price::zero(), kCent), price("100.02"));
    EXPECT_EQ(pegged_price(Side::kSell, 0, mid, Price::zero(), kCent), price("100.03"));
    EXPECT_EQ(pegged_price(Side::kBuy, price("-0.02").raw(), mid, Price::zero(), kCent),
              price("100"));
    EXPECT_EQ(pegged_price(Side::kSell, 0, price("-0.005"), Price::zero(), kCent), Price::zero());
    EXPECT_EQ(pegged_price(Side::kBuy, 0, price("-0.005"), Price::zero(), kCent), price("-0.01"));
}

TEST(PeggedPrice, DoesNotPassItsWorstPrice) {
    EXPECT_EQ(pegged_price(Side::kBuy, 0, price("101"), price("100.50"), kCent), price("100.5"));
    EXPECT_EQ(pegged_price(Side::kBuy, 0, price("100"), price("100.50"), kCent), price("100"));
    EXPECT_EQ(pegged_price(Side::kSell, 0, price("99"), price("99.50"), kCent), price("99.5"));
}

}  // namespace
}  // namespace fermata
