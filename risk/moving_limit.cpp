#include "risk/moving_limit.hpp"

#include <algorithm>
#include <optional>

#include "core/market/moving_price.hpp"
#include "risk/price.hpp"

namespace fermata {
namespace {

Price peg_reference(const PriceTerms& terms, const Mark& mark) noexcept {
    if (!mark.has_quote) return mark.last;
    if (terms.offset_kind == OffsetKind::kPegMid) return middle(mark.bid, mark.ask);
    const bool own = terms.offset_kind == OffsetKind::kPegPrimary;
    return (terms.side == Side::kBuy) == own ? mark.bid : mark.ask;
}

/// What a trailing order measures its first trigger from.
Price trail_reference(const PriceTerms& terms, const Mark& mark) noexcept {
    if (mark.has_last) return mark.last;
    return terms.side == Side::kBuy ? mark.ask : mark.bid;
}

}  // namespace

MovingLimit moving_limit(const PriceTerms& terms, const Mark* mark, Price tick) noexcept {
    MovingLimit m;
    if (terms.type == OrderType::kMarketToLimit || terms.placed) {
        m.limited = !terms.price.is_zero();
        m.limit = terms.price;
        m.trigger = terms.stop_price;
        return m;
    }
    if (terms.type == OrderType::kPegged) {
        if (mark == nullptr) return m;
        m.limited = true;
        m.limit =
            pegged_price(terms.side, terms.offset, peg_reference(terms, *mark), terms.price, tick);
        return m;
    }
    // A trigger that stands moves away from the market only, and the limit with it.
    m.trigger = terms.stop_price;
    m.triggered = !terms.stop_price.is_zero();
    if (!m.triggered && mark != nullptr) {
        m.trigger = trailing_trigger(terms.side, terms.offset_kind, terms.offset,
                                     trail_reference(terms, *mark), tick);
        m.triggered = true;
    }
    if (terms.type == OrderType::kTrailingStopLimit && m.triggered) {
        m.limited = true;
        m.limit = trailing_limit(m.trigger, terms.price);
    }
    return m;
}

Price peg_bound(Side side, Price reference, Ratio collar, Price tick) noexcept {
    const bool buys = side == Side::kBuy;
    const __int128 width = collar_width(reference, collar);
    const __int128 edge = buys ? reference.raw() + width : reference.raw() - width;
    const Price bound =
        pegged_price(side, 0, Price::from_raw(price_within(edge)), Price::zero(), tick);
    if (!bound.is_zero()) return bound;
    return buys ? Price::zero() - tick : tick;  // zero would mean none
}

Price moving_reserve(const PriceTerms& terms, const Mark* mark, Price tick, Ratio collar) noexcept {
    const std::optional<Price> reference =
        mark != nullptr ? std::optional(mark->price()) : std::nullopt;
    const auto as = [&](OrderType type, Price price, Price stop_price) {
        return reserve_price(reference, terms.side, type, price, stop_price, collar);
    };
    const MovingLimit m = moving_limit(terms, mark, tick);
    const auto at_market = [&] { return as(OrderType::kMarket, {}, {}); };
    switch (terms.type) {
        case OrderType::kPegged: {
            const Price now = m.limited ? as(OrderType::kLimit, m.limit, {}) : Price::zero();
            return std::max(
                now, terms.price.is_zero() ? at_market() : as(OrderType::kLimit, terms.price, {}));
        }
        case OrderType::kTrailingStopLimit:
            return m.limited ? as(OrderType::kLimit, m.limit, {}) : at_market();
        case OrderType::kTrailingStop:
            return m.triggered ? as(OrderType::kStop, {}, m.trigger) : at_market();
        default:
            return m.limited ? std::max(at_market(), as(OrderType::kLimit, m.limit, {}))
                             : at_market();
    }
}

}  // namespace fermata
