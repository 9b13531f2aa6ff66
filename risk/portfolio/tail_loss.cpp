#include "risk/portfolio/tail_loss.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "core/base/quantile.hpp"
#include "risk/portfolio/covariance.hpp"

namespace fermata::portfolio {
namespace {

double tail_quantile(std::span<const double> outcomes, double confidence) {
    FERMATA_ASSERT(!outcomes.empty() && confidence > 0 && confidence < 1);
    std::vector<double> ascending(outcomes.begin(), outcomes.end());
    std::sort(ascending.begin(), ascending.end());
    return quantile_of_sorted(ascending, 1 - confidence);
}

}  // namespace

TailLoss historical_tail(std::span<const double> outcomes, double confidence) {
    const double quantile = tail_quantile(outcomes, confidence);
    double sum = 0;
    double count = 0;  // never zero: a quantile is at least the smallest value
    for (const double x : outcomes) {
        if (x > quantile) continue;
        sum += x;
        count += 1;
    }
    return {confidence, -quantile, -sum / count};
}

TailLoss normal_tail(double mean, double deviation, double confidence) {
    FERMATA_ASSERT(confidence > 0 && confidence < 1 && deviation >= 0);
    const double z = normal_quantile(1 - confidence);
    return {confidence, -(mean + z * deviation),
            -(mean - deviation * normal_density(z) / (1 - confidence))};
}

MeanDeviation mean_deviation(std::span<const double> x) {
    FERMATA_ASSERT(x.size() >= 2);
    MeanDeviation result;
    for (const double v : x) result.mean += v;
    result.mean /= static_cast<double>(x.size());
    double squares = 0;
    for (const double v : x) squares += (v - result.mean) * (v - result.mean);
    result.deviation = std::sqrt(squares / static_cast<double>(x.size() - 1));
    return result;
}

std::vector<double> outcomes_of(const Matrix& returns, std::span<const double> exposures) {
    return product(returns, exposures);
}

TailComponents parametric_components(std::span<const double> exposures,
                                     std::span<const double> means, const Matrix& covariance,
                                     double confidence) {
    const std::size_t n = exposures.size();
    FERMATA_ASSERT(means.size() == n && covariance.rows() == n);
    const std::vector<double> covariances = product(covariance, exposures);  // with the whole
    double mean = 0;
    double variance = 0;
    for (std::size_t i = 0; i < n; ++i) {
        mean += exposures[i] * means[i];
        variance += exposures[i] * covariances[i];
    }
    variance = std::max(0.0, variance);

    TailComponents c;
    c.deviation = std::sqrt(variance);
    c.total = normal_tail(mean, c.deviation, confidence);
    const double z = normal_quantile(1 - confidence);
    const double shortfall = normal_density(z) / (1 - confidence);
    for (std::size_t i = 0; i < n; ++i) {
        // d deviation / d exposure
        const double slope = c.deviation > 0 ? covariances[i] / c.deviation : 0.0;
        c.marginal_var.push_back(-(means[i] + z * slope));
        c.component_var.push_back(exposures[i] * c.marginal_var.back());
        c.component_cvar.push_back(exposures[i] * (shortfall * slope - means[i]));
        c.variance_share.push_back(variance > 0 ? exposures[i] * covariances[i] / variance : 0.0);
    }
    return c;
}

std::vector<double> historical_component_cvar(const Matrix& returns,
                                              std::span<const double> exposures,
                                              double confidence) {
    const std::vector<double> outcomes = outcomes_of(returns, exposures);
    const double quantile = tail_quantile(outcomes, confidence);
    std::vector<double> components(exposures.size());
    double days = 0;
    for (std::size_t t = 0; t < outcomes.size(); ++t) {
        if (outcomes[t] > quantile) continue;
        days += 1;
        for (std::size_t i = 0; i < components.size(); ++i) {
            components[i] -= exposures[i] * returns(t, i);
        }
    }
    for (double& c : components) c /= days;
    return components;
}

}  // namespace fermata::portfolio
