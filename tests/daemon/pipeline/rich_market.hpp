#pragma once

/// A market with everything in it, for tests of restarts: quotes, trades, bars, splits, dividends,
/// sessions and gaps; all shipped strategies, and one with limit and stop orders, timers, replaces
/// and cancels; two venues with delays; a cash and a margin account in two currencies; the house's
/// limits, loosened so far that most orders pass.

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/strategy/context.hpp"
#include "core/strategy/registry.hpp"
#include "daemon/pipeline/stages.hpp"
#include "strategies/register.hpp"
#include "tests/strategies/guide/register_dip_buyer.hpp"

namespace fermata::testing {

/// Sends orders of every kind at random, changes them and cancels them.
class Restless final : public Strategy {
public:
    explicit Restless(std::uint64_t seed) : state_(seed) {}

    void on_start(StrategyContext& context) override {
        context.set_timer(7, context.now() + Duration::seconds(3));
    }
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData& quote) override {
        if (pick(4) == 0) act(context, id, quote.bid);
    }
    void on_bar(StrategyContext& context, InstrumentId id, const BarData& bar) override {
        act(context, id, bar.close);
    }
    void on_timer(StrategyContext& context, std::uint64_t timer_id) override {
        context.set_timer(timer_id + 1, context.now() + Duration::seconds(1 + pick(20)));
        if (newest_ != OrderTag{}) context.cancel(newest_);
    }
    bool persist(StateArchive& a) override {
        a(state_, newest_);
        return true;
    }

private:
    std::int64_t pick(std::int64_t n) {  // SplitMix64
        std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebULL;
        return static_cast<std::int64_t>((z ^ (z >> 31)) % static_cast<std::uint64_t>(n));
    }
    void act(StrategyContext& context, InstrumentId id, Price at) {
        const Price near = Price::from_raw(at.raw() + (pick(11) - 5) * 10'000'000);
        if (pick(4) == 0 && newest_ != OrderTag{}) {
            context.replace(newest_, {Quantity::from_units(1 + pick(60)), near, near});
            return;
        }
        OrderRequest order;
        order.instrument = id;
        order.side = pick(2) == 0 ? Side::kBuy : Side::kSell;
        order.quantity = Quantity::from_units(1 + pick(40));
        order.type = static_cast<OrderType>(pick(4));
        order.price = near;
        order.stop_price = near;
        const bool stop = order.type == OrderType::kStop || order.type == OrderType::kStopLimit;
        order.tif = static_cast<TimeInForce>(pick(stop ? 3 : 5));
        order.expire_time = context.now() + Duration::seconds(1 + pick(60));
        newest_ = context.submit(order);
    }

    std::uint64_t state_;
    OrderTag newest_;
};

class RichMarket {
public:
    RichMarket() {
        usd_ = instruments_.currency("USD");
        eur_ = instruments_.currency("EUR");
        add("AAA", usd_, 1);
        add("BBB", eur_, 1);
        add("FUT", usd_, 5);
        add("EURUSD", usd_, 1);
        register_shipped_strategies(registry_);
        register_dip_buyer(registry_);
        for (std::uint16_t i = 0; i < 4; ++i) {
            streams_.push_back({StreamId{i}, "quotes", MarketEventType::kQuote, Duration{}});
            streams_.push_back({StreamId{static_cast<std::uint16_t>(4 + i)}, "bars",
                                MarketEventType::kBar, Duration::seconds(1)});
        }
    }

