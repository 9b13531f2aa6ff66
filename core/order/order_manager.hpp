#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/base/assert.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/order/emulator.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/exposure.hpp"
#include "core/order/fill_log.hpp"
#include "core/order/linked_shares.hpp"
#include "core/order/order.hpp"
#include "core/order/order_groups.hpp"
#include "core/order/order_table.hpp"
#include "core/order/release_judge.hpp"
#include "core/order/transition.hpp"
#include "core/types/instrument.hpp"
#include "core/types/venue_capabilities.hpp"

namespace fermata {

class StateArchive;

struct OrderManagerConfig {
    std::size_t orders_max = 16'384;  ///< Open orders, and terminal ones as far as there is room.
    std::size_t executions_max = 65'536;  ///< Execution ids remembered, the newest ones.
    std::uint16_t day = 0;                ///< Days since 1970, for the client order ids.
    std::uint16_t boot_epoch = 0;         ///< Raised at each start of that day.
    /// By VenueId; a venue behind the end supports everything.
    std::vector<VenueCapabilities> venues = {};
    /// An emulated peg is priced anew no sooner than this after the last time (event time).
    Duration reprice_interval = Duration::milliseconds(100);
};

/// Numbers orders, keeps their states, books their fills and answers their owners; holds what a
/// venue cannot, and what waits for another order.
///
/// Owner:      the trading loop; no other thread may call it.
/// Memory:     fixed at construction. No call allocates, throws, or reads a clock.
/// Emits:      into the buffer handed in, at most `events_max()` events a call, each with the
///             timestamp of the event in hand. `seq` and `cause` are the router's to set.
/// Answers:    every request is followed by at least one kOrderUpdate (with a reason if nothing
/// came
///             of it) and every report by at least one kOrderUpdate or kAlert: nothing is dropped
///             silently. A fill that can be booked is booked exactly once, whatever the state, and
///             taken back exactly when the venue says so.
/// Requests:   one replace at a time; a second one is answered with kUnsupported, one for an order
///             that is being canceled or is terminal with kTooLateToCancel, and one to a quantity
///             at or below what is filled with kInvalidQuantity. A cancel may follow a pending
///             replace, and then both are outstanding; a second cancel is answered but not sent
///             again. Requests about an order that is held here are met at once.
/// Own wishes: what follows from other orders, prices or positions is asked of a venue at once, and
///             a second after the venue, or nobody in its place, refused it: never in a loop.
/// Held:       an order that the venue lacks (order_emulation.cpp), a secondary whose primary has
///             not filled (order_links.cpp), a parent (order_parents.cpp). See docs/orders.md.
/// Invariants: exposures() is never below what the open orders may come to, and zero without any. A
///             parent's fills and the live orders of its children never exceed its quantity as far
///             as requests go; what a venue overfills is booked and raises an alert.
class OrderManager {
public:
    OrderManager(const OrderManagerConfig& config, const InstrumentTable& instruments,
                 AccountBook& accounts);
    OrderManager(const OrderManager&) = delete;  // its parts know each other
    OrderManager& operator=(const OrderManager&) = delete;

    /// A process went on where another one stopped: orders are numbered in its boot epoch from now
    /// on, so that no number is given twice, even if the last ones given before were lost.
    void begin_boot(std::uint16_t epoch) noexcept {
        next_id_ = make_client_order_id(static_cast<std::uint16_t>(next_id_.value >> 48), epoch, 1);
    }

    /// The prices that emulation looks at; they outlive this and are kept up to date by the owner.
    void use_marks(const MarkTable& marks) noexcept { marks_ = &marks; }

    /// Who is asked before something is sent that no request asked for just now; without one all of
    /// it is. It outlives this.
    void use_judge(ReleaseJudge& judge) noexcept { judge_ = &judge; }

    // --- requests ---

