#include "core/sim/fee_model.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

/// The fee of one fill, which is then part of the order.
std::string charge(const FeeConfig& config, SimOrder& order, const char* quantity,
                   const char* price, Liquidity liquidity = Liquidity::kTaker) {
    const Money value = notional(px(price), qty(quantity), Multiplier::from_units(1)).value();
    const Money fee = fee_of(config, order, qty(quantity), value, liquidity).value();
    order.cumulative += qty(quantity);
    order.fees += fee;
    order.traded_value += value.is_negative() ? -value : value;
    return to_string(fee);
}
std::string charge_once(const FeeConfig& config, const char* quantity, const char* price,
                        Liquidity liquidity = Liquidity::kTaker) {
    SimOrder order;
    return charge(config, order, quantity, price, liquidity);
}

FeeConfig per_share() {
    FeeConfig config;
    config.model = FeeModel::kPerShare;
    config.per_share = px("0.005");
    config.minimum = usd("1");
    config.maximum = ratio("0.01");
    return config;
}

TEST(FeeModel, ChargesNothingByDefault) { EXPECT_EQ(charge_once({}, "100", "50"), "0"); }

// 62 x 1527.349976 = 94,695.698512; x 0.001 = 94.695698512, to the micro 94.695699.
TEST(FeeModel, ChargesARateOfTheValueRoundedHalfToEven) {
    FeeConfig config;
    config.model = FeeModel::kProportional;
    config.rate = ratio("0.001");
    EXPECT_EQ(charge_once(config, "62", "1527.349976"), "94.695699");
    EXPECT_EQ(charge_once(config, "1", "0.0005"), "0");         // 0.0000005: half, to even
    EXPECT_EQ(charge_once(config, "1", "0.0015"), "0.000002");  // 0.0000015: half, to even
    EXPECT_EQ(charge_once(config, "1", "-37.63"), "0.03763");   // a fee, whatever the price's sign
}

// 0.005 a share, at least 1 an order, at most 1% of its value.
TEST(FeeModel, ChargesPerShareBetweenAMinimumAndAShareOfTheValue) {
    EXPECT_EQ(charge_once(per_share(), "1000", "50"), "5");
    EXPECT_EQ(charge_once(per_share(), "100", "50"), "1");       // 0.50 is below the minimum
    EXPECT_EQ(charge_once(per_share(), "100", "0.25"), "0.25");  // 1% of 25: the cap wins
}

// Fills of 100 each: 0.50, 1.00 and 1.50 so far; with the minimum 1.00, 1.00 and 1.50.
TEST(FeeModel, ChargesTheMinimumOncePerOrderNotPerFill) {
    SimOrder order;
    EXPECT_EQ(charge(per_share(), order, "100", "50"), "1");
    EXPECT_EQ(charge(per_share(), order, "100", "50"), "0");
    EXPECT_EQ(charge(per_share(), order, "100", "50"), "0.5");
}

TEST(FeeModel, PaysARebateToTheMaker) {
    FeeConfig config;
    config.model = FeeModel::kMakerTakerPerShare;
    config.maker_per_share = px("-0.002");
    config.taker_per_share = px("0.003");
    EXPECT_EQ(charge_once(config, "1000", "50", Liquidity::kMaker), "-2");
    EXPECT_EQ(charge_once(config, "1000", "50", Liquidity::kTaker), "3");
    config.model = FeeModel::kMakerTaker;
    config.maker = ratio("-0.0001");
    config.taker = ratio("0.0004");
    EXPECT_EQ(charge_once(config, "2", "30000", Liquidity::kMaker), "-6");
    EXPECT_EQ(charge_once(config, "2", "30000", Liquidity::kTaker), "24");
}

TEST(FeeModel, ReportsAnOverflowInsteadOfWrapping) {
    SimOrder order;
    order.traded_value = Money::max();
    const auto fee = fee_of(per_share(), order, qty("1"), usd("1"), Liquidity::kTaker);
    ASSERT_FALSE(fee);
    EXPECT_EQ(fee.error(), NumberError::kOverflow);
}

RC_GTEST_PROP(FeeModel, PerShareDoesNotDependOnHowAnOrderBreaksUp, ()) {
    const std::int64_t shares = *rc::gen::inRange<std::int64_t>(2, 5'000);
    const std::int64_t cut = *rc::gen::inRange<std::int64_t>(1, shares);
    const std::int64_t cents = *rc::gen::inRange<std::int64_t>(1, 50'000);
    const auto fill = [&](SimOrder& order, std::int64_t n) {
        const Money value = Money::from_raw(n * cents * 10'000);
        const Money fee =
            fee_of(per_share(), order, Quantity::from_units(n), value, Liquidity::kTaker).value();
        RC_ASSERT(!fee.is_negative());
        order.cumulative += Quantity::from_units(n);
        order.fees += fee;
        order.traded_value += value;
    };
    SimOrder whole;
    SimOrder parts;
    fill(whole, shares);
    fill(parts, cut);
    fill(parts, shares - cut);
    RC_ASSERT(whole.fees == parts.fees);
    // In micros, by hand: 5,000 a share, at least 1,000,000, at most 1% of the value.
    const std::int64_t most = shares * cents * 100;
    RC_ASSERT(whole.fees.raw() ==
              std::min(std::max(shares * 5'000, std::int64_t{1'000'000}), most));
}

}  // namespace
}  // namespace fermata
