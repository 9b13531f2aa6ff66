#include "risk/credit.hpp"

#include <algorithm>

namespace fermata {
namespace {

bool on_anywhere(LimitTable& limits, std::size_t accounts) {
    for (std::size_t a = 0; a < accounts; ++a) {
        if (limits.of_account({static_cast<std::uint16_t>(a)}).on(LimitId::kCredit)) return true;
    }
    return false;
}

}  // namespace

Credit::Credit(LimitTable& limits, std::size_t accounts)
    : accounts_(accounts),
      reserves_(accounts, on_anywhere(limits, accounts)),
      any_(on_anywhere(limits, accounts)) {
    for (std::size_t a = 0; a < accounts; ++a) {
        accounts_[a].on = limits.of_account({static_cast<std::uint16_t>(a)}).on(LimitId::kCredit);
    }
}

void Credit::use(const MarginModel& model, const AccountBook& accounts) {
    model_ = &model;
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        accounts_[n].has_model = has_margin_model(model, accounts, a);
        any_model_ = any_model_ || (accounts_[n].on && accounts_[n].has_model);
    }
}

void Credit::on_poll(AccountId a, Money granted, Timestamp asked) noexcept {
    Account& account = accounts_[a.value];
    if (!account.on || (account.polled && asked < account.asked)) return;
    account.granted = granted;
    account.asked = asked;
    account.polled = account.known = true;
    reserves_.settle_until(a, asked);  // what the broker saw is in what it says
}

void Credit::on_margin(AccountId a, const MarginState& margin, Timestamp now) noexcept {
    Account& account = accounts_[a.value];
    account.known = margin.known;
    account.granted = margin.excess;
    account.asked = now;
    reserves_.settle(a);  // the account book has it
}

/// By how much the request raises what the order may cost.
Valued Credit::cost(const Account& account, const Request& r,
                    const Valuation& valuation) const noexcept {
    if (r.mark == nullptr) return {kValueMax, Fault::kNoMark};
    if (!account.polled) {
        return margin_added(*model_, MarginKind::kInitial, valuation.accounts(), r);
    }
    Valued after = valuation.value(r.account, *r.instrument, r.worst_reserve(), r.open_after);
    const Valued before = valuation.value(r.account, r.instrument->currency, r.reserved_before);
    if (before.fault != Fault::kNone) return before;
    if (after.fault == Fault::kNone) after.value = saturating_subtract(after.value, before.value);
    return after;
}

void Credit::check(const Request& r, const Valuation& valuation, Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kCredit;
    const Account& account = accounts_[r.account.value];
    if (!account.judges()) return;
    out.checked(kMe);
    if (!r.increases() || r.is_parent()) return;
    if (!account.known) {
        out.refuse(kMe, Scope::kAccount, Fault::kUnknownEquity);
        return;
    }
    const Duration age = r.now - account.asked;
    const Duration oldest = r.limits->duration(LimitId::kCredit);
    if (account.polled && age > oldest) {
        out.refuse(kMe, Scope::kAccount, LimitUnit::kDuration, age.ns, oldest.ns);
        return;
    }
    const Valued needed = cost(account, r, valuation);
    if (needed.fault != Fault::kNone) {
        out.refuse(kMe, Scope::kAccount, needed.fault);
        return;
    }
    // Compared to the last digit; reported in whole micros.
    const Value used = reserves_.used(r.account);
    const Value has = account.granted.is_positive() ? to_value(account.granted) : 0;
    const bool fits = needed.value == 0 || saturating_add(used, needed.value) <= has;
    if (fits && !out.explains()) [[likely]]
        return;
    const __int128 left = static_cast<__int128>(account.granted.raw()) - money_above(used).raw();
    const auto free = static_cast<std::int64_t>(std::max<__int128>(left, Money::min().raw()));
    const std::int64_t observed = money_above(needed.value).raw();
    if (!fits) {
        out.refuse(kMe, Scope::kAccount, LimitUnit::kMoney, observed, free);
    } else if (needed.value != 0) {
        out.passes(kMe, Scope::kAccount, LimitUnit::kMoney, observed, free);
    }
}

void Credit::approved(const Request& r, const Valuation& valuation) noexcept {
    if (!any_) return;
    const Account& account = accounts_[r.account.value];
    if (!account.judges() || !r.increases() || r.is_parent()) return;
    const Value value = cost(account, r, valuation).value;
    if (value != 0) reserves_.take(r.account, r.tag, r.now, value);
}

void Credit::on_fill(const FillData& fill, const Instrument& instrument,
                     const Valuation& valuation) noexcept {
    if (!any_) return;
    const std::uint32_t at = reserves_.find(fill.tag);
    if (at == OrderReserves::kNone) return;
    const AccountId a = reserves_.account(at);
    const Valued value =
        accounts_[a.value].polled
            ? valuation.value(a, instrument, fill.price, fill.quantity.raw())
            : margin_need(*model_, MarginKind::kInitial, valuation.accounts(), a, instrument.id,
                          fill.side, fill.quantity.raw(), fill.price);
    reserves_.fill(at, value.value);  // all of it when unknown
}

}  // namespace fermata
