#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/market/corporate_action.hpp"
#include "core/market/date.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// A positive factor f as a fraction of two 63-bit numbers: exact while it fits, else each
/// multiplication adds a relative error below 2^-60 max(f, 1/f).
class Factor {
public:
    constexpr Factor() = default;
    /// `numerator` / `denominator`, both positive; reduced to lowest terms.
    Factor(std::int64_t numerator, std::int64_t denominator);
    /// A decimal such as "0.6209650" or "20", of at most 18 digits; nullopt when it is not one or
    /// not positive.
    [[nodiscard]] static std::optional<Factor> parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr std::int64_t numerator() const noexcept { return numerator_; }
    [[nodiscard]] constexpr std::int64_t denominator() const noexcept { return denominator_; }
    [[nodiscard]] constexpr Factor inverse() const noexcept {
        Factor f;
        f.numerator_ = denominator_;
        f.denominator_ = numerator_;
        return f;
    }
    /// nullopt beyond 2^32 or below 2^-32, where the precision would go.
    [[nodiscard]] std::optional<Factor> times(Factor other) const noexcept;
    /// raw x factor, rounded half to even.
    [[nodiscard]] Result<std::int64_t, NumberError> apply(std::int64_t raw) const noexcept {
        return divide_half_even(static_cast<__int128>(raw) * numerator_, denominator_);
    }
    friend constexpr bool operator==(Factor, Factor) = default;

private:
    std::int64_t numerator_ = 1;
    std::int64_t denominator_ = 1;
};

/// A row of a LEAN factor file: `price` and `split` hold for dates up to and including `last_date`
/// (and after the row before it), relative to the last row of the file.
struct FactorRow {
    Date last_date;
    Factor price;  ///< For dividends.
    Factor split;  ///< For splits: 0.5 before a 2:1 split.
};

enum class AdjustmentError : std::uint8_t {
    kEmpty,             ///< No rows.
    kNotAscending,      ///< Rows or actions are not in the order of their dates.
    kNoReferencePrice,  ///< A dividend without the close before it, or one that is not below it.
    kOutOfRange,        ///< A factor or an adjusted number does not fit.
};
[[nodiscard]] std::string_view describe(AdjustmentError error) noexcept;

/// Backward-adjusted series of one instrument: what its raw prices and volumes before a split or
/// dividend are in the basis of a later date.
///
///     price = raw price x price factor x split factor      volume = raw volume / split factor
///
/// rounded half to even to the resolution of Price (1e-9) and Quantity (1e-8). The factors of a
/// date are divided by those of the `basis` date, so that prices on that date are raw. Constant
/// after construction; any thread may read it.
class Adjustment {
public:
    /// From the rows of a factor file, ascending by date. Dates behind the last row have its
    /// factors. Without `basis` the last row is the basis.
    [[nodiscard]] static Result<Adjustment, AdjustmentError> from_rows(
        std::span<const FactorRow> rows, std::optional<Date> basis = std::nullopt);

    /// From the actions of one instrument in the order of sort_actions. A split of n new for d old
    /// shares multiplies the split factor of all earlier dates by d / n, a dividend the price
    /// factor by 1 - cash / close_before (the method of LEAN and of CRSP). Without `basis` the time
    /// after the last action is the basis.
    [[nodiscard]] static Result<Adjustment, AdjustmentError> from_actions(
        std::span<const CorporateAction> actions, std::optional<Date> basis = std::nullopt);

    /// The factors of a date, relative to the basis.
    struct Factors {
        Factor price;     ///< For dividends.
        Factor split;     ///< For splits.
        Factor combined;  ///< Their product: raw price to adjusted price.
    };
    [[nodiscard]] const Factors& on(Date date) const noexcept;

    [[nodiscard]] Result<Price, NumberError> price(Price raw, Date date) const noexcept;
    [[nodiscard]] Result<Quantity, NumberError> quantity(Quantity raw, Date date) const noexcept;
    [[nodiscard]] Result<BarData, NumberError> bar(const BarData& raw, Date date) const noexcept;
    [[nodiscard]] Result<QuoteData, NumberError> quote(const QuoteData& raw,
                                                       Date date) const noexcept;
    [[nodiscard]] Result<TradeData, NumberError> trade(const TradeData& raw,
                                                       Date date) const noexcept;

private:
    struct Span {
        Date last_date;  // the last span holds for ever
        Factors factors;
    };
    explicit Adjustment(std::vector<Span> spans) : spans_(std::move(spans)) {}

    std::vector<Span> spans_;
};

}  // namespace fermata
