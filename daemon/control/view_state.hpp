#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/event/order_event.hpp"
#include "risk/limit_table.hpp"

namespace fermata {

/// An order that is not over.
struct LiveOrder {
    ClientOrderId id;
    OrderTag tag;
    OrderTag parent;  ///< That this one is a child of; zero: of none.
    InstrumentId instrument;
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    bool is_parent = false;  ///< Worked through children, and never sent itself.
    OrderState state = OrderState::kPendingNew;
    OrderReason reason = OrderReason::kNone;
    Quantity quantity, cumulative, leaves;
    Price price, stop_price;
    Timestamp since;           ///< Of the state.
    std::uint32_t sweeps = 0;  ///< Bit of each CancelSweep that it belongs to.
};

/// What stands in force for one target, by a command or a control.
struct ScopeState {
    TradingState state = TradingState::kActive;
    CancelOrders cancels = CancelOrders::kNone;
    std::uint8_t control = 0xff;  ///< That tripped; 0xff: a person.
    std::uint32_t actor = kNoActor;
    Timestamp since;
    std::int64_t observed = 0, limit = 0;
    std::uint8_t unit = 0;
};

/// DAY_LOSS and WEEK_LOSS of an account: reduce only until their period ends.
struct PeriodLoss {
    ScopeState state;
    std::int64_t ends_ns = 0;
};

/// The orders of one cancel command, or of a control that canceled, until the next one of the same
/// target.
struct CancelSweep {
    ControlScope scope = ControlScope::kFirm;
    std::uint64_t target = 0;
    std::uint64_t number = 0;  ///< From 1; 0: none.
    Timestamp at;
    std::uint64_t asked = 0;      ///< Orders.
    std::uint64_t confirmed = 0;  ///< Canceled, as the venue (or the order manager) says.
    std::uint64_t filled = 0;     ///< Filled before the cancel.
    std::uint64_t ended = 0;      ///< Rejected or expired.
    [[nodiscard]] std::uint64_t open() const noexcept { return asked - confirmed - filled - ended; }
};
inline constexpr std::size_t kSweepsMax = 32;

struct StrategyRow {
    std::uint64_t orders = 0, fills = 0, denied = 0;
    Money realized, fees;
    Timestamp last_fill;
};

struct AccountRow {
    Money equity, cash;  ///< As of `equity_at`, once a day of event time.
    Timestamp equity_at;
    std::uint64_t fills = 0;
};

struct AlertRow {
    std::uint64_t number = 0;  ///< From 1 in a run.
    Timestamp at;
    InstrumentId instrument;
    AlertData data;
};
inline constexpr std::size_t kAlertsMax = 1'000;

/// How a command about a limit ended: of the newest that has its number.
struct LimitOutcome {
    std::uint64_t command = 0;
    AlertCode code = AlertCode::kNone;
    std::int64_t detail = 0;
};

/// Everything that an operator sees of a run. Plain data; a copy of it is the reader's own.
struct ViewState {
    ViewState(const RiskConfig& risk, std::size_t strategies, std::size_t instruments,
              std::size_t accounts, std::size_t venues)
        : states{{std::vector<ScopeState>(1), std::vector<ScopeState>(accounts),
                  std::vector<ScopeState>(strategies), std::vector<ScopeState>(instruments),
                  std::vector<ScopeState>(venues)}},
          periods(2 * accounts),
          positions(accounts * instruments),
          strategy_positions(strategies * instruments),
          by_strategy(strategies),
          by_account(accounts),
          limits(risk, strategies, instruments, accounts),
          instrument_count(instruments) {
        alerts.reserve(kAlertsMax);
    }

    std::uint64_t records = 0;  ///< Position of the newest record.
    std::uint64_t feed_position = 0;
    Timestamp now;              ///< Of the newest record.
    std::uint64_t changes = 0;  ///< See RunView::changes.
    std::uint64_t orders = 0, fills = 0, denied = 0, rejected = 0;
    bool ended = false;       ///< The run's last record was seen.
    bool recovering = false;  ///< Not reconciled with the venues: control RECOVERING refuses.
    std::array<std::vector<ScopeState>, kControlScopeCount> states;  ///< By scope, target.
    std::vector<PeriodLoss> periods;  ///< Of each account: its day, its week.
    std::vector<Quantity> positions;  ///< By account, instrument.
    std::vector<Quantity> strategy_positions;
    std::vector<StrategyRow> by_strategy;
    std::vector<AccountRow> by_account;
    std::vector<LiveOrder> live;  ///< Only in copies; by id.
    std::array<CancelSweep, kSweepsMax> sweeps;
    std::vector<AlertRow> alerts;  ///< The newest; a ring that begins at `first_alert`.
    std::size_t first_alert = 0;
    std::uint64_t alert_count = 0;
    LimitTable limits;
    std::array<LimitOutcome, 32> limit_outcomes;
    std::size_t limit_commands = 0;
    std::size_t instrument_count = 0;

    [[nodiscard]] Quantity position(AccountId a, InstrumentId i) const noexcept {
        return positions[a.value * instrument_count + i.value];
    }
    [[nodiscard]] const ScopeState& state(ControlScope scope, std::uint64_t target) const {
        return states[static_cast<std::size_t>(scope)].at(target);
    }
    /// The newest of that target.
    [[nodiscard]] const CancelSweep* sweep(ControlScope scope, std::uint64_t target) const {
        const CancelSweep* newest = nullptr;
        for (const CancelSweep& s : sweeps) {
            if (s.number == 0 || s.scope != scope || s.target != target) continue;
            if (newest == nullptr || s.number > newest->number) newest = &s;
        }
        return newest;
    }
};

/// Whether a command with this scope and target concerns the order.
[[nodiscard]] inline bool concerns(ControlScope scope, std::uint64_t target,
                                   const LiveOrder& order) noexcept {
    switch (scope) {
        case ControlScope::kFirm:
            return true;
        case ControlScope::kAccount:
            return order.account.value == target;
        case ControlScope::kStrategy:
            return order.strategy.value == target;
        case ControlScope::kInstrument:
            return order.instrument.value == target;
        case ControlScope::kVenue:
            return order.venue.value == target;
    }
    return false;
}

}  // namespace fermata
