#include "risk/day_trade.hpp"

#include <algorithm>
#include <utility>

#include "core/order/linked_shares.hpp"

namespace fermata {

namespace {

constexpr std::int64_t kSessionBits = 32;

/// Linked orders that share a quantity.
AccountOrders::Group group_of(const Request& r) noexcept {
    const SharingGroup g{r.strategy, r.account, r.instrument_id, r.link, r.link_role, r.side};
    if (!g.shares()) return {};
    return {r.strategy.value + 1U, std::uint64_t{r.link} << 32 | r.instrument_id.value};
}

}  // namespace

DayTrades::DayTrades(const RiskConfig& config, LimitTable& limits, const AccountBook& accounts,
                     std::size_t instruments)
    : instruments_(instruments),
      regimes_(config.day_trade_regimes()),
      pending_(accounts.accounts(), limits.anywhere(LimitId::kDayTrade)),
      any_(limits.anywhere(LimitId::kDayTrade)) {
    if (!any_) return;
    slots_.resize(accounts.accounts() * instruments);
    accounts_.resize(accounts.accounts());
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) {
        accounts_[a].margin = accounts.type({a}) == AccountConfig::Type::kMargin;
    }
    std::ranges::stable_sort(regimes_, {}, [](const DayTradeRegime& r) {
        return std::pair(r.from, r.account.has_value());
    });
    legacy_ = std::ranges::any_of(
        regimes_, [](const DayTradeRegime& r) { return r.mode == DayTradeMode::kLegacy; });
    only_house_ = std::ranges::all_of(
        regimes_, [](const DayTradeRegime& r) { return r.mode == DayTradeMode::kHouse; });
}

DayTradeMode DayTrades::mode(AccountId a, Timestamp now) const noexcept {
    DayTradeMode mode = DayTradeMode::kHouse;
    for (const DayTradeRegime& r : regimes_) {
        if (r.from > now) break;
        if (!r.account || *r.account == a.value) mode = r.mode;
    }
    return mode;
}

/// Whole weeks have five; Saturday and Sunday are their Friday.
std::int32_t DayTrades::weekday(const DayClock& clock) noexcept {
    const std::int32_t since_monday = clock.day() + 3 - clock.week() * 7;
    return clock.week() * 5 + std::min(since_monday, 4);
}

DayTrades::Sums DayTrades::sums(AccountId a, const DayClock& clock) const noexcept {
    const std::int32_t today = weekday(clock);
    const std::int32_t first = first_of_five(today);
    Sums sums;
    for (const Day& d : accounts_[a.value].days) {
        if (d.weekday < first || d.weekday > today) continue;
        sums.day_trades += d.day_trades;
        sums.trades += d.trades;
    }
    return sums;
}

std::int64_t DayTrades::count(AccountId a, const DayClock& clock) const noexcept {
    return sums(a, clock).day_trades;
}

DayTrades::Day& DayTrades::today(AccountId a) noexcept {
    const std::int32_t today = weekday(clock_);
    Day& d = accounts_[a.value].days[static_cast<std::uint32_t>(today) % kWeekdays];
    if (d.weekday != today) d = Day{today, 0, 0};
    return d;
}

/// A weekday without a session is a holiday: it widens the window, so that what is not known (the
/// time before the first session) never makes it wider than it is.
std::int32_t DayTrades::first_of_five(std::int32_t today) const noexcept {
    std::int32_t day = today;
    for (int business_days = 1; business_days < 5 && day > today - kWeekdays + 1;) {
        --day;
        const std::int64_t before = std::int64_t{last_session_} - day;
        const bool unknown = first_session_ == kNever || day <= first_session_;
        const bool open = unknown || (before >= 0 && before < kSessionBits &&
                                      (sessions_ >> static_cast<std::uint32_t>(before) & 1U) != 0);
        business_days += open ? 1 : 0;
    }
    return day;
}

