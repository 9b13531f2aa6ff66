#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/strategy/registry.hpp"
#include "core/strategy/shard.hpp"
#include "core/types/decimal.hpp"
#include "strategies/register.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::test {

[[nodiscard]] inline Price price(const std::string& text) { return parse<Price>(text).value(); }
[[nodiscard]] inline Money money(const std::string& text) { return parse<Money>(text).value(); }

/// One strategy in a real shard, with a broker that the test plays by hand: it shows the strategy
/// events, takes its orders, and fills or refuses them as the test says. USD, whole shares.
class ShardHarness {
public:
    ShardHarness(std::unique_ptr<Strategy> strategy, int instruments, Sizing sizing,
                 const std::string& cash = "100000")
        : cash_(money(cash)) {
        const CurrencyId usd = table_.currency("USD");
        StrategySetup setup;
        for (int i = 0; i < instruments; ++i) {
            Instrument instrument;
            instrument.symbol = "S" + std::to_string(i);
            instrument.currency = usd;
            instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
            setup.instruments.push_back(table_.add(instrument));
        }
        positions_.resize(table_.size());
        account_ = {AccountId{0}, "main", usd, {{usd, cash_}}};
        sizing_ = sizing;
        instruments_ = setup.instruments;
        host(std::move(strategy));
        shard_->start(Timestamp{0});
    }

    /// A new shard and `fresh`, built like the strategy before, take over from here by the states
    /// of the old ones.
    void restart(std::unique_ptr<Strategy> fresh) {
        const std::vector<std::byte> state = state_of(*shard_);
        host(std::move(fresh));
        ASSERT_EQ(load_state(*shard_, state), "");
        ASSERT_TRUE(state_of(*shard_) == state) << "the copy writes another state";
    }

    /// Why the shard's state cannot be written; "" when it can.
    [[nodiscard]] std::string snapshot_error() {
        std::vector<std::byte> bytes;
        StateWriter writer(bytes);
        shard_->persist(writer);
        return writer.ok() ? "" : writer.error().message();
    }

    void close(Price close, InstrumentId id = {}) {
        market(make_bar(next(), id, {}, BarData{close, close, close, close, Quantity::zero()}));
    }
    void close(const std::string& text, InstrumentId id = {}) { close(price(text), id); }
    void quote(const std::string& bid, const std::string& ask, int bid_size = 1, int ask_size = 1,
               InstrumentId id = {}) {
        market(make_quote(next(), id, {},
                          QuoteData{price(bid), Quantity::from_units(bid_size), price(ask),
                                    Quantity::from_units(ask_size), 0}));
    }
    void trade(const std::string& text, InstrumentId id = {}) {
        TradeData trade;
        trade.price = price(text);
        trade.quantity = Quantity::from_units(1);
        market(make_trade(next(), id, {}, trade));
    }
    void split(int new_shares, int old_shares, InstrumentId id = {}) {
        MarketEvent e = make_event(MarketEventType::kCorporateAction, next(), id, {});
        CorporateActionData action;
        action.numerator = new_shares;
        action.denominator = old_shares;
        e.data.corporate_action = action;
        market(e);
    }
    void gap(InstrumentId id = {}) {
        MarketEvent e = make_event(MarketEventType::kGap, next(), id, {});
        e.data.gap.lost = 1;
        market(e);
    }

    /// The oldest order that the strategy sent and the test has not taken yet.
    [[nodiscard]] std::optional<OrderEvent> take_order() {
        OrderEvent e;
        if (!intents_.take(e)) return std::nullopt;
        EXPECT_EQ(e.type, OrderEventType::kNewOrder);
        return e;
    }

    /// The oldest cancel or replace.
    [[nodiscard]] std::optional<OrderEvent> take_change() {
        OrderEvent e;
        if (!intents_.take(e)) return std::nullopt;
        EXPECT_TRUE(e.type == OrderEventType::kCancel || e.type == OrderEventType::kReplace);
        return e;
    }
    /// Lets time pass and due timers fire.
    void wait(Duration duration) {
        now_ = now_ + duration;
        shard_->fire_timers(now_);
        OrderEvent e;
        while (!intents_.empty() && intents_.front()->type == OrderEventType::kTimer) {
            ASSERT_TRUE(intents_.take(e));  // the journal's record of the timer
        }
    }

