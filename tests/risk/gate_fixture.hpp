#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/market/mark_table.hpp"
#include "core/order/exposure.hpp"
#include "core/order/order.hpp"
#include "core/types/decimal.hpp"
#include "core/types/instrument.hpp"
#include "risk/gate.hpp"
#include "risk/verdict_text.hpp"

namespace fermata::testing {

inline Price price(std::string_view text) { return parse<Price>(text).value(); }
inline Quantity quantity(std::string_view text) { return parse<Quantity>(text).value(); }
inline Money money(std::string_view text) { return parse<Money>(text).value(); }

inline constexpr std::uint64_t kConfigHash = 0x0123'4567'89ab'cdef;

/// Only the limits that are named.
inline RiskConfig only(std::initializer_list<std::pair<const char*, const char*>> limits) {
    RiskConfig config(RiskProfile::kUnlimited);
    for (const auto& [key, value] : limits) FERMATA_ASSERT(config.set_limit(key, value).ok());
    return config;
}

/// Controls that say nothing before they were told something.
inline constexpr std::uint64_t kNotTold = bit(ControlId::kRecovering) | bit(ControlId::kBuild) |
                                          bit(ControlId::kJournal) | bit(ControlId::kDropCopy) |
                                          bit(ControlId::kCredit);

inline OrderEvent in_account(std::uint16_t account, const OrderEvent& order) {
    OrderEvent e = order;
    e.data.new_order.account = {account};
    return e;
}

/// A gate with real books around it: instruments 0 "AAA", 1 "BBB" (USD, tick 0.01, lot 1), 2 "FUT"
/// (USD, multiplier 50, tick 0.25), 3 "EUR" (quoted in EUR); accounts 0 (cash) and 1 (margin) with
/// 100,000 USD each; strategies 0 and 1. Time stands still unless moved.
class GateWorld {
public:
    explicit GateWorld(RiskConfig config = RiskConfig{}) : config_(std::move(config)) {
        usd_ = instruments.currency("USD");
        eur_ = instruments.currency("EUR");
        add("AAA", usd_, "0.01", 1);
        add("BBB", usd_, "0.01", 1);
        add("FUT", usd_, "0.25", 50);
        add("EUR1", eur_, "0.01", 1);
        add("EURUSD", usd_, "0.00001", 1);
    }

    /// Called by the first use, so that a test can still change instruments and accounts.
    void start() {
        if (gate_) return;
        std::vector<AccountConfig> accounts(2);
        for (std::uint16_t a = 0; a < 2; ++a) {
            accounts[a].id = {a};
            accounts[a].name = "account" + std::to_string(a);
            accounts[a].base = usd_;
            accounts[a].cash = {{usd_, opening_cash}};
            accounts[a].type = a == 0 ? AccountConfig::Type::kCash : AccountConfig::Type::kMargin;
        }
        if (!euros.is_zero()) accounts[0].cash.emplace_back(eur_, euros);
        marks_ = std::make_unique<MarkTable>(instruments.size());
        book_ = std::make_unique<AccountBook>(instruments, accounts, 2);
        exposures_ = std::make_unique<ExposureBook>(instruments, 2, 2);
        gate_ =
            std::make_unique<Gate>(config_, instruments, *marks_, *book_, *exposures_, kConfigHash);
    }

    Gate& gate() { return start(), *gate_; }
    AccountBook& book() { return start(), *book_; }
    ExposureBook& exposures() { return start(), *exposures_; }
    MarkTable& marks() { return start(), *marks_; }

