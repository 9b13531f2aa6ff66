#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/types/fixed.hpp"

namespace fermata {

enum class DecimalError : std::uint8_t {
    kEmpty,
    kNotANumber,
    kTooManyDecimals,  ///< Non-zero digits below the resolution of the type.
    kOutOfRange,
};

/// What the error means, for a message: "not a decimal number".
[[nodiscard]] std::string_view describe(DecimalError error) noexcept;

/// Parses `[+-]digits[.digits][(e|E)[+-]digits]` into units of 10^-decimals, exactly. No locale, no
/// white space, no infinities. Digits below the resolution must be zero, else kTooManyDecimals.
[[nodiscard]] Result<std::int64_t, DecimalError> parse_decimal(std::string_view text,
                                                               int decimals) noexcept;

/// As above, but digits below the resolution are rounded half to even. For market data whose
/// publisher prints binary floating point (1527.3499755859375).
[[nodiscard]] Result<std::int64_t, DecimalError> parse_decimal_rounded(std::string_view text,
                                                                       int decimals) noexcept;

/// Shortest exact text: "187.25", "-0.5", "3". At least `min_decimals` decimals.
[[nodiscard]] std::string format_decimal(std::int64_t raw, int decimals, int min_decimals = 0);

/// Writes the same text to `out` (room for 32 characters) without allocating; returns its length.
std::size_t format_decimal(std::int64_t raw, int decimals, int min_decimals, char* out) noexcept;

template <class F>
[[nodiscard]] Result<F, DecimalError> parse(std::string_view text) noexcept {
    const auto raw = parse_decimal(text, F::kDecimals);
    if (!raw) return Err{raw.error()};
    return F::from_raw(*raw);
}

template <class Tag, int Decimals>
[[nodiscard]] std::string to_string(Fixed<Tag, Decimals> value, int min_decimals = 0) {
    return format_decimal(value.raw(), Decimals, min_decimals);
}

}  // namespace fermata
