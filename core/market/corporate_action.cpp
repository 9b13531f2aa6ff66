#include "core/market/corporate_action.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kMax64 = std::numeric_limits<std::int64_t>::max();

/// Dividends below one cent leave orders alone (FINRA Rule 5330(a)).
constexpr Price kSmallestDividend = Price::from_raw(10'000'000);

enum class Towards : std::uint8_t { kDown, kUp };

/// numerator / denominator, rounded to a multiple of `tick`; nullopt when it does not fit.
/// The denominator is positive and below 2^63, the numerator's magnitude below 2^126.
std::optional<Price> round_to_tick(__int128 numerator, std::int64_t denominator, Price tick,
                                   Towards direction) noexcept {
    const __int128 step = static_cast<__int128>(tick.raw()) * denominator;
    __int128 ticks = numerator / step;
    const __int128 rest = numerator % step;
    if (rest < 0 && direction == Towards::kDown) --ticks;
    if (rest > 0 && direction == Towards::kUp) ++ticks;
    const __int128 raw = ticks * tick.raw();
    if (raw > kMax64 || raw < -static_cast<__int128>(kMax64)) return std::nullopt;
    return Price::from_raw(static_cast<std::int64_t>(raw));
}

constexpr bool has_limit(const OpenTerms& t) noexcept {
    return has_limit_price(t.type) || (t.type == OrderType::kPegged && !t.price.is_zero());
}
constexpr bool has_stop(const OpenTerms& t) noexcept {
    return has_stop_price(t.type) || (is_trailing(t.type) && !t.stop_price.is_zero());
}

/// The orders that rest below the market: the ones that a falling price reaches.
constexpr bool rests_below(Side side, OrderType type) noexcept {
    const bool stop =
        type == OrderType::kStop || type == OrderType::kStopLimit || is_trailing(type);
    if (stop) return side == Side::kSell;
    return type != OrderType::kMarket && type != OrderType::kMarketToLimit && side == Side::kBuy;
}

AdjustedTerms unchanged(const OpenTerms& t, AdjustedTerms::Outcome outcome) noexcept {
    return {outcome, t.price, t.stop_price, t.quantity, t.display_quantity, t.offset};
}

AdjustedTerms after_dividend(Price cash, const OpenTerms& terms, Price tick) noexcept {
    using Outcome = AdjustedTerms::Outcome;
    if (cash < kSmallestDividend || !rests_below(terms.side, terms.type) ||
        (!has_limit(terms) && !has_stop(terms))) {
        return unchanged(terms, Outcome::kUnchanged);
    }
    AdjustedTerms out = unchanged(terms, Outcome::kChanged);
    const auto lower = [&](Price& price) {
        const auto reduced =
            round_to_tick(static_cast<__int128>(price.raw()) - cash.raw(), 1, tick, Towards::kDown);
        if (!reduced || !reduced->is_positive()) return false;
        price = *reduced;
        return true;
    };
    if ((has_limit(terms) && !lower(out.price)) || (has_stop(terms) && !lower(out.stop_price))) {
        return unchanged(terms, Outcome::kCancel);
    }
    return out;
}

/// What is measured from the market or from the trigger, and what an iceberg shows.
void rescale_distances(const CorporateActionData& split, const OpenTerms& terms, Quantity lot,
                       AdjustedTerms& out) noexcept {
    const auto shrunk = [&](std::int64_t raw) {
        const auto scaled =
            divide_half_even(static_cast<__int128>(raw) * split.denominator, split.numerator);
        return scaled ? *scaled : raw;
    };
    if (is_trailing(terms.type) && terms.offset_kind == OffsetKind::kTrailPrice) {
        out.offset = std::max<std::int64_t>(shrunk(terms.offset), 1);
    }
    if (terms.type == OrderType::kPegged) out.offset = shrunk(terms.offset);
    if (terms.type == OrderType::kTrailingStopLimit) {
        out.price = Price::from_raw(shrunk(terms.price.raw()));
    }
    if (!terms.display_quantity.is_zero()) {
        const __int128 grown =
            static_cast<__int128>(terms.display_quantity.raw()) * split.numerator;
        const __int128 lots = grown / (static_cast<__int128>(lot.raw()) * split.denominator);
        const __int128 shown =
            std::min<__int128>(std::max<__int128>(lots, 1) * lot.raw(), out.quantity.raw());
        out.display_quantity = Quantity::from_raw(static_cast<std::int64_t>(shown));
    }
}

