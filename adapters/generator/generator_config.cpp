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
constexpr int kStepsMax = 1 << 20;
constexpr int kLevelsMax = 1000;
constexpr double kRateMax = 1e9;

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
    const std::array bounds{
        Bound{"price", c.price, 0, 1e6, true},
        Bound{"price_dispersion", c.price_dispersion, 0, 3},
        Bound{"drift", c.drift, -10, 10},
        Bound{"volatility", c.volatility, 0, 10},
        Bound{"correlation", c.correlation, 0, 1},
        Bound{"overnight_share", c.overnight_share, 0, 1},
        Bound{"days_a_year", c.days_a_year.value_or(1), 1, 366},
        Bound{"jumps.intensity", c.jumps.intensity, 0, 1e6},
        Bound{"jumps.mean", c.jumps.mean, -2, 2},
        Bound{"jumps.deviation", c.jumps.deviation, 0, 2},
        Bound{"steps", static_cast<double>(c.steps), 1, kStepsMax},
        Bound{"volume", c.volume, 0, 1e9, true},
        Bound{"volume_deviation", c.volume_deviation, 0, 3},
        Bound{"rate", c.rate, 0, kRateMax, true},
        Bound{"spread", c.spread, 1, 1e6},
        Bound{"size", c.size, 1, 1e6},
        Bound{"levels", static_cast<double>(c.levels), 1, kLevelsMax},
    };
    for (const Bound& b : bounds) {
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

std::string_view name(GeneratorKind kind) {
    static constexpr std::array<std::string_view, 4> kNames{"bars", "quotes", "trades", "depth"};
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

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
