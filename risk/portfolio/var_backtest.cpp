#include "risk/portfolio/var_backtest.hpp"

#include <cmath>
#include <memory>

#include "core/base/assert.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata::portfolio {
namespace {

double times_log(double count, double probability) noexcept {
    return count == 0 ? 0.0 : count * std::log(probability);
}

/// Log-likelihood of `hits` in `hits + misses` trials.
double likelihood(double misses, double hits, double p) noexcept {
    return times_log(misses, 1 - p) + times_log(hits, p);
}

double share(double hits, double misses) noexcept {
    return hits + misses == 0 ? 0.0 : hits / (hits + misses);
}

/// Never below zero: the alternative cannot be less likely, rounding aside.
double ratio(double null_hypothesis, double alternative) noexcept {
    return std::fmax(0.0, -2 * (null_hypothesis - alternative));
}

/// P(X <= x) of a binomial variable; terms by their quotients, from the logarithm of the first.
double binomial_at_most(std::size_t x, std::size_t n, double p) noexcept {
    double log_term = static_cast<double>(n) * std::log1p(-p);
    double sum = std::exp(log_term);
    for (std::size_t k = 1; k <= x; ++k) {
        log_term += std::log(static_cast<double>(n - k + 1) / static_cast<double>(k)) +
                    std::log(p) - std::log1p(-p);
        sum += std::exp(log_term);
    }
    return std::fmin(1.0, sum);
}

double forecast(std::span<const double> past, double confidence, VarMethod method, double lambda) {
    if (method == VarMethod::kHistorical) return historical_tail(past, confidence).var;
    if (method == VarMethod::kParametric) {
        const MeanDeviation moments = mean_deviation(past);
        return normal_tail(moments.mean, moments.deviation, confidence).var;
    }
    double variance = past[0] * past[0];
    for (std::size_t t = 1; t < past.size(); ++t) {
        variance = lambda * variance + (1 - lambda) * past[t] * past[t];
    }
    return normal_tail(0, std::sqrt(variance), confidence).var;
}

}  // namespace

std::string_view name(TrafficLight light) noexcept {
    switch (light) {
        case TrafficLight::kGreen:
            return "green";
        case TrafficLight::kYellow:
            return "yellow";
        case TrafficLight::kRed:
            break;
    }
    return "red";
}

std::string_view name(VarMethod method) noexcept {
    switch (method) {
        case VarMethod::kHistorical:
            return "historical";
        case VarMethod::kParametric:
            return "parametric";
        case VarMethod::kEwma:
            break;
    }
    return "ewma";
}

double chi_square_survival_1(double x) noexcept { return std::erfc(std::sqrt(x / 2)); }
double chi_square_survival_2(double x) noexcept { return std::exp(-x / 2); }

VarBacktest backtest_exceptions(std::span<const bool> exceptions, double confidence) {
    FERMATA_ASSERT(!exceptions.empty() && confidence > 0 && confidence < 1);
    VarBacktest test;
    test.confidence = confidence;
    test.days = exceptions.size();
    for (std::size_t t = 0; t < exceptions.size(); ++t) {
        if (exceptions[t]) ++test.exceptions;
        if (t == 0) continue;
        std::size_t& count = exceptions[t - 1] ? (exceptions[t] ? test.n11 : test.n10)
                                               : (exceptions[t] ? test.n01 : test.n00);
        ++count;
    }
    const double p = 1 - confidence;
    const auto days = static_cast<double>(test.days);
    const auto hits = static_cast<double>(test.exceptions);
    test.expected = days * p;
    test.failures.statistic =
        ratio(likelihood(days - hits, hits, p), likelihood(days - hits, hits, hits / days));
    test.failures.p_value = chi_square_survival_1(test.failures.statistic);

    const auto n00 = static_cast<double>(test.n00);
    const auto n01 = static_cast<double>(test.n01);
    const auto n10 = static_cast<double>(test.n10);
    const auto n11 = static_cast<double>(test.n11);
    const double pooled = likelihood(n00 + n10, n01 + n11, share(n01 + n11, n00 + n10));
    const double apart =
        likelihood(n00, n01, share(n01, n00)) + likelihood(n10, n11, share(n11, n10));
    test.independence.statistic = ratio(pooled, apart);
    test.independence.p_value = chi_square_survival_1(test.independence.statistic);
    test.coverage.statistic = test.failures.statistic + test.independence.statistic;
    test.coverage.p_value = chi_square_survival_2(test.coverage.statistic);

    const double at_most = binomial_at_most(test.exceptions, test.days, p);
    test.light = at_most < 0.95     ? TrafficLight::kGreen
                 : at_most < 0.9999 ? TrafficLight::kYellow
                                    : TrafficLight::kRed;
    return test;
}

VarBacktest backtest_var(std::span<const double> outcomes, std::span<const double> forecasts,
                         double confidence) {
    FERMATA_ASSERT(outcomes.size() == forecasts.size() && !outcomes.empty());
    // Not a vector<bool>, which is no array of bool.
    const std::unique_ptr<bool[]> exceptions(new bool[outcomes.size()]);
    for (std::size_t t = 0; t < outcomes.size(); ++t) {
        exceptions[t] = outcomes[t] < -forecasts[t];
    }
    return backtest_exceptions({exceptions.get(), outcomes.size()}, confidence);
}

std::vector<double> rolling_var(std::span<const double> outcomes, std::size_t window,
                                double confidence, VarMethod method, double lambda) {
    FERMATA_ASSERT(window >= 2);
    std::vector<double> forecasts;
    for (std::size_t k = 0; window + k < outcomes.size(); ++k) {
        forecasts.push_back(forecast(outcomes.subspan(k, window), confidence, method, lambda));
    }
    return forecasts;
}

}  // namespace fermata::portfolio
