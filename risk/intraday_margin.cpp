#include "risk/intraday_margin.hpp"

#include <algorithm>

namespace fermata {
namespace {

bool judged(const RiskConfig& config, LimitTable& limits, const AccountBook& accounts,
            AccountId a) {
    if (!limits.anywhere(LimitId::kDayTrade)) return false;
    if (accounts.type(a) != AccountConfig::Type::kMargin) return false;
    return std::ranges::any_of(config.day_trade_regimes(), [&](const DayTradeRegime& r) {
        return r.mode == DayTradeMode::kIntradayMargin && (!r.account || *r.account == a.value);
    });
}

bool any_judged(const RiskConfig& config, LimitTable& limits, const AccountBook& accounts) {
    for (std::uint16_t a = 0; a < accounts.accounts(); ++a) {
        if (judged(config, limits, accounts, {a})) return true;
    }
    return false;
}

/// equity - needed, in whole micros: never more than it is.
Money level(Money equity, Value needed) noexcept {
    const __int128 left = static_cast<__int128>(equity.raw()) - money_above(needed).raw();
    return Money::from_raw(static_cast<std::int64_t>(std::max<__int128>(left, Money::min().raw())));
}

/// equity >= needed, to the last digit.
bool covers(Money equity, Value needed) noexcept {
    return !equity.is_negative() && needed <= to_value(equity);
}

}  // namespace

IntradayMargin::IntradayMargin(const RiskConfig& config, LimitTable& limits,
                               const AccountBook& accounts)
    : accounts_(accounts.accounts()),
      reserves_(accounts.accounts(), any_judged(config, limits, accounts)),
      any_(any_judged(config, limits, accounts)) {
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        accounts_[a].on = judged(config, limits, accounts, {a});
    }
}

void IntradayMargin::use(const MarginModel& model, const AccountBook& accounts) {
    model_ = &model;
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        accounts_[a].has_model = has_margin_model(model, accounts, {a});
    }
}

void IntradayMargin::on_margin(AccountId a, const MarginState& margin, Timestamp now) noexcept {
    Account& account = accounts_[a.value];
    account.known = margin.known;
    account.maintenance = margin.maintenance;
    reserves_.settle(a);  // what was filled is held
    if (margin.known) note(a, margin.equity, to_value(margin.maintenance), now);
}

/// By how much the request raises what its order needs.
Valued IntradayMargin::added_by(const Request& r, const Valuation& valuation) const noexcept {
    if (r.mark == nullptr) return {kValueMax, Fault::kNoMark};
    return margin_added(*model_, MarginKind::kMaintenance, valuation.accounts(), r);
}

void IntradayMargin::check(const Request& r, const Valuation& valuation,
                           Findings& out) const noexcept {
    constexpr ControlId kMe = ControlId::kDayTrade;
    const Account& account = accounts_[r.account.value];
    if (!r.increases()) return;
    if (!account.has_model || !account.known || !r.knows_equity) {
        out.refuse(kMe, Scope::kAccount, Fault::kUnknownEquity);
        return;
    }
    const Valued added = added_by(r, valuation);
    if (added.fault != Fault::kNone) {
        out.refuse(kMe, Scope::kAccount, added.fault);
        return;
    }
    const Value after = saturating_add(needed(r.account), added.value);
    const bool fits = covers(r.equity, after);
    if (fits && !out.explains()) [[likely]]
        return;
    const std::int64_t left = level(r.equity, after).raw();
    if (fits) {
        out.passes(kMe, Scope::kAccount, LimitUnit::kMoney, left, 0);
    } else {
        out.refuse(kMe, Scope::kAccount, LimitUnit::kMoney, left, 0);
    }
}

void IntradayMargin::approved(const Request& r, const Valuation& valuation) noexcept {
    if (!any_ || !wants_margin(r.account) || !r.increases() || r.is_parent()) return;
    // What cannot be valued is refused while these rules hold. Approved before they do, it needs
    // more than anybody has until it ends.
    const Valued added = added_by(r, valuation);
    if (added.value != 0) reserves_.take(r.account, r.tag, r.now, added.value);
    if (accounts_[r.account.value].known && r.knows_equity) {
        note(r.account, r.equity, needed(r.account), r.now);
    }
}

void IntradayMargin::on_fill(const FillData& fill, InstrumentId i,
                             const Valuation& valuation) noexcept {
    if (!any_) return;
    const std::uint32_t at = reserves_.find(fill.tag);
    if (at == OrderReserves::kNone) return;
    const Valued value =
        margin_need(*model_, MarginKind::kMaintenance, valuation.accounts(), reserves_.account(at),
                    i, fill.side, fill.quantity.raw(), fill.price);
    reserves_.fill(at, value.value);  // all of it when unknown
}

void IntradayMargin::note(AccountId a, Money equity, Value needed, Timestamp now) noexcept {
    clock_.advance(now);
    Account& account = accounts_[a.value];
    if (account.day != clock_.day()) {
        account.day = clock_.day();
        account.shortfall = account.equity_at_shortfall = Money::zero();
    }
    if (covers(equity, needed)) [[likely]]
        return;
    const Money shortfall =
        Money::from_raw(-std::max(level(equity, needed).raw(), -Money::max().raw()));
    if (shortfall <= account.shortfall) return;
    account.shortfall = shortfall;
    account.equity_at_shortfall = equity;
}

Money IntradayMargin::deficit(AccountId a) const noexcept {
    const Money largest = largest_shortfall(a);
    return largest > small(accounts_[a.value].equity_at_shortfall) ? largest : Money::zero();
}

}  // namespace fermata
