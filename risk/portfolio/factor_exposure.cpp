#include "risk/portfolio/factor_exposure.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/assert.hpp"
#include "risk/portfolio/linear_algebra.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata::portfolio {
namespace {

/// (X'X)^-1 S (X'X)^-1, S the weighted sum of the autocovariances of e_t x_t.
EigenMatrix newey_west(const EigenMatrix& x, const Eigen::VectorXd& residuals) {
    EigenMatrix scores = x;
    for (Eigen::Index t = 0; t < x.rows(); ++t) scores.row(t) *= residuals(t);
    EigenMatrix s = scores.transpose() * scores;
    const auto lags =
        static_cast<Eigen::Index>(newey_west_lags(static_cast<std::size_t>(x.rows())));
    for (Eigen::Index lag = 1; lag <= lags && lag < x.rows(); ++lag) {
        const EigenMatrix gamma =
            scores.bottomRows(x.rows() - lag).transpose() * scores.topRows(x.rows() - lag);
        const double weight = 1.0 - static_cast<double>(lag) / static_cast<double>(lags + 1);
        s += weight * (gamma + gamma.transpose());
    }
    const EigenMatrix gram = x.transpose() * x;
    const EigenMatrix inverse = gram.ldlt().solve(EigenMatrix::Identity(x.cols(), x.cols()));
    return inverse * s * inverse;
}

}  // namespace

double beta_of(std::span<const double> returns, std::span<const double> benchmark) {
    FERMATA_ASSERT(returns.size() == benchmark.size());
    const double mean_r = mean_deviation(returns).mean;
    const double mean_b = mean_deviation(benchmark).mean;
    double both = 0;
    double own = 0;
    for (std::size_t t = 0; t < returns.size(); ++t) {
        both += (returns[t] - mean_r) * (benchmark[t] - mean_b);
        own += (benchmark[t] - mean_b) * (benchmark[t] - mean_b);
    }
    return own > 0 ? both / own : 0.0;
}

std::vector<double> betas_of(const Matrix& returns, std::span<const double> benchmark) {
    std::vector<double> betas;
    std::vector<double> column(returns.rows());
    for (std::size_t i = 0; i < returns.columns(); ++i) {
        for (std::size_t t = 0; t < column.size(); ++t) column[t] = returns(t, i);
        betas.push_back(beta_of(column, benchmark));
    }
    return betas;
}

std::string_view describe(RegressionError error) noexcept {
    switch (error) {
        case RegressionError::kTooFewDays:
            return "not more days than coefficients";
        case RegressionError::kCollinear:
            return "a factor is a combination of the others, or does not move";
    }
    return "unknown";
}

std::size_t newey_west_lags(std::size_t days) noexcept {
    // L <= 4 (T / 100)^(2/9) means L^9 <= 4^9 (T / 100)^2: no root is taken.
    const double bound = 262'144.0 * static_cast<double>(days) * static_cast<double>(days) / 1e4;
    std::size_t lags = 0;
    for (;;) {
        const auto next = static_cast<double>(lags + 1);
        const double cube = next * next * next;
        if (cube * cube * cube > bound) return lags;
        ++lags;
    }
}

Result<FactorRegression, RegressionError> regress(std::span<const double> returns,
                                                  const Matrix& factors) {
    FERMATA_ASSERT(factors.rows() == returns.size());
    const auto days = static_cast<Eigen::Index>(returns.size());
    const auto coefficients = static_cast<Eigen::Index>(factors.columns()) + 1;
    if (days <= coefficients) return Err{RegressionError::kTooFewDays};
    EigenMatrix x(days, coefficients);
    x.col(0).setOnes();
    x.rightCols(coefficients - 1) = to_eigen(factors);
    const Eigen::VectorXd y = to_eigen(returns);
    // Columns of one size, so that the rank does not depend on the factors' units.
    Eigen::VectorXd sizes = x.colwise().norm();
    if (sizes.minCoeff() <= 0) return Err{RegressionError::kCollinear};
    for (Eigen::Index c = 0; c < coefficients; ++c) x.col(c) /= sizes(c);
    Eigen::ColPivHouseholderQR<EigenMatrix> qr(x);
    qr.setThreshold(1e-10);
    if (qr.rank() < coefficients) return Err{RegressionError::kCollinear};
    const Eigen::VectorXd beta = qr.solve(y);
    const Eigen::VectorXd residuals = y - x * beta;
    const EigenMatrix errors = newey_west(x, residuals);

    FactorRegression result;
    const auto error = [&](Eigen::Index c) {
        return std::sqrt(std::max(0.0, errors(c, c))) / sizes(c);
    };
    result.alpha = beta(0) / sizes(0);
    result.alpha_error = error(0);
    for (Eigen::Index c = 1; c < coefficients; ++c) {
        result.betas.push_back(beta(c) / sizes(c));
        result.beta_errors.push_back(error(c));
    }
    const double unexplained = residuals.squaredNorm();
    const double total = (y.array() - y.mean()).matrix().squaredNorm();
    result.r_squared = total > 0 ? std::clamp(1 - unexplained / total, 0.0, 1.0) : 0.0;
    result.residual_deviation = std::sqrt(unexplained / static_cast<double>(days - coefficients));
    return result;
}

std::vector<SectorExposure> sector_exposures(std::span<const double> exposures,
                                             std::span<const std::string> sectors) {
    FERMATA_ASSERT(exposures.size() == sectors.size());
    std::map<std::string_view, SectorExposure> by_name;
    for (std::size_t i = 0; i < exposures.size(); ++i) {
        SectorExposure& sector = by_name[sectors[i]];
        sector.sector = sectors[i];
        (exposures[i] > 0 ? sector.long_value : sector.short_value) += exposures[i];
    }
    std::vector<SectorExposure> result;
    for (auto& [name, sector] : by_name) result.push_back(std::move(sector));
    return result;
}

}  // namespace fermata::portfolio
