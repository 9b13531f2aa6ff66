#include "risk/credit.hpp"

#include <algorithm>
#include <utility>

#include "risk/share_limit.hpp"

namespace fermata {

Credit::Credit(LimitTable& limits, std::size_t accounts) : accounts_(accounts) {
    for (std::size_t a = 0; a < accounts; ++a) {
        accounts_[a].on = limits.of_account({static_cast<std::uint16_t>(a)}).on(LimitId::kCredit);
        any_ = any_ || accounts_[a].on;
    }
    if (!any_) return;
    orders_.resize(kOrdersMax);
    index_ = IdIndex(kOrdersMax);
    for (std::uint32_t n = 0; n < kOrdersMax; ++n) {
        orders_[n].next = n + 1 < kOrdersMax ? n + 1 : kNone;
    }
    free_ = 0;
}

void Credit::use(const MarginModel& model, const AccountBook& accounts) {
    model_ = &model;
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        const AccountId a{static_cast<std::uint16_t>(n)};
        accounts_[n].has_model = accounts.type(a) == AccountConfig::Type::kMargin &&
                                 model.model(a) != AccountConfig::Margin::kCash;
        any_model_ = any_model_ || (accounts_[n].on && accounts_[n].has_model);
    }
}

void Credit::on_poll(AccountId a, Money granted, Timestamp asked) noexcept {
    Account& account = accounts_[a.value];
    if (!account.on || (account.polled && asked < account.asked)) return;
    account.granted = granted;
    account.asked = asked;
    account.polled = account.known = true;
    // What the broker saw is in what it says.
    while (account.oldest != kNone && orders_[account.oldest].approved <= asked) {
        remove(account.oldest);
    }
    if (account.spent_at <= asked) account.spent = 0;
}

void Credit::on_market(Timestamp now, const AccountBook& accounts) noexcept {
    if (!any_model_) return;
    if (refreshed_ != Timestamp::min() && now - refreshed_ < kRefreshEvery) return;
    refreshed_ = now;
    for (std::size_t n = 0; n < accounts_.size(); ++n) {
        Account& account = accounts_[n];
        if (!account.on || !account.has_model || account.polled) continue;
        const MarginState state = model_->state(accounts, {static_cast<std::uint16_t>(n)});
        account.known = state.known;
        account.granted = state.excess;
        account.asked = now;
        account.spent = 0;  // the account book has it
    }
}

Valued Credit::margin(const AccountBook& accounts, AccountId a, InstrumentId i, Side side,
                      WideQuantity quantity, Price price) const noexcept {
    if (quantity == 0) return {0, Fault::kNone};
    if (quantity > Quantity::max().raw()) return {kValueMax, Fault::kOverflow};
    const auto size = Quantity::from_raw(static_cast<std::int64_t>(quantity));
    const auto needed = model_->opening(accounts, a, i, side == Side::kBuy ? size : -size, price);
    if (!needed) return {kValueMax, Fault::kUnknownEquity};
    return {to_value(*needed), Fault::kNone};
}

/// By how much the request raises what the order may cost.
Valued Credit::cost(const Account& account, const Request& r,
                    const Valuation& valuation) const noexcept {
    if (r.mark == nullptr) return {kValueMax, Fault::kNoMark};
    const Price price = r.worst_reserve();
    Valued after, before{0, Fault::kNone};
    if (account.polled) {
        after = valuation.value(r.account, *r.instrument, price, r.open_after);
        before = valuation.value(r.account, r.instrument->currency, r.reserved_before);
    } else {
        const AccountBook& accounts = valuation.accounts();
        after = margin(accounts, r.account, r.instrument_id, r.side, r.open_after, price);
        before =
            margin(accounts, r.account, r.instrument_id, r.side, r.open_before, r.reserve_before);
    }
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
    const Value used = saturating_add(account.reserved, account.spent);
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
    Account& account = accounts_[r.account.value];
    if (!account.judges() || !r.increases() || r.is_parent()) return;
    const Value value = cost(account, r, valuation).value;
    if (value == 0) return;
    std::uint32_t at = index_.find(key(r.tag));
    if (at == kNone && free_ == kNone) {
        account.spent = saturating_add(account.spent, value);
        account.spent_at = std::max(account.spent_at, r.now);
        return;
    }
    if (at == kNone) {
        at = free_;
        free_ = orders_[at].next;
        orders_[at] = Reserve{};
        orders_[at].tag = r.tag;
        orders_[at].account = r.account;
        index_.insert(key(r.tag), at);
    } else {
        unlink(at);
    }
    orders_[at].approved = r.now;
    orders_[at].reserved = saturating_add(orders_[at].reserved, value);
    account.reserved = saturating_add(account.reserved, value);
    link_newest(at);
}

void Credit::on_fill(const FillData& fill, const Instrument& instrument,
                     const Valuation& valuation) noexcept {
    if (!any_) return;
    const std::uint32_t at = index_.find(key(fill.tag));
    if (at == kNone) return;
    Reserve& order = orders_[at];
    const Account& account = accounts_[order.account.value];
    const Valued value =
        account.polled ? valuation.value(order.account, instrument, fill.price, fill.quantity.raw())
                       : margin(valuation.accounts(), order.account, instrument.id, fill.side,
                                fill.quantity.raw(), fill.price);
    order.filled = saturating_add(order.filled, value.value);  // all of it when unknown
}

void Credit::forget(OrderTag tag) noexcept {
    if (!any_) return;
    const std::uint32_t at = index_.find(key(tag));
    if (at == kNone) return;
    const Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    const Value used = std::min(order.filled, order.reserved);
    if (used != 0) {
        account.spent = saturating_add(account.spent, used);
        account.spent_at = std::max(account.spent_at, order.approved);
    }
    remove(at);
}

void Credit::link_newest(std::uint32_t at) noexcept {
    Account& account = accounts_[orders_[at].account.value];
    orders_[at].next = kNone;
    orders_[at].previous = account.newest;
    (account.newest == kNone ? account.oldest : orders_[account.newest].next) = at;
    account.newest = at;
}

void Credit::unlink(std::uint32_t at) noexcept {
    const Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    (order.previous == kNone ? account.oldest : orders_[order.previous].next) = order.next;
    (order.next == kNone ? account.newest : orders_[order.next].previous) = order.previous;
}

void Credit::remove(std::uint32_t at) noexcept {
    Reserve& order = orders_[at];
    Account& account = accounts_[order.account.value];
    account.reserved = saturating_subtract(account.reserved, order.reserved);
    unlink(at);
    index_.erase(key(order.tag));
    order.next = free_;
    free_ = at;
}

}  // namespace fermata