void DayTrades::on_session_open(Timestamp now) noexcept {
    if (!any_) return;
    clock_.advance(now);
    const std::int32_t today = weekday(clock_);
    if (today == last_session_) return;
    const std::int64_t since = std::int64_t{today} - last_session_;
    const bool shifts = last_session_ != kNever && since > 0 && since < kSessionBits;
    sessions_ = (shifts ? sessions_ << static_cast<std::uint32_t>(since) : 0) | 1U;
    if (first_session_ == kNever) first_session_ = today;
    last_session_ = today;
}

void DayTrades::forget(InstrumentId i) noexcept {
    if (!any_ || i.value >= instruments_) return;
    for (std::uint16_t a = 0; a < accounts_.size(); ++a) slot({a}, i).day = kNever;
}

void DayTrades::on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept {
    if (!any_ || i.value >= instruments_ || fill.account.value >= accounts_.size()) return;
    clock_.advance(now);
    filled_ = fill.order_id;
    filled_quantity_ = fill.quantity;
    const bool buys = fill.side == Side::kBuy;
    const WideQuantity after = fill.position_after.raw();
    const WideQuantity before = after - (buys ? 1 : -1) * WideQuantity{fill.quantity.raw()};
    Slot& s = slot(fill.account, i);
    if (s.day != clock_.day()) {
        s = Slot{static_cast<std::int64_t>(before), clock_.day(), {}, 0};
    }
    // Seen from the side that it closes: what is left of overnight, and what was opened today.
    const WideQuantity overnight = buys ? -WideQuantity{s.overnight} : WideQuantity{s.overnight};
    const WideQuantity opened = (buys ? -before : before) - overnight;
    const WideQuantity closed = std::clamp<WideQuantity>(overnight, 0, fill.quantity.raw());
    s.overnight -= static_cast<std::int64_t>(buys ? -closed : closed);
    if (opened <= 0 || closed == fill.quantity.raw()) return;
    if (std::ranges::find(s.counted, fill.order_id) != s.counted.end()) return;
    s.counted[s.next] = fill.order_id;
    s.next = (s.next + 1) % kOrdersAtATime;
    ++today(fill.account).day_trades;
    pending_.drop(fill.order_id);
}

void DayTrades::on_filled(const OrderUpdateData& update, Timestamp now,
                          LimitTable& limits) noexcept {
    if (!any_ || filled_.value == 0 || update.order_id != filled_) return;
    if (update.cumulative_quantity == filled_quantity_) ++today(update.account).trades;
    filled_ = ClientOrderId{};
    Account& account = accounts_[update.account.value];
    if (!legacy_ || account.pattern || !account.margin) return;
    if (mode(update.account, now) != DayTradeMode::kLegacy) return;
    account.pattern = sums(update.account, clock_)
                          .pattern(limits.of_account(update.account).raw(LimitId::kDayTrade));
}

void DayTrades::on_equity(AccountId a, Money equity, Timestamp now) noexcept {
    if (!watches_equity()) return;
    clock_.advance(now);
    Account& account = accounts_[a.value];
    if (account.equity_day != clock_.day()) {
        account.prior_close = account.equity_day == kNever ? equity : account.equity;
        account.equity_day = clock_.day();
    }
    account.equity = equity;
}

void DayTrades::check(const Request& r, const IntradayMargin& intraday, const Valuation& valuation,
                      Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kDayTrade;
    if (!r.limits->on(LimitId::kDayTrade)) return;
    out.checked(kMe);
    if (!accounts_[r.account.value].margin || r.is_parent()) return;
    const DayClock clock = clock_.seen(r.now, r.is_preview);
    switch (only_house_ ? DayTradeMode::kHouse : mode(r.account, r.now)) {
        case DayTradeMode::kHouse:
            return check_house(r, clock, out);
        case DayTradeMode::kLegacy:
            return check_legacy(r, clock, out);
        case DayTradeMode::kIntradayMargin:
            return intraday.check(r, valuation, out);
    }
}

