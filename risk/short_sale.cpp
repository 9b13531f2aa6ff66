#include "risk/short_sale.hpp"

#include <algorithm>
#include <limits>

#include "core/types/number.hpp"
#include "risk/day.hpp"
#include "risk/wide.hpp"

namespace fermata {
namespace {

constexpr std::int32_t kNoDay = std::numeric_limits<std::int32_t>::min();

/// Beyond what a price can be, the largest one: nothing is too far below it to be seen.
Price rescale(Price price, const CorporateActionData& split) noexcept {
    const auto raw =
        divide_half_even(static_cast<__int128>(price.raw()) * split.denominator, split.numerator);
    return raw ? Price::from_raw(*raw) : Price::max();
}

}  // namespace

ShortSales::ShortSales(LimitTable& limits, const InstrumentTable& instruments)
    : slots_(instruments.size()),
      any_(limits.anywhere(LimitId::kShort)),
      locates_(instruments.size(), any_) {
    for (const Instrument& i : instruments.all()) {
        const Limits& own = limits.of_instrument(i.id);
        Slot& slot = slots_[i.id.value];
        slot.decline = own.raw(LimitId::kShort);
        if (i.calendar.empty()) slot.day = kNoDay;
        slot.on = own.on(LimitId::kShort) &&
                  (i.asset_class == AssetClass::kEquity || i.asset_class == AssetClass::kEtf);
    }
}

void ShortSales::adopt(LimitTable& limits) noexcept {
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        slots_[i].decline = limits.of_instrument({i}).raw(LimitId::kShort);
    }
}

void ShortSales::note(Slot& slot, Price price) noexcept {
    slot.last = price;
    slot.has_last = true;
    if (!slot.has_close) return;
    // price <= close x (1 - decline)
    const __int128 bound = static_cast<__int128>(slot.close.raw()) * (Ratio::kOne - slot.decline);
    if (static_cast<__int128>(price.raw()) * Ratio::kOne <= bound) slot.sessions = 2;
}

void ShortSales::end_session(Slot& slot) noexcept {
    if (slot.has_last) {  // else the close before is still the newest
        slot.close = slot.last;
        slot.has_close = true;
        slot.has_last = false;
    }
    if (slot.sessions > 0) --slot.sessions;
}

void ShortSales::enter_day(Slot& slot, Timestamp at) noexcept {
    if (slot.day == kBySessions) return;
    DayClock clock;
    clock.advance(at);
    if (clock.day() <= slot.day) return;
    if (slot.has_last) end_session(slot);
    slot.day = clock.day();
}

void ShortSales::split(Slot& slot, const CorporateActionData& action) noexcept {
    if (action.kind != CorporateActionKind::kSplit) return;
    slot.close = rescale(slot.close, action);
    slot.last = rescale(slot.last, action);
}

void ShortSales::on_market(const MarketEvent& e, const Mark& mark) noexcept {
    Slot& slot = slots_[e.instrument.value];
    if (!slot.on) return;
    switch (e.type) {
        case MarketEventType::kBar:
            // It ends then, and one that ends at midnight belongs to the day before.
            enter_day(slot, Timestamp{e.ts.ns - 1});
            note(slot, e.data.bar.low);
            note(slot, mark.last);
            break;
        case MarketEventType::kTrade:
        case MarketEventType::kBarOpen:
            enter_day(slot, e.ts);
            note(slot, mark.last);
            break;
        case MarketEventType::kSession:
            if (e.data.session.closes()) end_session(slot);
            break;
        case MarketEventType::kCorporateAction:
            split(slot, e.data.corporate_action);
            break;
        default:
            break;
    }
}

void ShortSales::on_locate(InstrumentId i, Quantity available) noexcept {
    if (any_ && i.value < slots_.size()) locates_.set(i, available);
}

WideQuantity ShortSales::newly_short(const Request& r) noexcept {
    if (r.side != Side::kSell || r.is_parent() || r.is_reduce_only()) return 0;
    const WideQuantity owned = std::max<WideQuantity>(r.position.raw(), 0);
    const auto beyond = [&](WideQuantity own) {
        return std::max<WideQuantity>(r.open_once + std::max(r.group, own) - owned, 0);
    };
    return beyond(r.open_after) - beyond(r.open_before);
}

void ShortSales::check(const Request& r, Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kShort;
    if (!r.limits->on(LimitId::kShort)) return;
    out.checked(kMe);
    const Slot& slot = slots_[r.instrument_id.value];
    const bool exempt = r.has(kOrderShortExempt);
    if (exempt && !r.is_replace && !r.is_release && (slot.sessions == 0 || r.side == Side::kBuy)) {
        out.refuse(kMe, Scope::kOrder, Fault::kNotExempt);
        return;
    }
    if (!slot.on || r.side != Side::kSell) return;
    const WideQuantity more = newly_short(r);
    if (locates_.knows(r.instrument_id)) {
        const auto shown =
            static_cast<std::int64_t>(std::min<WideQuantity>(more, Quantity::max().raw()));
        const std::int64_t available = locates_.available(r.instrument_id);
        if (more > available) {
            out.refuse(kMe, Scope::kOrder, LimitUnit::kQuantity, shown, available);
            return;
        }
        if (more > 0 && out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kOrder, LimitUnit::kQuantity, shown, available);
    }
    if (r.is_replace && more > 0 && !exempt && !r.has(kOrderShort)) {
        out.refuse(kMe, Scope::kOrder, Fault::kMarkedLong);
        return;
    }
    if (slot.sessions == 0 || exempt || r.is_parent() || r.is_reduce_only()) return;
    // A replace of a sale that is short already gives it a new price, too.
    if (r.open_after <= 0) return;
    // Orders that share a quantity sell it once.
    if (r.open_once + std::max(r.group, r.open_after) <=
        std::max<WideQuantity>(r.position.raw(), 0))
        return;
    const bool quoted = r.mark != nullptr && r.mark->has_quote;
    if (!quoted || !r.is_limit()) {
        out.refuse(kMe, Scope::kOrder, Fault::kCircuitBreaker);
    } else if (r.price <= r.mark->bid) {
        out.refuse(kMe, Scope::kOrder, LimitUnit::kPrice, r.price.raw(), r.mark->bid.raw());
    }
}

void ShortSales::approved(const Request& r) noexcept {
    if (!any_ || !slots_[r.instrument_id.value].on || r.side != Side::kSell) return;
    if (locates_.knows(r.instrument_id)) {
        locates_.take(r.order_id, r.instrument_id, newly_short(r));
    }
}

}  // namespace fermata
