#include "risk/portfolio/covariance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/assert.hpp"
#include "risk/portfolio/linear_algebra.hpp"

namespace fermata::portfolio {
namespace {

/// x' x as a symmetric matrix, of which only the lower triangle is computed.
Matrix gram(const EigenMatrix& x, double factor) {
    EigenMatrix sum = EigenMatrix::Zero(x.cols(), x.cols());
    sum.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose(), factor);
    return from_lower_triangle(sum);
}

EigenMatrix centred(const Matrix& returns) {
    EigenMatrix x = to_eigen(returns);
    const std::vector<double> mean = mean_returns(returns);
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        for (Eigen::Index i = 0; i < x.cols(); ++i) x(t, i) -= mean[static_cast<std::size_t>(i)];
    }
    return x;
}

/// pi - rho of the paper, from centred returns and moments divided by T. With
///     pi_ij = mean(x_i^2 x_j^2) - s_ij^2   and   theta_ij = mean(x_i^3 x_j) - s_ii s_ij:
/// pi = sum of all pi_ij, rho = sum of pi_ii + r sum over i != j of (sd_j / sd_i) theta_ij. The
/// sums over j go inside the mean, so that a row of returns is passed once and not N times.
double pi_less_rho(const EigenMatrix& x, const Matrix& s, std::span<const double> sd, double r) {
    const std::size_t n = s.rows();
    const auto periods = static_cast<double>(x.rows());
    double squares = 0;  // mean of (sum x_i^2)^2
    std::vector<double> fourth(n), cubed(n);
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
        double square_sum = 0;
        double weighted = 0;  // sum of sd_j x_j
        for (std::size_t i = 0; i < n; ++i) {
            const double v = x(t, static_cast<Eigen::Index>(i));
            square_sum += v * v;
            weighted += sd[i] * v;
        }
        squares += square_sum * square_sum / periods;
        for (std::size_t i = 0; i < n; ++i) {
            const double v = x(t, static_cast<Eigen::Index>(i));
            fourth[i] += v * v * v * v / periods;
            cubed[i] += v * v * v * (weighted - sd[i] * v) / periods;
        }
    }
    double pi = squares;
    double rho = 0;
    for (std::size_t i = 0; i < n; ++i) {
        double weighted = 0;  // sum over j != i of sd_j s_ij
        for (std::size_t j = 0; j < n; ++j) {
            pi -= s(i, j) * s(i, j);
            if (j != i) weighted += sd[j] * s(i, j);
        }
        rho += fourth[i] - s(i, i) * s(i, i);
        if (sd[i] > 0) rho += r * (cubed[i] - s(i, i) * weighted) / sd[i];
    }
    return pi - rho;
}

}  // namespace

std::vector<double> mean_returns(const Matrix& returns) {
    FERMATA_ASSERT(returns.rows() >= 1);
    std::vector<double> mean(returns.columns());
    for (std::size_t t = 0; t < returns.rows(); ++t) {
        const auto row = returns.row(t);
        for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += row[i];
    }
    for (double& m : mean) m /= static_cast<double>(returns.rows());
    return mean;
}

Matrix sample_covariance(const Matrix& returns) {
    FERMATA_ASSERT(returns.rows() >= 2);
    return gram(centred(returns), 1.0 / static_cast<double>(returns.rows() - 1));
}

Matrix ewma_covariance(const Matrix& returns, double lambda) {
    FERMATA_ASSERT(lambda > 0 && lambda < 1 && returns.rows() >= 1);
    EigenMatrix x = to_eigen(returns);
    double weight = 1 - lambda;  // of the newest row
    for (Eigen::Index t = x.rows() - 1; t > 0; --t) {
        x.row(t) *= std::sqrt(weight);
        weight *= lambda;
    }
    x.row(0) *= std::sqrt(weight / (1 - lambda));  // the first row begins the recursion whole
    return gram(x, 1.0);
}

