#include "adapters/generator/generator_config.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace fermata::generator {
namespace {

constexpr double kProbabilitySlack = 1e-9;
constexpr double kMultiplierMax = 1e3;

/// The shortest text that reads back as the same number.
std::string text_of(double value) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), result.ptr};
}

/// "price: found -1, expected more than 0".
std::string found(std::string_view key, double value, std::string_view expected) {
    return std::string(key) + ": found " + text_of(value) + ", expected " + std::string(expected);
}

struct Bound {
    std::string_view key;
    double value;
    double low;
    double high;
    bool above = false;  // `low` itself is excluded
};

std::string problem_of(const Bound& b) {
    const bool ok = std::isfinite(b.value) && b.value <= b.high &&
                    (b.above ? b.value > b.low : b.value >= b.low);
    if (ok) return "";
    return found(
        b.key, b.value,
        (b.above ? "more than " + text_of(b.low) + ", at most " : text_of(b.low) + " to ") +
            text_of(b.high));
}

std::string problem_of_numbers(const GeneratorConfig& c) {
    for (const GeneratorNumber& n : generator_numbers()) {
        std::string problem = problem_of(Bound{n.name, c.*n.member, n.low, n.high, n.above});
        if (!problem.empty()) return problem;
    }
    const std::array others{
        Bound{"days_a_year", c.days_a_year.value_or(1), 1, 366},
        Bound{"jumps.intensity", c.jumps.intensity, 0, 1e6},
        Bound{"jumps.mean", c.jumps.mean, -2, 2},
        Bound{"jumps.deviation", c.jumps.deviation, 0, 2},
        Bound{"steps", static_cast<double>(c.steps), 1, kStepsMax},
        Bound{"levels", static_cast<double>(c.levels), 1, kLevelsMax},
    };
    for (const Bound& b : others) {
        if (std::string problem = problem_of(b); !problem.empty()) return problem;
    }
    return "";
}

std::string problem_of_regimes(const GeneratorConfig& c) {
    for (std::size_t i = 0; i < c.regimes.size(); ++i) {
        const std::string key = "regimes." + std::to_string(i);
        const GeneratorRegime& regime = c.regimes[i];
        std::string problem =
            problem_of(Bound{key + ".multiplier", regime.multiplier, 0, kMultiplierMax});
        if (!problem.empty()) return problem;
        if (regime.to.size() != c.regimes.size()) {
            return found(
                key + ".to", static_cast<double>(regime.to.size()),
                "one probability for each of the " + std::to_string(c.regimes.size()) + " regimes");
        }
        double sum = 0;
        for (const double p : regime.to) {
            if (!(p >= 0)) return found(key + ".to", p, "a probability, 0 to 1");
            sum += p;
        }
        if (!(std::abs(sum - 1) <= kProbabilitySlack)) {
            return found(key + ".to", sum, "probabilities that sum to 1");
        }
    }
    return "";
}

}  // namespace

std::span<const GeneratorNumber> generator_numbers() noexcept {
    using C = GeneratorConfig;
    static constexpr std::array kNumbers{
        GeneratorNumber{"price", &C::price, 0, 1e6, true, "Price at the beginning."},
        GeneratorNumber{"price_dispersion", &C::price_dispersion, 0, 3, false,
                        "Deviation of the logarithm of the first prices of several symbols."},
        GeneratorNumber{"drift", &C::drift, -10, 10, false,
                        "Growth of the expected price, a year: 0.05 is 5%, continuously."},
        GeneratorNumber{"volatility", &C::volatility, 0, 10, false,
                        "Deviation of the log return, a year, in a regime of multiplier 1."},
        GeneratorNumber{"correlation", &C::correlation, 0, 1, false,
                        "Correlation of the log returns of any two symbols."},
        GeneratorNumber{"overnight_share", &C::overnight_share, 0, 1, false,
                        "Part of a day's variance that passes between two sessions."},
        GeneratorNumber{"volume", &C::volume, 0, 1e9, true, "Bars: mean volume of a day."},
        GeneratorNumber{"volume_deviation", &C::volume_deviation, 0, 3, false,
                        "Bars: deviation of the logarithm of the volume."},
        GeneratorNumber{"rate", &C::rate, 0, 1e9, true,
                        "Quotes, trades, depth: mean number a second and symbol."},
        GeneratorNumber{"spread", &C::spread, 1, 1e6, false,
                        "Quotes, trades, depth: mean distance of bid and offer in ticks."},
        GeneratorNumber{"size", &C::size, 1, 1e6, false,
                        "Quotes, trades, depth: mean size in lots."},
    };
    return kNumbers;
}

std::string_view name(GeneratorKind kind) noexcept {
    static constexpr std::array<std::string_view, 4> kNames{"bars", "quotes", "trades", "depth"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string problem_of(const GeneratorConfig& c) {
    if (c.symbols.empty()) return "symbols: found none, expected at least one";
    if (c.to <= c.from) return "to: found a time at or before 'from', expected one after it";
    if (c.interval.ns <= 0 || c.interval > Duration::days(1)) {
        return "interval: expected more than 0, at most one day";
    }
    const Duration day = Duration::days(1);
    if (c.regime_interval.ns <= 0 ||
        (c.regime_interval > day && c.regime_interval.ns % day.ns != 0)) {
        return "regime_interval: expected a part of a day, or a multiple of one day";
    }
    if (std::string problem = problem_of_numbers(c); !problem.empty()) return problem;
    return problem_of_regimes(c);
}

std::string canonical_text(const GeneratorConfig& c) {
    std::string out;
    const auto line = [&out](std::string_view key, const std::string& value) {
        out.append(key).append("=").append(value).append("\n");
    };
    line("kind", std::string(name(c.kind)));
    for (const std::string& symbol : c.symbols) line("symbol", symbol);
    line("from", std::to_string(c.from.ns));
    line("to", std::to_string(c.to.ns));
    line("seed", std::to_string(c.seed));
    line("price", text_of(c.price));
    line("price_dispersion", text_of(c.price_dispersion));
    line("drift", text_of(c.drift));
    line("volatility", text_of(c.volatility));
    line("correlation", text_of(c.correlation));
    line("overnight_share", text_of(c.overnight_share));
    line("days_a_year", c.days_a_year ? text_of(*c.days_a_year) : "auto");
    line("jumps", text_of(c.jumps.intensity) + " " + text_of(c.jumps.mean) + " " +
                      text_of(c.jumps.deviation));
    for (const GeneratorRegime& regime : c.regimes) {
        std::string text = text_of(regime.multiplier);
        for (const double p : regime.to) text += " " + text_of(p);
        line("regime", text);
    }
    line("regime_interval", std::to_string(c.regime_interval.ns));
    line("interval", std::to_string(c.interval.ns));
    line("steps", std::to_string(c.steps));
    line("volume", text_of(c.volume));
    line("volume_deviation", text_of(c.volume_deviation));
    line("rate", text_of(c.rate));
    line("spread", text_of(c.spread));
    line("size", text_of(c.size));
    line("levels", std::to_string(c.levels));
    return out;
}

}  // namespace fermata::generator
