#include "risk/exposure.hpp"

#include <algorithm>
#include <optional>

#include "risk/share_limit.hpp"

namespace fermata {
namespace {

/// The order could cost more than it could with its terms so far, at the prices of this moment.
bool grows(const Request& r, const Valued& after, const Valuation& valuation) noexcept {
    if (!r.is_replace || after.fault != Fault::kNone) return true;
    const Valued before =
        valuation.value(r.account, *r.instrument, r.reserve_before, r.open_before);
    return after.value > before.value;
}

/// All cash less all reservations in the base currency; nullopt without an FX mark. Wide, because a
/// sum of amounts need not fit Money.
std::optional<__int128> free_cash(AccountId a, const Valuation& valuation,
                                  std::size_t currencies) noexcept {
    const AccountBook& accounts = valuation.accounts();
    __int128 free = 0;
    for (std::size_t c = 0; c < currencies; ++c) {
        const CurrencyId currency{static_cast<std::uint16_t>(c)};
        const Money cash = accounts.cash(a, currency);
        const Money reserved = valuation.exposures().reserved_cash(a, currency);
        if (cash.is_zero() && reserved.is_zero()) continue;
        const auto have = accounts.in_base(a, currency, cash);
        const auto need = accounts.in_base(a, currency, reserved);
        if (!have || !need) return std::nullopt;
        free += static_cast<__int128>(have->raw()) - need->raw();
    }
    return free;
}

}  // namespace

void check_open_orders(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    using enum LimitId;
    constexpr ControlId kMe = ControlId::kOpenOrders;
    if (r.limits->on(kOpenOrders)) {
        out.checked(kMe);
        const std::int64_t after = std::int64_t{r.open_orders} + (r.is_replace ? 0 : 1);
        if (!r.is_replace && after > r.limits->raw(kOpenOrders)) {
            out.refuse(kMe, Scope::kInstrument, LimitUnit::kCount, after,
                       r.limits->raw(kOpenOrders));
        } else if (out.explains()) [[unlikely]] {
            out.passes(kMe, Scope::kInstrument, LimitUnit::kCount, after,
                       r.limits->raw(kOpenOrders));
        }
    }
    if (!r.limits->on(kOpenOrdersNotional)) return;
    out.checked(kMe);
    if ((!r.knows_equity || !r.equity.is_positive()) && r.reduces()) return;
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kInstrument, Fault::kNoMark);
        return;
    }
    Valued after = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    if (!grows(r, after, valuation)) return;
    // The sums in the books hold what was reserved for the order; it gives way to what is asked.
    const Valued others =
        valuation.value(r.account, r.instrument->currency, r.open_value - r.reserved_before);
    if (others.fault != Fault::kNone) after.fault = others.fault;
    after.value = saturating_add(after.value, others.value);
    compare_with_equity(kMe, Scope::kInstrument, kOpenOrdersNotional, after, r, out);
}

void check_position(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kPosition)) return;
    out.checked(ControlId::kPosition);
    if (!r.increases()) return;
    const Valued worst =
        valuation.value_at_mark(r.account, r.instrument_id, r.reach(r.open_after).worst());
    compare_with_equity(ControlId::kPosition, Scope::kInstrument, LimitId::kPosition, worst, r,
                        out);
}

void check_cash(const Request& r, const Valuation& valuation, std::size_t currencies,
                Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kCash;
    if (!r.limits->on(LimitId::kCash)) return;
    out.checked(kMe);
    const AccountBook& accounts = valuation.accounts();
    if (r.side == Side::kSell) {
        if (accounts.type(r.account) == AccountConfig::Type::kCash &&
            r.open_after > r.open_before && r.open_sell + r.open_after > r.position.raw()) {
            out.refuse(kMe, Scope::kAccount, Fault::kShortSale);
        }
        return;
    }
    if (r.reduces()) return;
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kAccount, Fault::kNoMark);
        return;
    }
    const Valued after = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    if (!grows(r, after, valuation)) return;
    const Valued before = valuation.value(r.account, r.instrument->currency, r.reserved_before);
    Fault fault = after.fault != Fault::kNone ? after.fault : before.fault;
    if (!r.knows_equity) fault = Fault::kUnknownEquity;
    if (fault != Fault::kNone) {
        out.refuse(kMe, Scope::kAccount, fault);
        return;
    }
    const Value cost = saturating_subtract(after.value, before.value);
    const auto free = free_cash(r.account, valuation, currencies);
    if (!free) {
        out.refuse(kMe, Scope::kAccount, Fault::kUnknownEquity);
        return;
    }
    const Ratio share = r.limits->ratio(LimitId::kCash);
    // free - cost >= share x equity, all to the last digit.
    const Value available = *free > 0 ? static_cast<Value>(*free) * kValuePerMoney : 0;
    const bool passes = *free >= 0 && available >= cost && !r.equity.is_negative() &&
                        available - cost >= share_value(share, r.equity);
    if (passes && !out.explains()) return;
    if (!passes && !out.reports(kMe)) {
        out.refuse(kMe);
        return;
    }
    const __int128 left = *free - money_above(cost).raw();
    const auto shown = static_cast<std::int64_t>(
        std::clamp<__int128>(left, Money::min().raw(), Money::max().raw()));
    const std::int64_t limit = share_of(share, r.equity).raw();
    if (passes) {
        out.passes(kMe, Scope::kAccount, LimitUnit::kMoney, shown, limit);
    } else {
        out.refuse(kMe, Scope::kAccount, LimitUnit::kMoney, shown, limit);
    }
}