ShrunkCovariance shrunk_covariance(const Matrix& returns) {
    FERMATA_ASSERT(returns.rows() >= 2);
    const auto periods = static_cast<double>(returns.rows());
    const EigenMatrix x = centred(returns);
    const Matrix s = gram(x, 1.0 / periods);
    const std::size_t n = s.rows();
    const std::vector<double> sd = deviations(s);

    double correlations = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (sd[i] <= 0 || sd[j] <= 0) continue;
            correlations += s(i, j) / (sd[i] * sd[j]);
            pairs += 1;
        }
    }
    ShrunkCovariance shrunk;
    shrunk.mean_correlation = pairs > 0 ? correlations / pairs : 0.0;

    double gamma = 0;  // squared distance of sample and target
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const double apart = shrunk.mean_correlation * sd[i] * sd[j] - s(i, j);
            gamma += 2 * apart * apart;
        }
    }
    // Sample and target are one and the same up to rounding (one or two instruments): nothing to
    // estimate.
    double scale = 0;
    for (const double v : sd) scale += v * v;
    if (gamma > 1e-28 * scale * scale) {
        const double kappa = pi_less_rho(x, s, sd, shrunk.mean_correlation) / gamma;
        shrunk.intensity = std::clamp(kappa / periods, 0.0, 1.0);
    }

    const double unbias = periods / (periods - 1);
    shrunk.covariance = Matrix(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        shrunk.covariance(i, i) = unbias * s(i, i);
        for (std::size_t j = 0; j < i; ++j) {
            const double target = shrunk.mean_correlation * sd[i] * sd[j];
            shrunk.covariance(i, j) = shrunk.covariance(j, i) =
                unbias * (shrunk.intensity * target + (1 - shrunk.intensity) * s(i, j));
        }
    }
    return shrunk;
}

Matrix annualised(const Matrix& covariance, double periods_per_year) {
    Matrix annual = covariance;
    for (double& v : annual.values()) v *= periods_per_year;
    return annual;
}

std::vector<double> deviations(const Matrix& covariance) {
    std::vector<double> sd(covariance.rows());
    for (std::size_t i = 0; i < sd.size(); ++i) sd[i] = std::sqrt(std::max(0.0, covariance(i, i)));
    return sd;
}

Matrix correlation_of(const Matrix& covariance) {
    const std::size_t n = covariance.rows();
    const std::vector<double> sd = deviations(covariance);
    Matrix correlation(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        correlation(i, i) = 1;
        for (std::size_t j = 0; j < i; ++j) {
            const double scale = sd[i] * sd[j];
            const double r = scale > 0 ? std::clamp(covariance(i, j) / scale, -1.0, 1.0) : 0.0;
            correlation(i, j) = correlation(j, i) = r;
        }
    }
    return correlation;
}

Definiteness definiteness_of(const Matrix& symmetric) {
    FERMATA_ASSERT(symmetric.rows() == symmetric.columns() && symmetric.rows() > 0);
    const Eigen::SelfAdjointEigenSolver<EigenMatrix> solver(to_eigen(symmetric),
                                                            Eigen::EigenvaluesOnly);
    // Fails only on numbers that are not finite, which no covariance of returns has.
    FERMATA_ASSERT(solver.info() == Eigen::Success);
    const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
    Definiteness d;
    d.smallest = values(0);
    d.largest = values(values.size() - 1);
    d.tolerance = static_cast<double>(symmetric.rows()) * std::numeric_limits<double>::epsilon() *
                  std::max(std::fabs(d.smallest), std::fabs(d.largest));
    return d;
}

double quadratic_form(const Matrix& symmetric, std::span<const double> x) {
    const std::vector<double> sx = product(symmetric, x);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * sx[i];
    return sum;
}

std::vector<double> product(const Matrix& matrix, std::span<const double> x) {
    FERMATA_ASSERT(matrix.columns() == x.size());
    std::vector<double> result(matrix.rows());
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto row = matrix.row(i);
        for (std::size_t j = 0; j < x.size(); ++j) result[i] += row[j] * x[j];
    }
    return result;
}

}  // namespace fermata::portfolio
