#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "risk/surveillance/surveillance.hpp"

namespace fermata::surveillance {

/// What happened at venues and in the market, told event by event as a journal's trading stream
/// would hold it, and what the rules find in it. Prices in cents, quantities in units, times in
/// milliseconds since the story began (2024-01-02T14:30:00Z).
class Story {
public:
    static constexpr std::int64_t kBegin = 1'704'205'800'000'000'000;
    static constexpr InstrumentId kInstrument{0};

    struct Terms {
        Side side = Side::kBuy;
        std::int64_t cents = 10'000;
        std::int64_t units = 100;
        std::uint16_t strategy = 0;
        std::uint16_t account = 0;
        std::uint16_t venue = 0;
        OrderType type = OrderType::kLimit;
        TimeInForce tif = TimeInForce::kDay;
        std::int64_t display = 0;
        std::uint32_t instrument = 0;
    };

    /// Only `rule`, with these settings ("spoofing.count_min=1"); two owners if `two_owners`:
    /// account 0 is of one, account 1 of the other.
    explicit Story(RuleId rule, const std::vector<std::string>& settings = {},
                   std::vector<std::uint16_t> owners = {}, std::string without_market = {})
        : Story(setup_of({rule}, settings, std::move(owners), std::move(without_market))) {}
    explicit Story(const SurveillanceSetup& setup)
        : surveillance_(setup, [this](Finding f) { findings_.push_back(std::move(f)); }) {}

    static SurveillanceSetup setup_of(const std::vector<RuleId>& rules,
                                      const std::vector<std::string>& settings = {},
                                      std::vector<std::uint16_t> owners = {},
                                      std::string without_market = {}) {
        SurveillanceSetup setup;
        setup.instruments = 2;
        setup.owners = std::move(owners);
        setup.without_market = std::move(without_market);
        setup.wanted.fill(false);
        for (const RuleId rule : rules) setup.wanted[static_cast<std::size_t>(rule)] = true;
        for (const std::string& text : settings) {
            FERMATA_ASSERT(setup.settings.set(text).ok());
        }
        return setup;
    }

    /// From here on it is `ms`.
    Story& at(std::int64_t ms) {
        now_ = Timestamp{kBegin + ms * 1'000'000};
        return *this;
    }
    Story& at_ns(std::int64_t ns) {
        now_ = Timestamp{kBegin + ns};
        return *this;
    }

    /// Sent, not yet acknowledged.
    std::uint64_t send(const Terms& t) {
        const std::uint64_t id = ++last_id_;
        terms_[id] = t;
        filled_[id] = 0;
        OrderEvent e = make_order_event(OrderEventType::kSendNew, now_, {t.instrument});
        NewOrderData d;
        d.tag = tag_of(id);
        d.order_id = {id};
        d.price = cents(t.cents);
        d.quantity = Quantity::from_units(t.units);
        d.display_quantity = Quantity::from_units(t.display);
        d.strategy = {t.strategy};
        d.account = {t.account};
        d.venue = {t.venue};
        d.side = t.side;
        d.type = t.type;
        d.tif = t.tif;
        e.data.new_order = d;
        put(e);
        return id;
    }
    void acknowledge(std::uint64_t id) { report(id, ExecType::kNew); }
    std::uint64_t show(const Terms& t) {
        const std::uint64_t id = send(t);
        acknowledge(id);
        return id;
    }
    std::uint64_t buy(std::int64_t price, std::int64_t units) {
        return show({.side = Side::kBuy, .cents = price, .units = units});
    }
    std::uint64_t sell(std::int64_t price, std::int64_t units) {
        return show({.side = Side::kSell, .cents = price, .units = units});
    }

    void fill(std::uint64_t id, std::int64_t units, std::int64_t price,
              Liquidity liquidity = Liquidity::kMaker) {
        const Terms& t = terms_[id];
        filled_[id] += units;
        ++last_exec_;
        report(id, ExecType::kTrade, OrderReason::kNone);
        OrderEvent e = make_order_event(OrderEventType::kFill, now_, {t.instrument});
        FillData d;
        d.tag = tag_of(id);
        d.order_id = {id};
        d.exec_id = {last_exec_};
        d.price = cents(price);
        d.quantity = Quantity::from_units(units);
        d.strategy = {t.strategy};
        d.account = {t.account};
        d.side = t.side;
        d.liquidity = liquidity;
        e.data.fill = d;
        put(e);
    }
    void fill(std::uint64_t id, std::int64_t units) { fill(id, units, terms_[id].cents); }
    /// A market order that is filled at once.
    std::uint64_t take(Side side, std::int64_t units, std::int64_t price) {
        const std::uint64_t id =
            show({.side = side, .cents = 0, .units = units, .type = OrderType::kMarket});
        fill(id, units, price, Liquidity::kTaker);
        return id;
    }

