#include "risk/drawdown.hpp"

namespace fermata {

Drawdown::Drawdown(LimitTable& limits, std::size_t accounts) : accounts_(accounts) {
    adopt(limits);
}

void Drawdown::adopt(LimitTable& limits) noexcept {
    for (std::size_t a = 0; a < accounts_.size(); ++a) {
        const Limits& own = limits.of_account({static_cast<std::uint16_t>(a)});
        accounts_[a].limit = own.ratio(LimitId::kDrawdown);
        accounts_[a].on = own.on(LimitId::kDrawdown);
        any_ = any_ || accounts_[a].on;
    }
}

bool Drawdown::on_equity(AccountId a, Money equity) noexcept {
    if (a.value >= accounts_.size()) return false;
    Account& account = accounts_[a.value];
    if (!account.known || equity > account.high) {
        account.high = equity;
        account.known = true;
        return false;
    }
    if (!account.on || tripped_ || !account.high.is_positive()) return false;
    const __int128 lost = static_cast<__int128>(account.high.raw()) - equity.raw();
    const __int128 allowed = static_cast<__int128>(account.high.raw()) * account.limit.raw();
    tripped_ = lost * Ratio::kOne > allowed;
    return tripped_;
}

void Drawdown::on_flow(AccountId a, Money amount) noexcept {
    if (a.value >= accounts_.size() || !accounts_[a.value].known) return;
    Money& high = accounts_[a.value].high;
    std::int64_t moved = 0;
    const bool overflow = __builtin_add_overflow(high.raw(), amount.raw(), &moved);
    if (overflow) {
        high = amount.is_positive() ? Money::max() : Money::min();
    } else {
        high = Money::from_raw(moved);
    }
}

void Drawdown::release() noexcept {
    tripped_ = false;
    for (Account& account : accounts_) account.known = false;
}

void Drawdown::check(const Request& r, Findings& out) const noexcept {
    if (!any_) return;
    out.checked(ControlId::kDrawdown);
    if (tripped_ && !r.closes()) {
        out.refuse(ControlId::kDrawdown, Scope::kFirm, Fault::kTripped);
    } else if (!tripped_ && out.explains()) [[unlikely]] {
        explain(r, out);
    }
}

/// Of the order's account.
void Drawdown::explain(const Request& r, Findings& out) const noexcept {
    if (!r.knows_account || !r.knows_equity) return;
    const Account& account = accounts_[r.account.value];
    if (!account.on || !account.known || !account.high.is_positive()) return;
    const std::int64_t lost =
        r.equity < account.high ? loss_share(account.high, r.equity) : std::int64_t{0};
    out.passes(ControlId::kDrawdown, Scope::kAccount, LimitUnit::kRatio, lost, account.limit.raw());
}

}  // namespace fermata
