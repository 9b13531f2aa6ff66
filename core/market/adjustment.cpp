#include "core/market/adjustment.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

using U128 = unsigned __int128;

constexpr U128 kMax63 = static_cast<U128>(std::numeric_limits<std::int64_t>::max());

U128 gcd(U128 a, U128 b) noexcept {
    while (b != 0) {
        const U128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/// value / 2^shift, rounded to the nearest.
constexpr U128 shift_down(U128 value, int shift) noexcept {
    return shift == 0 ? value : (value >> shift) + ((value >> (shift - 1)) & 1);
}

/// The row that holds on `date`: the first that does not end before it, else the last.
const FactorRow& row_on(std::span<const FactorRow> rows, Date date) noexcept {
    const auto found = std::lower_bound(rows.begin(), rows.end(), date,
                                        [](const FactorRow& r, Date d) { return r.last_date < d; });
    return found == rows.end() ? rows.back() : *found;
}

}  // namespace

Factor::Factor(std::int64_t numerator, std::int64_t denominator) {
    FERMATA_ASSERT(numerator > 0 && denominator > 0);
    const std::int64_t divisor = std::gcd(numerator, denominator);
    numerator_ = numerator / divisor;
    denominator_ = denominator / divisor;
}

std::optional<Factor> Factor::parse(std::string_view text) noexcept {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
    int digits = 0;
    bool point = false;
    for (const char c : text) {
        if (c == '.') {
            if (point) return std::nullopt;
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > 18) return std::nullopt;
        numerator = numerator * 10 + (c - '0');
        if (point) denominator *= 10;
    }
    if (digits == 0 || numerator == 0) return std::nullopt;
    return Factor(numerator, denominator);
}

std::optional<Factor> Factor::times(Factor other) const noexcept {
    U128 n = static_cast<U128>(numerator_) * static_cast<U128>(other.numerator_);
    U128 d = static_cast<U128>(denominator_) * static_cast<U128>(other.denominator_);
    const U128 divisor = gcd(n, d);
    n /= divisor;
    d /= divisor;
    constexpr U128 widest = U128{1} << 32;
    if (n / d >= widest || d / n >= widest) return std::nullopt;
    int shift = 0;
    while (shift_down(std::max(n, d), shift) > kMax63) ++shift;
    // Both keep 30 bits at least, because the factor lies between 2^-32 and 2^32.
    Factor product;
    product.numerator_ = static_cast<std::int64_t>(shift_down(n, shift));
    product.denominator_ = static_cast<std::int64_t>(shift_down(d, shift));
    return product;
}

std::string_view describe(AdjustmentError error) noexcept {
    switch (error) {
        case AdjustmentError::kEmpty:
            return "there are no rows";
        case AdjustmentError::kNotAscending:
            return "the dates do not ascend";
        case AdjustmentError::kNoReferencePrice:
            return "a dividend has no close before it that is larger than it";
        case AdjustmentError::kOutOfRange:
            return "a factor is out of range";
    }
    return "unknown";
}

Result<Adjustment, AdjustmentError> Adjustment::from_rows(std::span<const FactorRow> rows,
                                                          std::optional<Date> basis) {
    if (rows.empty()) return Err{AdjustmentError::kEmpty};
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].last_date <= rows[i - 1].last_date) return Err{AdjustmentError::kNotAscending};
    }
    const FactorRow& base = basis ? row_on(rows, *basis) : rows.back();
    std::vector<Span> spans;
    spans.reserve(rows.size());
    for (const FactorRow& row : rows) {
        const auto price = row.price.times(base.price.inverse());
        const auto split = row.split.times(base.split.inverse());
        if (!price || !split) return Err{AdjustmentError::kOutOfRange};
        const auto combined = price->times(*split);
        if (!combined) return Err{AdjustmentError::kOutOfRange};
        spans.push_back({row.last_date, {*price, *split, *combined}});
    }
    return Adjustment(std::move(spans));
}

