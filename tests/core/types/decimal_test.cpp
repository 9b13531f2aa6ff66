#include "core/types/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "core/types/number.hpp"

namespace fermata {
namespace {

TEST(Decimal, ParsesExactlyWhatItHolds) {
    EXPECT_EQ(parse<Price>("187.25").value().raw(), 187'250'000'000);
    EXPECT_EQ(parse<Price>("-37.63").value().raw(), -37'630'000'000);
    EXPECT_EQ(parse<Price>("+0.000000001").value().raw(), 1);
    EXPECT_EQ(parse<Price>(".5").value().raw(), 500'000'000);
    EXPECT_EQ(parse<Price>("1.5e2").value().raw(), 150'000'000'000);
    EXPECT_EQ(parse<Price>("25E-9").value().raw(), 25);
    EXPECT_EQ(parse<Quantity>("3080600000").value().raw(), 308'060'000'000'000'000);
}

TEST(Decimal, NamesWhatIsWrong) {
    EXPECT_EQ(parse<Price>("").error(), DecimalError::kEmpty);
    for (const char* text :
         {"x", "1.2.3", "1e", "1e+", "--1", "1 ", " 1", "nan", "inf", ".", "-"}) {
        EXPECT_EQ(parse<Price>(text).error(), DecimalError::kNotANumber) << text;
    }
    EXPECT_EQ(parse<Price>("0.0000000001").error(), DecimalError::kTooManyDecimals);
    EXPECT_EQ(parse<Price>("9223372036.854775808").error(), DecimalError::kOutOfRange);
    EXPECT_EQ(parse<Price>("1e9999999999999").error(), DecimalError::kOutOfRange);
    EXPECT_EQ(parse<Price>("0e9999999999999").value().raw(), 0);
}

TEST(Decimal, RoundsHalfToEvenWhenAsked) {
    EXPECT_EQ(parse_decimal_rounded("0.0000000005", 9).value(), 0);
    EXPECT_EQ(parse_decimal_rounded("0.0000000015", 9).value(), 2);
    EXPECT_EQ(parse_decimal_rounded("0.00000000151", 9).value(), 2);
    EXPECT_EQ(parse_decimal_rounded("0.00000000149", 9).value(), 1);
    EXPECT_EQ(parse_decimal_rounded("5e-10", 9).value(), 0);
    EXPECT_EQ(parse_decimal_rounded("5e-11", 9).value(), 0);
    EXPECT_EQ(parse_decimal_rounded("9e-10", 9).value(), 1);
}

RC_GTEST_PROP(Decimal, FormatsBackToTheSameNumber, (std::int64_t raw)) {
    RC_PRE(raw != std::numeric_limits<std::int64_t>::min());
    RC_ASSERT(parse<Price>(to_string(Price::from_raw(raw))).value().raw() == raw);
}

/// Digits before and behind the point, against plain 128-bit arithmetic on the same digits.
RC_GTEST_PROP(Decimal, EqualsPlainArithmeticOnItsDigits, (bool negative)) {
    const auto digits = rc::gen::container<std::string>(rc::gen::inRange('0', ':'));
    const auto whole = (*digits).substr(0, 25);
    const auto fraction = (*digits).substr(0, 9);
    RC_PRE(!whole.empty() || !fraction.empty());
    const bool point = !fraction.empty() || *rc::gen::arbitrary<bool>();
    const std::string text = (negative ? "-" : "") + whole + (point ? "." : "") + fraction;
    __int128 value = 0;
    bool fits = true;
    for (const char c : whole + fraction + std::string(9 - fraction.size(), '0')) {
        value = value * 10 + (c - '0');
        fits = fits && value <= std::numeric_limits<std::int64_t>::max();
        if (!fits) break;
    }
    const auto parsed = parse_decimal(text, 9);
    RC_ASSERT(parsed.ok() == fits);
    if (fits) RC_ASSERT(*parsed == static_cast<std::int64_t>(negative ? -value : value));
    if (!fits) RC_ASSERT(parsed.error() == DecimalError::kOutOfRange);
}

TEST(Number, NotionalRoundsHalfToEvenAtTheEnd) {
    const auto one = Multiplier::from_units(1);
    EXPECT_EQ(notional(parse<Price>("1527.349976").value(), Quantity::from_units(62), one)->raw(),
              94'695'698'512);
    EXPECT_EQ(notional(Price::from_raw(500), Quantity::from_units(1), one)->raw(), 0);
    EXPECT_EQ(notional(Price::from_raw(1500), Quantity::from_units(1), one)->raw(), 2);
    EXPECT_EQ(notional(Price::from_raw(-1500), Quantity::from_units(1), one)->raw(), -2);
    EXPECT_EQ(notional(Price::max(), Quantity::max(), one).error(), NumberError::kOverflow);
    EXPECT_EQ(notional(parse<Price>("5000.25").value(), Quantity::from_units(2),
                       Multiplier::from_units(50))
                  ->raw(),
              500'025'000'000);
}

RC_GTEST_PROP(Number, AffordableIsTheLargestLotThatFits, ()) {
    const auto price = Price::from_raw(*rc::gen::inRange<std::int64_t>(1, 10'000'000'000'000));
    const auto budget = Money::from_raw(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000));
    const auto lot = Quantity::from_raw(*rc::gen::element<std::int64_t>(1'000, 100'000'000));
    const auto one = Multiplier::from_units(1);
    const Quantity q = affordable(budget, price, one, lot);
    const auto exact = [&](Quantity x) { return static_cast<__int128>(price.raw()) * x.raw(); };
    const auto limit = static_cast<__int128>(budget.raw()) * 100'000'000'000;
    RC_ASSERT(q.raw() % lot.raw() == 0);
    RC_ASSERT(exact(q) <= limit);
    RC_ASSERT(exact(q + lot) > limit);
}

}  // namespace
}  // namespace fermata
