#include "risk/loss.hpp"

#include <algorithm>

namespace fermata {
namespace {

constexpr std::array kIds = {ControlId::kDayLoss, ControlId::kWeekLoss};
constexpr std::array kLimitIds = {LimitId::kDayLoss, LimitId::kWeekLoss};

Money moved(Money from, Money by) noexcept {
    std::int64_t to = 0;
    if (!__builtin_add_overflow(from.raw(), by.raw(), &to)) return Money::from_raw(to);
    return by.is_positive() ? Money::max() : Money::min();
}

/// How near a loss is to its limit; nothing where there is no equity to lose a share of, nor beyond
/// the limit: that was released.
void explain(ControlId id, Money start, Money last, Ratio share, Findings& out) noexcept {
    if (!start.is_positive()) return;
    const __int128 lost = static_cast<__int128>(start.raw()) - last.raw();
    const __int128 limit = static_cast<__int128>(start.raw()) * share.raw() / Ratio::kOne;
    if (lost > limit) return;
    out.passes(id, Scope::kAccount, LimitUnit::kMoney,
               static_cast<std::int64_t>(std::clamp<__int128>(lost, 0, Money::max().raw())),
               static_cast<std::int64_t>(limit));
}

}  // namespace

PeriodLosses::PeriodLosses(LimitTable& limits, std::size_t accounts) : accounts_(accounts) {
    adopt(limits);
}

void PeriodLosses::adopt(LimitTable& limits) noexcept {
    for (std::size_t a = 0; a < accounts_.size(); ++a) {
        const Limits& own = limits.of_account({static_cast<std::uint16_t>(a)});
        for (std::size_t p = 0; p < kLimitIds.size(); ++p) {
            accounts_[a].periods[p].limit = own.ratio(kLimitIds[p]);
            accounts_[a].periods[p].on = own.on(kLimitIds[p]);
            any_ = any_ || own.on(kLimitIds[p]);
        }
    }
}

void PeriodLosses::advance(Timestamp now) noexcept {
    if (!clock_.advance(now)) [[likely]]
        return;
    const bool new_week = clock_.week() != week_;
    week_ = clock_.week();
    for (Account& account : accounts_) {
        for (std::size_t p = 0; p < (new_week ? 2U : 1U); ++p) {
            account.periods[p].start = account.last;
            account.periods[p].tripped = false;
        }
    }
}

PeriodLosses::Trips PeriodLosses::on_equity(AccountId a, Money equity, Timestamp now) noexcept {
    if (!any_ || a.value >= accounts_.size()) return {};
    advance(now);
    Account& account = accounts_[a.value];
    account.last = equity;
    if (!account.known) {
        account.known = true;
        for (Period& p : account.periods) p.start = equity;
        return {};
    }
    std::array<bool, 2> trips{};
    for (std::size_t n = 0; n < trips.size(); ++n) {
        Period& p = account.periods[n];
        if (!p.on || p.tripped || !p.start.is_positive()) continue;
        const __int128 lost = static_cast<__int128>(p.start.raw()) - equity.raw();
        const __int128 limit = static_cast<__int128>(p.start.raw()) * p.limit.raw();
        trips[n] = p.tripped = lost * Ratio::kOne >= limit;
    }
    return {trips[0], trips[1]};
}

void PeriodLosses::on_flow(AccountId a, Money amount) noexcept {
    if (a.value >= accounts_.size() || !accounts_[a.value].known) return;
    Account& account = accounts_[a.value];
    account.last = moved(account.last, amount);
    for (Period& p : account.periods) p.start = moved(p.start, amount);
}

void PeriodLosses::release(AccountId a) noexcept {
    if (a.value >= accounts_.size()) return;
    for (Period& p : accounts_[a.value].periods) {
        if (!p.tripped) continue;
        p.tripped = false;
        p.start = accounts_[a.value].last;
    }
}

void PeriodLosses::release_all() noexcept {
    for (std::size_t a = 0; a < accounts_.size(); ++a) release({static_cast<std::uint16_t>(a)});
}

void PeriodLosses::check(const Request& r, Findings& out) noexcept {
    if (!any_ || !r.knows_account) return;
    std::array<bool, 2> over{};  // a period that is over binds nothing any more
    if (r.is_preview) [[unlikely]] {
        const DayClock then = clock_.seen(r.now, true);
        over = {then.day() != clock_.day(), then.week() != week_};
    } else {
        advance(r.now);
    }
    const Account& account = accounts_[r.account.value];
    for (std::size_t n = 0; n < account.periods.size(); ++n) {
        const Period& p = account.periods[n];
        if (!p.on) continue;
        out.checked(kIds[n]);
        if (p.tripped && !over[n] && !r.reduces_or_shrinks()) {
            out.refuse(kIds[n], Scope::kAccount, Fault::kTripped);
        } else if (out.explains() && account.known && (over[n] || !p.tripped)) [[unlikely]] {
            explain(kIds[n], over[n] ? account.last : p.start, account.last, p.limit, out);
        }
    }
}

}  // namespace fermata