AdjustedTerms after_split(const CorporateActionData& split, const OpenTerms& terms, Price tick,
                          Quantity lot) noexcept {
    using Outcome = AdjustedTerms::Outcome;
    if (split.numerator == split.denominator) return unchanged(terms, Outcome::kUnchanged);
    if (is_reverse_split(split)) return unchanged(terms, Outcome::kCancel);

    AdjustedTerms out = unchanged(terms, Outcome::kChanged);
    const __int128 grown = static_cast<__int128>(terms.quantity.raw()) * split.numerator;
    // Whole lots of grown / denominator, without dividing twice.
    const __int128 lots = grown / (static_cast<__int128>(lot.raw()) * split.denominator);
    const __int128 quantity = lots * lot.raw();
    if (quantity <= 0 || quantity > kMax64) return unchanged(terms, Outcome::kCancel);
    out.quantity = Quantity::from_raw(static_cast<std::int64_t>(quantity));

    const Towards direction = rests_below(terms.side, terms.type) ? Towards::kDown : Towards::kUp;
    const auto shrink = [&](Price& price) {
        const auto rescaled = round_to_tick(static_cast<__int128>(price.raw()) * split.denominator,
                                            split.numerator, tick, direction);
        // A positive price that rounds to zero would be a different kind of order.
        if (!rescaled || (price.is_positive() && !rescaled->is_positive())) return false;
        price = *rescaled;
        return true;
    };
    if ((has_stop(terms) && !shrink(out.stop_price)) || (has_limit(terms) && !shrink(out.price))) {
        return unchanged(terms, Outcome::kCancel);
    }
    rescale_distances(split, terms, lot, out);
    return out;
}

Result<Money, NumberError> cash_in_lieu(__int128 rest, std::int64_t denominator,
                                        Multiplier multiplier, Price price) noexcept {
    // rest / denominator is in 1e-8 units, price in 1e-9, the multiplier in 1e-8; money in 1e-6.
    __int128 numerator = 0;
    __int128 divisor = static_cast<__int128>(denominator) * 100'000'000'000;
    if (__builtin_mul_overflow(rest, static_cast<__int128>(price.raw()), &numerator)) {
        return Err{NumberError::kOverflow};
    }
    if (multiplier.raw() != Multiplier::kOne &&
        (__builtin_mul_overflow(numerator, static_cast<__int128>(multiplier.raw()), &numerator) ||
         __builtin_mul_overflow(divisor, static_cast<__int128>(Multiplier::kOne), &divisor))) {
        return Err{NumberError::kOverflow};
    }
    const auto raw = divide_half_even(numerator, divisor);
    if (!raw) return Err{raw.error()};
    return Money::from_raw(*raw);
}

}  // namespace

std::optional<CorporateActionData> make_split(Ratio new_shares) noexcept {
    if (!new_shares.is_positive()) return std::nullopt;
    const std::int64_t divisor = std::gcd(new_shares.raw(), Ratio::kOne);
    CorporateActionData split;
    split.kind = CorporateActionKind::kSplit;
    split.numerator = new_shares.raw() / divisor;
    split.denominator = Ratio::kOne / divisor;
    return split;
}

CorporateActionData make_dividend(Price cash_per_share) noexcept {
    CorporateActionData dividend;
    dividend.kind = CorporateActionKind::kDividend;
    dividend.cash = cash_per_share;
    return dividend;
}

void sort_actions(std::vector<CorporateAction>& actions) {
    const auto key = [](const CorporateAction& a) {
        return std::tuple(a.ex_date, a.instrument, a.data.kind == CorporateActionKind::kSplit);
    };
    std::stable_sort(
        actions.begin(), actions.end(),
        [&](const CorporateAction& a, const CorporateAction& b) { return key(a) < key(b); });
}

AdjustedTerms adjust_open_order(const CorporateActionData& action, const OpenTerms& terms,
                                Price tick, Quantity lot) noexcept {
    FERMATA_ASSERT(tick.is_positive() && lot.is_positive());
    if (action.kind == CorporateActionKind::kDividend) {
        return after_dividend(action.cash, terms, tick);
    }
    FERMATA_ASSERT(action.numerator > 0 && action.denominator > 0);
    return after_split(action, terms, tick, lot);
}

Result<AdjustedPosition, NumberError> adjust_position(const CorporateActionData& action,
                                                      Quantity position, Quantity lot,
                                                      Multiplier multiplier, Price price) noexcept {
    FERMATA_ASSERT(lot.is_positive() && multiplier.is_positive());
    if (action.kind == CorporateActionKind::kDividend) {
        const auto cash = notional(action.cash, position, multiplier);
        if (!cash) return Err{cash.error()};
        return AdjustedPosition{position, *cash};
    }
    FERMATA_ASSERT(action.numerator > 0 && action.denominator > 0);
    const __int128 grown = static_cast<__int128>(position.raw()) * action.numerator;
    // An odd lot is still a holding: only fractions of a share are paid out.
    const std::int64_t unit = std::min(lot.raw(), Quantity::kOne);
    const __int128 step = static_cast<__int128>(unit) * action.denominator;
    const __int128 whole = grown / step * unit;
    if (whole > kMax64 || whole < -static_cast<__int128>(kMax64)) {
        return Err{NumberError::kOverflow};
    }
    const auto cash = cash_in_lieu(grown % step, action.denominator, multiplier, price);
    if (!cash) return Err{cash.error()};
    return AdjustedPosition{Quantity::from_raw(static_cast<std::int64_t>(whole)), *cash};
}

Result<Price, NumberError> rebase_price(const CorporateActionData& action, Price price) noexcept {
    if (action.kind == CorporateActionKind::kDividend) return price;
    FERMATA_ASSERT(action.numerator > 0 && action.denominator > 0);
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * action.denominator, action.numerator);
    if (!raw) return Err{raw.error()};
    return Price::from_raw(*raw);
}

}  // namespace fermata
