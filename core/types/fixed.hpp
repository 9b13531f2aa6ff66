#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "core/base/assert.hpp"

namespace fermata {

/// A signed 64-bit decimal with a fixed number of decimals, made a type of its own by `Tag`.
///
/// `raw()` counts units of 10^-kDecimals. There is no conversion between different tags and none
/// from or to floating point except the named ones. Addition that overflows is a bug and aborts;
/// values from outside are checked where they are parsed.
template <class Tag, int Decimals>
class Fixed {
public:
    static constexpr int kDecimals = Decimals;
    static constexpr std::int64_t kOne = [] {
        std::int64_t one = 1;
        for (int i = 0; i < Decimals; ++i) one *= 10;
        return one;
    }();

    constexpr Fixed() = default;
    [[nodiscard]] static constexpr Fixed from_raw(std::int64_t raw) noexcept { return Fixed(raw); }
    /// A whole number of units (dollars, shares). Aborts on overflow.
    [[nodiscard]] static constexpr Fixed from_units(std::int64_t units) {
        std::int64_t raw = 0;
        FERMATA_ASSERT(!__builtin_mul_overflow(units, kOne, &raw));
        return Fixed(raw);
    }
    [[nodiscard]] static constexpr Fixed zero() noexcept { return Fixed(0); }
    [[nodiscard]] static constexpr Fixed max() noexcept {
        return Fixed(std::numeric_limits<std::int64_t>::max());
    }
    [[nodiscard]] static constexpr Fixed min() noexcept {
        return Fixed(std::numeric_limits<std::int64_t>::min());
    }

    [[nodiscard]] constexpr std::int64_t raw() const noexcept { return raw_; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return raw_ == 0; }
    [[nodiscard]] constexpr bool is_positive() const noexcept { return raw_ > 0; }
    [[nodiscard]] constexpr bool is_negative() const noexcept { return raw_ < 0; }

    friend constexpr auto operator<=>(Fixed, Fixed) = default;
    friend constexpr Fixed operator+(Fixed a, Fixed b) {
        std::int64_t raw = 0;
        FERMATA_ASSERT(!__builtin_add_overflow(a.raw_, b.raw_, &raw));
        return Fixed(raw);
    }
    friend constexpr Fixed operator-(Fixed a, Fixed b) {
        std::int64_t raw = 0;
        FERMATA_ASSERT(!__builtin_sub_overflow(a.raw_, b.raw_, &raw));
        return Fixed(raw);
    }
    friend constexpr Fixed operator-(Fixed a) { return Fixed::zero() - a; }
    constexpr Fixed& operator+=(Fixed b) { return *this = *this + b; }
    constexpr Fixed& operator-=(Fixed b) { return *this = *this - b; }

private:
    constexpr explicit Fixed(std::int64_t raw) noexcept : raw_(raw) {}
    std::int64_t raw_ = 0;
};

}  // namespace fermata