    /// The marks take it in, then the gate.
    void market(const MarketEvent& e) {
        marks().update(e);
        gate().on_market(e);
    }
    /// The last price of an instrument, for the gate and the account book alike.
    void trade(std::uint32_t instrument, std::string_view at) {
        TradeData data;
        data.price = price(at);
        market(make_trade(now, {instrument}, {}, data));
        book().on_mark({instrument}, data.price);
    }
    void quote(std::uint32_t instrument, std::string_view bid, std::string_view ask) {
        QuoteData data;
        data.bid = price(bid);
        data.ask = price(ask);
        market(make_quote(now, {instrument}, {}, data));
        book().on_mark({instrument}, marks()[{instrument}].price());
    }
    void session(std::uint32_t instrument, bool open) {
        market(make_session(now, {instrument}, {}, open));
    }
    void halt(std::uint32_t instrument, bool halts) {
        market(make_halt(now, {instrument}, {}, halts));
    }
    /// A position that is simply there: filled at the current price, without an order.
    void hold(std::uint32_t instrument, std::string_view signed_quantity, std::string_view at,
              std::uint16_t account = 0) {
        const Quantity q = quantity(signed_quantity);
        FillToBook fill;
        fill.ts = now;
        fill.instrument = {instrument};
        fill.account = {account};
        fill.side = q.is_negative() ? Side::kSell : Side::kBuy;
        fill.price = price(at);
        fill.quantity = q.is_negative() ? -q : q;
        fill.fee_currency = usd_;
        FERMATA_ASSERT(book().book_fill(fill).ok());
        trade(instrument, at);
    }

    /// A market order of strategy 0 in account 0; change what the test is about.
    OrderEvent order(std::uint32_t instrument, Side side, std::string_view size) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, now, {instrument});
        NewOrderData& o = e.data.new_order;
        o = NewOrderData{};
        o.tag = make_order_tag({0}, ++orders_);
        o.order_id = make_client_order_id(20'000, 1, orders_);
        o.side = side;
        o.quantity = quantity(size);
        return e;
    }
    OrderEvent limit(std::uint32_t instrument, Side side, std::string_view size,
                     std::string_view at) {
        OrderEvent e = order(instrument, side, size);
        e.data.new_order.type = OrderType::kLimit;
        e.data.new_order.price = price(at);
        return e;
    }
    /// Of one unit; `worst` 0: none.
    OrderEvent peg(std::uint32_t instrument, Side side, OffsetKind kind, std::string_view offset,
                   std::string_view worst = "0") {
        OrderEvent e = order(instrument, side, "1");
        e.data.new_order.type = OrderType::kPegged;
        e.data.new_order.offset_kind = kind;
        e.data.new_order.offset = price(offset).raw();
        e.data.new_order.price = price(worst);
        return e;
    }
    /// Of one unit, by distances in price; `trigger` 0: from the market.
    OrderEvent trailing_limit(std::uint32_t instrument, Side side, std::string_view trail,
                              std::string_view distance, std::string_view trigger = "0") {
        OrderEvent e = order(instrument, side, "1");
        e.data.new_order.type = OrderType::kTrailingStopLimit;
        e.data.new_order.offset_kind = OffsetKind::kTrailPrice;
        e.data.new_order.offset = price(trail).raw();
        e.data.new_order.price = price(distance);
        e.data.new_order.stop_price = price(trigger);
        return e;
    }
    OrderEvent replace(const Order& live, std::string_view size, std::string_view at) {
        OrderEvent e = make_order_event(OrderEventType::kReplace, now, live.instrument);
        ChangeOrderData& c = e.data.change;
        c = ChangeOrderData{};
        c.tag = live.tag;
        c.order_id = live.id;
        c.strategy = live.strategy;
        c.account = live.account;
        c.quantity = quantity(size);
        c.price = price(at);
        return e;
    }

    VerdictData judge(const OrderEvent& e) { return gate().check_new(e); }
    /// The reject text without the hash, or "APPROVED".
    std::string text(const VerdictData& v) {
        const std::string all = render_verdict(v);
        return all.substr(0, all.rfind(' '));
    }
    std::string text(const OrderEvent& e) { return text(judge(e)); }

