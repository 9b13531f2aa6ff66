#include "core/types/number.hpp"

#include <limits>

namespace fermata {
namespace {

constexpr std::int64_t kMin64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();

// 1e-9 (price) x 1e-8 (quantity) = 1e-17; money is 1e-6.
constexpr std::int64_t kNotionalDivisor = 100'000'000'000;

/// Rounds half to even with a 64-bit dividend and a constant divisor, which compiles to a multiply.
template <std::int64_t Divisor>
constexpr std::int64_t divide_small(std::int64_t numerator) noexcept {
    std::int64_t quotient = numerator / Divisor;
    const std::int64_t remainder = numerator % Divisor;
    const std::int64_t twice = remainder < 0 ? -remainder * 2 : remainder * 2;
    if (twice > Divisor || (twice == Divisor && (quotient & 1) != 0)) {
        quotient += numerator < 0 ? -1 : 1;
    }
    return quotient;
}

}  // namespace

Result<std::int64_t, NumberError> divide_half_even(__int128 numerator,
                                                   __int128 denominator) noexcept {
    FERMATA_ASSERT(denominator > 0);
    __int128 quotient = numerator / denominator;
    const __int128 remainder = numerator % denominator;
    const __int128 magnitude = remainder < 0 ? -remainder : remainder;
    const __int128 rest =
        denominator - magnitude;  // compares without doubling, which could overflow
    if (magnitude > rest || (magnitude == rest && (quotient & 1) != 0)) {
        quotient += numerator < 0 ? -1 : 1;
    }
    if (quotient < kMin64 || quotient > kMax64) return Err{NumberError::kOverflow};
    return static_cast<std::int64_t>(quotient);
}

namespace {

/// The product of any three, through 128 bits. Kept apart, so that the usual case saves nothing.
[[gnu::noinline]] Result<Money, NumberError> wide_notional(Price price, Quantity quantity,
                                                           Multiplier multiplier) noexcept {
    __int128 product = static_cast<__int128>(price.raw()) * quantity.raw();
    __int128 divisor = kNotionalDivisor;
    if (multiplier.raw() != Multiplier::kOne) {
        if (__builtin_mul_overflow(product, static_cast<__int128>(multiplier.raw()), &product)) {
            return Err{NumberError::kOverflow};
        }
        divisor *= Multiplier::kOne;
    }
    const auto raw = divide_half_even(product, divisor);
    if (!raw) return Err{raw.error()};
    return Money::from_raw(*raw);
}

}  // namespace

Result<Money, NumberError> notional(Price price, Quantity quantity,
                                    Multiplier multiplier) noexcept {
    // Whole units, the usual case: price (1e-9) x units -> money (1e-6) in 64 bits.
    if (multiplier.raw() == Multiplier::kOne && quantity.raw() % Quantity::kOne == 0) {
        std::int64_t product = 0;
        if (!__builtin_mul_overflow(price.raw(), quantity.raw() / Quantity::kOne, &product)) {
            return Money::from_raw(divide_small<1000>(product));
        }
    }
    return wide_notional(price, quantity, multiplier);
}

Result<Money, NumberError> scale(Money money, Ratio ratio) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(money.raw()) * ratio.raw(), Ratio::kOne);
    if (!raw) return Err{raw.error()};
    return Money::from_raw(*raw);
}

Result<Price, NumberError> scale(Price price, Ratio ratio) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * ratio.raw(), Ratio::kOne);
    if (!raw) return Err{raw.error()};
    return Price::from_raw(*raw);
}

Quantity affordable(Money budget, Price price, Multiplier multiplier, Quantity lot) noexcept {
    FERMATA_ASSERT(lot.is_positive());
    if (!budget.is_positive() || !price.is_positive() || !multiplier.is_positive()) {
        return Quantity::zero();
    }
    // budget / (price x multiplier x lot), all in raw units, truncated:
    // lots = budget * 1e3 * 1e8 * 1e8 / (price * multiplier * lot).
    __int128 numerator = static_cast<__int128>(budget.raw()) * kNotionalDivisor;
    __int128 denominator = static_cast<__int128>(price.raw()) * lot.raw();
    if (multiplier.raw() != Multiplier::kOne) {
        if (__builtin_mul_overflow(denominator, static_cast<__int128>(multiplier.raw()),
                                   &denominator)) {
            return Quantity::zero();  // one lot costs more than any budget
        }
        if (__builtin_mul_overflow(numerator, static_cast<__int128>(Multiplier::kOne),
                                   &numerator)) {
            denominator /= Multiplier::kOne;  // gives up a relative 1e-8 of the unit price
            if (denominator == 0) return Quantity::zero();
        }
    }
    const __int128 lots = numerator / denominator;
    const __int128 raw = lots * lot.raw();
    if (raw > kMax64) return Quantity::from_raw(kMax64 / lot.raw() * lot.raw());
    return Quantity::from_raw(static_cast<std::int64_t>(raw));
}

}  // namespace fermata
