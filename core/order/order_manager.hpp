#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/execution_set.hpp"
#include "core/order/exposure.hpp"
#include "core/order/order.hpp"
#include "core/order/order_table.hpp"
#include "core/order/transition.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

class StateArchive;

struct OrderManagerConfig {
    std::size_t orders_max = 16'384;  ///< Open orders, and terminal ones as far as there is room.
    std::size_t executions_max = 65'536;  ///< Execution ids remembered, the newest ones.
    std::uint16_t day = 0;                ///< Days since 1970, for the client order ids.
    std::uint16_t boot_epoch = 0;         ///< Raised at each start of that day.
};

/// Numbers orders, keeps their states, books their fills and answers their owners.
///
/// Owner:      the trading loop; no other thread may call it.
/// Memory:     fixed at construction. No call allocates, throws, or reads a clock.
/// Emits:      into the buffer handed in, at most `events_max()` events a call, each with the
///             timestamp of the event in hand. `seq` and `cause` are the router's to set.
/// Answers:    every request is followed by at least one kOrderUpdate (with a reason if nothing
/// came
///             of it) and every report by at least one kOrderUpdate or kAlert: nothing is dropped
///             silently. A fill that can be booked is booked exactly once, whatever the state.
/// Requests:   one replace at a time; a second one is answered with kUnsupported, one for an order
///             that is being canceled or is terminal with kTooLateToCancel, and one to a quantity
///             at or below what is filled with kInvalidQuantity. A cancel may follow a pending
///             replace, and then both are outstanding; a second cancel is answered but not sent
///             again.
/// Invariants: exposures() is never below what the open orders may come to, and zero without any.
class OrderManager {
public:
    OrderManager(const OrderManagerConfig& config, const InstrumentTable& instruments,
                 AccountBook& accounts);

    /// A process went on where another one stopped: orders are numbered in its boot epoch from now
    /// on, so that no number is given twice, even if the last ones given before were lost.
    void begin_boot(std::uint16_t epoch) noexcept {
        next_id_ = make_client_order_id(static_cast<std::uint16_t>(next_id_.value >> 48), epoch, 1);
    }

    // --- requests ---

    /// Gives a new order its client order id and returns it. Zero, and none given, when the tag was
    /// used before: a strategy's tags must ascend. Every new order must pass here exactly once.
    ClientOrderId number(OrderEvent& intent) noexcept;
    /// The gate approved a numbered order: keeps it, emits kOrderUpdate PendingNew and kSendNew.
    /// `reserve_price` values its exposure (the limit, or the collar for orders without one). When
    /// there is no room for it: kOrderUpdate Denied and kAlert kLaneFull or kNumberOverflow.
    void accept(const OrderEvent& intent, Price reserve_price, EventBuffer& out) noexcept;
    /// The gate refused a new order: kOrderUpdate Denied with the verdict's bits.
    void deny(const OrderEvent& intent, const VerdictData& verdict, EventBuffer& out) noexcept;

    /// Sends a cancel: kOrderUpdate PendingCancel and kSendCancel. Never blocked by the gate.
    /// Unknown orders are answered with state Denied and kUnknownOrder, terminal ones with
    /// kTooLateToCancel.
    void request_cancel(const OrderEvent& intent, EventBuffer& out) noexcept;
    /// The gate approved new terms: kOrderUpdate PendingReplace and kSendReplace, or an answer as
    /// said under Requests. `reserve_price` as in `accept`, for the new terms.
    void accept_replace(const OrderEvent& intent, Price reserve_price, EventBuffer& out) noexcept;
    /// The gate refused new terms: kOrderUpdate with the state as it is and the verdict's bits.
    void deny_replace(const OrderEvent& intent, const VerdictData& verdict,
                      EventBuffer& out) noexcept;
    /// Cancels the open orders within the scope that are not being canceled yet.
    void cancel_all(ControlScope scope, std::uint64_t target, Timestamp now,
                    EventBuffer& out) noexcept;
    void cancel_all(const ControlData& control, Timestamp now, EventBuffer& out) noexcept {
        cancel_all(control.scope, control.target, now, out);
    }

    // --- what happens to orders ---

    /// A report of a venue. Repeated ones are recognised by (venue, exec id).
    void on_execution(const OrderEvent& report, EventBuffer& out) noexcept;
    /// No answer came in time: the order is Unknown, its exposure stays reserved.
    void on_timeout(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept;
    /// A split or dividend: positions and cash (kPosition for each account that holds, then for
    /// each strategy), then the open orders in that instrument (kOrderUpdate, reason
    /// kCorporateAction).
    void on_corporate_action(const MarketEvent& e, EventBuffer& out) noexcept;

    // --- what others read ---

    [[nodiscard]] const Order* find(OrderTag tag) const noexcept { return table_.find(tag); }
    [[nodiscard]] const Order* find(ClientOrderId id) const noexcept { return table_.find(id); }
    [[nodiscard]] const ExposureBook& exposures() const noexcept { return exposures_; }
    [[nodiscard]] const OrderTable& table() const noexcept { return table_; }
    [[nodiscard]] std::size_t open_count() const noexcept { return table_.open_count(); }
    /// The most events that one call can emit: sizes the EventBuffer.
    [[nodiscard]] std::size_t events_max() const noexcept;
    /// Over orders, numbers, remembered executions and accounts, in a fixed order.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;

    /// See core/base/state_archive.hpp. The accounts are the caller's to store.
    void persist(StateArchive& a);

private:
    struct Answer {  // what a kOrderUpdate says beyond the order itself
        OrderState previous;
        OrderReason reason = OrderReason::kNone;
        std::uint64_t failed = 0;
    };

    void restore_exposures(StateArchive& a);
    Order* own_order(const OrderEvent& intent) noexcept;
    void send_cancel(Order& order, Timestamp now, OrderReason reason, EventBuffer& out) noexcept;
    void move(Order& order, OrderState next, Timestamp now) noexcept;
    void sync_exposure(Order& order, bool was_open) noexcept;
    [[nodiscard]] Result<ExposureShare, NumberError> share_of(const Order& order) const noexcept;

    [[nodiscard]] bool book(Order& order, const OrderEvent& report, EventBuffer& out) noexcept;
    void take_facts(Order& order, OrderInput input, const ExecutionData& x) noexcept;
    void apply(Order& order, OrderInput input, const OrderEvent& report, EventBuffer& out) noexcept;

    void adjust_holdings(const MarketEvent& e, EventBuffer& out) noexcept;
    void adjust_order(Order& order, const MarketEvent& e, EventBuffer& out) noexcept;

    static void answer(const Order& order, Answer answer, Timestamp now, EventBuffer& out);
    static void answer_unknown(const OrderEvent& intent, EventBuffer& out);
    static void answer_denied(const OrderEvent& intent, std::uint64_t failed, EventBuffer& out);
    static AlertData& alert(AlertCode code, Timestamp now, InstrumentId instrument,
                            EventBuffer& out);
    static void alert_order(const Order& order, AlertCode code, std::int64_t first,
                            std::int64_t second, Timestamp now, EventBuffer& out);

    const InstrumentTable& instruments_;
    AccountBook& accounts_;
    ExposureBook exposures_;
    OrderTable table_;
    ExecutionSet executions_;
    std::vector<std::uint64_t> newest_tag_;  // by StrategyId: the highest count used
    ClientOrderId next_id_;
};

}  // namespace fermata
