#include "risk/exposure.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

/// Refuses with the numbers if `value` is more than the share of equity that `id` allows.
void compare(ControlId id, Scope scope, LimitId limit, const Valued& valued, const Request& r,
             Findings& out) noexcept {
    const Ratio share = r.limits->ratio(limit);
    if (valued.fault != Fault::kNone) {
        out.refuse(id, scope, valued.fault);
    } else if (!r.knows_equity) {
        out.refuse(id, scope, Fault::kUnknownEquity);
    } else if (!within_share(valued.value, share, r.equity)) {
        out.refuse(id, scope, LimitUnit::kMoney, money_above(valued.value).raw(),
                   share_of(share, r.equity).raw());
    }
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
        }
    }
    if (!r.limits->on(kOpenOrdersNotional)) return;
    out.checked(kMe);
    if ((!r.knows_equity || !r.equity.is_positive()) && r.reduces()) return;
    if (r.mark == nullptr) {
        out.refuse(kMe, Scope::kInstrument, Fault::kNoMark);
        return;
    }
    const Valued live = valuation.value(r.account, r.instrument->currency, r.open_value);
    const Valued before =
        valuation.value(r.account, *r.instrument, r.reserve_before, r.open_before);
    Valued after = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    if (r.is_replace && after.fault == Fault::kNone && after.value <= before.value) return;
    for (const Valued& v : {live, before}) {
        if (v.fault != Fault::kNone) after.fault = v.fault;
    }
    after.value = saturating_add(after.value, saturating_subtract(live.value, before.value));
    compare(kMe, Scope::kInstrument, kOpenOrdersNotional, after, r, out);
}

void check_position(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kPosition)) return;
    out.checked(ControlId::kPosition);
    if (!r.increases()) return;
    const Valued worst = r.mark == nullptr ? Valued{kValueMax, Fault::kNoMark}
                                           : valuation.value(r.account, *r.instrument, r.reference,
                                                             r.worst_position(r.open_after));
    compare(ControlId::kPosition, Scope::kInstrument, LimitId::kPosition, worst, r, out);
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
    const Valued before =
        valuation.value(r.account, *r.instrument, r.reserve_before, r.open_before);
    if (r.is_replace && after.fault == Fault::kNone && after.value <= before.value) return;
    Fault fault = after.fault != Fault::kNone ? after.fault : before.fault;
    if (!r.knows_equity) fault = Fault::kUnknownEquity;
    if (fault != Fault::kNone) {
        out.refuse(kMe, Scope::kAccount, fault);
        return;
    }
    const Value cost = saturating_subtract(after.value, before.value);
    __int128 free = 0;  // base currency, 1e-6: sums of a few Money do not overflow
    for (std::size_t c = 0; c < currencies; ++c) {
        const CurrencyId currency{static_cast<std::uint16_t>(c)};
        for (const auto& [amount, sign] :
             {std::pair{accounts.cash(r.account, currency), 1},
              std::pair{valuation.exposures().reserved_cash(r.account, currency), -1}}) {
            if (amount.is_zero()) continue;
            const auto base = accounts.in_base(r.account, currency, amount);
            if (!base) {
                out.refuse(kMe, Scope::kAccount, Fault::kUnknownEquity);
                return;
            }
            free += static_cast<__int128>(base->raw()) * sign;
        }
    }
    const Ratio share = r.limits->ratio(LimitId::kCash);
    // free >= cost + share x equity, all to the last digit.
    const Value available = free > 0 ? static_cast<Value>(free) * kValuePerMoney : 0;
    const Value needed = saturating_subtract(available, cost);
    const Value kept = r.equity.is_negative()
                           ? kValueMax
                           : saturating_multiply(static_cast<Value>(magnitude(share.raw())) *
                                                     magnitude(r.equity.raw()),
                                                 kValuePerRatioMoney);
    if (free >= 0 && available >= cost && needed >= kept) return;
    const __int128 left = free - money_above(cost).raw();
    out.refuse(kMe, Scope::kAccount, LimitUnit::kMoney,
               static_cast<std::int64_t>(std::max<__int128>(left, Money::min().raw())),
               share_of(share, r.equity).raw());
}

GrossExposure::GrossExposure(std::size_t accounts, std::size_t instruments)
    : instruments_(instruments), accounts_(accounts), slots_(accounts * instruments) {
    for (Account& a : accounts_) a.active.reserve(instruments);
}

void GrossExposure::put(AccountId a, InstrumentId i, Value value) noexcept {
    Account& account = accounts_[a.value];
    Slot& s = slot(a, i);
    account.sum = saturating_add(saturating_subtract(account.sum, s.value), value);
    s.value = value;
    if (value != 0 && !s.active) {
        s.active = true;
        account.active.push_back(i.value);  // reserved: never more than there are instruments
    }
}

void GrossExposure::refresh(AccountId a, Timestamp now, const Valuation& valuation) noexcept {
    Account& account = accounts_[a.value];
    account.sum = 0;
    std::size_t kept = 0;
    for (const std::uint32_t id : account.active) {
        const InstrumentId i{id};
        Slot& s = slot(a, i);
        s.value = valuation.open_excess(a, i).value;  // the largest when it cannot be told
        s.active = s.value != 0;
        if (s.active) account.active[kept++] = id;
        account.sum = saturating_add(account.sum, s.value);
    }
    account.active.resize(kept);
    account.refreshed = now;
}

Value GrossExposure::total(const Request& r, Value own, const Valuation& valuation) const noexcept {
    const Value others =
        saturating_subtract(accounts_[r.account.value].sum, slot(r.account, r.instrument_id).value);
    return saturating_add(
        saturating_add(to_value(valuation.accounts().gross_value(r.account)), own), others);
}

void GrossExposure::check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
    if (!r.limits->on(LimitId::kLeverage)) return;
    out.checked(ControlId::kLeverage);
    if (!r.increases()) return;
    const Timestamp refreshed = accounts_[r.account.value].refreshed;
    bool fresh = false;
    if (refreshed == Timestamp::min() || r.now < refreshed || r.now - refreshed >= kRefreshEvery) {
        refresh(r.account, r.now, valuation);
        fresh = true;
    }
    Valued own = excess_after(r, valuation);
    const Ratio share = r.limits->ratio(LimitId::kLeverage);
    if (own.fault == Fault::kNone && r.knows_equity) {
        const Value sum = total(r, own.value, valuation);
        if (within_share(sum, share, r.equity)) return;
        if (!fresh) refresh(r.account, r.now, valuation);
        own.value = fresh ? sum : total(r, own.value, valuation);
    }
    compare(ControlId::kLeverage, Scope::kAccount, LimitId::kLeverage, own, r, out);
}

Valued GrossExposure::excess_after(const Request& r, const Valuation& valuation) noexcept {
    const bool buys = r.side == Side::kBuy;
    const WideQuantity position = r.position.raw();
    return valuation.excess_value(r.account, r.instrument_id, position,
                                  position + r.open_buy + (buys ? r.open_after : 0),
                                  r.open_sell + (buys ? 0 : r.open_after) - position);
}

void GrossExposure::approved(const Request& r, const Valuation& valuation) noexcept {
    put(r.account, r.instrument_id, excess_after(r, valuation).value);
}

}  // namespace fermata