    void request_cancel(std::uint64_t id) {
        OrderEvent e = make_order_event(OrderEventType::kSendCancel, now_, {terms_[id].instrument});
        e.data.change = change_of(id);
        put(e);
    }
    void cancel(std::uint64_t id) {
        request_cancel(id);
        report(id, ExecType::kCanceled, OrderReason::kRequested);
    }
    /// The venue ends it: the session is over.
    void expire(std::uint64_t id) { report(id, ExecType::kCanceled, OrderReason::kSessionEnd); }
    /// New terms; `units` is the new total.
    void replace(std::uint64_t id, std::int64_t price, std::int64_t units) {
        OrderEvent e =
            make_order_event(OrderEventType::kSendReplace, now_, {terms_[id].instrument});
        terms_[id].cents = price;
        terms_[id].units = units;
        e.data.change = change_of(id);
        put(e);
        report(id, ExecType::kReplaced);
    }
    void report(std::uint64_t id, ExecType type, OrderReason reason = OrderReason::kNone) {
        const Terms& t = terms_[id];
        OrderEvent e = make_order_event(OrderEventType::kExecution, now_, {t.instrument});
        e.flags = kFlagInput;
        ExecutionData d;
        d.order_id = {id};
        d.exec_type = type;
        d.reason = reason;
        d.venue = {t.venue};
        if (type == ExecType::kTrade) d.exec_id = {last_exec_};
        d.price = cents(t.cents);
        const bool over = type == ExecType::kCanceled || type == ExecType::kExpired ||
                          type == ExecType::kRejected;
        d.leaves_quantity = Quantity::from_units(over ? 0 : t.units - filled_[id]);
        d.cumulative_quantity = Quantity::from_units(filled_[id]);
        e.data.execution = d;
        put(e);
    }

    void quote(std::int64_t bid, std::int64_t ask, InstrumentId instrument = kInstrument) {
        QuoteData d;
        d.bid = cents(bid);
        d.ask = cents(ask);
        d.bid_quantity = d.ask_quantity = Quantity::from_units(100);
        surveillance_.take(make_quote(now_, instrument, StreamId{0}, d));
    }
    void trade(std::int64_t price, std::int64_t units, InstrumentId instrument = kInstrument) {
        TradeData d;
        d.price = cents(price);
        d.quantity = Quantity::from_units(units);
        surveillance_.take(make_trade(now_, instrument, StreamId{1}, d));
    }
    void close_session(InstrumentId instrument = kInstrument) {
        MarketEvent e = make_event(MarketEventType::kSession, now_, instrument, StreamId{0});
        e.data.session = SessionData{};
        surveillance_.take(e);
    }

    /// The story is over.
    const std::vector<Finding>& findings() {
        if (!finished_) surveillance_.finish();
        finished_ = true;
        return findings_;
    }
    RuleOutcome outcome(RuleId rule) {
        findings();
        return surveillance_.outcomes()[static_cast<std::size_t>(rule)];
    }
    /// What the only finding observed; -1 when there is not exactly one, or no such number.
    std::int64_t observed(std::string_view measure) {
        if (findings().size() != 1) return -1;
        for (const Measure& m : findings_.front().measures) {
            if (m.name == measure) return m.observed;
        }
        return -1;
    }
    [[nodiscard]] Timestamp now() const { return now_; }

    static Price cents(std::int64_t c) { return Price::from_raw(c * 10'000'000); }
    static OrderTag tag_of(std::uint64_t id) { return make_order_tag(StrategyId{0}, id); }

private:
    [[nodiscard]] ChangeOrderData change_of(std::uint64_t id) {
        const Terms& t = terms_[id];
        ChangeOrderData d;
        d.tag = tag_of(id);
        d.order_id = {id};
        d.price = cents(t.cents);
        d.quantity = Quantity::from_units(t.units);
        d.strategy = {t.strategy};
        d.account = {t.account};
        d.venue = {t.venue};
        return d;
    }
    void put(OrderEvent& e) {
        e.seq = ++seq_;
        surveillance_.take(e);
    }

    std::vector<Finding> findings_;
    Surveillance surveillance_;
    Timestamp now_{kBegin};
    std::uint64_t seq_ = 0;
    std::uint64_t last_id_ = 0;
    std::uint64_t last_exec_ = 0;
    bool finished_ = false;
    std::map<std::uint64_t, Terms> terms_;
    std::map<std::uint64_t, std::int64_t> filled_;
};

}  // namespace fermata::surveillance