    /// Gives a new order its client order id and returns it. Zero, and none given, when the tag was
    /// used before: a strategy's tags must ascend. Every new order must pass here exactly once.
    ClientOrderId number(OrderEvent& intent) noexcept;
    /// The same for an order of the trading stage itself, which closes a position: see
    /// closing_tag.hpp.
    ClientOrderId number_closing(OrderEvent& intent) noexcept {
        give_id(intent.data.new_order);
        return intent.data.new_order.order_id;
    }
    /// The gate approved a numbered order: keeps it, emits kOrderUpdate PendingNew and kSendNew.
    /// `reserve_price` values its exposure (the limit, or the collar for orders without one). When
    /// there is no room for it: kOrderUpdate Denied and kAlert kLaneFull or kNumberOverflow.
    void accept(const OrderEvent& intent, Price reserve_price, EventBuffer& out) noexcept;
    /// The gate refused a new order: kOrderUpdate Denied with the verdict's bits.
    void deny(const OrderEvent& intent, const VerdictData& verdict, EventBuffer& out) noexcept;

    /// The gate approved a member of a basket: its exposure counts from now on, nothing is said
    /// about it yet. False when there is no room for it, or it is refused for other reasons: an
    /// alert says which.
    [[nodiscard]] bool reserve(const OrderEvent& intent, Price reserve_price,
                               EventBuffer& out) noexcept;
    /// The whole basket passed: what `accept` emits for this member.
    void confirm(const OrderEvent& intent, EventBuffer& out) noexcept;
    /// It did not. `failed` are the verdict's bits of this very member; zero: another one failed.
    void deny_member(const OrderEvent& intent, std::uint64_t failed, EventBuffer& out) noexcept;

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
    /// Cancels one order on behalf of the firm, unless it is over or being canceled already.
    void cancel(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept;
    /// Cancels the open orders within the scope that are not being canceled yet: all of them, or
    /// those that could do more than bring a position nearer to zero.
    void cancel_all(ControlScope scope, std::uint64_t target, Timestamp now, EventBuffer& out,
                    CancelOrders which = CancelOrders::kAll) noexcept;
    void cancel_all(const ControlData& control, Timestamp now, EventBuffer& out) noexcept {
        cancel_all(control.scope, control.target, now, out,
                   static_cast<CancelOrders>(control.cancel_orders));
    }

    // --- what happens to orders ---

    /// A report of a venue. Repeated ones are recognised by (venue, exec id).
    void on_execution(const OrderEvent& report, EventBuffer& out) noexcept;
    /// A venue takes a fill back or changes it (kCorrection): account, strategy and order are as if
    /// the fill had never been, or had been like that from the start. kOrderUpdate with reason
    /// kTradeBusted or kTradeCorrected, then kPosition for the account and for the strategy.
    void on_correction(const OrderEvent& report, EventBuffer& out) noexcept;
    /// No answer came in time: the order is Unknown, its exposure stays reserved.
    void on_timeout(ClientOrderId id, Timestamp now, EventBuffer& out) noexcept;
    /// A split or dividend: positions and cash (kPosition for each account that holds, then for
    /// each strategy), then the open orders in that instrument (kOrderUpdate, reason
    /// kCorporateAction).
    void on_corporate_action(const MarketEvent& e, EventBuffer& out) noexcept;

    /// What accounts held before the run, as the first that is on record of it: f(kPosition) for
    /// each lot. Everything else began with it already.
    template <class F>
    void announce_openings(Timestamp now, F&& f) const {
        for (const auto& [account, held] : accounts_.openings()) {
            f(opening_record(account, held, now));
        }
    }

    /// Whether `on_market` has something to do for this event: three comparisons at most.
    [[nodiscard]] bool watches(const MarketEvent& e) const noexcept {
        return (e.instrument.value < instruments_.size() && emulator_.watches(e.instrument)) ||
               e.ts >= emulator_.next_deadline() || e.ts >= emulator_.next_retry();
    }
    /// Triggers, trails, pegs, sessions and deadlines of what is held or followed here. The marks
    /// have taken the event in.
    void on_market(const MarketEvent& e, EventBuffer& out) noexcept;

    // --- what others read ---

    [[nodiscard]] const Order* find(OrderTag tag) const noexcept { return table_.find(tag); }
    [[nodiscard]] const Order* find(ClientOrderId id) const noexcept { return table_.find(id); }
    [[nodiscard]] const ExposureBook& exposures() const noexcept { return exposures_; }
    [[nodiscard]] const OrderTable& table() const noexcept { return table_; }
    [[nodiscard]] std::size_t open_count() const noexcept { return table_.open_count(); }
    /// `f(const Order&)` of every order that is not over, in the order of acceptance.
    template <class F>
    void for_each_open(F&& f) const {
        table_.for_each_open(f);
    }
    /// The most events that one call can emit: sizes the EventBuffer.
    [[nodiscard]] std::size_t events_max() const noexcept;
    /// Over orders, numbers, remembered executions and accounts, in a fixed order.
    [[nodiscard]] std::uint64_t state_hash() const noexcept;

    /// See core/base/state_archive.hpp. The accounts are the caller's to store.
    void persist(StateArchive& a);

private:
    static constexpr VenueCapabilities kEverything{};
    /// After a refusal nothing that no owner asked for is asked of the venue for so long.
    static constexpr Duration kAskAgain = Duration::seconds(1);

    struct Answer {  // what a kOrderUpdate says beyond the order itself
        OrderState previous;
        OrderReason reason = OrderReason::kNone;
        std::uint64_t failed = 0;
    };
    struct Refusal {  // of an order that the gate let pass
        OrderReason reason = OrderReason::kNone;
        AlertCode alert = AlertCode::kNone;
        Quantity room;  // kParentExceeded: what the parent had left
    };

    // order_manager.cpp: requests
    void give_id(NewOrderData& order) noexcept {
        order.order_id = next_id_;
        // The counter must not run into the boot epoch: that would repeat the ids of another start.
        FERMATA_ASSERT((next_id_.value & 0xffff'ffffULL) != 0xffff'ffffULL);
        ++next_id_.value;
    }
    Order* own_order(const OrderEvent& intent) noexcept;
    [[nodiscard]] Order* take_in(const OrderEvent& intent, Price reserve_price,
                                 Refusal& refusal) noexcept;
    void mark_sale(Order& order, Quantity own) const noexcept;
    void say_refused(const OrderEvent& intent, const Refusal& refusal, EventBuffer& out);
    void alert_refused(const OrderEvent& intent, const Refusal& refusal, EventBuffer& out);
    void begin(Order& order, const OrderEvent& intent, EventBuffer& out) noexcept;
    void send_cancel(Order& order, Timestamp now, OrderReason reason, EventBuffer& out) noexcept;
    bool send_replace(Order& order, Order& wanted, OrderReason reason, Timestamp now,
                      EventBuffer& out) noexcept;
    void replace_here(Order& order, const Order& wanted, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool fits(const Order& order, const Order& wanted) const noexcept;
    void move(Order& order, OrderState next, Timestamp now) noexcept;
    void sync_exposure(Order& order, bool was_open) noexcept;
    void count_once(const Order& order) noexcept;
    [[nodiscard]] Result<ExposureShare, NumberError> share_of(const Order& order) const noexcept;
    [[nodiscard]] std::uint32_t slot_of(const Order& order) const noexcept {
        return table_.handle_of(order).index;
    }
    [[nodiscard]] const VenueCapabilities& capabilities(VenueId venue) const noexcept {
        return venue.value < venues_.size() ? venues_[venue.value] : kEverything;
    }

    // order_reports.cpp
    [[nodiscard]] bool book(Order& order, const OrderEvent& report, EventBuffer& out) noexcept;
    [[nodiscard]] static bool awaits_fills(Order& order, OrderInput input,
                                           const ExecutionData& x) noexcept;
    [[nodiscard]] static bool is_complete(const Order& order, OrderInput input,
                                          const ExecutionData& x) noexcept;
    [[nodiscard]] static Quantity total_of(const Order& order, Quantity counted) noexcept;
    void end_as_said(Order& order, Timestamp now, EventBuffer& out) noexcept;
    void take_facts(Order& order, OrderInput input, const ExecutionData& x) noexcept;
    void take_terms(Order& order, const ExecutionData& x) const noexcept;
    void apply(Order& order, OrderInput input, const OrderEvent& report, EventBuffer& out) noexcept;
    /// Something that the order manager itself does with an order.
    void apply_own(Order& order, OrderInput input, OrderReason reason, Timestamp now,
                   EventBuffer& out) noexcept;
    [[nodiscard]] static OrderState resumed(const Order& order) noexcept;
    [[nodiscard]] static OrderState reopened(const Order& order, bool leaves) noexcept;

    // order_corrections.cpp
    [[nodiscard]] bool overtaken_by_its_bust(CorrectionData& c) noexcept;
    [[nodiscard]] bool correct_accounts(const CorrectionData& c, LoggedExecution& fill) noexcept;
    [[nodiscard]] static bool lives_on(Order& order, const CorrectionData& c,
                                       Quantity filled) noexcept;
    void correct_order(Order& order, Quantity quantity, Money value, OrderInput input, bool leaves,
                       Timestamp now, EventBuffer& out) noexcept;

    // order_relations.cpp: what follows for other orders from what happened to one
    void join_groups(const Order& order) noexcept;
    void leave_groups(const Order& order) noexcept;
    void forget_oldest() noexcept;
    /// What happened to an order: its state is another one; so is what it came to or may come to;
    /// it was filled, and the venue itself may have reduced the others for that.
    enum class Change : std::uint8_t { kState, kSize, kFill };
    void follow_up(Order& order, Change change, Timestamp now, EventBuffer& out) noexcept;
    void follow_links(Order& order, Change change, Timestamp now, EventBuffer& out) noexcept;
    void end_linked(const Order& order, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool ended_by_links(const Order& order) noexcept;
    void refused(Order& order, Timestamp now) noexcept;
    void ask_again(Order& order, Timestamp now, EventBuffer& out) noexcept;
    void size_group(const Order& member, Change change, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool venue_links(const Order& order) noexcept;
    [[nodiscard]] bool venue_reduces(Order& order) noexcept;
    [[nodiscard]] bool expects_more(const Order& order) noexcept;
    [[nodiscard]] Refusal refuses_child(const Order& child) noexcept;
    [[nodiscard]] Quantity room_in_parent(const Order& child) noexcept;
    void count_in_parent(Order& child) noexcept;
    void fill_parent(const Order& child, Quantity quantity, Money value, Timestamp now,
                     EventBuffer& out) noexcept;
    void cancel_children(Order& parent, Timestamp now, EventBuffer& out) noexcept;
    template <class F>
    void each_linked(const Order& member, F&& f) noexcept;

    // order_placements.cpp: what is at the venue, and what is held here
    [[nodiscard]] static ChangeOrderData change_of(const Order& order) noexcept;
    [[nodiscard]] static Order as_it_stands(const Order& order) noexcept;
    void begin_special(Order& order, Timestamp now, EventBuffer& out) noexcept;
    void work(Order& order, OrderReason reason, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool place(Order& order, Quantity to, OrderReason reason, Timestamp now,
                             EventBuffer& out) noexcept;
    [[nodiscard]] bool may_send(Order& order, const NewOrderData& terms, OrderEventType action,
                                Timestamp now, EventBuffer& out) noexcept;
    void refuse_held(Order& order, OrderReason reason, Timestamp now, EventBuffer& out) noexcept;
    void pull(Order& order, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool placement_ended(Order& order, OrderInput input, OrderReason why,
                                       Timestamp now, bool open, EventBuffer& out) noexcept;
    [[nodiscard]] NewOrderData sent_terms(const Order& order) const noexcept;
    [[nodiscard]] Quantity sent_part(const Order& order, Quantity total) const noexcept;
    void strip_emulated(const Order& order, ChangeOrderData& d) const noexcept;
    [[nodiscard]] bool reduces_here(const Order& order) const noexcept;
    [[nodiscard]] bool can_only_reduce(const Order& order) const noexcept;
    void watch_position(const Order& order, bool open) noexcept;

    // order_emulation.cpp: what the market says to them
    void follow(Order& order, const PriceReach& reach, Timestamp now, EventBuffer& out) noexcept;
    [[nodiscard]] bool ready(Order& order, Timestamp now) noexcept;
    [[nodiscard]] Price on_tick(Price price, const Order& order, Timestamp now) const noexcept;
    [[nodiscard]] PriceReach standing(const Order& order) const noexcept;
    [[nodiscard]] bool would_take(const Order& order) const noexcept;
    [[nodiscard]] bool would_open(const Order& order) const noexcept;
    [[nodiscard]] Quantity reducing_beside(const Order& order, ClientOrderId before) const noexcept;
    [[nodiscard]] bool followed_price(const Order& order, Timestamp now,
                                      Price& price) const noexcept;
    void trail(Order& order, const PriceReach& reach, Timestamp now) noexcept;
    void touch(InstrumentId i, Side side, const PriceReach& reach, Timestamp now,
               EventBuffer& out) noexcept;
    void follow_market(const MarketEvent& e, EventBuffer& out) noexcept;
    void reprice(Order& order, Timestamp now, EventBuffer& out) noexcept;
    void on_session(const MarketEvent& e, EventBuffer& out) noexcept;
    void check_reduce_only(AccountId account, InstrumentId i, Timestamp now,
                           EventBuffer& out) noexcept;

    // order_actions.cpp
    void adjust_holdings(const MarketEvent& e, EventBuffer& out) noexcept;
    void adjust_order(Order& order, const MarketEvent& e, EventBuffer& out) noexcept;

    // order_state.cpp
    void restore_exposures(StateArchive& a);
    void persist_held(StateArchive& a);
    void restore_relations();

    static void answer(const Order& order, Answer answer, Timestamp now, EventBuffer& out);
    static void answer_unknown(const OrderEvent& intent, EventBuffer& out);
    static void answer_denied(const OrderEvent& intent, OrderReason reason, std::uint64_t failed,
                              EventBuffer& out);
    void announce_position(const LoggedExecution& fill, StrategyId strategy, Money amount,
                           Timestamp now, EventBuffer& out) const;
    [[nodiscard]] OrderEvent opening_record(AccountId account, const OpeningPosition& held,
                                            Timestamp now) const;
    static AlertData& alert(AlertCode code, Timestamp now, InstrumentId instrument,
                            EventBuffer& out);
    static void alert_order(const Order& order, AlertCode code, std::int64_t first,
                            std::int64_t second, Timestamp now, EventBuffer& out);

    const InstrumentTable& instruments_;
    AccountBook& accounts_;
    ExposureBook exposures_;
    OrderTable table_;
    FillLog executions_;
    std::vector<std::uint64_t> newest_tag_;  // by StrategyId: the highest count used
    ClientOrderId next_id_;
    std::uint64_t next_fill_ = 1;    // numbers fills for the accounts
    std::uint32_t reduce_only_ = 0;  // open orders whose reduce-only is emulated: in `reducing_`
    const MarkTable* marks_ = nullptr;
    ReleaseJudge* judge_ = nullptr;
    std::vector<VenueCapabilities> venues_;
    Duration reprice_interval_;
    Emulator emulator_;
    OrderGroups links_;                   // by strategy and link
    OrderGroups children_;                // by the parent's tag
    OrderGroups reducing_;                // by account and instrument
    LinkedShares shares_;                 // of links_
    std::vector<std::uint32_t> scratch_;  // slots, while many orders are changed
};

}  // namespace fermata
