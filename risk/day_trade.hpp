#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/account_orders.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/intraday_margin.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// DAY_TRADE: day trades of margin accounts, by the regime that is in force at the time.
///
/// kHouse:    at most so many in five business days (Monday to Friday, UTC; a weekend belongs to
///            its Friday) while the equity is below a bound.
/// kLegacy:   more than so many in five business days, unless they are at most 6% of the account's
///            trades in these days, make the account a pattern day trader's. That it stays until an
///            operator releases it. Such an account, and one that the order would make such, makes
///            day trades only if its equity at the prior close (of the UTC day) reached the bound.
/// kIntradayMargin: no day trade is counted against the account; see IntradayMargin.
///
/// Trade:     an order that is filled, in however many parts, on the day of the first.
/// Day trade: an order that closes what was opened in the same instrument on the same day. What was
///            held overnight is closed first, and that is none. Partial fills of one order count
///            once, as long as no more than kOrdersAtATime orders make day trades in turns; beyond
///            that some count again, which errs on the strict side.
/// Judged:    an order that could complete one, even if only after open orders of the other side
///            fill. What it would only close of an overnight position passes. Every approved order
///            that could counts as a day trade until it makes one or ends, or the day does, so that
///            many of them at a time do no more than one after the other. Linked orders that share
///            a quantity (the stop and the target of a position) count as one.
class DayTrades {
public:
    static constexpr std::uint32_t kOrdersAtATime = 16;

    DayTrades(const RiskConfig& config, LimitTable& limits, const AccountBook& accounts,
              std::size_t instruments);

    /// A fill after it was booked.
    void on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept;
    /// What the order manager says of its order after the fill.
    void on_filled(const OrderUpdateData& update, Timestamp now, LimitTable& limits) noexcept;
    void on_equity(AccountId a, Money equity, Timestamp now) noexcept;
    /// It is no pattern day trader's any more.
    void release(AccountId a) noexcept {
        if (a.value < accounts_.size()) accounts_[a.value].pattern = false;
    }
    /// All that is held counts as held overnight from now on: its quantity changed without a trade.
    void forget(InstrumentId i) noexcept;
    /// A trading session of any instrument opened.
    void on_session_open(Timestamp now) noexcept;
    /// Requires a known instrument, account and strategy.
    void check(const Request& r, const IntradayMargin& intraday, const Valuation& valuation,
               Findings& out) noexcept;

    /// Requires the same.
    void approved(const Request& r) noexcept;
    /// The order is over, or its manager does not know it (any more).
    void ended(ClientOrderId order) noexcept {
        if (any_) pending_.drop(order);
    }

    /// Of the five business days that end with the newest time that was seen: weekdays, and as far
    /// as sessions were seen, those on which one opened.
    [[nodiscard]] std::int64_t count(AccountId a, const DayClock& clock) const noexcept;
    [[nodiscard]] bool watches() const noexcept { return any_; }
    [[nodiscard]] bool watches_equity() const noexcept { return any_ && legacy_; }

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(AccountId a, InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[a.value * instruments_ + i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::int32_t kWeekdays = 16;  ///< Five business days are never more.
    struct Slot {
        std::int64_t overnight = 0;  // what is left of the position that the day began with
        std::int32_t day = kNever;
        std::array<ClientOrderId, kOrdersAtATime> counted;  // orders of the last day trades, a ring
        std::uint32_t next = 0;
        void persist(StateArchive& a);
    };
    struct Day {
        std::int32_t weekday = kNever;
        std::uint32_t day_trades = 0;
        std::uint32_t trades = 0;
        void persist(StateArchive& a);
    };
    struct Account {
        std::array<Day, kWeekdays> days;
        Money equity;       // the newest
        Money prior_close;  // the last one of the day before
        std::int32_t equity_day = kNever;
        bool margin = false;
        bool pattern = false;
        void persist(StateArchive& a);
    };
    static constexpr std::int32_t kNever = -0x7fff'ffff;
    struct Sums {
        std::int64_t day_trades = 0, trades = 0;
        /// More than the limit, and more than 6% of all.
        [[nodiscard]] bool pattern(std::int64_t limit) const noexcept {
            return day_trades > limit && day_trades * 100 > trades * 6;
        }
    };
    [[nodiscard]] Sums sums(AccountId a, const DayClock& clock) const noexcept;
    [[nodiscard]] Day& today(AccountId a) noexcept;
    [[nodiscard]] DayTradeMode mode(AccountId a, Timestamp now) const noexcept;
    void check_house(const Request& r, const DayClock& clock, Findings& out) noexcept;
    void check_legacy(const Request& r, const DayClock& clock, Findings& out) noexcept;
    /// The first of the five business days that end with that weekday.
    [[nodiscard]] std::int32_t first_of_five(std::int32_t today) const noexcept;
    /// Day trades that live orders could still make on the day of `clock`, other orders than those
    /// that share the quantity of this one.
    [[nodiscard]] std::int64_t pending(const Request& r, const DayClock& clock) const noexcept;
    /// Whether the order could complete a day trade.
    [[nodiscard]] bool could_complete(const Request& r, const DayClock& clock) noexcept;
    [[nodiscard]] static std::int32_t weekday(const DayClock& clock) noexcept;
    [[nodiscard]] Slot& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[a.value * instruments_ + i.value];
    }

    std::size_t instruments_;
    std::vector<Slot> slots_;              // by AccountId, InstrumentId
    std::vector<Account> accounts_;        // by AccountId
    std::vector<DayTradeRegime> regimes_;  // by time; of the same, those of one account last
    AccountOrders pending_;                // of pending_day_: could make a day trade, and have not
    std::int32_t pending_day_ = kNever;
    DayClock clock_;
    // Weekdays on which a session opened: the first and the newest, and of the last ones a bit
    // each.
    std::int32_t first_session_ = kNever;
    std::int32_t last_session_ = kNever;
    std::uint32_t sessions_ = 0;  // bit n: n weekdays before the newest
    bool any_;
    bool legacy_ = false;     // at some time
    bool only_house_ = true;  // at any time
    // The fill of which the order manager has not said yet what it made of the order.
    ClientOrderId filled_;
    Quantity filled_quantity_;
};

}  // namespace fermata
