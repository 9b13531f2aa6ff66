#include "risk/portfolio/monte_carlo.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "core/base/random.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/linear_algebra.hpp"

namespace fermata::portfolio {
namespace {

/// Never 0 or 1: the middles of 2^52 equal parts of (0, 1).
double standard_normal(Xoshiro256& random) {
    const double u = (static_cast<double>(random.next() >> 12) + 0.5) * 0x1p-52;
    return normal_quantile(u);
}

/// Draws the deviates of one path after the other: N independent ones, with their common scale.
class Paths {
public:
    Paths(std::size_t instruments, const MonteCarloSettings& settings)
        : deviates_(instruments), settings_(settings) {}

    /// Calls visit(path, deviates) for every path in order.
    template <class Visit>
    void each(Visit&& visit) {
        Xoshiro256 block(settings_.seed);
        for (std::size_t begin = 0; begin < settings_.paths; begin += kBlockPaths) {
            Xoshiro256 random = block;
            const std::size_t end = std::min(begin + kBlockPaths, settings_.paths);
            for (std::size_t path = begin; path < end; ++path) {
                draw(random);
                visit(path, std::span<const double>(deviates_));
            }
            block.jump();
        }
    }

private:
    void draw(Xoshiro256& random) {
        for (double& z : deviates_) z = standard_normal(random);
        const std::uint32_t freedom = settings_.degrees_of_freedom;
        if (freedom == 0) return;
        double chi_square = 0;
        for (std::uint32_t k = 0; k < freedom; ++k) {
            const double z = standard_normal(random);
            chi_square += z * z;
        }
        // z sqrt(v / chi2) is Student's t of variance v / (v - 2).
        const double scale = std::sqrt((freedom - 2) / chi_square);
        for (double& z : deviates_) z *= scale;
    }

    std::vector<double> deviates_;
    const MonteCarloSettings& settings_;
};

}  // namespace

Matrix covariance_root(const Matrix& covariance) {
    FERMATA_ASSERT(covariance.rows() == covariance.columns());
    const Eigen::LDLT<EigenMatrix> ldlt(to_eigen(covariance));
    EigenMatrix root = ldlt.matrixL();
    const auto diagonal = ldlt.vectorD();
    for (Eigen::Index j = 0; j < root.cols(); ++j) {
        root.col(j) *= std::sqrt(std::max(0.0, diagonal(j)));  // below zero: rounding
    }
    root = ldlt.transpositionsP().transpose() * root;
    Matrix result(covariance.rows(), covariance.rows());
    for (std::size_t i = 0; i < result.rows(); ++i) {
        for (std::size_t j = 0; j < result.columns(); ++j) {
            result(i, j) = root(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
        }
    }
    return result;
}

MonteCarloTail simulate_tail(std::span<const double> exposures, std::span<const double> means,
                             const Matrix& covariance, double confidence,
                             const MonteCarloSettings& settings) {
    const std::size_t n = exposures.size();
    FERMATA_ASSERT(means.size() == n && covariance.rows() == n && settings.paths > 0);
    FERMATA_ASSERT(settings.degrees_of_freedom == 0 || settings.degrees_of_freedom >= 3);
    const Matrix root = covariance_root(covariance);

    // Profit of a path: exposures' (means + root z) = mean + weights' z.
    double mean = 0;
    std::vector<double> weights(n);
    for (std::size_t i = 0; i < n; ++i) {
        mean += exposures[i] * means[i];
        for (std::size_t j = 0; j < n; ++j) weights[j] += exposures[i] * root(i, j);
    }
    Paths paths(n, settings);
    std::vector<double> outcomes(settings.paths);
    paths.each([&](std::size_t path, std::span<const double> z) {
        double outcome = mean;
        for (std::size_t j = 0; j < n; ++j) outcome += weights[j] * z[j];
        outcomes[path] = outcome;
    });

    MonteCarloTail result;
    result.settings = settings;
    result.tail = historical_tail(outcomes, confidence);
    std::vector<double> ascending = outcomes;
    std::sort(ascending.begin(), ascending.end());
    const auto count = static_cast<double>(outcomes.size());
    const double expected = count * (1 - confidence);
    const double spread = 1.96 * std::sqrt(expected * confidence);
    const auto at = [&](double rank) {
        return ascending[static_cast<std::size_t>(std::clamp(rank, 0.0, count - 1))];
    };
    result.var_low = -at(std::ceil(expected + spread));
    result.var_high = -at(std::floor(expected - spread));

    // The deviates of the paths in the tail once more: cheaper than keeping all of them. Their sum
    // gives the sum of the returns, because returns are linear in them.
    std::vector<double> tail_sum(n);
    paths.each([&](std::size_t path, std::span<const double> z) {
        if (outcomes[path] > -result.tail.var) return;
        ++result.tail_paths;
        for (std::size_t j = 0; j < n; ++j) tail_sum[j] += z[j];
    });
    const auto tail_count = static_cast<double>(result.tail_paths);
    const std::vector<double> returns = product(root, tail_sum);
    for (std::size_t i = 0; i < n; ++i) {
        result.component_cvar.push_back(-exposures[i] * (means[i] + returns[i] / tail_count));
    }
    return result;
}

}  // namespace fermata::portfolio
