#include "risk/activity.hpp"

#include <algorithm>

#include "risk/share_limit.hpp"

namespace fermata {

OrderToTrade::OrderToTrade(LimitTable& limits, std::size_t instruments)
    : slots_(instruments), any_(limits.anywhere(LimitId::kOrderToTrade)) {}

OrderToTrade::Slot& OrderToTrade::at(InstrumentId i, Timestamp now) noexcept {
    clock_.advance(now);
    Slot& slot = slots_[i.value];
    if (slot.day != clock_.day()) slot = Slot{clock_.day(), 0, 0};
    return slot;
}

void OrderToTrade::check(const Request& r, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kOrderToTrade;
    if (!r.limits->on(LimitId::kOrderToTrade)) return;
    out.checked(kMe);
    if (r.is_parent()) return;
    Slot slot = slots_[r.instrument_id.value];
    const std::int32_t today = clock_.seen(r.now, r.is_preview).day();
    if (slot.day != today) slot = Slot{today, 0, 0};
    const std::int64_t orders = std::int64_t{slot.orders} + 1;
    // At most 10'001 x 2^32.
    const std::int64_t most =
        (r.limits->raw(LimitId::kOrderToTrade) + 1) * std::max<std::int64_t>(slot.fills, 1);
    if (orders > most) {
        out.refuse(kMe, Scope::kInstrument, LimitUnit::kCount, orders, most);
    } else if (out.explains()) [[unlikely]] {
        out.passes(kMe, Scope::kInstrument, LimitUnit::kCount, orders, most);
    }
}

void OrderToTrade::count_order(const Request& r) noexcept {
    if (!any_ || r.is_parent()) return;
    Slot& slot = at(r.instrument_id, r.now);
    if (slot.orders != 0xffff'ffff) ++slot.orders;
}

void OrderToTrade::count_fill(InstrumentId i, Timestamp now) noexcept {
    if (!any_ || i.value >= slots_.size()) return;
    Slot& slot = at(i, now);
    if (slot.fills != 0xffff'ffff) ++slot.fills;
}

Turnover::Turnover(LimitTable& limits, std::size_t accounts, std::size_t instruments)
    : instruments_(instruments),
      any_(limits.anywhere(LimitId::kTurnover) || limits.anywhere(LimitId::kTurnoverFirm)) {
    if (!any_) return;
    slots_.resize(accounts * instruments);
    accounts_.resize(accounts);
}

void Turnover::add(Sum& sum, Value value) noexcept {
    sum.value = saturating_add(of_day(sum, clock_.day()), value);
    sum.day = clock_.day();
}

void Turnover::count(AccountId a, InstrumentId i, Value value, Timestamp now) noexcept {
    if (!any_ || a.value >= accounts_.size() || i.value >= instruments_) return;
    clock_.advance(now);
    add(slots_[a.value * instruments_ + i.value], value);
    add(accounts_[a.value], value);
}

void Turnover::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    using enum LimitId;
    constexpr ControlId kMe = ControlId::kTurnover;
    if (!r.limits->on(kTurnover) && !r.limits->on(kTurnoverFirm)) return;
    out.checked(kMe);
    if (r.reduces_or_shrinks() || r.is_reduce_only()) return;
    if (r.is_replace && r.open_after <= r.open_before && r.reserve <= r.reserve_before) return;
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kInstrument, Fault::kNoMark);
        return;
    }
    const std::int32_t day = clock_.seen(r.now, r.is_preview).day();
    const Valued own = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    if (r.limits->on(kTurnover)) {
        const Sum& sum = slots_[r.account.value * instruments_ + r.instrument_id.value];
        compare_with_equity(kMe, Scope::kInstrument, kTurnover,
                            sum_of(own, {of_day(sum, day), Fault::kNone}), r, out);
    }
    if (r.limits->on(kTurnoverFirm)) check_firm(r, own, day, valuation, out);
}

void Turnover::check_firm(const Request& r, const Valued& own, std::int32_t day,
                          const Valuation& valuation, Findings& out) const noexcept {
    const AccountBook& book = valuation.accounts();
    Valued sum = own;
    __int128 equity = 0;
    bool known = true;
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        if (book.base(a) != book.base(r.account)) continue;
        sum.value = saturating_add(sum.value, of_day(accounts_[n], day));
        equity += book.equity(a).raw();
        known = known && book.equity_known(a);
    }
    const auto total = Money::from_raw(static_cast<std::int64_t>(
        std::clamp<__int128>(equity, Money::min().raw(), Money::max().raw())));
    compare_with_share(ControlId::kTurnover, Scope::kFirm, r.limits->ratio(LimitId::kTurnoverFirm),
                       sum, known, total, out);
}

}  // namespace fermata
