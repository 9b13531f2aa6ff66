#include "risk/market_quality.hpp"

#include <algorithm>

#include "risk/price.hpp"
#include "risk/wide.hpp"

namespace fermata {
namespace {

/// |a - b| > share x |of|.
bool differ(Price a, Price b, Ratio share, Price of) noexcept {
    const __int128 difference = static_cast<__int128>(a.raw()) - b.raw();
    const auto size = static_cast<Value>(difference < 0 ? -difference : difference);
    return size * static_cast<std::uint64_t>(Ratio::kOne) >
           static_cast<Value>(magnitude(share.raw())) * magnitude(of.raw());
}

}  // namespace

MarketQuality::MarketQuality(LimitTable& limits, std::size_t instruments) : slots_(instruments) {
    adopt(limits);
}

void MarketQuality::adopt(const LimitTable& limits) noexcept {
    using enum LimitId;
    for (const LimitId id : {kStale, kCrossedSpread, kCrossedJump}) {
        any_ = any_ || limits.anywhere(id);
    }
}

void MarketQuality::on_market(const MarketEvent& e, const Mark& mark) noexcept {
    Slot& slot = slots_[e.instrument.value];
    switch (e.type) {
        case MarketEventType::kQuote:
        case MarketEventType::kTrade:
            slot.ticked = e.ts;
            break;
        case MarketEventType::kBar:
        case MarketEventType::kBarOpen:
            break;
        case MarketEventType::kCorporateAction:  // prices are on another scale from now on
            slot.known = slot.known && mark.valid();
            if (slot.known) slot.price = slot.before = mark.price();
            return;
        default:
            return;
    }
    const Price price = mark.price();
    slot.before = slot.known ? slot.price : price;
    slot.price = price;
    slot.known = true;
}

void MarketQuality::check(const Request& r, Findings& out) const noexcept {
    check_stale(r, out);
    check_crossed(r, out);
}

void MarketQuality::check_stale(const Request& r, Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kStale;
    if (!r.limits->on(LimitId::kStale)) return;
    out.checked(kMe);
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kInstrument, Fault::kNoMark);
        return;
    }
    if (!r.mark->open) return;  // waits for the opening
    if (r.mark->stale) {
        out.refuse(kMe, Scope::kInstrument, Fault::kDataLost);
        return;
    }
    const Timestamp ticked = slots_[r.instrument_id.value].ticked;
    if (ticked == Timestamp::min()) return;
    const Duration limit = r.limits->duration(LimitId::kStale);
    const Duration age = r.now - ticked;
    if (age > limit) {
        out.refuse(kMe, Scope::kInstrument, LimitUnit::kDuration, age.ns, limit.ns);
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kInstrument, LimitUnit::kDuration, age.ns, limit.ns);
    }
}

void MarketQuality::check_crossed(const Request& r, Findings& out) const noexcept {
    using enum LimitId;
    constexpr ControlId kMe = ControlId::kCrossed;
    const bool by_spread = r.limits->on(kCrossedSpread);
    const bool by_jump = r.limits->on(kCrossedJump);
    if (!by_spread && !by_jump) return;
    out.checked(kMe);
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kInstrument, Fault::kNoMark);
        return;
    }
    const Mark& m = *r.mark;
    const Ratio widest = r.limits->ratio(kCrossedSpread);
    if (m.has_quote && m.bid >= m.ask) {
        out.refuse(kMe, Scope::kInstrument, LimitUnit::kPrice, m.bid.raw(), m.ask.raw());
        return;
    }
    const __int128 spread = static_cast<__int128>(m.ask.raw()) - m.bid.raw();
    if (by_spread && m.has_quote && differ(m.ask, m.bid, widest, r.reference)) {
        out.refuse(kMe, Scope::kInstrument, LimitUnit::kPrice, price_within(spread),
                   price_within(collar_width(r.reference, widest)));
        return;
    }
    if (by_spread && m.has_quote && out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kInstrument, LimitUnit::kPrice, price_within(spread),
                   price_within(collar_width(r.reference, widest)));
    }
    if (!by_jump) return;
    const Slot& slot = slots_[r.instrument_id.value];
    if (slot.known && differ(slot.price, slot.before, r.limits->ratio(kCrossedJump), slot.before)) {
        out.refuse(kMe, Scope::kInstrument, LimitUnit::kPrice, slot.price.raw(), slot.before.raw());
    }
}

void check_best_execution(const Request& r, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kBestExecution;
    if (!r.limits->on(LimitId::kBestExecution)) return;
    out.checked(kMe);
    const bool at_once = r.type == OrderType::kLimit || r.type == OrderType::kPegged ||
                         r.type == OrderType::kMarketToLimit;
    if (!at_once || !r.limited || r.mark == nullptr || !r.mark->has_quote) return;
    const bool buys = r.side == Side::kBuy;
    const Price best = buys ? r.mark->ask : r.mark->bid;
    const __int128 width = collar_width(best, r.limits->ratio(LimitId::kBestExecution));
    const __int128 edge = buys ? best.raw() + width : best.raw() - width;
    if (buys ? r.limit.raw() <= edge : r.limit.raw() >= edge) {
        if (out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kOrder, LimitUnit::kPrice, r.limit.raw(), price_within(edge));
        return;
    }
    // The edge lies between the best price and the order's, so it fits a Price.
    out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, r.limit.raw(),
               static_cast<std::int64_t>(edge));
}

}  // namespace fermata
