#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/base/assert.hpp"
#include "core/loop/lane.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/trading_stage.hpp"
#include "risk/gate.hpp"

namespace fermata::test {

inline Price cents(std::int64_t n) { return Price::from_raw(n * 10'000'000); }
inline Quantity units(std::int64_t n) { return Quantity::from_units(n); }

/// A whole trading stage (gate, order manager, accounts) with the outer ends of its lanes in hand:
/// the test is the market, the strategies and the venues. Instruments 0 "AAA", 1 "BBB", 2 "CCC"
/// (USD, tick 0.01, lot 1); margin accounts 0 and 1 with 10,000,000 USD each; strategies 0 and 1,
/// each on the account of its number; two venues. Time moves by `tick` only.
class TradingWorld {
public:
    static constexpr std::uint32_t kInstruments = 3;
    static constexpr std::uint16_t kAccounts = 2;
    static constexpr std::uint16_t kVenues = 2;
    static Money opening_cash() { return Money::from_units(10'000'000); }

    explicit TradingWorld(RiskConfig risk = RiskConfig(RiskProfile::kUnlimited),
                          OrderManagerConfig config = {4'096, 65'536, 20'000, 1})
        : risk_(std::move(risk)),
          marks(make_instruments()),
          accounts(instruments, make_accounts(), kAccounts),
          orders(config, instruments, accounts),
          gate(risk_, instruments, marks, accounts, orders.exposures(), 0x1234),
          market_(64),
          control_(64),
          journal_(65'536),
          stage_(instruments, marks, accounts, orders, gate, make_lanes()) {
        for (std::uint32_t i = 0; i < kInstruments; ++i) quote(i, 9'999, 10'001);
        settle();
    }

    InstrumentTable instruments;

private:
    RiskConfig risk_;

public:
    MarkTable marks;
    AccountBook accounts;
    OrderManager orders;
    Gate gate;
    Timestamp now{1'700'000'000'000'000'000};
    std::vector<OrderEvent> records;  ///< Everything on record, in order.

    Timestamp tick(Duration by = Duration::milliseconds(1)) { return now = now + by; }

    // --- the market ---

    void quote(std::uint32_t instrument, std::int64_t bid_cents, std::int64_t ask_cents,
               std::int64_t size = 1'000) {
        market(make_quote(tick(), {instrument}, {},
                          {cents(bid_cents), units(size), cents(ask_cents), units(size)}));
    }
    void market(MarketEvent e) {
        e.seq = ++feed_position_;
        FERMATA_ASSERT(market_.try_push(e));
    }

    // --- a strategy ---

    /// A limit order of strategy `s` on venue 0; change what the test is about and `submit` it.
    OrderEvent limit(std::uint16_t s, std::uint32_t instrument, Side side, std::int64_t quantity,
                     std::int64_t at_cents) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now, {instrument});
        NewOrderData d;
        d.tag = make_order_tag({s}, ++tags_[s]);
        d.strategy = {s};
        d.account = {s};
        d.side = side;
        d.type = OrderType::kLimit;
        d.tif = TimeInForce::kGtc;
        d.price = cents(at_cents);
        d.quantity = units(quantity);
        e.data.new_order = d;
        return e;
    }
    OrderTag submit(const OrderEvent& e) {
        push(*from_shard_, e);
        return e.data.new_order.tag;
    }
    void cancel(OrderTag tag) { push(*from_shard_, change(OrderEventType::kCancel, tag)); }
    void replace(OrderTag tag, std::int64_t quantity, std::int64_t at_cents) {
        OrderEvent e = change(OrderEventType::kReplace, tag);
        e.data.change.quantity = units(quantity);
        e.data.change.price = cents(at_cents);
        push(*from_shard_, e);
    }
    /// Anything else that a strategy may want.
    void intend(const OrderEvent& e) { push(*from_shard_, e); }

    // --- an operator ---

    void control(const ControlData& data) {
        OrderEvent e = make_order_event(OrderEventType::kControl, tick(), InstrumentId{0});
        e.data.control = data;
        push(control_, e);
    }

    /// What the gate is told from outside.
    void input(const RiskInputData& data) {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, tick(), InstrumentId{0});
        e.data.risk_input = data;
        push(control_, e);
    }

    // --- the venues ---

    void report(const OrderEvent& e) { push(*from_venue_[venue_of(e).value], e); }
    /// What was sent to a venue since the last call.
    std::vector<OrderEvent> sent(std::uint16_t venue) { return std::exchange(sent_[venue], {}); }

