#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/account/account_book.hpp"
#include "core/base/state_archive.hpp"
#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/loop/take_steps.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/basket_book.hpp"
#include "core/order/basket_judgement.hpp"
#include "core/order/change_target.hpp"
#include "core/order/day_end.hpp"
#include "core/order/day_records.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/flattener.hpp"
#include "core/order/intent_merge.hpp"
#include "core/order/latch_follower.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/overfill.hpp"
#include "core/order/sender.hpp"
#include "core/order/stage_events.hpp"
#include "core/order/trading_gate.hpp"
#include "core/order/trading_outlet.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// The one place that every order passes: numbers what strategies want, lets the gate judge it,
/// records intent and verdict, and only then hands it to the order manager and the venue.
///
/// Owner:  the loop that polls it.
/// Inputs: market data first (so that a verdict sees the newest marks), then reports by venue, then
///         control, then what the shards want, merged by cause and strategy: the result does not
///         depend on how many shards there are.
/// Stream: every order event that it consumes (kFlagInput) or emits gets the next position of its
///         stream and goes to the journal in that order. Market data is referred to by feed
///         position. Once a day of event time (UTC) it also puts on record what every account is
///         worth.
/// Journal: an order is sent only after its record was handed to the journal, in strict mode only
///         after that record is durable. When the journal failed, no new order and no new terms are
///         sent any more; cancels still are.
/// Overfill: strategy and instrument of an order filled beyond its quantity are then HALTED.
template <TradingGate Gate>
class TradingStage {
public:
    TradingStage(const InstrumentTable& instruments, MarkTable& marks, AccountBook& accounts,
                 OrderManager& orders, Gate& gate, TradingLanes lanes)
        : instruments_(instruments),
          marks_(marks),
          accounts_(accounts),
          orders_(orders),
          gate_(gate),
          judge_(gate),
          lanes_(std::move(lanes)),
          outlet_(lanes_),
          out_(orders.events_max()),
          baskets_(accounts.strategies()),
          flattener_(instruments, marks, accounts, orders) {
        orders_.use_marks(marks_);
        orders_.use_judge(judge_);
    }
    TradingStage(const TradingStage&) = delete;
    TradingStage& operator=(const TradingStage&) = delete;

    /// Before the first event; without it days end with the record of the equity alone. And for
    /// whom positions are closed by a flatten; without it none are.
    void use_day_end(const DayEnd& day_end) noexcept { days_.use(day_end); }
    void use_owners(std::vector<FlattenOwner> owners) { flattener_.use_owners(std::move(owners)); }
    /// From the next request on what stands latched outside is followed; it outlives the stage.
    void use_latch(Latch& latch) {
        latch_ = LatchFollower(latch, {1, accounts_.accounts(), accounts_.strategies(),
                                       instruments_.size(), lanes_.to_venue.size()});
    }

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        const std::uint64_t pushed = outlet_.pushed();
        const auto look_up = [this] { now_ == Timestamp{0} ? void() : look_at_latch(now_); };
        const auto take = [&](auto step) { consumed += take_steps(budget, look_up, step); };
        outlet_.release_held();
        take([this] { return step_market(); });
        for (std::size_t v = 0; v < lanes_.from_venue.size(); ++v) {
            take([&] { return step_report(v); });
        }
        take([this] { return step_control(); });
        take([this] { return step_snapshot(); });
        for (std::size_t n = 0; n < budget && take_next_intent(lanes_.from_shard, in_hand_);
             ++n, ++consumed) {
            on_intent(in_hand_);
        }
        return {consumed, outlet_.pushed() - pushed};
    }

    // One event of one lane, for whoever follows an order of consumption that is on record instead
    // of polling. False when the lane is empty.
    bool step_market() {
        const MarketEvent* e = lanes_.market->front();
        if (e == nullptr) return false;
        on_market(*e);
        lanes_.market->pop();
        return true;
    }
    bool step_report(std::size_t venue) {
        if (!lanes_.from_venue[venue]->take(in_hand_)) return false;
        on_report(in_hand_);
        return true;
    }
    bool step_control() {
        if (lanes_.control == nullptr || !lanes_.control->take(in_hand_)) return false;
        if (in_hand_.type == OrderEventType::kControl) {
            on_control(in_hand_, kFlagInput);
            close_positions();
            return true;
        }
        consume(in_hand_);  // an alert about the run itself: on record, nothing follows
        if (in_hand_.type == OrderEventType::kRiskInput) {
            give_up_waiting(outlet_.cause());
            alert(in_hand_.instrument, gate_.on_input(in_hand_));
            act(gate_.next_trip(), outlet_.cause());
        }
        return true;
    }
    bool step_snapshot() {
        if (lanes_.snapshots == nullptr || !lanes_.snapshots->take(in_hand_)) return false;
        consume(in_hand_);
        alert(in_hand_.instrument, gate_.on_snapshot(in_hand_));
        return true;
    }
    bool step_intent(std::size_t shard) {
        if (!lanes_.from_shard[shard]->take(in_hand_)) return false;
        on_intent(in_hand_);
        return true;
    }

    /// An output lane was full and something could not be sent: the owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return outlet_.overflowed(); }
    /// Position of the newest record of this stage's stream.
    [[nodiscard]] std::uint64_t position() const noexcept { return outlet_.position(); }
    [[nodiscard]] std::uint64_t feed_position() const noexcept { return outlet_.feed_position(); }
    /// Orders that wait for their record to become durable.
    [[nodiscard]] bool holds_orders() noexcept { return outlet_.holds_orders(); }
    /// Puts a record of the run itself (its end) into the stream.
    void record(OrderEvent e) { consume(e); }

    /// See core/base/state_archive.hpp; the books and the gate are their owner's to store.
    void persist(StateArchive& a) {
        static_assert(sizeof(TradingStage) == 1152, "persist must deal with every member");
        a.section("trading", 4, [&] { a(days_, now_, outlet_, baskets_, flattener_); });
    }

