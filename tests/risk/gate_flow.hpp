#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/order/order_manager.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_flow_counts.hpp"
#include "tests/risk/gate_flow_followers.hpp"
#include "tests/risk/gate_flow_inputs.hpp"
#include "tests/risk/gate_flow_setup.hpp"
#include "tests/risk/limit_flow.hpp"
#include "tests/risk/preview_check.hpp"
#include "tests/risk/reference_gate.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {

/// Random flow through the gate with the real order manager and books, every verdict and every trip
/// compared with those of the reference.
class GateFlow {
public:
    GateFlow(std::uint64_t seed, const RiskConfig& config) : config_(config), random_(seed) {
        accounts_ = two_accounts(add_instruments(instruments_));
        marks_ = std::make_unique<MarkTable>(instruments_.size());
        book_ = std::make_unique<AccountBook>(instruments_, accounts_, 2);
        orders_ = std::make_unique<OrderManager>(OrderManagerConfig{}, instruments_, *book_);
        gate_ = std::make_unique<Gate>(config_, instruments_, *marks_, *book_, orders_->exposures(),
                                       kConfigHash);
        gate_->use_snapshots(shelf_);
        out_ = std::make_unique<EventBuffer>(orders_->events_max());
        reference_ = std::make_unique<ReferenceGate>(config_.limits(), instruments_);
        reference_->opening_cash = Money::from_units(100'000);
        reference_->lists = ReferenceLists(config_);
        reference_->regimes = config_.day_trade_regimes();
        for (std::uint32_t i = 0; i < 3; ++i) mark(i, kBegin[i]);
    }

    void run(int requests) {
        while (counts.requests < requests && !::testing::Test::HasFatalFailure()) step();
    }
    /// Everything is built anew and gets its state from an archive.
    void restart() {
        const GateCounts before = gate_->counts();
        test::restart(*marks_, instruments_.size());
        test::restart(*book_, instruments_, accounts_, 2);
        test::restart(*orders_, OrderManagerConfig{}, instruments_, *book_);
        test::restart(*gate_, config_, instruments_, *marks_, *book_, orders_->exposures(),
                      kConfigHash);
        gate_->use_snapshots(shelf_);
        ASSERT_EQ(gate_->counts().approved, before.approved);
        ASSERT_EQ(gate_->counts().by_control, before.by_control);
    }

    FlowCounts counts;

private:
    static constexpr std::array<std::int64_t, 3> kBegin = {10'000, 1'000, 60};  // ticks

    int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    bool chance(int percent) { return pick(100) < percent; }
    std::int64_t tick(InstrumentId i) { return instruments_[i].ticks[0].tick.raw(); }
    /// Instrument 0 has trades, 1 quotes around the price, 2 bars.
    void mark(std::uint32_t i, std::int64_t ticks) {
        ticks_[i] = ticks;
        const Price at = Price::from_raw(ticks * tick({i}));
        MarketEvent e;
        if (i == 0) {
            TradeData data;
            data.price = at;
            e = make_trade(now_, {i}, {}, data);
        } else if (i == 1) {
            const std::int64_t half = chance(3) ? -pick(3) : 1 + pick(12);
            QuoteData data;
            data.bid = Price::from_raw((ticks - half) * tick({i}));
            data.ask = Price::from_raw((ticks + half) * tick({i}));
            e = make_quote(now_, {i}, {}, data);
            reference_->quotes[i] = {data.bid, data.ask};
        } else {
            BarData data;
            data.low = data.close = at;
            e = make_bar(now_, {i}, {}, data);
        }
        happens(e);
        book_->on_mark({i}, at);
        reference_->marks[i] = at;
        reference_->price_history[i].push_back(at);
        reference_->data_lost[i] = false;
        if (i != 1) reference_->print(i, at, i == 0 ? now_ : Timestamp{now_.ns - 1});
        if (i < 2) reference_->ticked[i] = now_.ns;
        for (std::uint16_t a = 0; a < 2; ++a) see_equity({a});
    }
    void happens(const MarketEvent& e) {
        marks_->update(e);
        gate_->on_market(e);
    }
    void lose_data(std::uint32_t i) {
        happens(gap(now_, {i}));
        reference_->data_lost[i] = true;
    }
    void see_equity(AccountId a) {
        ASSERT_EQ(book_->equity(a).raw(), reference_->equity(a));
        reference_->equity_seen(a, now_);
        std::vector<ReferenceGate::Trip> expected;
        if (!reference_->tripped && reference_->drawn_down(a)) {
            reference_->tripped = true;
            reference_->states[{ControlScope::kFirm, 0}] = TradingState::kHalted;
            expected.push_back({ControlId::kDrawdown, 0});
        }
        for (const auto& t : reference_->after_equity(a, now_)) expected.push_back(t);
        compare_trips(gate_->on_equity(a, book_->equity(a), now_), expected);
    }
    /// What controls did by themselves; their owner hands their decisions back.
    void compare_trips(std::optional<ControlData> trip,
                       const std::vector<ReferenceGate::Trip>& expected) {
        ASSERT_EQ(take_trips(*gate_, trip), expected);
        reference_->halt(expected);
        for (const auto& t : expected) ++counts.trips[static_cast<std::size_t>(t.control)];
    }
    /// What the order manager said, as the trading stage tells it.
    void tell() {
        for (const OrderEvent& e : out_->span()) {
            const bool update = e.type == OrderEventType::kOrderUpdate;
            gate_->on_order_event(e, update ? orders_->find(e.data.update.order_id) : nullptr);
            reference_->note_sent(e);
            if (update) reference_->locates.see(e.data.update);
        }
        out_->clear();
    }
    void pass(Duration d) {
        now_ = now_ + d;
        reference_->at(now_);
    }

    void step() {
        pass(Duration::milliseconds(chance(60) ? 0 : pick(70)));
        give_up_waiting(*gate_, *orders_, *out_, *reference_, now_, [this](const auto& late) {
            tell();
            compare_next(late);
        });
        const int what = pick(1'000);
        if (what < 12) {
            pass(Duration::milliseconds(1'000 + pick(2'000)));
            if (what == 0) new_day();
            for (std::uint32_t i = 0; i < 3; ++i)
                mark(i, moved_price(ticks_[i], kBegin[i], 10, random_));
        } else if (what < 15 || (what >= 930 && reference_->halted())) {
            control();
        } else if (what < 20) {
            outside();
        } else if (what < 23 || (what >= 900 && what < 915 && reference_->unwell())) {
            compare_next(tell_health(*gate_, *reference_, random_));
        } else if (what == 28) {
            snapshot();
        } else if (what < 24) {
            lose_data(static_cast<std::uint32_t>(pick(3)));
        } else if (what < 27) {
            const auto i = static_cast<std::uint32_t>(pick(3));
            const bool halts = reference_->halted_there[i] || chance(10);
            halts ? halt(i) : session(i, reference_->closed[i] || chance(90));
        } else if (what >= 29 && what < 32) {
            compare_next(ask_too_much(*gate_, *reference_, random_, now_));
        } else if (what == 32) {
            ASSERT_EQ(change_a_limit(*gate_, config_.limits(), reference_->limits(), random_, now_),
                      "");
        } else if (what < 36) {
            ask_to_release(*gate_, *reference_, *orders_, live_, random_, now_);
        } else if (what < 70) {
            const auto i = static_cast<std::uint32_t>(pick(3));
            mark(i, moved_price(ticks_[i], kBegin[i], 100, random_));
        } else if (what < 270) {
            if (!live_.empty()) fill(live_[static_cast<std::size_t>(pick(size()))]);
        } else if (what < 400) {
            if (!live_.empty()) cancel(live_[static_cast<std::size_t>(pick(size()))]);
        } else if (what < 500) {
            if (!live_.empty()) replace(live_[static_cast<std::size_t>(pick(size()))]);
        } else {
            new_order();
        }
        refresh();
    }
    /// Hours later; the brokers are asked again soon.
    void new_day() {
        pass(Duration::seconds(3'600 * (6 + pick(30))));
        for (int n = pick(4); n > 0; --n) compare_next(tell_health(*gate_, *reference_, random_));
    }
    int size() const { return static_cast<int>(live_.size()); }
    void compare_next(const std::vector<ReferenceGate::Trip>& expected) {
        compare_trips(gate_->next_trip(), expected);
    }

    void outside() {
        const auto i = static_cast<std::uint32_t>(pick(3));
        tell_market_inputs(*gate_, *reference_, random_, i, ticks_[i] * tick({i}));
        if (chance(25)) {
            ASSERT_TRUE(restrict_at_run_time(*gate_, reference_->lists, random_, now_));
        }
        if (chance(20)) compare_next(tell_clock(*gate_, *reference_, random_));
    }
    void snapshot() {
        const auto& marks = reference_->marks;
        const std::vector<Price> prices{marks.at(0), marks.at(1), marks.at(2)};
        GateSnapshot made = random_snapshot(++snapshots_, prices, random_);
        const bool meant = !chance(5);
        if (meant) reference_->adopt(made, now_);
        ASSERT_EQ(!tell_snapshot(*gate_, shelf_, std::move(made), now_, meant), meant);
    }
    void control() {
        ControlData c;
        c.scope = static_cast<ControlScope>(pick(4));
        c.target = c.scope == ControlScope::kFirm ? 0 : static_cast<std::uint64_t>(pick(2));
        c.state = static_cast<TradingState>(1 + pick(2));
        for (const auto& [where, state] : reference_->states) {
            if (state == TradingState::kActive || chance(20)) continue;
            c.scope = where.first;
            c.target = where.second;
            c.state = TradingState::kActive;
            break;
        }
        if (c.target > 2) return;  // not an instrument: a question about one created the entry
        ASSERT_TRUE(gate_->on_control(c));
        reference_->states[{c.scope, c.target}] = c.state;
        if (c.state != TradingState::kHalted) reference_->released(c);
    }
    void session(std::uint32_t i, bool open) {
        happens(session_event(now_, {i}, open));
        reference_->closed[i] = !open;
        open ? reference_->session_opens(now_) : reference_->prints[i].push_back(std::nullopt);
    }
    void halt(std::uint32_t i) {
        happens(make_halt(now_, {i}, {}, reference_->halts(i, chance(50))));
    }

    Price some_price(InstrumentId i) {
        const int far = static_cast<int>(ticks_[i.value] / (chance(40) ? 12 : 50)) + 2;
        const std::int64_t near = ticks_[i.value] + pick(far) - pick(far);
        if (chance(15) && !live_.empty()) {  // where an own order may rest
            const Order* order = orders_->find(live_[static_cast<std::size_t>(pick(size()))]);
            if (order->instrument == i) return order->price;
        }
        if (chance(1)) return Price::from_raw(near * tick(i) + 1);
        return chance(1) ? Price{} : Price::from_raw(near * tick(i));
    }
    Quantity some_quantity(InstrumentId i) {
        const int kind = pick(100);
        if (kind == 0) return Quantity::from_units(-pick(2));
        if (kind == 1) return Quantity::from_raw(150'000'000);
        if (kind < 6) return Quantity::from_units(100 + pick(200));
        const int parts = kind < 15 ? 400 + pick(1'000) : kind < 60 ? pick(60) : pick(300);
        return units_worth(instruments_, i, Price::from_raw(ticks_.at(i.value) * tick(i)), parts);
    }

    void new_order() {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now_,
                                        {static_cast<std::uint32_t>(chance(1) ? 99 : pick(3))});
        NewOrderData& o = e.data.new_order;
        o = NewOrderData{};
        o.strategy = {static_cast<std::uint16_t>(pick(2))};
        o.account = {static_cast<std::uint16_t>(pick(2))};
        o.tag = make_order_tag(o.strategy, ++tags_[o.strategy.value]);
        o.venue = {static_cast<std::uint16_t>(chance(90) ? 0 : 1)};
        o.side = static_cast<Side>(pick(2));
        o.type = static_cast<OrderType>(pick(4));
        o.tif = chance(10) ? TimeInForce::kGtd : TimeInForce::kGtc;
        o.expire_time = now_ + Duration::seconds(chance(10) ? 0 : 5);
        if (e.instrument.value < 3) {
            o.price = some_price(e.instrument);
            o.stop_price = some_price(e.instrument);
            o.quantity = some_quantity(e.instrument);
            if (chance(10)) let_follow(o, random_, tick(e.instrument), ticks_[e.instrument.value]);
        }
        if (chance(10)) {
            o.flags = kOrderBasket;
            o.link = 1;
        }
        if (chance(4)) o.flags |= kOrderShortExempt;
        if (chance(10) && previous_.type == OrderEventType::kNewOrder) {  // the same once more
            const NewOrderData fresh = o, &before = previous_.data.new_order;
            e.instrument = previous_.instrument;
            o = before;
            o.strategy = fresh.strategy;
            o.tag = fresh.tag;
            if (o.strategy == before.strategy && chance(10)) o.tag = before.tag;
        }
        if (chance(3)) {
            gate_->begin_basket(o.strategy);
            reference_->basket[o.strategy.value].clear();
        }
        orders_->number(e);
        previous_ = e;
        compare(ask_then_judge(*gate_, e, counts.requests % 128 == 0), reference_->judge_new(e), e);
        if (approved_) {
            const std::uint8_t mark = reference_->mark_of(e);
            compare_bound(*gate_, e, reference_->peg_bound());
            orders_->accept(e, gate_->reserve_price(e), *out_);
            ASSERT_EQ(orders_->find(o.order_id)->flags & ReferenceGate::kMarks, mark);
            live_.push_back(o.order_id);
            tell();
            const int answer = pick(10);  // 0: none yet
            if (answer == 1) {
                report(o.order_id, ExecType::kRejected);
                tell();
                compare_trips(gate_->next_trip(), reference_->after_reject(o.strategy, now_));
            } else if (answer != 0) {
                report(o.order_id, ExecType::kNew);
            }
        }
        tell();
    }

    void replace(ClientOrderId id) {
        const Order* live = orders_->find(id);
        OrderEvent e = make_order_event(OrderEventType::kReplace, now_, live->instrument);
        ChangeOrderData& c = e.data.change;
        c = ChangeOrderData{};
        c.tag = live->tag;
        c.order_id = id;
        c.strategy = live->strategy;
        c.account = live->account;
        c.quantity = chance(50) ? live->quantity : some_quantity(live->instrument);
        c.price = chance(50) ? live->price : some_price(live->instrument);
        c.stop_price = chance(50) ? live->stop_price : some_price(live->instrument);
        c.offset = live->offset;
        ++counts.replaces;
        compare(gate_->check_replace(e, *live), reference_->judge_replace(e, *live), e);
        const bool may =
            approved_ && live->acknowledged && !live->replace_pending && !live->cancel_pending;
        if (approved_) {
            compare_bound(*gate_, e, reference_->peg_bound());
            orders_->accept_replace(e, gate_->reserve_price(e), *out_);
        }
        tell();
        if (may && chance(80))
            report(id, chance(70) ? ExecType::kReplaced : ExecType::kReplaceRejected);
        tell();
    }

    void cancel(ClientOrderId id) {
        const Order* live = orders_->find(id);
        OrderEvent e = make_order_event(OrderEventType::kCancel, now_, live->instrument);
        e.data.change = ChangeOrderData{};
        e.data.change.tag = live->tag;
        e.data.change.order_id = id;
        e.data.change.strategy = live->strategy;
        e.data.change.account = live->account;
        gate_->count_cancel(e);
        reference_->cancel(live->strategy, now_);
        orders_->request_cancel(e, *out_);
        tell();
        if (chance(70)) report(id, ExecType::kCanceled);
        tell();
    }

    void fill(ClientOrderId id) {
        const Order order = *orders_->find(id);
        const std::int64_t open = order.leaves().raw() / Quantity::kOne;
        if (open <= 0) return;
        const auto filled = Quantity::from_units(1 + pick(static_cast<int>(open)));
        report(id, ExecType::kTrade, filled);
        const Price at = reference_->marks.at(order.instrument.value);
        const std::int64_t units = filled.raw() / Quantity::kOne *
                                   (instruments_[order.instrument].multiplier.raw() / 100'000'000);
        const std::int64_t paid = at.raw() / 1'000 * units;  // ticks are whole micros
        const int direction = sign(order.side);
        reference_->fills.push_back({order.instrument, order.account, filled.raw() * direction,
                                     Money::from_raw(-paid * direction), order.strategy, now_.ns,
                                     at, order.id.value});
        tell();
        reference_->note_pattern(now_);
        compare_trips(gate_->next_trip(), reference_->after_fill());
        see_equity(order.account);
    }

    void report(ClientOrderId id, ExecType type, Quantity filled = {}) {
        const Order order = *orders_->find(id);
        OrderEvent e = make_order_event(OrderEventType::kExecution, now_, order.instrument);
        ExecutionData& x = e.data.execution;
        x = ExecutionData{};
        x.order_id = id;
        x.venue = order.venue;
        x.venue_order_id = {id.value};
        x.exec_id = {++executions_};
        x.exec_type = type;
        x.last_quantity = filled;
        x.last_price =
            filled.is_positive() ? reference_->marks.at(order.instrument.value) : Price{};
        x.cumulative_quantity = order.cumulative_quantity + filled;
        x.leaves_quantity = order.leaves() - filled;
        if (type == ExecType::kReplaced) {
            x.price = order.pending_price;
            x.stop_price = order.pending_stop_price;
            x.leaves_quantity = order.pending_quantity - order.cumulative_quantity;
        }
        if (type == ExecType::kRejected || type == ExecType::kCanceled) x.leaves_quantity = {};
        orders_->on_execution(e, *out_);
        reference_->note_report(*orders_->find(id), e.data.execution);
    }

    void refresh() {
        std::erase_if(live_, [&](ClientOrderId id) {
            const Order* order = orders_->find(id);
            return order == nullptr || is_terminal(order->state);
        });
        reference_->live.clear();
        for (const ClientOrderId id : live_) reference_->live.push_back(*orders_->find(id));
        std::erase_if(reference_->messages, [&](const ReferenceGate::Message& m) {
            return now_.ns - m.ns > 10'000'000'000;
        });
        reference_->forget_attempts_before(now_ - Duration::seconds(2));
    }

    void compare(const VerdictData& verdict, std::uint64_t expected, const OrderEvent& e) {
        counts.count(expected);
        approved_ = verdict.approved != 0;
        ASSERT_EQ(render_codes(verdict.failed), render_codes(expected))
            << "request " << counts.requests << ", " << render_verdict(verdict) << ", "
            << name(e.type) << " of instrument " << e.instrument.value;
        ASSERT_EQ(approved_, expected == 0);
        counts.tags += compare_tags(gate_->next_tag(), reference_->tag) ? 1 : 0;
    }

    RiskConfig config_;
    std::vector<AccountConfig> accounts_;
    std::mt19937_64 random_;
    InstrumentTable instruments_;
    std::unique_ptr<MarkTable> marks_;
    std::unique_ptr<AccountBook> book_;
    std::unique_ptr<OrderManager> orders_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<EventBuffer> out_;
    std::unique_ptr<ReferenceGate> reference_;
    Timestamp now_{1'700'000'000'000'000'000};
    std::array<std::int64_t, 3> ticks_{};
    std::array<std::uint64_t, 2> tags_{};
    std::vector<ClientOrderId> live_;
    OrderEvent previous_;
    std::uint64_t executions_ = 0, snapshots_ = 0;
    SnapshotShelf shelf_;
    bool approved_ = false;
};

}  // namespace fermata::testing
