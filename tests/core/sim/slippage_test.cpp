#include "core/sim/slippage.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "core/indicator/to_double.hpp"
#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

SlippageConfig model(SlippageModel m, const char* amount, const char* rate) {
    SlippageConfig config;
    config.model = m;
    config.amount = px(amount);
    config.rate = ratio(rate);
    return config;
}
std::string paid(const SlippageConfig& config, Side side, const char* price, const char* quantity,
                 const Supply& supply) {
    return to_string(slipped(config, side, px(price), qty(quantity), supply));
}
const Supply kBar = Supply::unlimited(qty("1000"));

TEST(Slippage, LeavesThePriceAloneByDefault) {
    EXPECT_EQ(paid({}, Side::kBuy, "100", "300", kBar), "100");
}

TEST(Slippage, AddsAFixedAmount) {
    const SlippageConfig config = model(SlippageModel::kFixed, "0.02", "0");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "300", kBar), "100.02");
    EXPECT_EQ(paid(config, Side::kSell, "100", "300", kBar), "99.98");
}

TEST(Slippage, AddsBasisPointsOfThePriceAgainstTheOwnerForNegativePricesToo) {
    const SlippageConfig config = model(SlippageModel::kRate, "0", "0.0005");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "300", kBar), "100.05");
    EXPECT_EQ(paid(config, Side::kSell, "100", "300", kBar), "99.95");
    EXPECT_EQ(paid(config, Side::kBuy, "-40", "300", kBar), "-39.98");
    EXPECT_EQ(paid(config, Side::kSell, "-40", "300", kBar), "-40.02");
}

TEST(Slippage, AddsAFractionOfTheSpreadOrOfTheOneAssumed) {
    const SlippageConfig config = model(SlippageModel::kSpread, "0.10", "0.5");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "300", kBar.with_spread(px("0.04"))), "100.02");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "300", kBar), "100.05");
}

// 300 of 1,000 is 0.3; squared 0.09; 0.1 x 0.09 x 100 = 0.90.
TEST(Slippage, AddsTheImpactOfTheVolumeShareSquared) {
    const SlippageConfig config = model(SlippageModel::kVolumeShare, "0", "0.1");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "300", kBar), "100.9");
    EXPECT_EQ(paid(config, Side::kSell, "100", "300", kBar), "99.1");
}

// 250 of 1,000 is 0.25; its root 0.5; 0.01 x 0.5 x 100 = 0.50.
TEST(Slippage, AddsTheImpactOfTheRootOfTheVolumeShare) {
    SlippageConfig config = model(SlippageModel::kVolumeShare, "0", "0.01");
    config.impact = ImpactShape::kSquareRoot;
    EXPECT_EQ(paid(config, Side::kBuy, "100", "250", kBar), "100.5");
}

TEST(Slippage, CountsAnUnknownOrExceededVolumeAsTheWhole) {
    const SlippageConfig config = model(SlippageModel::kVolumeShare, "0", "0.1");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "1", Supply::unlimited(Quantity::zero())), "110");
    EXPECT_EQ(paid(config, Side::kBuy, "100", "5000", kBar), "110");
}

TEST(Slippage, SaturatesAtTheEndsOfPrice) {
    const SlippageConfig config = model(SlippageModel::kFixed, "1", "0");
    EXPECT_EQ(slipped(config, Side::kBuy, Price::max(), qty("1"), kBar), Price::max());
    EXPECT_EQ(slipped(config, Side::kSell, Price::min(), qty("1"), kBar), Price::min());
}

TEST(Slippage, TakesNoPriceBelowZeroThatWasNotBelowZero) {
    const SlippageConfig config = model(SlippageModel::kFixed, "0.02", "0");
    EXPECT_EQ(paid(config, Side::kSell, "0.01", "1", kBar), "0");
    EXPECT_EQ(paid(config, Side::kSell, "-37.63", "1", kBar), "-37.65");
}

TEST(Slippage, WorsensTheOpenButNotBeyondTheLimit) {
    SimConfig config;
    config.slippage = model(SlippageModel::kFixed, "0.02", "0");
    Exchange x(config);
    x.send(0, Ticket::buy("10"));
    x.send(0, Ticket::buy("10").limit("100.01"));
    x.send(0, Ticket::sell("10").stop("101"));
    x.open(0, "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100.02"}, {3, "10", "99.98"}, {2, "10", "100.01"}}));
}

RC_GTEST_PROP(Slippage, ImpactAgreesWithFloatingPointAndIsMonotone, ()) {
    const std::int64_t volume = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000);
    const std::int64_t quantity = *rc::gen::inRange<std::int64_t>(1, volume + 1);
    const double share = static_cast<double>(quantity) / static_cast<double>(volume);
    const auto impact = [&](ImpactShape shape, std::int64_t q) {
        return volume_impact(shape, Quantity::from_raw(q), Quantity::from_raw(volume));
    };
    RC_ASSERT(std::abs(to_double(impact(ImpactShape::kSquare, quantity)) - share * share) < 4e-9);
    // The share is cut to 1e-9 first, which moves the root of a small one by more than that.
    const double root = to_double(impact(ImpactShape::kSquareRoot, quantity));
    RC_ASSERT(root <= std::sqrt(share) + 2e-9 &&
              root >= std::sqrt(std::max(0.0, share - 1e-9)) - 2e-9);
    RC_ASSERT(impact(ImpactShape::kSquareRoot, quantity) >=
              impact(ImpactShape::kSquareRoot, quantity - 1));
}

}  // namespace
}  // namespace fermata
