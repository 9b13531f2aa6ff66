#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/strategy/shard.hpp"
#include "core/types/decimal.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::test {

[[nodiscard]] inline Price price_of(const std::string& text) { return parse<Price>(text).value(); }
[[nodiscard]] inline Quantity units(std::int64_t n) { return Quantity::from_units(n); }

/// A strategy that does what the test says, when it says it.
class Puppet final : public Strategy {
public:
    std::function<void(StrategyContext&)> once;  ///< Done at the next quote.
    void on_quote(StrategyContext& context, InstrumentId, const QuoteData&) override {
        if (!once) return;
        const auto todo = std::exchange(once, nullptr);
        todo(context);
    }
    /// What it was told of sessions and halts: "opens halts resumes ".
    std::string told;
    void on_session(StrategyContext&, InstrumentId, bool open) override {
        told += open ? "opens " : "closes ";
    }
    void on_halt(StrategyContext&, InstrumentId, bool halted) override {
        told += halted ? "halts " : "resumes ";
    }
    bool persist(StateArchive&) override { return true; }
};

/// One strategy and its helpers in a real shard, with an order manager and a venue that the test
/// plays: requests are taken as they come (or refused, if the test says so), fills are the test's.
/// USD, tick 0.01, lots of 1, 1,000,000 in cash, a multiplier of 1 unless told.
class HostedStrategy {
public:
    struct Seen {
        NewOrderData order;  ///< With the terms in force.
        OrderState state = OrderState::kNew;
        Quantity filled;
        [[nodiscard]] bool live() const { return !is_terminal(state); }
        [[nodiscard]] Quantity leaves() const { return order.quantity - filled; }
    };

    explicit HostedStrategy(Sizing sizing = {}, int instruments = 1,
                            Multiplier multiplier = Multiplier::from_units(1))
        : sizing_(sizing) {
        const CurrencyId usd = table_.currency("USD");
        for (int i = 0; i < instruments; ++i) {
            Instrument instrument;
            instrument.symbol = "S" + std::to_string(i);
            instrument.currency = usd;
            instrument.multiplier = multiplier;
            instrument.ticks = {{Timestamp::min(), price_of("0.01")}};
            instruments_.push_back(table_.add(instrument));
        }
        positions_.resize(table_.size());
        account_ = {AccountId{0}, "main", usd, {{usd, Money::from_units(1'000'000)}}};
    }
    /// What works beside the strategy; before the first event.
    std::vector<std::unique_ptr<Strategy>> helpers;
    /// New orders that this says true to are rejected.
    std::function<bool(const NewOrderData&)> refuses;
    bool refuses_changes = false;  ///< The gate refuses every new price and quantity.
    bool disconnected = false;     ///< Cancels find no session; the hundredth goes through.
    OrderReason refusal = OrderReason::kDisconnected;  ///< What a cancel is answered with then.
    unsigned cancels_refused = 0;                      ///< For that.
    RoutingTable routing;                              ///< Before the first event.

    void start() {
        make_shard(std::move(helpers));
        shard_->start(Timestamp{0});
    }
    /// A fresh shard goes on from the state of this one.
    void restart(std::vector<std::unique_ptr<Strategy>> fresh = {}) {
        const std::vector<std::byte> state = state_of(*shard_);
        make_shard(std::move(fresh));
        ASSERT_EQ(load_state(*shard_, state), "");
        ASSERT_TRUE(state_of(*shard_) == state) << "the copy writes another state";
    }

