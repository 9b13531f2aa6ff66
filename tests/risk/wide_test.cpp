#include "risk/wide.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace fermata {
namespace {

constexpr Ratio kPercent = Ratio::from_raw(10'000'000);

TEST(Wide, ComparesToTheLastDigit) {
    // 2% of 100,000 is 2,000 = 20 x 100.
    const Money equity = Money::from_units(100'000);
    const Ratio share = Ratio::from_raw(2 * kPercent.raw());
    const auto one = Multiplier::from_units(1);
    const auto value = [&](std::int64_t price, std::int64_t quantity) {
        return exact_value(Price::from_raw(price), Quantity::from_raw(quantity), one);
    };
    EXPECT_TRUE(within_share(value(100'000'000'000, 2'000'000'000), share, equity));
    EXPECT_FALSE(within_share(value(100'000'000'000, 2'000'000'001), share, equity));
    EXPECT_FALSE(within_share(value(100'000'000'001, 2'000'000'000), share, equity));
    EXPECT_TRUE(within_share(value(-100'000'000'000, 2'000'000'000), share, equity));
    EXPECT_FALSE(within_share(value(-100'000'000'001, 2'000'000'000), share, equity));
}

TEST(Wide, NegativeEquitySupportsNothing) {
    EXPECT_TRUE(within_share(0, kPercent, Money::zero()));
    EXPECT_FALSE(within_share(1, kPercent, Money::zero()));
    EXPECT_FALSE(within_share(0, kPercent, Money::from_raw(-1)));
}

TEST(Wide, SaturatesInsteadOfWrapping) {
    EXPECT_EQ(exact_value(Price::max(), Quantity::max(), Multiplier::max()), kValueMax);
    EXPECT_EQ(exact_value(Price::min(), Quantity::max(), Multiplier::max()), kValueMax);
    EXPECT_EQ(saturating_add(kValueMax, 1), kValueMax);
    EXPECT_EQ(saturating_subtract(1, 2), 0U);
    EXPECT_FALSE(within_share(kValueMax, Ratio::from_units(4), Money::from_units(1'000'000'000)));
}

TEST(Wide, KnowsTheMagnitudeOfTheSmallestNumber) {
    EXPECT_EQ(magnitude(std::numeric_limits<std::int64_t>::min()), std::uint64_t{1} << 63);
    EXPECT_EQ(magnitude(-5), 5U);
    EXPECT_EQ(magnitude(0), 0U);
}

TEST(Wide, RoundsReportsSoThatAnExcessShows) {
    const Value two_dollars_and_a_bit = to_value(Money::from_units(2)) + 1;
    EXPECT_EQ(money_above(two_dollars_and_a_bit).raw(), 2'000'001);
    EXPECT_EQ(money_above(to_value(Money::from_units(2))).raw(), 2'000'000);
    EXPECT_EQ(money_above(kValueMax), Money::max());
    EXPECT_EQ(share_of(Ratio::from_raw(333'333'333), Money::from_raw(10)).raw(), 3);
    EXPECT_EQ(share_of(Ratio::from_raw(333'333'333), Money::from_raw(-10)).raw(), -4);
    EXPECT_EQ(share_of(Ratio::from_units(4), Money::max()), Money::max());
}

RC_GTEST_PROP(Wide, MultipliesLikeTwoHalves,
              (std::uint64_t high, std::uint64_t low, std::uint64_t b)) {
    high >>= *rc::gen::inRange(0, 64);
    b >>= *rc::gen::inRange(0, 64);
    const Value a = (static_cast<Value>(high) << 64) | low;
    // Schoolbook in 32-bit digits.
    std::uint64_t digits[6] = {};
    for (int i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (int j = 0; j < 2; ++j) {
            const std::uint64_t t = static_cast<std::uint32_t>(a >> (32 * i)) *
                                        std::uint64_t{static_cast<std::uint32_t>(b >> (32 * j))} +
                                    digits[i + j] + carry;
            digits[i + j] = static_cast<std::uint32_t>(t);
            carry = t >> 32;
        }
        digits[i + 2] += carry;
    }
    Value expected = 0;
    for (int i = 3; i >= 0; --i) expected = (expected << 32) | digits[i];
    if (digits[4] != 0 || digits[5] != 0) expected = kValueMax;
    RC_ASSERT(saturating_multiply(a, b) == expected);
}

TEST(Wide, ComparesProductsOf192Bits) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    EXPECT_TRUE(product_within(kValueMax, most, kValueMax, most));
    EXPECT_TRUE(product_within(kValueMax - 1, most, kValueMax, most));
    EXPECT_FALSE(product_within(kValueMax, most, kValueMax - 1, most));
    EXPECT_FALSE(product_within(kValueMax, most, kValueMax, most - 1));
    EXPECT_TRUE(product_within(0, most, 0, 0));
    EXPECT_FALSE(product_within(1, 1, 0, most));
    // 2^100 x 6 = 2^99 x 12
    const Value big = static_cast<Value>(1) << 100;
    EXPECT_TRUE(product_within(big, 6, big >> 1, 12));
    EXPECT_FALSE(product_within(big + 1, 6, big >> 1, 12));
    EXPECT_TRUE(product_within(big - 1, 6, big >> 1, 12));
}

}  // namespace
}  // namespace fermata