Result<Adjustment, AdjustmentError> Adjustment::from_actions(
    std::span<const CorporateAction> actions, std::optional<Date> basis) {
    // From the last action back in time; each ex date ends the span before it.
    std::vector<FactorRow> rows = {{Date{std::numeric_limits<std::int32_t>::max()}, {}, {}}};
    for (std::size_t i = actions.size(); i-- > 0;) {
        const CorporateAction& action = actions[i];
        FactorRow row{action.ex_date - 1, rows.back().price, rows.back().split};
        if (row.last_date > rows.back().last_date) return Err{AdjustmentError::kNotAscending};
        std::optional<Factor> product;
        if (action.data.kind == CorporateActionKind::kSplit) {
            product = row.split.times(Factor(action.data.denominator, action.data.numerator));
            if (product) row.split = *product;
        } else {
            const std::int64_t close = action.close_before.raw();
            const std::int64_t cash = action.data.cash.raw();
            std::int64_t left = 0;
            if (close <= 0 || __builtin_sub_overflow(close, cash, &left) || left <= 0) {
                return Err{AdjustmentError::kNoReferencePrice};
            }
            product = row.price.times(Factor(left, close));
            if (product) row.price = *product;
        }
        if (!product) return Err{AdjustmentError::kOutOfRange};
        if (row.last_date == rows.back().last_date) {
            rows.back() = row;  // a second action of one date
        } else {
            rows.push_back(row);
        }
    }
    std::reverse(rows.begin(), rows.end());
    return from_rows(rows, basis);
}

const Adjustment::Factors& Adjustment::on(Date date) const noexcept {
    const auto found = std::lower_bound(spans_.begin(), spans_.end(), date,
                                        [](const Span& s, Date d) { return s.last_date < d; });
    return found == spans_.end() ? spans_.back().factors : found->factors;
}

Result<Price, NumberError> Adjustment::price(Price raw, Date date) const noexcept {
    const auto adjusted = on(date).combined.apply(raw.raw());
    if (!adjusted) return Err{adjusted.error()};
    return Price::from_raw(*adjusted);
}

Result<Quantity, NumberError> Adjustment::quantity(Quantity raw, Date date) const noexcept {
    const auto adjusted = on(date).split.inverse().apply(raw.raw());
    if (!adjusted) return Err{adjusted.error()};
    return Quantity::from_raw(*adjusted);
}

Result<BarData, NumberError> Adjustment::bar(const BarData& raw, Date date) const noexcept {
    BarData out = raw;
    for (Price* p : {&out.open, &out.high, &out.low, &out.close}) {
        const auto adjusted = price(*p, date);
        if (!adjusted) return Err{adjusted.error()};
        *p = *adjusted;
    }
    const auto volume = quantity(raw.volume, date);
    if (!volume) return Err{volume.error()};
    out.volume = *volume;
    return out;
}

Result<QuoteData, NumberError> Adjustment::quote(const QuoteData& raw, Date date) const noexcept {
    const auto bid = price(raw.bid, date);
    const auto ask = price(raw.ask, date);
    const auto bid_quantity = quantity(raw.bid_quantity, date);
    const auto ask_quantity = quantity(raw.ask_quantity, date);
    if (!bid || !ask || !bid_quantity || !ask_quantity) return Err{NumberError::kOverflow};
    QuoteData out = raw;
    out.bid = *bid;
    out.ask = *ask;
    out.bid_quantity = *bid_quantity;
    out.ask_quantity = *ask_quantity;
    return out;
}

Result<TradeData, NumberError> Adjustment::trade(const TradeData& raw, Date date) const noexcept {
    const auto adjusted = price(raw.price, date);
    const auto size = quantity(raw.quantity, date);
    if (!adjusted || !size) return Err{NumberError::kOverflow};
    TradeData out = raw;
    out.price = *adjusted;
    out.quantity = *size;
    return out;
}

}  // namespace fermata