    /// What the order manager does with an approved order: it is open from now on.
    Order open(const OrderEvent& e) {
        const NewOrderData& o = e.data.new_order;
        Order live;
        live.tag = o.tag;
        live.id = o.order_id;
        live.instrument = e.instrument;
        live.strategy = o.strategy;
        live.account = o.account;
        live.side = o.side;
        live.type = o.type;
        live.tif = o.tif;
        live.state = OrderState::kNew;
        live.price = o.price;
        live.stop_price = o.stop_price;
        live.offset = o.offset;
        live.offset_kind = o.offset_kind;
        if (live.limit_moves()) live.bound = o.price;
        live.quantity = o.quantity;
        live.reserve_price = gate().reserve_price(e);
        live.reserved_quantity = live.worst_leaves();
        live.reserved_value = notional(live.reserve_price, live.worst_leaves(),
                                       instruments[live.instrument].multiplier)
                                  .value();
        exposures().open(live, {live.reserved_quantity, live.reserved_value});
        return live;
    }
    /// What the order manager says when an order was filled; the books are not touched.
    void tell_fill(std::uint32_t instrument, std::string_view size, std::string_view at,
                   std::uint16_t strategy = 0, std::uint16_t account = 0, OrderTag tag = {}) {
        OrderEvent e = make_order_event(OrderEventType::kFill, now, {instrument});
        e.data.fill = FillData{};
        e.data.fill.tag = tag;
        e.data.fill.strategy = {strategy};
        e.data.fill.account = {account};
        e.data.fill.price = price(at);
        e.data.fill.quantity = quantity(size);
        gate().on_order_event(e, nullptr);
    }
    /// What it says of an order as it stands.
    void tell(const Order& order, OrderState previous = OrderState::kPendingNew) {
        OrderEvent e = make_order_event(OrderEventType::kOrderUpdate, now, order.instrument);
        e.data.update = OrderUpdateData{};
        e.data.update.order_id = order.id;
        e.data.update.strategy = order.strategy;
        e.data.update.account = order.account;
        e.data.update.state = order.state;
        e.data.update.previous = previous;
        e.data.update.quantity = order.quantity;
        e.data.update.cumulative_quantity = order.cumulative_quantity;
        gate().on_order_event(e, &order);
    }
    /// All books take in a fill at the mark.
    void fill(Order& live, std::string_view size) {
        const ExposureShare before{live.reserved_quantity, live.reserved_value};
        const Quantity q = quantity(size);
        const Price at = marks()[live.instrument].price();
        live.cumulative_quantity += q;
        live.reserved_quantity = live.worst_leaves();
        live.reserved_value = notional(live.reserve_price, live.worst_leaves(),
                                       instruments[live.instrument].multiplier)
                                  .value();
        exposures().change(live, before, {live.reserved_quantity, live.reserved_value});
        hold(live.instrument.value, (live.side == Side::kSell ? "-" : "") + to_string(q),
             to_string(at), live.account.value);
    }
    void close(const Order& live) {
        exposures().close(live, {live.reserved_quantity, live.reserved_value});
    }

    Instrument& instrument(std::size_t i) {  // before start()
        return const_cast<Instrument&>(instruments.all()[i]);
    }

    InstrumentTable instruments;
    Timestamp now{1'700'000'000'000'000'000};
    Money opening_cash = Money::from_units(100'000);
    Money euros;  // also in account 0

private:
    void add(const char* symbol, CurrencyId currency, const char* tick, std::int64_t multiplier) {
        Instrument i;
        i.symbol = symbol;
        i.currency = currency;
        i.ticks = {{Timestamp::min(), price(tick)}};
        i.multiplier = Multiplier::from_units(multiplier);
        instruments.add(i);
    }

    RiskConfig config_;
    CurrencyId usd_, eur_;
    std::unique_ptr<MarkTable> marks_;
    std::unique_ptr<AccountBook> book_;
    std::unique_ptr<ExposureBook> exposures_;
    std::unique_ptr<Gate> gate_;
    std::uint32_t orders_ = 0;
};

}  // namespace fermata::testing
