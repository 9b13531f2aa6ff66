#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace fermata {

/// Plain statistics of a sample. What a sample cannot give (the deviation of one value, the skew of
/// values without any) is absent, never NaN. Sums are compensated.

[[nodiscard]] double sum(std::span<const double> x) noexcept;

/// Absent when empty.
[[nodiscard]] std::optional<double> mean(std::span<const double> x) noexcept;

/// Sum of squared deviations from the mean; 0 when empty.
[[nodiscard]] double squared_deviations(std::span<const double> x) noexcept;

/// Standard deviation, divided by n - ddof. Absent when n <= ddof.
[[nodiscard]] std::optional<double> stdev(std::span<const double> x, std::size_t ddof = 1) noexcept;

/// Sample covariance (n - 1). Absent when n < 2. The lengths must be equal.
[[nodiscard]] std::optional<double> covariance(std::span<const double> x,
                                               std::span<const double> y);

/// The third and fourth standardised moments (divided by n), 0 and 0 for a normal distribution.
struct Shape {
    double skew = 0;
    double excess_kurtosis = 0;
};
/// Absent when all values are equal, up to rounding.
[[nodiscard]] std::optional<Shape> shape(std::span<const double> x) noexcept;

[[nodiscard]] std::vector<double> sorted(std::span<const double> x);

/// a / b; absent when b is zero or the ratio is not finite.
[[nodiscard]] std::optional<double> ratio(double a, double b) noexcept;

/// Below this a deviation of returns is rounding noise: returns are differences of numbers near 1,
/// which are known to 2e-16.
inline constexpr double kNoDeviation = 1e-14;

}  // namespace fermata