    /// Everything fresh, as a start of the program builds it.
    [[nodiscard]] PipelineSetup setup(std::size_t shards, RecordSink* sink) const {
        PipelineSetup setup;
        setup.instruments = &instruments_;
        setup.streams = streams_;
        const Money cash = Money::from_units(10'000'000);
        setup.accounts = {
            {AccountId{0}, "cash", usd_, {{usd_, cash}, {eur_, cash}}},
            {AccountId{1}, "margin", usd_, {{usd_, cash}}, AccountConfig::Type::kMargin}};
        SimConfig slow;
        slow.fees.model = FeeModel::kProportional;
        slow.fees.rate = Ratio::from_raw(100'000);
        slow.latency_in = Duration::milliseconds(35);
        slow.latency_out = Duration::milliseconds(15);
        SimConfig fast;
        fast.venue = VenueId{1};
        fast.fill.participation = Ratio::from_raw(500'000'000);
        setup.venues = {slow, fast};
        setup.risk = loose();
        setup.config_hash = 0x1234;
        setup.limits.shards = shards;
        setup.limits.orders_max = 2'048;
        setup.limits.lots_max = 32;  // few, so that lots are merged
        setup.sink = sink;
        const auto host = [&](std::unique_ptr<Strategy> strategy) {
            const auto n = static_cast<std::uint16_t>(setup.strategies.size());
            StrategySetup s;
            s.id = StrategyId{n};
            s.account = AccountId{static_cast<std::uint16_t>(n % 2)};
            s.venue = VenueId{static_cast<std::uint16_t>(n / 2 % 2)};
            s.sizing = Sizing{Sizing::Type::kFixed, Quantity::from_units(20), {}, {}};
            s.instruments = {InstrumentId{0}, InstrumentId{1}, InstrumentId{2}};
            s.strategy = std::move(strategy);
            setup.strategies.push_back(std::move(s));
        };
        for (const auto& [name, type] : registry_.all()) {
            for (int twice = 0; twice < 2; ++twice) {
                host(type.make(complete_params(type, quick(name))));
            }
        }
        for (std::uint64_t seed = 1; seed <= 4; ++seed) host(std::make_unique<Restless>(seed));
        return setup;
    }

    /// A random walk with all kinds of events.
    [[nodiscard]] std::vector<MarketEvent> events(std::uint64_t seed, std::size_t count) const {
        std::mt19937_64 random(seed);
        const auto pick = [&](std::int64_t n) {
            return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
        };
        const auto cents = [](std::int64_t n) { return Price::from_raw(n * 10'000'000); };
        std::vector<MarketEvent> events;
        std::vector<std::int64_t> mid{10'000, 5'000, 20'000, 110};
        std::vector<bool> open(4, true);
        Timestamp now{1'700'000'000'000'000'000};
        while (events.size() < count) {
            now = now + Duration::milliseconds(pick(40));
            const auto i = static_cast<std::uint32_t>(pick(4));
            const InstrumentId id{i};
            const StreamId quotes{static_cast<std::uint16_t>(i)};
            const StreamId bars{static_cast<std::uint16_t>(4 + i)};
            mid[i] = std::max<std::int64_t>(mid[i] + pick(5) - 2, i == 3 ? 80 : 500);
            const std::int64_t what = pick(400);
            if (what == 0) {
                MarketEvent e = make_event(MarketEventType::kCorporateAction, now, id, quotes);
                e.data.corporate_action = CorporateActionData{};
                if (pick(2) == 0 && i != 3) {
                    const bool forward = mid[i] > 8'000;
                    e.data.corporate_action.numerator = forward ? 3 : 1;
                    e.data.corporate_action.denominator = forward ? 2 : 2;
                    mid[i] = mid[i] * e.data.corporate_action.denominator /
                             e.data.corporate_action.numerator;
                } else {
                    e.data.corporate_action.kind = CorporateActionKind::kDividend;
                    e.data.corporate_action.cash = cents(3);
                }
                events.push_back(e);
            } else if (what < 3) {
                MarketEvent e = make_event(MarketEventType::kSession, now, id, quotes);
                e.data.session = SessionData{};
                open[i] = !open[i];
                e.data.session.open = open[i] ? 1 : 0;
                events.push_back(e);
            } else if (what == 3) {
                MarketEvent e = make_event(MarketEventType::kGap, now, id, quotes);
                e.data.gap.lost = 5;
                events.push_back(e);
            } else if (what < 80 || i == 2) {  // FUT has bars only
                const Price first = cents(mid[i]), last = cents(mid[i] + pick(7) - 3);
                const Quantity volume = Quantity::from_units(100 + pick(500));
                events.push_back(make_bar_open(now, id, bars, first, volume));
                now = now + Duration::milliseconds(30);
                events.push_back(
                    make_bar(now, id, bars,
                             BarData{first, std::max(first, last) + cents(pick(3)),
                                     std::min(first, last) - cents(pick(3)), last, volume}));
            } else if (what < 180) {
                TradeData trade;
                trade.price = cents(mid[i]);
                trade.quantity = Quantity::from_units(1 + pick(100));
                events.push_back(make_trade(now, id, quotes, trade));
            } else {
                events.push_back(make_quote(
                    now, id, quotes,
                    QuoteData{cents(mid[i]), Quantity::from_units(1 + pick(80)), cents(mid[i] + 1),
                              Quantity::from_units(1 + pick(80)), 0}));
            }
        }
        return events;
    }

private:
    void add(const char* symbol, CurrencyId currency, std::int64_t multiplier) {
        Instrument i;
        i.symbol = symbol;
        i.currency = currency;
        i.multiplier = Multiplier::from_units(multiplier);
        i.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
        instruments_.add(i);
    }
    /// Short periods, so that there is much trading.
    static std::map<std::string, std::string> quick(const std::string& type) {
        if (type == "sma_cross" || type == "ema_cross_ticks") return {{"fast", "3"}, {"slow", "8"}};
        if (type == "macd_cross") return {{"fast", "3"}, {"slow", "6"}, {"signal", "4"}};
        if (type == "rsi_reversion") return {{"period", "5"}, {"low", "40"}, {"high", "60"}};
        if (type == "bollinger_breakout") return {{"period", "8"}, {"deviations", "1"}};
        if (type == "dip_buyer")
            return {{"discount", "0.0002"}, {"stop", "0.001"}, {"patience", "1"}};
        return {};
    }
    static RiskConfig loose() {
        RiskConfig config;
        for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
                 {"duplicate", "3"},
                 {"duplicate_window", "2s"},
                 {"message_rate", "60"},
                 {"message_rate_firm", "400"},
                 {"open_orders", "60"},
                 {"open_orders_notional", "30%"},
                 {"position", "25%"},
                 {"leverage", "0.6"},
                 {"drawdown", "40%"},
                 {"day_loss", "25%"},
                 {"week_loss", "50%"},
                 {"repeat", "10000"},
                 {"turnover", "100"},
                 {"turnover_firm", "100"},
                 {"trade_loss", "50%"},
                 {"correlated", "50"},
                 {"var_parametric", "20%"},
                 {"var_historical", "20%"},
                 {"stress", "40%"}}) {
            FERMATA_ASSERT(config.set_limit(key, value).ok());
        }
        FERMATA_ASSERT(config.validate().empty());
        return config;
    }

    InstrumentTable instruments_;
    StreamTable streams_;
    StrategyRegistry registry_;
    CurrencyId usd_, eur_;
};

}  // namespace fermata::testing
