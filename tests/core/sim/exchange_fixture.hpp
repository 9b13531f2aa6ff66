#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/sim/simulated_exchange.hpp"
#include "core/types/decimal.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {

/// One fill, in a form that a test can write down and that prints itself.
struct FillSeen {
    std::uint64_t order = 0;
    std::string quantity;
    std::string price;
    friend bool operator==(const FillSeen&, const FillSeen&) = default;
    friend std::ostream& operator<<(std::ostream& os, const FillSeen& f) {
        return os << "{" << f.order << ", " << f.quantity << " @ " << f.price << "}";
    }
};

/// How a report ended an order, or refused a request.
struct ReportSeen {
    std::uint64_t order = 0;
    ExecType type = ExecType::kNew;
    OrderReason reason = OrderReason::kNone;
    friend bool operator==(const ReportSeen&, const ReportSeen&) = default;
    friend std::ostream& operator<<(std::ostream& os, const ReportSeen& r) {
        return os << "{" << r.order << ", " << name(r.type) << ", " << name(r.reason) << "}";
    }
};

[[nodiscard]] inline Price px(std::string_view text) { return parse<Price>(text).value(); }
[[nodiscard]] inline Quantity qty(std::string_view text) { return parse<Quantity>(text).value(); }
[[nodiscard]] inline Money usd(std::string_view text) { return parse<Money>(text).value(); }
[[nodiscard]] inline Ratio ratio(std::string_view text) { return parse<Ratio>(text).value(); }
/// Seconds of the test's day, which begins at 2024-01-02T00:00:00Z.
[[nodiscard]] inline Timestamp at(std::int64_t seconds) {
    return Timestamp{1'704'153'600'000'000'000} + Duration::seconds(seconds);
}

/// A request as a test writes it: Ticket::buy("100").limit("99.50").day().
struct Ticket {
    NewOrderData data;

    [[nodiscard]] static Ticket buy(std::string_view quantity) {
        return make(Side::kBuy, quantity);
    }
    [[nodiscard]] static Ticket sell(std::string_view quantity) {
        return make(Side::kSell, quantity);
    }
    [[nodiscard]] Ticket limit(std::string_view price) const {
        Ticket o = *this;
        o.data.price = px(price);
        o.data.type = o.data.type == OrderType::kStop              ? OrderType::kStopLimit
                      : o.data.type == OrderType::kMarketIfTouched ? OrderType::kLimitIfTouched
                                                                   : OrderType::kLimit;
        return o;
    }
    [[nodiscard]] Ticket stop(std::string_view price) const {
        Ticket o = *this;
        o.data.stop_price = px(price);
        o.data.type = o.data.type == OrderType::kLimit ? OrderType::kStopLimit : OrderType::kStop;
        return o;
    }
    [[nodiscard]] Ticket type(OrderType type) const {
        Ticket o = *this;
        o.data.type = type;
        return o;
    }
    /// If-touched: a market order, or with `limit` behind it a limit order.
    [[nodiscard]] Ticket touch(std::string_view price) const {
        Ticket o = *this;
        o.data.stop_price = px(price);
        o.data.type = OrderType::kMarketIfTouched;
        return o;
    }
    /// Trailing by a distance in price; with a first trigger, or beginning at the market.
    [[nodiscard]] Ticket trail(std::string_view distance, std::string_view first = "0") const {
        return trailing(OffsetKind::kTrailPrice, px(distance).raw(), first);
    }
    [[nodiscard]] Ticket trail_percent(std::string_view part, std::string_view first = "0") const {
        return trailing(OffsetKind::kTrailPercent, ratio(part).raw(), first);
    }
    /// A trailing order's limit, `distance` from its trigger.
    [[nodiscard]] Ticket trail_limit(std::string_view distance) const {
        Ticket o = type(OrderType::kTrailingStopLimit);
        o.data.price = px(distance);
        return o;
    }
    [[nodiscard]] Ticket peg(OffsetKind kind, std::string_view offset = "0",
                             std::string_view worst = "0") const {
        Ticket o = type(OrderType::kPegged);
        o.data.offset_kind = kind;
        o.data.offset = px(offset).raw();
        o.data.price = px(worst);
        return o;
    }
    [[nodiscard]] Ticket show(std::string_view quantity) const {
        Ticket o = *this;
        o.data.display_quantity = qty(quantity);
        return o;
    }
    [[nodiscard]] Ticket post_only() const { return flag(kOrderPostOnly); }
    [[nodiscard]] Ticket reduce_only() const { return flag(kOrderReduceOnly); }
    [[nodiscard]] Ticket link(std::uint32_t group, LinkRole role) const {
        Ticket o = *this;
        o.data.link = group;
        o.data.link_role = role;
        return o;
    }
    [[nodiscard]] Ticket tif(TimeInForce tif, Timestamp expire = {}) const {
        Ticket o = *this;
        o.data.tif = tif;
        o.data.expire_time = expire;
        return o;
    }

private:
    [[nodiscard]] Ticket flag(OrderFlag flag) const {
        Ticket o = *this;
        o.data.flags = static_cast<std::uint8_t>(o.data.flags | flag);
        return o;
    }
    [[nodiscard]] Ticket trailing(OffsetKind kind, std::int64_t offset,
                                  std::string_view first) const {
        Ticket o = type(OrderType::kTrailingStop);
        o.data.offset_kind = kind;
        o.data.offset = offset;
        o.data.stop_price = px(first);
        return o;
    }
    [[nodiscard]] static Ticket make(Side side, std::string_view quantity) {
        Ticket o;
        o.data.side = side;
        o.data.quantity = qty(quantity);
        o.data.tif = TimeInForce::kGtc;
        return o;
    }
};