    /// Books a fill of the whole order and reports it, as the trading stage does.
    void fill(const OrderEvent& order, Price at, Money fee = Money::zero()) {
        fill_part(order, order.data.new_order.quantity, at, fee);
        update(order, OrderState::kFilled);
    }
    void fill(const OrderEvent& order, const std::string& at) { fill(order, price(at)); }
    /// The same for a part, after which the order stays open.
    void fill_part(const OrderEvent& order, Quantity quantity, Price at,
                   Money fee = Money::zero()) {
        const NewOrderData& terms = order.data.new_order;
        Quantity& position = positions_[order.instrument.value];
        const Money value = *notional(at, quantity, Multiplier::from_units(1));
        const bool buy = terms.side == Side::kBuy;
        cash_ += (buy ? -value : value) - fee;
        position += buy ? quantity : -quantity;
        OrderEvent e = make_order_event(OrderEventType::kFill, next(), order.instrument);
        FillData fill;
        fill.tag = terms.tag;
        fill.price = at;
        fill.quantity = quantity;
        fill.fee = fee;
        fill.cash_after = cash_;
        fill.position_after = fill.strategy_position_after = position;
        fill.strategy = terms.strategy;
        fill.account = terms.account;
        fill.side = terms.side;
        e.data.fill = fill;
        report(e);
    }
    /// The whole order, or what is left of it, ended without a fill.
    void reject(const OrderEvent& order) { update(order, OrderState::kRejected); }
    void cancel(const OrderEvent& order) { update(order, OrderState::kCanceled); }

    [[nodiscard]] Money cash() const { return cash_; }
    [[nodiscard]] Quantity position(InstrumentId id = {}) const { return positions_[id.value]; }

private:
    void host(std::unique_ptr<Strategy> strategy) {
        shard_ = std::make_unique<ShardStage>(std::uint16_t{0}, table_, std::span(&account_, 1),
                                              std::size_t{16},
                                              ShardStage::Lanes{&market_, &reports_, &intents_});
        StrategySetup setup;
        setup.instruments = instruments_;
        setup.sizing = sizing_;
        setup.strategy = std::move(strategy);
        shard_->add(std::move(setup));
    }
    Timestamp next() { return now_ = now_ + Duration::seconds(1); }
    void market(const MarketEvent& event) {
        MarketEvent e = event;
        e.seq = ++seq_;
        ASSERT_TRUE(market_.try_push(e));
        shard_->poll(16);
    }
    void report(const OrderEvent& e) {
        ASSERT_TRUE(reports_.try_push(e));
        shard_->poll(16);
    }
    void update(const OrderEvent& order, OrderState state) {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, next(), order.instrument);
        OrderUpdateData update;
        update.tag = order.data.new_order.tag;
        update.strategy = order.data.new_order.strategy;
        update.previous = OrderState::kNew;
        update.state = state;
        e.data.update = update;
        report(e);
    }

    InstrumentTable table_;
    AccountConfig account_;
    Sizing sizing_;
    std::vector<InstrumentId> instruments_;
    Lane<MarketEvent> market_{16};
    Lane<OrderEvent> reports_{16};
    Lane<OrderEvent> intents_{64};
    std::unique_ptr<ShardStage> shard_;
    Money cash_;
    std::vector<Quantity> positions_;
    Timestamp now_;
    std::uint64_t seq_ = 0;
};

/// A shipped strategy by its name in the configuration.
[[nodiscard]] inline std::unique_ptr<Strategy> make_shipped(
    const std::string& name, const std::map<std::string, std::string>& params = {}) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const StrategyType* const type = registry.find(name);
    if (type == nullptr) throw std::runtime_error("no strategy type " + name);
    return type->make(complete_params(*type, params));
}

[[nodiscard]] inline Sizing fixed_size(int units) {
    return Sizing{.type = Sizing::Type::kFixed,
                  .quantity = Quantity::from_units(units),
                  .value = {},
                  .fraction = {}};
}
[[nodiscard]] inline Sizing percent_size(const std::string& fraction) {
    return Sizing{.type = Sizing::Type::kPercent,
                  .quantity = {},
                  .value = {},
                  .fraction = parse<Ratio>(fraction).value()};
}

}  // namespace fermata::test
