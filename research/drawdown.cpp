#include "research/drawdown.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/indicator/compensated_sum.hpp"

namespace fermata {

std::vector<double> drawdown_series(std::span<const double> values) {
    FERMATA_ASSERT(!values.empty() && values.front() > 0);
    std::vector<double> series;
    series.reserve(values.size());
    double peak = values.front();
    for (const double value : values) {
        peak = std::max(peak, value);
        series.push_back(value / peak - 1);
    }
    return series;
}

Drawdown measure_drawdown(std::span<const double> values) {
    const std::vector<double> series = drawdown_series(values);
    Drawdown result;
    std::size_t peak = 0;
    std::size_t underwater = 0;
    CompensatedSum squares;
    for (std::size_t t = 0; t < series.size(); ++t) {
        const double d = series[t];
        if (d < 0) {
            result.longest_underwater = std::max(result.longest_underwater, ++underwater);
        } else {
            peak = t;
            underwater = 0;
        }
        if (-d > result.maximum) {
            result.maximum = -d;
            result.peak = peak;
            result.trough = t;
        }
        squares.add(d * d);
    }
    result.ulcer_index = std::sqrt(squares.value() / static_cast<double>(series.size()));
    if (result.trough) {
        for (std::size_t t = *result.trough + 1; t < values.size(); ++t) {
            if (values[t] < values[*result.peak]) continue;
            result.recovery = t;
            break;
        }
    }
    return result;
}

}  // namespace fermata