/// A simulated exchange with one account and one instrument (lot 1, tick 0.01, in dollars), driven
/// by hand. Orders are numbered from 1.
class Exchange {
public:
    struct Setup {
        AccountKind kind = AccountKind::kMargin;
        const char* cash = "100000";
        const char* position = "0";
        const char* calendar = "";
        const char* lot = "1";
        const char* multiplier = "1";
        std::size_t orders_max = 64;
    };

    explicit Exchange(const SimConfig& config = {}) : Exchange(config, Setup{}) {}
    Exchange(const SimConfig& config, const Setup& setup) {
        Instrument instrument;
        instrument.symbol = "XYZ";
        instrument.ticks = {{Timestamp::min(), px("0.01")}};
        instrument.lot = qty(setup.lot);
        instrument.multiplier = parse<Multiplier>(setup.multiplier).value();
        instrument.currency = instruments_.currency("USD");
        instrument.calendar = setup.calendar;
        xyz_ = instruments_.add(instrument);
        streams_ = {{StreamId{0}, "minutes", MarketEventType::kBar, Duration::minutes(1)},
                    {StreamId{1}, "quotes", MarketEventType::kQuote, Duration{}},
                    {StreamId{2}, "trades", MarketEventType::kTrade, Duration{}},
                    {StreamId{3}, "days", MarketEventType::kBar, Duration::days(1)}};
        account_ = {AccountId{0}, setup.kind, {usd(setup.cash)}, {{xyz_, qty(setup.position)}}};
        exchange_ = std::make_unique<SimulatedExchange>(config, instruments_, streams_,
                                                        std::span(&account_, 1), setup.orders_max);
        out_ = std::make_unique<EventBuffer>(exchange_->events_max());
    }

    /// The exchange is built anew and gets its state from an archive. `config` and `setup` as in
    /// the constructor.
    void restart(const SimConfig& config, const Setup& setup) {
        test::restart(*exchange_, config, instruments_, streams_, std::span(&account_, 1),
                      setup.orders_max);
    }

    std::uint64_t send(std::int64_t seconds, const Ticket& ticket) {
        return send(at(seconds), ticket);
    }
    std::uint64_t send(Timestamp ts, const Ticket& ticket) {
        OrderEvent e = make_order_event(OrderEventType::kSendNew, ts, xyz_);
        e.seq = ++sent_;
        e.data.new_order = ticket.data;
        e.data.new_order.order_id = ClientOrderId{++orders_};
        exchange_->on_order(e, *out_);
        keep();
        return orders_;
    }
    /// Any request as it is.
    void request(const OrderEvent& event) {
        OrderEvent e = event;
        e.seq = ++sent_;
        exchange_->on_order(e, *out_);
        keep();
    }
    void cancel(std::int64_t seconds, std::uint64_t order) {
        change(OrderEventType::kSendCancel, seconds, order, {});
    }
    void replace(std::int64_t seconds, std::uint64_t order, const Ticket& terms) {
        ChangeOrderData data;
        data.price = terms.data.price;
        data.stop_price = terms.data.stop_price;
        data.quantity = terms.data.quantity;
        data.display_quantity = terms.data.display_quantity;
        data.offset = terms.data.offset;
        change(OrderEventType::kSendReplace, seconds, order, data);
    }