    /// Lets the stage work until it is at rest.
    void settle() {
        bool moved = true;
        while (moved) {
            moved = stage_.poll(64).consumed != 0;
            OrderEvent e;
            while (journal_.take(e)) records.push_back(e);
            while (to_shard_->take(e)) {
            }
            for (std::uint16_t v = 0; v < kVenues; ++v) {
                while (to_venue_[v]->take(e)) sent_[v].push_back(e);
            }
        }
        FERMATA_ASSERT(!stage_.overflowed());
    }
    /// Shorthand for one event and what follows from it.
    void tell(const OrderEvent& e) {
        report(e);
        settle();
    }

    /// The records of one type since `first`.
    [[nodiscard]] std::vector<OrderEvent> on_record(OrderEventType type,
                                                    std::size_t first = 0) const {
        std::vector<OrderEvent> found;
        for (std::size_t n = first; n < records.size(); ++n) {
            if (records[n].type == type) found.push_back(records[n]);
        }
        return found;
    }
    /// How often an alert is on record.
    [[nodiscard]] std::size_t alerts(AlertCode code) const {
        std::size_t count = 0;
        for (const OrderEvent& e : records) {
            count += e.type == OrderEventType::kAlert && e.data.alert.code == code ? 1 : 0;
        }
        return count;
    }
    [[nodiscard]] const Order& order(OrderTag tag) const {
        const Order* found = orders.find(tag);
        FERMATA_ASSERT(found != nullptr);
        return *found;
    }

private:
    static VenueId venue_of(const OrderEvent& e) {
        return e.type == OrderEventType::kCorrection ? e.data.correction.venue
                                                     : e.data.execution.venue;
    }
    static void push(Lane<OrderEvent>& lane, const OrderEvent& e) {
        FERMATA_ASSERT(lane.try_push(e));
    }
    OrderEvent change(OrderEventType type, OrderTag tag) const {
        OrderEvent e = make_order_event(type, now, InstrumentId{0});
        ChangeOrderData d;
        d.tag = tag;
        d.strategy = strategy_of(tag);
        d.account = {strategy_of(tag).value};
        e.data.change = d;
        return e;
    }
    std::size_t make_instruments() {
        for (const char* symbol : {"AAA", "BBB", "CCC"}) {
            Instrument i;
            i.symbol = symbol;
            i.currency = instruments.currency("USD");
            i.ticks = {{Timestamp::min(), cents(1)}};
            instruments.add(i);
        }
        return instruments.size();
    }
    static std::vector<AccountConfig> make_accounts() {
        std::vector<AccountConfig> made(kAccounts);
        for (std::uint16_t a = 0; a < kAccounts; ++a) {
            made[a].id = {a};
            made[a].name = "account" + std::to_string(a);
            made[a].base = CurrencyId{0};
            made[a].cash = {{CurrencyId{0}, opening_cash()}};
            made[a].type = AccountConfig::Type::kMargin;
        }
        return made;
    }
    TradingLanes make_lanes() {
        TradingLanes lanes;
        lanes.market = &market_;
        lanes.control = &control_;
        lanes.journal = &journal_;
        for (std::uint16_t v = 0; v < kVenues; ++v) {
            to_venue_[v] = std::make_unique<Lane<OrderEvent>>(16'384);
            from_venue_[v] = std::make_unique<Lane<OrderEvent>>(16'384);
            lanes.to_venue.push_back(to_venue_[v].get());
            lanes.from_venue.push_back(from_venue_[v].get());
        }
        to_shard_ = std::make_unique<Lane<OrderEvent>>(65'536);
        from_shard_ = std::make_unique<Lane<OrderEvent>>(4'096);
        lanes.to_shard = {to_shard_.get()};
        lanes.from_shard = {from_shard_.get()};
        lanes.shard_of_strategy.assign(kAccounts, 0);
        return lanes;
    }

    Lane<MarketEvent> market_;
    Lane<OrderEvent> control_, journal_;
    std::unique_ptr<Lane<OrderEvent>> to_venue_[kVenues], from_venue_[kVenues];
    std::unique_ptr<Lane<OrderEvent>> to_shard_, from_shard_;
    TradingStage<Gate> stage_;
    std::vector<OrderEvent> sent_[kVenues];
    std::uint64_t feed_position_ = 0;
    std::uint64_t tags_[kAccounts] = {};
};

}  // namespace fermata::test