    /// Lets the strategy do something, with a quote of 100.00 to 100.02 or the last one.
    void act(std::function<void(StrategyContext&)> todo) {
        puppet_->once = std::move(todo);
        quote(bid_, ask_);
    }
    void quote(const std::string& bid, const std::string& ask, InstrumentId id = {},
               StreamId stream = {}) {
        bid_ = bid;
        ask_ = ask;
        market(
            make_quote(next(), id, stream, {price_of(bid), units(1), price_of(ask), units(1), 0}));
    }
    void trade(const std::string& price, std::int64_t quantity, InstrumentId id = {}) {
        TradeData t;
        t.price = price_of(price);
        t.quantity = units(quantity);
        market(make_trade(next(), id, {}, t));
    }
    void bar(const std::string& open, const std::string& high, const std::string& low,
             const std::string& close, std::int64_t volume = 0, InstrumentId id = {}) {
        market(make_bar(next(), id, {},
                        BarData{price_of(open), price_of(high), price_of(low), price_of(close),
                                units(volume)}));
    }
    void session(bool open, InstrumentId id = {}) { market(make_session(next(), id, {}, open)); }
    void halt(bool halts, InstrumentId id = {}) { market(make_halt(next(), id, {}, halts)); }
    /// What the strategy was told of sessions and halts since the last (re)start.
    [[nodiscard]] const std::string& told() const { return puppet_->told; }
    void split(int new_shares, int old_shares, InstrumentId id = {}) {
        MarketEvent e = make_event(MarketEventType::kCorporateAction, next(), id, {});
        CorporateActionData action;
        action.numerator = new_shares;
        action.denominator = old_shares;
        e.data.corporate_action = action;
        market(e);
        OrderEvent p = make_order_event(OrderEventType::kPosition, now_, id);
        p.data.position = PositionData{};
        Quantity& position = positions_[id.value];
        position = Quantity::from_raw(position.raw() * new_shares / old_shares);
        p.data.position.position = p.data.position.strategy_position = position;
        p.data.position.cash = Money::from_units(1'000'000);
        report(p);
    }
    void pass(Duration time) {
        const Timestamp to = now_ + time;
        while (shard_->timer_due() <= to) {
            now_ = shard_->timer_due();
            shard_->fire_timers(now_);
            take_intents();
        }
        now_ = to;
    }

    void fill(OrderTag tag, std::int64_t quantity, const std::string& price) {
        Seen& o = orders.at(tag.value);
        fill_one(o, units(quantity), price_of(price));
        if (o.order.parent.value == 0) return;
        // The order manager's part: the parent's fills are its children's.
        Seen& parent = orders.at(o.order.parent.value);
        parent.filled += units(quantity);
        parent.state = parent.leaves().is_zero() ? OrderState::kFilled : OrderState::kNew;
        update(parent, OrderState::kNew, parent.state);
    }
    /// A corporate action moves its price, as the order manager does it by itself.
    void adjust(OrderTag tag, const std::string& price) {
        Seen& o = orders.at(tag.value);
        o.order.price = price_of(price);
        update(o, o.state, o.state, OrderReason::kCorporateAction);
    }
    /// The venue ends it: an IOC remainder, a cancel of its own.
    void end(OrderTag tag) {
        Seen& o = orders.at(tag.value);
        const OrderState before = std::exchange(o.state, OrderState::kCanceled);
        update(o, before, o.state);
    }

    /// Live orders, oldest first.
    [[nodiscard]] std::vector<Seen> live() const {
        std::vector<Seen> found;
        for (const auto& [tag, seen] : orders) {
            if (seen.live()) found.push_back(seen);
        }
        return found;
    }
    /// The only live order that `which` says true to.
    template <class F>
    [[nodiscard]] Seen only(F&& which) const {
        std::vector<Seen> found;
        for (const Seen& o : live()) {
            if (which(o.order)) found.push_back(o);
        }
        EXPECT_EQ(found.size(), 1u);
        return found.empty() ? Seen{} : found.front();
    }
    [[nodiscard]] Seen only(OrderType type) const {
        return only([&](const NewOrderData& o) { return o.type == type; });
    }
    [[nodiscard]] Quantity position(InstrumentId id = {}) const { return positions_[id.value]; }
    [[nodiscard]] Timestamp now() const { return now_; }

