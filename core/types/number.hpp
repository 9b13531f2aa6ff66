#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/types/fixed.hpp"

namespace fermata {

/// A price in 1e-9 of the quote currency; negative prices are legal.
using Price = Fixed<struct PriceTag, 9>;
/// A quantity in 1e-8 of a unit (share, contract, coin). An order's quantity is never negative, its
/// side says the direction; a position is a signed Quantity.
using Quantity = Fixed<struct QuantityTag, 8>;
/// An amount of money in 1e-6 of a currency, signed.
using Money = Fixed<struct MoneyTag, 6>;
/// A dimensionless ratio in 1e-9: rates, limits in percent of equity (0.05 = 5%), FX rates.
using Ratio = Fixed<struct RatioTag, 9>;
/// Units of the underlying per unit of quantity, in 1e-8 (1 for a share, 50 for an E-mini).
using Multiplier = Fixed<struct MultiplierTag, 8>;

enum class NumberError : std::uint8_t { kOverflow, kDivisionByZero };

/// `numerator / denominator`, rounded half to even. `denominator` > 0.
/// kOverflow when the quotient does not fit 64 bits.
[[nodiscard]] Result<std::int64_t, NumberError> divide_half_even(__int128 numerator,
                                                                 __int128 denominator) noexcept;

/// price x quantity x multiplier in money, rounded half to even at the end. The sign follows the
/// operands. The common case (a product that fits 64 bits, multiplier 1) costs a few nanoseconds.
[[nodiscard]] Result<Money, NumberError> notional(Price price, Quantity quantity,
                                                  Multiplier multiplier) noexcept;

/// money x ratio, rounded half to even.
[[nodiscard]] Result<Money, NumberError> scale(Money money, Ratio ratio) noexcept;

/// price x ratio, rounded half to even.
[[nodiscard]] Result<Price, NumberError> scale(Price price, Ratio ratio) noexcept;

/// The largest whole number of lots whose notional at `price` does not exceed `budget`; zero when
/// `price` <= 0 or `budget` <= 0 (no size can be derived from such a price).
[[nodiscard]] Quantity affordable(Money budget, Price price, Multiplier multiplier,
                                  Quantity lot) noexcept;

}  // namespace fermata
