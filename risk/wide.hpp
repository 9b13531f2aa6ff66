#pragma once

#include <cstdint>
#include <limits>

#include "core/types/number.hpp"

namespace fermata {

/// A magnitude of value in 1e-25 of a currency: price (1e-9) x quantity (1e-8) x multiplier (1e-8),
/// exact. Saturates at kValueMax, about 3.4e13 currency units and four times what Money can hold,
/// so that a limit is compared with what was asked for, to the last digit, and no sum wraps.
using Value = unsigned __int128;
inline constexpr Value kValueMax = std::numeric_limits<Value>::max();
inline constexpr std::uint64_t kValuePerMoney = 10'000'000'000'000'000'000U;  // 1e-6 / 1e-25
inline constexpr std::uint64_t kValuePerRatioMoney = 10'000'000'000U;         // 1e-15 / 1e-25

/// |v| without overflow for the smallest number.
[[nodiscard]] constexpr std::uint64_t magnitude(std::int64_t v) noexcept {
    return v < 0 ? ~static_cast<std::uint64_t>(v) + 1 : static_cast<std::uint64_t>(v);
}

[[nodiscard]] constexpr Value saturating_multiply(Value a, std::uint64_t b) noexcept {
    const Value low = static_cast<Value>(static_cast<std::uint64_t>(a)) * b;
    const Value high = (a >> 64) * b + (low >> 64);
    if (high >> 64 != 0) return kValueMax;
    return (high << 64) | static_cast<std::uint64_t>(low);
}

/// a x x <= b x y, exactly, in 192 bits.
[[nodiscard]] constexpr bool product_within(Value a, std::uint64_t x, Value b,
                                            std::uint64_t y) noexcept {
    struct Product {
        Value high;
        std::uint64_t low;
    };
    const auto multiply = [](Value value, std::uint64_t by) {
        const Value low = static_cast<Value>(static_cast<std::uint64_t>(value)) * by;
        return Product{(value >> 64) * by + (low >> 64), static_cast<std::uint64_t>(low)};
    };
    const Product left = multiply(a, x), right = multiply(b, y);
    return left.high != right.high ? left.high < right.high : left.low <= right.low;
}

[[nodiscard]] constexpr Value saturating_add(Value a, Value b) noexcept {
    return a > kValueMax - b ? kValueMax : a + b;
}

[[nodiscard]] constexpr Value saturating_subtract(Value a, Value b) noexcept {
    return a > b ? a - b : 0;
}

/// |price| x |quantity| x |multiplier|.
[[nodiscard]] constexpr Value exact_value(Price price, Quantity quantity,
                                          Multiplier multiplier) noexcept {
    return saturating_multiply(
        static_cast<Value>(magnitude(price.raw())) * magnitude(quantity.raw()),
        magnitude(multiplier.raw()));
}

[[nodiscard]] constexpr Value to_value(Money amount) noexcept {
    return static_cast<Value>(magnitude(amount.raw())) * kValuePerMoney;
}

/// |share| x |equity|.
[[nodiscard]] constexpr Value share_value(Ratio share, Money equity) noexcept {
    return saturating_multiply(static_cast<Value>(magnitude(share.raw())) * magnitude(equity.raw()),
                               kValuePerRatioMoney);
}

/// A share of equity as a limit for values: `value <= share x equity`, by multiplication. Negative
/// equity supports nothing, not even a value of zero.
[[nodiscard]] constexpr bool within_share(Value value, Ratio share, Money equity) noexcept {
    if (equity.is_negative() || share.is_negative()) return false;
    return value <= share_value(share, equity);
}

/// The value as money, rounded up: for reports, never for decisions. Divides.
[[nodiscard]] constexpr Money money_above(Value value) noexcept {
    const Value whole = value / kValuePerMoney;
    const Value money = whole + (value - whole * kValuePerMoney != 0 ? 1 : 0);
    const auto largest = static_cast<Value>(Money::max().raw());
    return Money::from_raw(static_cast<std::int64_t>(money < largest ? money : largest));
}

/// share x equity, rounded down: for reports, never for decisions. Divides.
[[nodiscard]] constexpr Money share_of(Ratio share, Money equity) noexcept {
    const __int128 product = static_cast<__int128>(share.raw()) * equity.raw();
    __int128 money = product / Ratio::kOne;
    if (product < money * Ratio::kOne) --money;
    if (money > Money::max().raw()) return Money::max();
    if (money < Money::min().raw()) return Money::min();
    return Money::from_raw(static_cast<std::int64_t>(money));
}

}  // namespace fermata