    std::map<std::uint64_t, Seen> orders;  ///< By tag, so in the order in which they were sent.
    std::vector<OrderEvent> records;       ///< Everything else that came from the strategy.

private:
    void make_shard(std::vector<std::unique_ptr<Strategy>> parts) {
        shard_ = std::make_unique<ShardStage>(std::uint16_t{0}, table_, std::span(&account_, 1),
                                              std::size_t{256},
                                              ShardStage::Lanes{&market_, &reports_, &intents_});
        auto puppet = std::make_unique<Puppet>();
        puppet_ = puppet.get();
        StrategySetup setup;
        setup.instruments = instruments_;
        setup.sizing = sizing_;
        setup.strategy = std::move(puppet);
        setup.helpers = std::move(parts);
        setup.routing = &routing;
        shard_->add(std::move(setup));
    }
    Timestamp next() { return now_ = now_ + Duration::seconds(1); }
    void market(MarketEvent e) {
        e.seq = ++seq_;
        ASSERT_TRUE(market_.try_push(e));
        shard_->poll(64);
        take_intents();
    }
    void report(OrderEvent e) {
        e.ts = now_;
        e.seq = ++seq_;
        ASSERT_TRUE(reports_.try_push(e));
        shard_->poll(64);
    }
    void take_intents() {
        OrderEvent e;
        while (intents_.take(e)) {
            switch (e.type) {
                case OrderEventType::kNewOrder:
                    on_new(e);
                    break;
                case OrderEventType::kCancel:
                    on_cancel(e.data.change);
                    break;
                case OrderEventType::kReplace:
                    on_replace(e.data.change);
                    break;
                default:
                    records.push_back(e);
            }
        }
    }
    void on_new(const OrderEvent& e) {
        Seen& o = orders[e.data.new_order.tag.value];
        o.order = e.data.new_order;
        instrument_of_[o.order.tag.value] = e.instrument;
        const bool refused = refuses && refuses(o.order);
        o.state = refused ? OrderState::kRejected : OrderState::kNew;
        update(o, OrderState::kPendingNew, o.state);
        take_intents();
    }
    void on_cancel(const ChangeOrderData& change) {
        Seen& o = orders.at(change.tag.value);
        if (!o.live()) return;
        if ((o.order.flags & kOrderParent) != 0) {
            update(o, o.state, OrderState::kPendingCancel);
            take_intents();
            if (!o.live() || disconnected) return;  // its child is still there
        } else if (disconnected && cancels_refused < 100) {
            ++cancels_refused;
            update(o, o.state, OrderState::kPendingCancel);
            update(o, OrderState::kPendingCancel, o.state, refusal);
            take_intents();
            return;
        }
        end(change.tag);
        take_intents();
    }
    void on_replace(const ChangeOrderData& change) {
        Seen& o = orders.at(change.tag.value);
        if (!o.live()) return;
        if (refuses_changes) {
            update(o, o.state, o.state, OrderReason::kGate, 1);
            take_intents();
            return;
        }
        o.order.quantity = change.quantity;
        o.order.price = change.price;
        o.order.stop_price = change.stop_price;
        update(o, OrderState::kPendingReplace, o.state);
        take_intents();
    }
    void fill_one(Seen& o, Quantity quantity, Price price) {
        const InstrumentId id = instrument_of_.at(o.order.tag.value);
        Quantity& position = positions_[id.value];
        position += o.order.side == Side::kBuy ? quantity : -quantity;
        o.filled += quantity;
        OrderEvent e = make_order_event(OrderEventType::kFill, now_, id);
        e.data.fill = FillData{};
        e.data.fill.tag = o.order.tag;
        e.data.fill.price = price;
        e.data.fill.quantity = quantity;
        e.data.fill.cash_after = Money::from_units(1'000'000);
        e.data.fill.position_after = e.data.fill.strategy_position_after = position;
        e.data.fill.side = o.order.side;
        report(e);
        const OrderState before = o.state;
        o.state = o.leaves().is_zero() ? OrderState::kFilled : OrderState::kPartiallyFilled;
        update(o, before, o.state);
        take_intents();
    }
    void update(const Seen& o, OrderState previous, OrderState state,
                OrderReason reason = OrderReason::kNone, std::uint64_t failed = 0) {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now_,
                                        instrument_of_.at(o.order.tag.value));
        e.data.update = OrderUpdateData{};
        OrderUpdateData& d = e.data.update;
        d.tag = o.order.tag;
        d.quantity = o.order.quantity;
        d.cumulative_quantity = o.filled;
        d.leaves_quantity = is_terminal(state) ? Quantity::zero() : o.leaves();
        d.price = o.order.price;
        d.stop_price = o.order.stop_price;
        d.previous = previous;
        d.reason = reason;
        d.failed = failed;
        d.state = state;
        d.side = o.order.side;
        d.type = o.order.type;
        d.tif = o.order.tif;
        d.flags = o.order.flags;
        report(e);
        take_intents();
    }

    InstrumentTable table_;
    AccountConfig account_;
    Sizing sizing_;
    std::vector<InstrumentId> instruments_;
    Lane<MarketEvent> market_{64};
    Lane<OrderEvent> reports_{256};
    Lane<OrderEvent> intents_{256};
    std::unique_ptr<ShardStage> shard_;
    Puppet* puppet_ = nullptr;
    std::vector<Quantity> positions_;
    std::map<std::uint64_t, InstrumentId> instrument_of_;
    Timestamp now_{0};
    std::uint64_t seq_ = 0;
    std::string bid_ = "100.00", ask_ = "100.02";
};

}  // namespace fermata::test
