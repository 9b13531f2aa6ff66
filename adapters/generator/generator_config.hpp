#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata::generator {

/// What is made of the prices.
enum class GeneratorKind : std::uint8_t {
    kBars,    ///< Open, high, low, close and volume at each interval: kBarOpen and kBar.
    kQuotes,  ///< Best bid and offer at Poisson times: kQuote.
    kTrades,  ///< Trades at the bid or the offer at Poisson times: kTrade.
    kDepth,   ///< A book of several levels, changed at Poisson times: kDepth.
};

/// Jumps of one symbol's price (Merton 1976): a jump multiplies the price by exp(J), J normal.
struct GeneratorJumps {
    double intensity = 0;     ///< Expected number of jumps a year; 0: none.
    double mean = 0;          ///< Of the log jump.
    double deviation = 0.05;  ///< Of the log jump.
};

/// One state of the market's Markov chain.
struct GeneratorRegime {
    double multiplier = 1;   ///< Of every symbol's volatility while the chain is in this state.
    std::vector<double> to;  ///< Probability of each state at the next step; they sum to 1.
};

/// Synthetic market data. Plain data: the daemon fills it from YAML; docs/data.md has the formulas.
struct GeneratorConfig {
    GeneratorKind kind = GeneratorKind::kBars;
    /// At least one. All share one calendar (or have none), because they share one market factor.
    std::vector<std::string> symbols;
    StreamId stream;
    Timestamp from;  ///< What begins in [from, to) is generated.
    Timestamp to;
    std::uint64_t seed = 1;

    double price = 100;            ///< At the beginning.
    double price_dispersion = 0;   ///< Deviation of the logarithm of the first prices.
    double drift = 0.05;           ///< Growth of the expected price, a year.
    double volatility = 0.2;       ///< Deviation of the log return, a year, in a regime of 1.
    double correlation = 0.3;      ///< Of the log returns of any two symbols, 0 to 1.
    double overnight_share = 0.2;  ///< Of a day's variance, between two sessions of a calendar.
    /// Sessions a year; absent: 252, or 365 without a calendar or where Saturdays have sessions.
    std::optional<double> days_a_year;
    GeneratorJumps jumps;
    std::vector<GeneratorRegime> regimes;          ///< Empty: one, with multiplier 1.
    Duration regime_interval = Duration::days(1);  ///< One step of the chain.

    Duration interval = Duration::days(1);  ///< Bars: at most one day.
    int steps = 16;                         ///< Bars: steps of the price within a bar.
    double volume = 1'000'000;              ///< Bars: mean volume of a day.
    double volume_deviation = 0.5;          ///< Bars: of the logarithm of the volume.

    double rate = 1;    ///< Quotes, trades, depth: mean number a second and symbol.
    double spread = 1;  ///< Quotes, trades, depth: mean distance of bid and offer in ticks.
    double size = 5;    ///< Quotes, trades, depth: mean size in lots.
    int levels = 5;     ///< Depth: levels on each side.
};

inline constexpr int kStepsMax = 1 << 20;
inline constexpr int kLevelsMax = 1000;

/// One number of GeneratorConfig: its name for people, its bounds and its meaning. The list serves
/// the check of the settings, the configuration's schema and the command line.
struct GeneratorNumber {
    const char* name;
    double GeneratorConfig::* member;
    double low;
    double high;
    bool above;  ///< `low` itself is excluded.
    const char* doc;
};
[[nodiscard]] std::span<const GeneratorNumber> generator_numbers() noexcept;

/// "bars", "quotes", "trades", "depth".
[[nodiscard]] std::string_view name(GeneratorKind kind) noexcept;

/// What is wrong with the settings, in words ("correlation: found 1.5, expected 0 to 1"); empty
/// when they are valid. The daemon reports it at the place in the YAML.
[[nodiscard]] std::string problem_of(const GeneratorConfig& config);

/// All settings as one text that decides about every byte of the output, for source_hash().
[[nodiscard]] std::string canonical_text(const GeneratorConfig& config);

}  // namespace fermata::generator
