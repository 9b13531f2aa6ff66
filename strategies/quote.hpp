#pragma once

#include "core/event/market_event.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// Both sides are quoted. A source without sizes gives zero on both sides; one that has sizes and
/// gives none on one side says that this side of the book is empty.
[[nodiscard]] inline bool is_two_sided(const QuoteData& quote) noexcept {
    return quote.bid_quantity.is_positive() == quote.ask_quantity.is_positive() &&
           !quote.bid.is_zero() && !quote.ask.is_zero();
}

/// The middle of bid and ask, not rounded to the price's resolution.
[[nodiscard]] inline double mid(const QuoteData& quote) noexcept {
    return (static_cast<double>(quote.bid.raw()) + static_cast<double>(quote.ask.raw())) /
           (2.0 * Price::kOne);
}

}  // namespace fermata
