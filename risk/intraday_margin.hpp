#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/margin.hpp"
#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/margin_need.hpp"
#include "risk/order_reserves.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// DAY_TRADE by intraday margin (FINRA 4210 from 2026 on, SR-FINRA-2025-017): an order that
/// increases must leave equity, less maintenance margin, at zero or above.
///
/// Equity:      as it is at the request.
/// Maintenance: of what is held, by the account's margin model, taken anew when MarginClock says
///              so; and of what was approved since or is still open, each order with its own
///              maintenance margin at its worst price, as if nothing were held. So what turns a
///              position counts whole, a partly filled order too until it ends, and what closes
///              one gives nothing back before the margin is taken anew.
/// Shortfall:   by how much that is below zero. An order that would leave one does not pass.
/// Deficit:     the largest shortfall of a day (UTC), if it counts: one of at most 5% of equity,
/// and
///              of at most 1,000 of the base currency, does not. Looked at whenever the margin is
///              taken anew, for what is held, and at every approval, for all that is approved.
/// Unknown:     no model, nothing taken yet, or something that cannot be valued refuses.
/// Owner:       the trading loop.
/// Memory:      fixed at construction. Cost: constant.
class IntradayMargin {
public:
    static constexpr Money kSmall = Money::from_units(1'000);
    static constexpr std::int64_t kSmallPart = 20;  // of equity: a twentieth is 5%

    /// Keeps books of the margin accounts that are judged like this at some time.
    IntradayMargin(const RiskConfig& config, LimitTable& limits, const AccountBook& accounts);

    /// Before the first event; the model must outlive this.
    void use(const MarginModel& model, const AccountBook& accounts);

    /// The account's margin is wanted, now and then.
    [[nodiscard]] bool wants_margin(AccountId a) const noexcept {
        return accounts_[a.value].on && accounts_[a.value].has_model;
    }
    /// What is held needs so much. Requires wants_margin.
    void on_margin(AccountId a, const MarginState& margin, Timestamp now) noexcept;

    /// Requires a known instrument and account.
    void check(const Request& r, const Valuation& valuation, Findings& out) const noexcept;
    void approved(const Request& r, const Valuation& valuation) noexcept;
    /// After the fill was booked.
    void on_fill(const FillData& fill, InstrumentId i, const Valuation& valuation) noexcept;
    /// An order as it stands now, after anything that happened to it.
    void on_order(const Order& order) noexcept {
        if (any_ && is_terminal(order.state)) reserves_.end(order.tag);
    }
    /// The order is over, or its manager does not know it (any more).
    void forget(OrderTag tag) noexcept {
        if (any_) reserves_.end(tag);
    }

    /// The largest of the newest day that was seen, whether it counts or not; zero or positive.
    [[nodiscard]] Money largest_shortfall(AccountId a) const noexcept {
        const Account& account = accounts_[a.value];
        return account.day == clock_.day() ? account.shortfall : Money::zero();
    }
    /// The same if it counts, else zero.
    [[nodiscard]] Money deficit(AccountId a) const noexcept;
    /// The largest shortfall that does not count at that equity.
    [[nodiscard]] static constexpr Money small(Money equity) noexcept {
        if (!equity.is_positive()) return Money::zero();
        return std::min(kSmall, Money::from_raw(equity.raw() / kSmallPart));
    }

    [[nodiscard]] bool watches_market() const noexcept { return any_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::int32_t kNever = -0x7fff'ffff;
    struct Account {
        Money maintenance;          // of what was held when it was taken
        Money shortfall;            // the largest of the day
        Money equity_at_shortfall;  // that decides whether it counts
        std::int32_t day = kNever;
        bool on = false;
        bool has_model = false;
        bool known = false;  // `maintenance` is
        void persist(StateArchive& a);
    };

    /// What everything that is held and approved needs.
    [[nodiscard]] Value needed(AccountId a) const noexcept {
        return saturating_add(to_value(accounts_[a.value].maintenance), reserves_.used(a));
    }
    [[nodiscard]] Valued added_by(const Request& r, const Valuation& valuation) const noexcept;
    void note(AccountId a, Money equity, Value needed, Timestamp now) noexcept;

    const MarginModel* model_ = nullptr;
    std::vector<Account> accounts_;  // by AccountId
    OrderReserves reserves_;
    DayClock clock_;
    bool any_;
};

}  // namespace fermata