GrossExposure::GrossExposure(const LimitTable& limits, const InstrumentTable& instruments,
                             const AccountBook& accounts)
    : instruments_(instruments.size()),
      any_(limits.anywhere(LimitId::kLeverage)),
      accounts_(accounts.accounts()),
      slots_(accounts.accounts() * instruments.size()) {
    for (std::size_t a = 0; a < accounts_.size(); ++a) {
        accounts_[a].active.reserve(instruments_);
        const CurrencyId base = accounts.base(AccountId{static_cast<std::uint16_t>(a)});
        for (const Instrument& i : instruments.all()) {
            accounts_[a].mixed = accounts_[a].mixed || i.currency != base;
        }
    }
}

void GrossExposure::revalue(InstrumentId i, const Valuation& valuation) noexcept {
    if (!any_) return;
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        const WideQuantity bound = valuation.reach(a, i).excess_bound();
        if (bound == 0 && slot(a, i).bound == 0) continue;
        put(a, i, valuation.value_at_mark(a, i, bound).value);
    }
}

void GrossExposure::put(AccountId a, InstrumentId i, Value bound) noexcept {
    Account& account = accounts_[a.value];
    Slot& s = slot(a, i);
    // A saturated sum no longer knows its parts: value them anew before the next use.
    if (account.bound == kValueMax) account.refreshed = Timestamp::min();
    account.bound = saturating_add(saturating_subtract(account.bound, s.bound), bound);
    s.bound = bound;
    if (bound != 0 && !s.active) {
        s.active = true;
        account.active.push_back(i.value);  // reserved: never more than there are instruments
    }
}

Value GrossExposure::refresh(AccountId a, InstrumentId left_out, Timestamp now,
                             const Valuation& valuation) noexcept {
    Account& account = accounts_[a.value];
    account.bound = 0;
    account.refreshed = now;
    Value exact = 0;
    std::size_t kept = 0;
    for (const std::uint32_t id : account.active) {
        const InstrumentId i{id};
        const Reach reach = valuation.reach(a, i);
        Slot& s = slot(a, i);
        // A value that cannot be told is the largest.
        s.bound = valuation.value_at_mark(a, i, reach.excess_bound()).value;
        s.active = s.bound != 0;
        if (!s.active) continue;
        account.active[kept++] = id;
        account.bound = saturating_add(account.bound, s.bound);
        if (i == left_out) continue;
        exact = saturating_add(exact, valuation.value_at_mark(a, i, reach.excess()).value);
    }
    account.active.resize(kept);
    return exact;
}

Value GrossExposure::exact(AccountId a, InstrumentId left_out,
                           const Valuation& valuation) const noexcept {
    Value sum = 0;
    for (const std::uint32_t id : accounts_[a.value].active) {
        const InstrumentId i{id};
        const Reach reach = valuation.reach(a, i);
        if (i == left_out || valuation.value_at_mark(a, i, reach.excess_bound()).value == 0) {
            continue;
        }
        sum = saturating_add(sum, valuation.value_at_mark(a, i, reach.excess()).value);
    }
    return sum;
}

void GrossExposure::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kLeverage)) return;
    out.checked(ControlId::kLeverage);
    if (!r.increases()) return;
    Valued sum =
        valuation.value_at_mark(r.account, r.instrument_id, r.reach(r.open_after).excess());
    if (sum.fault == Fault::kNone && r.knows_equity) {
        const Account& account = accounts_[r.account.value];
        const Value held =
            saturating_add(sum.value, to_value(valuation.accounts().gross_value(r.account)));
        const bool recent = account.refreshed != Timestamp::min() && r.now >= account.refreshed &&
                            (!account.mixed || r.now - account.refreshed < kRefreshEvery);
        const Value others =
            saturating_subtract(account.bound, slot(r.account, r.instrument_id).bound);
        const Ratio share = r.limits->ratio(LimitId::kLeverage);
        const Valued bound{saturating_add(held, others), Fault::kNone};
        if (recent && within_share(bound.value, share, r.equity)) {
            if (out.explains()) [[unlikely]]
                compare_with_equity(ControlId::kLeverage, Scope::kAccount, LimitId::kLeverage,
                                    bound, r, out);
            return;
        }
        if (!out.reports(ControlId::kLeverage) && !within_share(held, share, r.equity)) {
            out.refuse(ControlId::kLeverage);  // whatever the others come to
            return;
        }
        const Value valued = r.is_preview ? exact(r.account, r.instrument_id, valuation)
                                          : refresh(r.account, r.instrument_id, r.now, valuation);
        sum.value = saturating_add(held, valued);
    }
    compare_with_equity(ControlId::kLeverage, Scope::kAccount, LimitId::kLeverage, sum, r, out);
}

void GrossExposure::approved(const Request& r, const Valuation& valuation) noexcept {
    const WideQuantity bound = r.reach(r.open_after).excess_bound();
    put(r.account, r.instrument_id,
        valuation.value_at_mark(r.account, r.instrument_id, bound).value);
}

}  // namespace fermata