    void open(std::int64_t seconds, const char* price, const char* volume = "100000",
              std::uint16_t stream = 0) {
        show(make_bar_open(at(seconds), xyz_, StreamId{stream}, px(price), qty(volume)));
    }
    void bar(std::int64_t end, const char* o, const char* h, const char* l, const char* c,
             const char* volume = "100000", std::uint16_t stream = 0) {
        show(make_bar(at(end), xyz_, StreamId{stream}, {px(o), px(h), px(l), px(c), qty(volume)}));
    }
    /// Opening and path of the minute that begins at `start`.
    void minute(std::int64_t start, const char* o, const char* h, const char* l, const char* c,
                const char* volume = "100000") {
        open(start, o, volume);
        bar(start + 60, o, h, l, c, volume);
    }
    void quote(std::int64_t seconds, const char* bid, const char* bid_size, const char* ask,
               const char* ask_size, std::uint8_t flags = 0) {
        MarketEvent e = make_quote(at(seconds), xyz_, StreamId{1},
                                   {px(bid), qty(bid_size), px(ask), qty(ask_size)});
        e.flags = flags;
        show(e);
    }
    void trade(std::int64_t seconds, const char* price, const char* quantity) {
        TradeData data;
        data.price = px(price);
        data.quantity = qty(quantity);
        show(make_trade(at(seconds), xyz_, StreamId{2}, data));
    }
    void session(std::int64_t seconds, bool opens) {
        show(make_session(at(seconds), xyz_, StreamId{0}, opens));
    }
    void halt(std::int64_t seconds, bool halts) {
        show(make_halt(at(seconds), xyz_, StreamId{0}, halts));
    }
    void split(std::int64_t seconds, std::int64_t numerator, std::int64_t denominator) {
        MarketEvent e =
            make_event(MarketEventType::kCorporateAction, at(seconds), xyz_, StreamId{0});
        e.data.corporate_action = CorporateActionData{};
        e.data.corporate_action.numerator = numerator;
        e.data.corporate_action.denominator = denominator;
        show(e);
    }
    void dividend(std::int64_t seconds, const char* cash) {
        MarketEvent e =
            make_event(MarketEventType::kCorporateAction, at(seconds), xyz_, StreamId{0});
        e.data.corporate_action = CorporateActionData{};
        e.data.corporate_action.kind = CorporateActionKind::kDividend;
        e.data.corporate_action.cash = px(cash);
        show(e);
    }
    void gap(std::int64_t seconds) {
        show(make_event(MarketEventType::kGap, at(seconds), xyz_, StreamId{1}));
    }
    void show(const MarketEvent& event) {
        MarketEvent e = event;
        e.seq = ++shown_;
        exchange_->on_market(e, *out_);
        keep();
    }
    void advance(Timestamp now) {
        exchange_->advance(now, *out_);
        keep();
    }

    /// All fills so far.
    [[nodiscard]] std::vector<FillSeen> fills() const {
        std::vector<FillSeen> seen;
        for (const OrderEvent& e : reports_) {
            if (e.type != OrderEventType::kExecution) continue;
            const ExecutionData& x = e.data.execution;
            if (x.exec_type != ExecType::kTrade) continue;
            seen.push_back({x.order_id.value, to_string(x.last_quantity), to_string(x.last_price)});
        }
        return seen;
    }
    /// Everything else but acknowledgements.
    [[nodiscard]] std::vector<ReportSeen> ends() const {
        std::vector<ReportSeen> seen;
        for (const OrderEvent& e : reports_) {
            if (e.type != OrderEventType::kExecution) continue;
            const ExecutionData& x = e.data.execution;
            if (x.exec_type == ExecType::kTrade || x.exec_type == ExecType::kNew) continue;
            seen.push_back({x.order_id.value, x.exec_type, x.reason});
        }
        return seen;
    }
    /// The price and trigger of the newest report of new terms, as "limit/trigger".
    [[nodiscard]] std::string restated(std::uint64_t order) const {
        for (auto e = reports_.rbegin(); e != reports_.rend(); ++e) {
            const ExecutionData& x = e->data.execution;
            if (x.order_id.value != order || x.exec_type != ExecType::kRestated) continue;
            return to_string(x.price) + "/" + to_string(x.stop_price);
        }
        return "";
    }
    bool bust(ExecId fill) {
        const bool done = exchange_->bust(fill, *out_);
        keep();
        return done;
    }
    bool correct(ExecId fill, const char* price, const char* quantity) {
        const bool done = exchange_->correct(fill, px(price), qty(quantity), *out_);
        keep();
        return done;
    }
    [[nodiscard]] const std::vector<OrderEvent>& reports() const { return reports_; }
    [[nodiscard]] const ExecutionData& last() const { return reports_.back().data.execution; }
    [[nodiscard]] Timestamp last_ts() const { return reports_.back().ts; }
    [[nodiscard]] std::string cash() const {
        return to_string(exchange_->broker().cash(AccountId{0}, CurrencyId{0}));
    }
    [[nodiscard]] std::string position() const {
        return to_string(exchange_->broker().position(AccountId{0}, xyz_));
    }
    [[nodiscard]] SimulatedExchange& exchange() { return *exchange_; }
    [[nodiscard]] InstrumentId instrument() const { return xyz_; }

private:
    void change(OrderEventType type, std::int64_t seconds, std::uint64_t order,
                ChangeOrderData data) {
        OrderEvent e = make_order_event(type, at(seconds), xyz_);
        data.order_id = ClientOrderId{order};
        e.data.change = data;
        request(e);
    }
    void keep() {
        for (const OrderEvent& e : out_->span()) reports_.push_back(e);
        out_->clear();
    }

    InstrumentTable instruments_;
    StreamTable streams_;
    InstrumentId xyz_;
    SimAccount account_;
    std::unique_ptr<SimulatedExchange> exchange_;
    std::unique_ptr<EventBuffer> out_;
    std::vector<OrderEvent> reports_;
    std::uint64_t orders_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t shown_ = 0;
};

using Fills = std::vector<FillSeen>;
using Ends = std::vector<ReportSeen>;

}  // namespace fermata