void DayTrades::check_house(const Request& r, const DayClock& clock, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kDayTrade;
    const std::int64_t limit = r.limits->raw(LimitId::kDayTrade);
    const std::int64_t taken = count(r.account, clock) + pending(r, clock);
    if (taken < limit) {
        if (out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kAccount, LimitUnit::kCount, taken, limit);
        return;
    }
    const Money bound = Money::from_raw(r.limits->raw(LimitId::kDayTradeEquity));
    if (r.knows_equity && r.equity >= bound) return;
    if (!could_complete(r, clock)) return;
    out.refuse(kMe, Scope::kAccount, LimitUnit::kCount, taken + 1, limit);
}

void DayTrades::check_legacy(const Request& r, const DayClock& clock, Findings& out) noexcept {
    constexpr ControlId kMe = ControlId::kDayTrade;
    const Account& account = accounts_[r.account.value];
    const std::int64_t limit = r.limits->raw(LimitId::kDayTrade);
    const std::int64_t to_come = pending(r, clock);
    Sums before = sums(r.account, clock);
    before.day_trades += to_come;
    before.trades += to_come;
    const Sums after{before.day_trades + 1, before.trades + 1};
    if (!account.pattern && !after.pattern(limit)) {
        // More of them pass where they are few among the trades; that number is within no limit.
        if (out.explains() && before.day_trades <= limit) [[unlikely]]
            out.passes(kMe, Scope::kAccount, LimitUnit::kCount, before.day_trades, limit);
        return;
    }
    // While no equity of this day was seen, the newest one is that of the prior close.
    const Money close = account.equity_day == clock.day() ? account.prior_close : account.equity;
    const Money bound = Money::from_raw(r.limits->raw(LimitId::kDayTradeEquity));
    const bool known = account.equity_day != kNever;
    if (known && close >= bound) {
        if (out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kAccount, LimitUnit::kMoney, close.raw(), bound.raw());
        return;
    }
    if (!could_complete(r, clock)) return;
    if (known) {
        out.refuse(kMe, Scope::kAccount, LimitUnit::kMoney, close.raw(), bound.raw());
    } else {
        out.refuse(kMe, Scope::kAccount, Fault::kUnknownEquity);
    }
}

void DayTrades::approved(const Request& r) noexcept {
    if (!any_ || !r.limits->on(LimitId::kDayTrade)) return;
    if (!accounts_[r.account.value].margin || r.is_parent()) return;
    if (!could_complete(r, clock_.seen(r.now, false))) return;
    if (pending_day_ != clock_.day()) {
        pending_.clear();
        pending_day_ = clock_.day();
    }
    pending_.add(r.order_id, r.account, group_of(r));
}

std::int64_t DayTrades::pending(const Request& r, const DayClock& clock) const noexcept {
    if (pending_day_ != clock.day()) return 0;
    return pending_.count(r.account) - (pending_.has(group_of(r)) ? 1 : 0);
}

bool DayTrades::could_complete(const Request& r, const DayClock& clock) noexcept {
    const Slot& s = slot(r.account, r.instrument_id);
    const WideQuantity position = r.position.raw();
    const WideQuantity held = s.day == clock.day() ? WideQuantity{s.overnight} : position;
    const bool buys = r.side == Side::kBuy;
    const WideQuantity overnight = buys ? -held : held;
    const WideQuantity opened = (buys ? -position : position) - overnight;
    const WideQuantity same = buys ? r.open_buy : r.open_sell;
    const WideQuantity other = buys ? r.open_sell : r.open_buy;
    // What of today it could close: opened already, or by open orders of the other side beyond
    // those that would close an overnight position themselves.
    const WideQuantity could_open =
        std::max<WideQuantity>(other - std::max<WideQuantity>(-overnight, 0), 0);
    if (std::max<WideQuantity>(opened, 0) + could_open <= 0) return false;
    const WideQuantity room = std::max<WideQuantity>(overnight, 0);
    // A reduce-only order closes as much as it can: its quantity counts although it opens nothing.
    const WideQuantity wanted =
        r.is_reduce_only() ? WideQuantity{r.quantity.raw()} - r.cumulative.raw() : r.open_after;
    const bool could_before = r.is_replace && same + r.open_before > room;
    return same + wanted > room && !could_before;
}

}  // namespace fermata
