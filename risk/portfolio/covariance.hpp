#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "risk/portfolio/matrix.hpp"

namespace fermata::portfolio {

/// Estimates of the covariance of returns. `returns` has a row a period, oldest first, and a column
/// an instrument; a result is symmetric, in the returns' period (see annualised). Not finite input
/// and too few rows are bugs of the caller. Pure functions: any thread.

/// Mean of every column. At least one row.
[[nodiscard]] std::vector<double> mean_returns(const Matrix& returns);

/// sum (r - mean)(r - mean)' / (T - 1). At least two rows.
[[nodiscard]] Matrix sample_covariance(const Matrix& returns);

/// Exponentially weighted, mean taken as zero (J.P. Morgan/Reuters, "RiskMetrics - Technical
/// Document", 4th edition, 1996, section 5.2): S_1 = r_1 r_1', S_t = lambda S_(t-1) +
/// (1 - lambda) r_t r_t'. 0 < lambda < 1; at least one row.
[[nodiscard]] Matrix ewma_covariance(const Matrix& returns, double lambda);

/// A covariance that is drawn towards a simpler one.
struct ShrunkCovariance {
    Matrix covariance;            ///< intensity x target + (1 - intensity) x sample.
    double intensity = 0;         ///< 0: the sample; 1: the target.
    double mean_correlation = 0;  ///< Of all pairs: the target's correlation.
};

/// Shrinkage towards constant correlation: O. Ledoit, M. Wolf, "Honey, I Shrunk the Sample
/// Covariance Matrix", Journal of Portfolio Management 30 (2004), 110-119, appendix. The intensity
/// is estimated from moments divided by T, as there; sample and target are those divided by T - 1,
/// so that the variances are the sample's. Instruments without variance take no part in the
/// estimate. At least two rows. O(T N^2) for the sample, O(T N) for the rest.
[[nodiscard]] ShrunkCovariance shrunk_covariance(const Matrix& returns);

/// Times the periods a year (252 for days).
[[nodiscard]] Matrix annualised(const Matrix& covariance, double periods_per_year);

/// Square roots of the diagonal.
[[nodiscard]] std::vector<double> deviations(const Matrix& covariance);

/// c_ij / sqrt(c_ii c_jj), within [-1, 1], exactly 1 on the diagonal; 0 beside it where one of the
/// two has no variance.
[[nodiscard]] Matrix correlation_of(const Matrix& covariance);

/// Whether a symmetric matrix can be a covariance.
struct Definiteness {
    double smallest = 0;  ///< Eigenvalue.
    double largest = 0;
    /// Below this an eigenvalue is rounding: N x 2^-52 x the largest size of an eigenvalue.
    double tolerance = 0;
    /// No variance is negative, up to rounding.
    [[nodiscard]] bool semi_definite() const noexcept { return smallest >= -tolerance; }
    /// No combination of the instruments is free of risk.
    [[nodiscard]] bool definite() const noexcept { return smallest > tolerance; }
};
[[nodiscard]] Definiteness definiteness_of(const Matrix& symmetric);

/// x' S x.
[[nodiscard]] double quadratic_form(const Matrix& symmetric, std::span<const double> x);
/// S x.
[[nodiscard]] std::vector<double> product(const Matrix& matrix, std::span<const double> x);

}  // namespace fermata::portfolio
