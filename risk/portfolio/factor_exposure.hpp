#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "risk/portfolio/matrix.hpp"

namespace fermata::portfolio {

/// cov(r, b) / var(b) of two series of the same days (divided by n - 1, which cancels). At least
/// two days; 0 when the benchmark does not move.
[[nodiscard]] double beta_of(std::span<const double> returns, std::span<const double> benchmark);

/// The same for every column.
[[nodiscard]] std::vector<double> betas_of(const Matrix& returns,
                                           std::span<const double> benchmark);

enum class RegressionError : std::uint8_t {
    kTooFewDays,  ///< Not more days than coefficients.
    kCollinear,   ///< A factor is a combination of the others, or does not move.
};
[[nodiscard]] std::string_view describe(RegressionError error) noexcept;

/// r = alpha + beta' f + e by least squares. Errors are those of Newey and West (1987), which hold
/// when e is autocorrelated or of changing variance: Bartlett weights, lags as newey_west_lags.
struct FactorRegression {
    double alpha = 0;  ///< A period.
    double alpha_error = 0;
    std::vector<double> betas;  ///< By factor.
    std::vector<double> beta_errors;
    double r_squared = 0;           ///< 0 when r does not move.
    double residual_deviation = 0;  ///< Divided by days - coefficients.
};

/// `factors` has a row a day and a column a factor.
[[nodiscard]] Result<FactorRegression, RegressionError> regress(std::span<const double> returns,
                                                                const Matrix& factors);

/// floor(4 (T / 100)^(2/9)): W. K. Newey, K. D. West, "Automatic Lag Selection in Covariance Matrix
/// Estimation", Review of Economic Studies 61 (1994).
[[nodiscard]] std::size_t newey_west_lags(std::size_t days) noexcept;

/// What is held in one sector, in money.
struct SectorExposure {
    std::string sector;      ///< Empty: not classified.
    double long_value = 0;   ///< Sum of the positive exposures.
    double short_value = 0;  ///< Sum of the negative ones: not positive.
    [[nodiscard]] double gross() const noexcept { return long_value - short_value; }
    [[nodiscard]] double net() const noexcept { return long_value + short_value; }
};

/// By sector, in the order of their names. `exposures` and `sectors` by position.
[[nodiscard]] std::vector<SectorExposure> sector_exposures(std::span<const double> exposures,
                                                           std::span<const std::string> sectors);

}  // namespace fermata::portfolio
