#include "strategies/register.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "strategies/bollinger_breakout.hpp"
#include "strategies/buy_and_hold.hpp"
#include "strategies/ema_cross_ticks.hpp"
#include "strategies/execute.hpp"
#include "strategies/macd_cross.hpp"
#include "strategies/rsi_reversion.hpp"
#include "strategies/sma_cross.hpp"

namespace fermata {
namespace {

constexpr double kPeriodMax = 100'000;  // TA-Lib's

ParamSpec period_param(std::string name, std::string default_value, double minimum,
                       std::string doc) {
    return {std::move(name),
            ParamSpec::Kind::kInteger,
            std::move(default_value),
            minimum,
            kPeriodMax,
            std::move(doc),
            {}};
}
ParamSpec real_param(std::string name, std::string default_value, double minimum, double maximum,
                     std::string doc) {
    return {std::move(name),
            ParamSpec::Kind::kReal,
            std::move(default_value),
            minimum,
            maximum,
            std::move(doc),
            {}};
}
ParamSpec choice_param(std::string name, std::vector<std::string> choices, std::string doc) {
    std::string first = choices.front();
    return {std::move(name), ParamSpec::Kind::kText, std::move(first), 0, 0,
            std::move(doc),  std::move(choices)};
}

int period(const ParamValues& values, const std::string& name) {
    return static_cast<int>(values.integer(name));  // within kPeriodMax
}

void require_less(const ParamValues& values, const std::string& small, const std::string& large) {
    if (values.real(small) < values.real(large)) return;
    throw std::invalid_argument("'" + small + "' (" + values.text(small) + ") must be less than '" +
                                large + "' (" + values.text(large) + ")");
}

StrategyType buy_and_hold() {
    return {"buy_and_hold",
            "Buys each instrument once, at its first price, and keeps it.",
            {},
            [](const ParamValues&) { return std::make_unique<BuyAndHold>(); }};
}

StrategyType sma_cross() {
    return {"sma_cross",
            "Long while the fast simple moving average of closes is above the slow one: enters and "
            "exits on the crossings.",
            {period_param("fast", "20", 1, "Closes in the fast average; less than slow."),
             period_param("slow", "50", 2, "Closes in the slow average.")},
            [](const ParamValues& values) {
                require_less(values, "fast", "slow");
                return std::make_unique<SmaCross>(
                    SmaCrossRule(period(values, "fast"), period(values, "slow")));
            }};
}

StrategyType rsi_reversion() {
    return {"rsi_reversion",
            "Buys weakness and sells strength: enters while Wilder's RSI is below low, exits while "
            "it is above high.",
            {period_param("period", "14", 2, "Changes in the RSI's averages."),
             real_param("low", "30", 0, 100, "Enters below this level; less than high."),
             real_param("high", "70", 0, 100, "Exits above this level.")},
            [](const ParamValues& values) {
                require_less(values, "low", "high");
                return std::make_unique<RsiReversion>(RsiReversionRule(
                    period(values, "period"), values.real("low"), values.real("high")));
            }};
}

StrategyType macd_cross() {
    return {
        "macd_cross",
        "Enters when MACD crosses above its signal line, exits when it crosses below.",
        {period_param("fast", "12", 1, "Closes in the fast average; less than slow."),
         period_param("slow", "26", 2, "Closes in the slow average."),
         period_param("signal", "9", 1, "MACD values in the signal line."),
         choice_param("seeding", {"own_sma", "ta_lib"},
                      "What the fast average starts from: the mean of its own first closes, or "
                      "of the last closes before the slow average starts, as in TA-Lib.")},
        [](const ParamValues& values) {
            require_less(values, "fast", "slow");
            const auto seeding =
                values.text("seeding") == "ta_lib" ? MacdSeeding::kTaLib : MacdSeeding::kOwnSma;
            return std::make_unique<MacdCross>(MacdCrossRule(
                period(values, "fast"), period(values, "slow"), period(values, "signal"), seeding));
        }};
}

StrategyType bollinger_breakout() {
    using Rule = BollingerBreakoutRule;
    return {"bollinger_breakout",
            "Enters when the close crosses above the upper Bollinger band, exits while it is below "
            "the middle or the lower one.",
            {period_param("period", "20", 2, "Closes in the bands."),
             real_param("deviations", "2", 0.01, 100,
                        "Population standard deviations from the middle to a band; less than "
                        "sqrt(period - 1), beyond which no close can lie."),
             choice_param("exit_band", {"middle", "lower"}, "The band below which to exit.")},
            [](const ParamValues& values) {
                const int closes = period(values, "period");
                const double deviations = values.real("deviations");
                if (deviations >= std::sqrt(closes - 1.0)) {
                    throw std::invalid_argument(
                        "'deviations' (" + values.text("deviations") +
                        ") must be less than the square root of 'period' - 1 (" +
                        values.text("period") + " - 1): no close can lie beyond such a band");
                }
                return std::make_unique<BollingerBreakout>(Rule(closes, deviations,
                                                                values.text("exit_band") == "lower"
                                                                    ? Rule::ExitBand::kLower
                                                                    : Rule::ExitBand::kMiddle));
            }};
}

StrategyType ema_cross_ticks() {
    return {
        "ema_cross_ticks",
        "Long while the fast exponential moving average of ticks is above the slow one: enters "
        "and exits on the crossings.",
        {period_param("fast", "20", 1, "Ticks in the fast average; less than slow."),
         period_param("slow", "100", 2, "Ticks in the slow average."),
         choice_param("source", {"both", "quotes", "trades"},
                      "What counts as a tick: the mid of a quote, the price of a trade, or both "
                      "as they come.")},
        [](const ParamValues& values) {
            require_less(values, "fast", "slow");
            using Source = EmaCrossTicks::Source;
            const std::string& text = values.text("source");
            const Source source = text == "quotes"   ? Source::kQuotes
                                  : text == "trades" ? Source::kTrades
                                                     : Source::kBoth;
            return std::make_unique<EmaCrossTicks>(period(values, "fast"), period(values, "slow"),
                                                   source);
        }};
}

Ratio ratio(const ParamValues& values, const std::string& name) {
    return Ratio::from_raw(std::llround(values.real(name) * static_cast<double>(Ratio::kOne)));
}
Duration from_seconds(const ParamValues& values, const std::string& name) {
    return Duration::nanoseconds(std::llround(values.real(name) * 1e9));
}

AlgoKind algo_kind(const std::string& wanted) {
    for (int n = 1; n < kAlgoKindCount; ++n) {
        if (name(static_cast<AlgoKind>(n)) == wanted) return static_cast<AlgoKind>(n);
    }
    throw std::invalid_argument("there is no algorithm '" + wanted + "'");
}

/// The terms, complete but for the instrument; throws when they contradict each other.
Execute::Terms execute_terms(const ParamValues& values) {
    Execute::Terms terms;
    AlgoRequest& r = terms.request;
    r.kind = algo_kind(values.text("algorithm"));
    r.side = values.text("side") == "sell" ? Side::kSell : Side::kBuy;
    r.rate = ratio(values, "rate");
    r.randomness = ratio(values, "randomness");
    r.slices = static_cast<std::int32_t>(values.integer("slices"));
    r.slice = Quantity::from_raw(
        std::llround(values.real("slice") * static_cast<double>(Quantity::kOne)));
    r.routed = values.boolean("routed");
    r.seed = static_cast<std::uint64_t>(values.integer("seed"));
    r.offset =
        Price::from_raw(std::llround(values.real("offset") * static_cast<double>(Price::kOne)));
    const std::string& peg = values.text("peg");
    r.peg = peg == "mid"      ? OffsetKind::kPegMid
            : peg == "market" ? OffsetKind::kPegMarket
                              : OffsetKind::kPegPrimary;
    terms.after = from_seconds(values, "after");
    terms.over = from_seconds(values, "over");
    terms.price = values.real("price");
    terms.warm_up_days = static_cast<std::int32_t>(values.integer("warm_up_days"));
    // Judged as it will be later, with a quantity and an instrument that always fit.
    AlgoRequest judged = r;
    judged.quantity = Quantity::from_raw(1);
    judged.begin = Timestamp{1};
    if (terms.over.ns > 0) judged.end = judged.begin + terms.over;
    if (terms.price != 0) judged.price = Price::from_units(1);
    const std::string_view fault = check(judged, Quantity::from_raw(1), Timestamp{1});
    if (!fault.empty()) {
        throw std::invalid_argument(values.text("algorithm") + ": " + std::string(fault));
    }
    return terms;
}

ParamSpec integer_param(std::string name, std::string default_value, double minimum, double maximum,
                        std::string doc) {
    return {std::move(name),
            ParamSpec::Kind::kInteger,
            std::move(default_value),
            minimum,
            maximum,
            std::move(doc),
            {}};
}

StrategyType execute() {
    constexpr double kYear = 366 * 86'400.0;
    return {
        "execute",
        "Works one order in each instrument by an execution algorithm; the sizing says how "
        "large it is. docs/algorithms.md describes the algorithms.",
        {choice_param("algorithm", {"twap", "vwap", "pov", "shortfall", "iceberg", "peg", "router"},
                      "How the order is worked."),
         choice_param("side", {"buy", "sell"}, "Buy or sell."),
         real_param("after", "0", 0, kYear, "Seconds from the first price to the beginning."),
         real_param("over", "3600", 0, kYear,
                    "Seconds from the beginning to the end; twap, vwap and shortfall need "
                    "them, for the others 0 is until it is filled."),
         real_param("price", "0", 0, 1e9, "No child is priced beyond it; 0 is no bound."),
         real_param("rate", "0.1", 0, 1e6,
                    "Pov: share of the volume; shortfall: urgency k T, 0 is as twap."),
         integer_param("slices", "10", 1, 100'000, "Twap, vwap, shortfall: into so many slices."),
         real_param("slice", "0", 0, 1e9,
                    "Iceberg, peg: at work at a time, 0 is all; pov: smallest child."),
         real_param("randomness", "0", 0, 0.99,
                    "By how much the times and sizes of slices deviate at random."),
         integer_param("seed", "1", 0, 9'000'000'000, "Of these deviations."),
         choice_param("peg", {"primary", "mid", "market"},
                      "Peg: follows the best price of its own side, the middle, or the best "
                      "price of the other side."),
         real_param("offset", "0", -1e9, 1e9, "Peg: added to that price."),
         {"routed",
          ParamSpec::Kind::kBoolean,
          "false",
          0,
          0,
          "Twap, vwap, pov, shortfall: each child goes to the best of the venues that are quoted "
          "(the router's always do); needs feeds with a venue.",
          {}},
         integer_param("warm_up_days", "0", 0, 20,
                       "Vwap: waits until the volume of so many whole days was seen; without "
                       "any, it works as twap.")},
        [](const ParamValues& values) { return std::make_unique<Execute>(execute_terms(values)); }};
}

}  // namespace

void register_shipped_strategies(StrategyRegistry& registry) {
    for (StrategyType (*type)() : {buy_and_hold, sma_cross, rsi_reversion, macd_cross,
                                   bollinger_breakout, ema_cross_ticks, execute}) {
        registry.add(type());
    }
}

}  // namespace fermata