private:
    void on_market(const MarketEvent& e) {
        if (days_.due(e.ts)) [[unlikely]]
            begin_day(e.ts);
        outlet_.advance(e.seq);
        now_ = std::max(now_, e.ts);
        if (outlet_.progress_is_due()) outlet_.record_progress(now_);
        const std::optional<AlertData> halt = halt_alert(e, marks_);
        marks_.update(e);
        if (gate_.watches_market()) gate_.on_market(e);
        outlet_.blame_market(e.seq);
        give_up_waiting(outlet_.cause());
        switch (e.type) {
            case MarketEventType::kQuote:
            case MarketEventType::kTrade:
            case MarketEventType::kBar:
            case MarketEventType::kBarOpen:
                on_price(e.instrument);
                break;
            case MarketEventType::kCorporateAction:
                orders_.on_corporate_action(e, out_);
                route();
                break;
            case MarketEventType::kSession:
                alert(e.instrument, halt);
                if (e.data.session.closes() && baskets_.any()) on_session_end();
                break;
            case MarketEventType::kSkipped:
            case MarketEventType::kGap:
                alert(e.instrument, feed_alert(e));
                break;
            default:
                break;
        }
        if (orders_.watches(e)) [[unlikely]] {
            orders_.on_market(e, out_);
            route();
        }
        if (gate_.watches_orders()) act(gate_.next_trip(), make_cause(CauseKind::kMarket, e.seq));
        close_positions();
    }

    void on_price(InstrumentId id) {
        if (id.value >= marks_.size()) return;
        accounts_.on_mark(id, marks_[id].price(), marks_[id].ts);
        if (!gate_.watches_equity()) return;
        accounts_.for_each_affected(id, [this](AccountId account) { on_equity(account); });
    }

    void on_equity(AccountId account) {
        if (!gate_.watches_equity() || !accounts_.equity_known(account)) return;
        const auto tripped = gate_.on_equity(account, accounts_.equity(account), now_);
        act(tripped, make_cause(CauseKind::kMarket, outlet_.feed_position()));
    }
    /// What controls decided by themselves: on record, in force, orders canceled by it, and told.
    void act(std::optional<ControlData> tripped, std::uint64_t cause) {
        for (; tripped; tripped = gate_.next_trip()) impose(*tripped, about(*tripped), cause);
    }
    void impose(const ControlData& control, InstrumentId instrument, std::uint64_t cause) {
        OrderEvent e = make_control(now_, instrument, control, cause);
        on_control(e, 0);
        alert(instrument, trip_alert(control));
    }

    /// Requests that no venue answered in time: their orders are Unknown.
    void give_up_waiting(std::uint64_t cause) {
        while (gate_.answers_overdue(now_)) [[unlikely]] {
            outlet_.blame(cause);
            OrderEvent late = gate_.next_unanswered(now_);
            outlet_.emit(late);
            orders_.on_timeout(late.data.alert.order_id, now_, out_);
            route();
            act(gate_.next_trip(), cause);
        }
    }

    void on_report(OrderEvent& e) {
        consume(e);
        give_up_waiting(outlet_.cause());
        const bool correction = e.type == OrderEventType::kCorrection;
        if (correction) {
            orders_.on_correction(e, out_);
        } else {
            orders_.on_execution(e, out_);
        }
        const bool filled = correction || e.data.execution.exec_type == ExecType::kTrade;
        const ClientOrderId id =
            correction ? e.data.correction.order_id : e.data.execution.order_id;
        const Order* order = filled ? orders_.find(id) : nullptr;
        const AccountId account = order != nullptr ? order->account : AccountId{};
        const bool overfilled = filled && tells_overfill(out_.span());
        route();
        if (order != nullptr) on_equity(account);
        if (gate_.watches_orders()) act(gate_.next_trip(), outlet_.cause());
        if (overfilled) [[unlikely]] {
            for (const ControlData& halt : overfill_halts(*order)) {
                impose(halt, order->instrument, outlet_.cause());
            }
        }
        flattener_.wake();
        close_positions();
    }

    /// `flags` is 0 for what a control of the gate itself decided. Latched first, canceled last.
    void on_control(OrderEvent& e, std::uint8_t flags) {
        const ControlData& c = e.data.control;
        if (gate_.latches(c) && !latch_.write_first(c, gate_.state(c.scope, c.target), now_))
            [[unlikely]]
            return record(latch_alert(now_, c));
        put_in_force(e, flags);
    }
    void put_in_force(OrderEvent& e, std::uint8_t flags) {
        consume(e, flags);
        gate_.on_control(e.data.control);
        latch_.on_record(e.data.control);
        flattener_.on_control(e.data.control);
        if (e.data.control.cancel_orders == static_cast<std::uint8_t>(CancelOrders::kNone)) return;
        orders_.cancel_all(e.data.control, now_, out_);
        route();
    }
    /// What others latched or released goes on record and comes into force, as if commanded.
    void look_at_latch(Timestamp ts) {
        if (!latch_.due()) [[likely]]
            return;
        now_ = std::max(now_, ts);
        latch_.update(gate_, now_, [this](const ControlData& control) {
            OrderEvent e = make_control(now_, InstrumentId{0}, control, 0);
            put_in_force(e, kFlagInput);
            close_positions();
        });
        if (latch_.take_failure()) record(latch_alert(now_, {}));
    }

    void on_intent(OrderEvent& e) {
        look_at_latch(e.ts);
        const StrategyId sender = sender_of(e);
        e.source = sender.value;  // which shard it was must not matter to the record
        if (baskets_.collects(sender) && !baskets_.expects(e) && e.type != OrderEventType::kPreview)
            [[unlikely]] {
            outlet_.blame(e.cause);
            deny_basket(sender, baskets_, orders_, out_);
            route();
        }
        switch (e.type) {
            case OrderEventType::kNewOrder:
                on_new(e);
                break;
            case OrderEventType::kCancel:
                on_cancel(e);
                break;
            case OrderEventType::kReplace:
                on_replace(e);
                break;
            case OrderEventType::kPreview:
                on_preview(e);
                break;
            case OrderEventType::kBasket:
                consume(e);
                baskets_.begin(e.data.basket);
                break;
            default:
                consume(e);  // timers: on record, nothing follows here
        }
        route();
        act(gate_.next_trip(), outlet_.cause());
    }

    /// `own`: the stage itself placed it, to close a position. The verdict, but of a basket's.
    VerdictData on_new(OrderEvent& e, bool own = false) {
        own ? orders_.number_closing(e) : orders_.number(e);
        consume(e, own ? 0 : kFlagInput);
        if ((e.data.new_order.flags & kOrderBasket) != 0) [[unlikely]] {
            take_member(
                e, [this](OrderEvent& member) { return judge(member); },
                [this](ClientOrderId id) { orders_.cancel(id, now_, out_); }, gate_, baskets_,
                orders_, out_);
            return {};
        }
        const VerdictData verdict = judge(e);
        cancel_self_matches();
        if (verdict.approved != 0) {
            orders_.accept(e, gate_.reserve_price(e), out_);
        } else {
            orders_.deny(e, verdict, out_);
        }
        return verdict;
    }

    VerdictData judge(OrderEvent& intent) {
        const VerdictData verdict = gate_.check_new(intent);
        if (verdict.approved != 0) gate_.bind(intent);
        record_verdict(intent, verdict);
        return verdict;
    }
    /// The gate says which resting orders give way; they are canceled before the new one is sent.
    void cancel_self_matches() {
        for (auto id = gate_.next_self_match(); id; id = gate_.next_self_match()) [[unlikely]] {
            orders_.cancel(*id, now_, out_);
        }
    }

    /// What a flatten sends now.
    void close_positions() {
        if (!flattener_.active()) return;
        flattener_.run(now_, gate_, outlet_, [this](OrderEvent& e) {
            const VerdictData verdict = on_new(e, true);
            route();
            act(gate_.next_trip(), outlet_.cause());
            return verdict;
        });
    }

    void on_preview(OrderEvent& e) {
        consume(e);
        OrderEvent answer = make_verdict(now_, e.instrument, gate_.preview(e));
        outlet_.answer(answer);
    }

    void on_session_end() {
        deny_baskets(accounts_.strategies(), baskets_, orders_, out_);
        route();
    }

    void on_cancel(OrderEvent& e) {
        complete(e, orders_);
        consume(e);
        gate_.count_cancel(e);
        orders_.request_cancel(e, out_);
    }

    void on_replace(OrderEvent& e) {
        const Order* live = complete(e, orders_);
        consume(e);
        if (live == nullptr) return orders_.accept_replace(e, Price{}, out_);  // answers: unknown
        const VerdictData verdict = gate_.check_replace(e, *live);
        record_verdict(e, verdict);
        cancel_self_matches();
        if (verdict.approved != 0) {
            gate_.bind(e);
            orders_.accept_replace(e, gate_.reserve_price(e), out_);
        } else {
            orders_.deny_replace(e, verdict, out_);
        }
    }

    void consume(OrderEvent& e, std::uint8_t flags = kFlagInput) {
        now_ = std::max(now_, e.ts);
        outlet_.consume(e, flags);
    }

    void record_verdict(const OrderEvent& intent, const VerdictData& verdict) {
        outlet_.emit(make_verdict(now_, intent.instrument, verdict));
        alert(intent.instrument, gate_.next_tag());
    }

    void alert(InstrumentId about, const std::optional<AlertData>& said) {
        if (said) outlet_.emit(make_alert(now_, about, *said));
    }

    void begin_day(Timestamp ts) {
        outlet_.blame_market(outlet_.feed_position());
        const auto one_by_one = [this](const OrderEvent& e) {  // there may be more than fits
            out_.push(e);
            route();
        };
        if (outlet_.feed_position() == 0) orders_.announce_openings(ts, one_by_one);
        days_.run(accounts_, now_, ts, one_by_one, [this](OrderEvent& e) { outlet_.emit(e); });
    }

    void route() {
        if (gate_.watches_orders()) tell_gate(gate_, orders_, out_.span());
        outlet_.route(out_);
    }

    const InstrumentTable& instruments_;
    MarkTable& marks_;
    AccountBook& accounts_;
    OrderManager& orders_;
    Gate& gate_;
    GateJudge<Gate> judge_;
    TradingLanes lanes_;
    TradingOutlet outlet_;
    EventBuffer out_;
    BasketBook baskets_;
    LatchFollower latch_;  // not stored: it reads the latch again
    DayRecords days_;
    Flattener flattener_;
    OrderEvent in_hand_;  // a local would be cleared at every poll
    Timestamp now_{0};
};

}  // namespace fermata
