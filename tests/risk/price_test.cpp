#include "risk/price.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/types/decimal.hpp"

namespace fermata {
namespace {

constexpr Ratio kFivePercent = Ratio::from_raw(50'000'000);
constexpr Price kNoPrice{};

Price price(std::string_view text) { return parse<Price>(text).value(); }

TEST(CollarWidth, IsTheShareOfTheReferenceRoundedDown) {
    EXPECT_EQ(collar_width(price("100"), kFivePercent), 5'000'000'000U);
    EXPECT_EQ(collar_width(price("-100"), kFivePercent), 5'000'000'000U);
    EXPECT_EQ(collar_width(Price::from_raw(19), kFivePercent), 0U);
    EXPECT_EQ(collar_width(Price::from_raw(20), kFivePercent), 1U);
    EXPECT_EQ(collar_width(Price::min(), Ratio::from_units(1)), std::uint64_t{1} << 63);
}

RC_GTEST_PROP(CollarWidth, AgreesWithWideDivision, (std::int64_t raw)) {
    const auto collar = *rc::gen::inRange<std::int64_t>(0, Ratio::kOne + 1);
    const unsigned __int128 product =
        static_cast<unsigned __int128>(magnitude(raw)) * static_cast<std::uint64_t>(collar);
    RC_ASSERT(collar_width(Price::from_raw(raw), Ratio::from_raw(collar)) ==
              static_cast<std::uint64_t>(product / Ratio::kOne));
}

TEST(ReservePrice, ValuesAMarketOrderAtTheCollarOrTheReferenceIfThatIsLarger) {
    const auto market = [](Side side, const char* reference) {
        return reserve_price(price(reference), side, OrderType::kMarket, kNoPrice, kNoPrice,
                             kFivePercent);
    };
    EXPECT_EQ(market(Side::kBuy, "100"), price("105"));
    EXPECT_EQ(market(Side::kSell, "100"), price("100"));  // 95 at worst, but valued at 100
    EXPECT_EQ(market(Side::kBuy, "-40"), price("40"));    // -38 at worst
    EXPECT_EQ(market(Side::kSell, "-40"), price("42"));
}

TEST(ReservePrice, ValuesALimitOrderAtItsLimitOrBetterButLarger) {
    const auto limit = [](Side side, const char* at) {
        return reserve_price(price("100"), side, OrderType::kLimit, price(at), kNoPrice,
                             kFivePercent);
    };
    EXPECT_EQ(limit(Side::kBuy, "103"), price("103"));
    EXPECT_EQ(limit(Side::kBuy, "90"), price("90"));
    EXPECT_EQ(limit(Side::kSell, "90"), price("100"));   // sells at 100 now
    EXPECT_EQ(limit(Side::kSell, "110"), price("110"));  // rests
    EXPECT_EQ(limit(Side::kBuy, "-5"), price("5"));
}

TEST(ReservePrice, ValuesAStopAroundItsTriggerToo) {
    const auto stop = [](Side side, const char* at) {
        return reserve_price(price("100"), side, OrderType::kStop, kNoPrice, price(at),
                             kFivePercent);
    };
    EXPECT_EQ(stop(Side::kBuy, "120"), price("126"));
    EXPECT_EQ(stop(Side::kBuy, "90"), price("105"));
    EXPECT_EQ(stop(Side::kSell, "80"), price("100"));
}

TEST(ReservePrice, NeedsNoReferenceWhereTheOrderHasAPrice) {
    const auto without = [](OrderType type) {
        return reserve_price(std::nullopt, Side::kBuy, type, price("50"), price("60"),
                             kFivePercent);
    };
    EXPECT_EQ(without(OrderType::kMarket), kNoPrice);
    EXPECT_EQ(without(OrderType::kLimit), price("50"));
    EXPECT_EQ(without(OrderType::kStopLimit), price("50"));
    EXPECT_EQ(without(OrderType::kStop), price("63"));
}

TEST(ReservePrice, SaturatesAtTheLargestPrice) {
    EXPECT_EQ(reserve_price(Price::max(), Side::kBuy, OrderType::kMarket, kNoPrice, kNoPrice,
                            kFivePercent),
              Price::max());
    EXPECT_EQ(reserve_price(Price::min(), Side::kSell, OrderType::kMarket, kNoPrice, kNoPrice,
                            kFivePercent),
              Price::max());
}

}  // namespace
}  // namespace fermata
