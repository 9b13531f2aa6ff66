#include "research/moments.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/indicator/compensated_sum.hpp"

namespace fermata {

double sum(std::span<const double> x) noexcept {
    CompensatedSum total;
    for (const double value : x) total.add(value);
    return total.value();
}

std::optional<double> mean(std::span<const double> x) noexcept {
    if (x.empty()) return std::nullopt;
    return sum(x) / static_cast<double>(x.size());
}

double squared_deviations(std::span<const double> x) noexcept {
    const double centre = mean(x).value_or(0);
    CompensatedSum total;
    for (const double value : x) total.add((value - centre) * (value - centre));
    return total.value();
}

std::optional<double> stdev(std::span<const double> x, std::size_t ddof) noexcept {
    if (x.size() <= ddof) return std::nullopt;
    return std::sqrt(squared_deviations(x) / static_cast<double>(x.size() - ddof));
}

std::optional<double> covariance(std::span<const double> x, std::span<const double> y) {
    FERMATA_ASSERT(x.size() == y.size());
    if (x.size() < 2) return std::nullopt;
    const double x_mean = *mean(x);
    const double y_mean = *mean(y);
    CompensatedSum total;
    for (std::size_t i = 0; i < x.size(); ++i) total.add((x[i] - x_mean) * (y[i] - y_mean));
    return total.value() / static_cast<double>(x.size() - 1);
}

std::optional<Shape> shape(std::span<const double> x) noexcept {
    const auto deviation = stdev(x, 0);
    if (!deviation || *deviation < kNoDeviation) return std::nullopt;
    const double centre = *mean(x);
    CompensatedSum third;
    CompensatedSum fourth;
    for (const double value : x) {
        const double z = (value - centre) / *deviation;
        third.add(z * z * z);
        fourth.add(z * z * z * z);
    }
    const auto n = static_cast<double>(x.size());
    return Shape{third.value() / n, fourth.value() / n - 3.0};
}

std::vector<double> sorted(std::span<const double> x) {
    std::vector<double> values(x.begin(), x.end());
    std::sort(values.begin(), values.end());
    return values;
}

std::optional<double> ratio(double a, double b) noexcept {
    if (b == 0) return std::nullopt;
    const double value = a / b;
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace fermata
