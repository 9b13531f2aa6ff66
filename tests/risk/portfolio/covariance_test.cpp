#include "risk/portfolio/covariance.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/risk/portfolio/samples.hpp"

namespace fermata::portfolio {
namespace {

using test::matrix;
using test::random_returns;

void expect_near(const Matrix& a, const Matrix& b, double relative) {
    ASSERT_EQ(a.rows(), b.rows());
    ASSERT_EQ(a.columns(), b.columns());
    double scale = 0;
    for (const double v : b.values()) scale = std::max(scale, std::fabs(v));
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.columns(); ++j) {
            EXPECT_NEAR(a(i, j), b(i, j), relative * scale) << i << ' ' << j;
        }
    }
}

/// The textbook's sums, one pair after the other.
Matrix plain_covariance(const Matrix& r, double divisor) {
    const std::size_t n = r.columns();
    Matrix c(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            long double mi = 0, mj = 0, sum = 0;
            for (std::size_t t = 0; t < r.rows(); ++t) {
                mi += r(t, i) / static_cast<long double>(r.rows());
                mj += r(t, j) / static_cast<long double>(r.rows());
            }
            for (std::size_t t = 0; t < r.rows(); ++t) sum += (r(t, i) - mi) * (r(t, j) - mj);
            c(i, j) = static_cast<double>(sum / divisor);
        }
    }
    return c;
}

/// Ledoit and Wolf (2004), appendix A and B, symbol by symbol: pi, rho with both theta, gamma.
double plain_intensity(const Matrix& r) {
    const std::size_t n = r.columns(), periods = r.rows();
    const auto T = static_cast<long double>(periods);
    const Matrix s = plain_covariance(r, static_cast<double>(periods));
    const std::vector<double> mean = mean_returns(r);
    long double r_bar = 0;
    for (std::size_t i = 0; i + 1 < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            r_bar += s(i, j) / std::sqrt(static_cast<long double>(s(i, i)) * s(j, j));
        }
    }
    r_bar *= 2.0L / (static_cast<long double>(n - 1) * static_cast<long double>(n));
    long double pi = 0, rho = 0, gamma = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            long double pi_ij = 0, theta_ii = 0, theta_jj = 0;
            for (std::size_t t = 0; t < periods; ++t) {
                const long double x = r(t, i) - mean[i], y = r(t, j) - mean[j];
                const long double off = x * y - s(i, j);
                pi_ij += off * off / T;
                theta_ii += (x * x - s(i, i)) * off / T;
                theta_jj += (y * y - s(j, j)) * off / T;
            }
            const long double f =
                i == j ? s(i, i) : r_bar * std::sqrt(static_cast<long double>(s(i, i)) * s(j, j));
            pi += pi_ij;
            gamma += (f - s(i, j)) * (f - s(i, j));
            if (i == j) {
                rho += pi_ij;
            } else {
                rho += r_bar / 2 *
                       (std::sqrt(static_cast<long double>(s(j, j)) / s(i, i)) * theta_ii +
                        std::sqrt(static_cast<long double>(s(i, i)) / s(j, j)) * theta_jj);
            }
        }
    }
    const long double kappa = (pi - rho) / gamma;
    return static_cast<double>(std::max(0.0L, std::min(kappa / T, 1.0L)));
}

TEST(Covariance, OfThreeDaysAndTwoInstrumentsIsWhatAHandComputes) {
    // Means 0.02 and 0.01; deviations (-0.01, 0, 0.01) and (0.02, -0.03, 0.01).
    const Matrix r = matrix({{0.01, 0.03}, {0.02, -0.02}, {0.03, 0.02}});
    // var 1: (1 + 0 + 1) / 2 e-4; var 2: (4 + 9 + 1) / 2 e-4; cov: (-2 + 0 + 1) / 2 e-4.
    expect_near(sample_covariance(r), matrix({{1e-4, -0.5e-4}, {-0.5e-4, 7e-4}}), 1e-14);
    // -0.5 / sqrt(7)
    expect_near(correlation_of(sample_covariance(r)),
                matrix({{1, -0.1889822365046136}, {-0.1889822365046136, 1}}), 1e-14);
    expect_near(annualised(sample_covariance(r), 252),
                matrix({{0.0252, -0.0126}, {-0.0126, 0.1764}}), 1e-14);
}

TEST(Covariance, EqualsTheTextbookSums) {
    const Matrix r = random_returns(97, 7, 11);
    expect_near(sample_covariance(r), plain_covariance(r, 96), 1e-13);
}

TEST(Covariance, EwmaFollowsItsRecursionFromTheFirstReturn) {
    const Matrix r = random_returns(60, 4, 5);
    for (const double lambda : {0.94, 0.5, 0.999}) {
        Matrix s(4, 4);
        for (std::size_t t = 0; t < r.rows(); ++t) {
            for (std::size_t i = 0; i < 4; ++i) {
                for (std::size_t j = 0; j < 4; ++j) {
                    const double now = r(t, i) * r(t, j);
                    s(i, j) = t == 0 ? now : lambda * s(i, j) + (1 - lambda) * now;
                }
            }
        }
        expect_near(ewma_covariance(r, lambda), s, 1e-13);
    }
    expect_near(ewma_covariance(matrix({{0.1, -0.2}}), 0.94),
                matrix({{0.01, -0.02}, {-0.02, 0.04}}), 1e-15);
}

TEST(Shrinkage, EqualsThePapersSumsTermByTerm) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const Matrix r = random_returns(40 + 30 * seed, 3 + 2 * seed, seed);
        const ShrunkCovariance shrunk = shrunk_covariance(r);
        EXPECT_NEAR(shrunk.intensity, plain_intensity(r), 1e-10);
        EXPECT_GT(shrunk.intensity, 0.0) << "else the test would not see the blend";
        const Matrix s = sample_covariance(r);
        for (std::size_t i = 0; i < s.rows(); ++i) {
            EXPECT_NEAR(shrunk.covariance(i, i), s(i, i), 1e-13 * s(i, i))
                << "variances are not shrunk";
            for (std::size_t j = 0; j < i; ++j) {
                const double target = shrunk.mean_correlation * std::sqrt(s(i, i) * s(j, j));
                EXPECT_NEAR(shrunk.covariance(i, j),
                            shrunk.intensity * target + (1 - shrunk.intensity) * s(i, j), 1e-15);
            }
        }
    }
}

TEST(Shrinkage, LeavesTwoInstrumentsAlone) {
    // One pair: its correlation is the mean correlation, so the target is the sample.
    const Matrix r = random_returns(30, 2, 9);
    EXPECT_EQ(shrunk_covariance(r).intensity, 0.0);
    expect_near(shrunk_covariance(r).covariance, sample_covariance(r), 1e-13);
}

TEST(Shrinkage, MakesAnInvertibleMatrixOfFewerDaysThanInstruments) {
    const Matrix r = random_returns(20, 40, 4);
    EXPECT_FALSE(definiteness_of(sample_covariance(r)).definite()) << "rank 19 at most";
    EXPECT_TRUE(definiteness_of(sample_covariance(r)).semi_definite());
    EXPECT_TRUE(definiteness_of(shrunk_covariance(r).covariance).definite());
}

TEST(Shrinkage, EndsWithOneInstrumentAndWithOneThatNeverMoves) {
    const Matrix one = matrix({{0.01}, {0.03}});
    EXPECT_NEAR(shrunk_covariance(one).covariance(0, 0), 2e-4, 1e-16);
    Matrix still = random_returns(50, 3, 8);
    for (std::size_t t = 0; t < 50; ++t) still(t, 1) = 0;
    const ShrunkCovariance shrunk = shrunk_covariance(still);
    for (const double v : shrunk.covariance.values()) EXPECT_TRUE(std::isfinite(v));
    EXPECT_EQ(shrunk.covariance(0, 1), 0.0);
}

RC_GTEST_PROP(Shrinkage, IsBetweenSampleAndTargetAndNeverLosesDefiniteness, ()) {
    const auto days = *rc::gen::inRange<std::size_t>(3, 60);
    const auto instruments = *rc::gen::inRange<std::size_t>(1, 25);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Matrix r = random_returns(days, instruments, seed);
    const ShrunkCovariance shrunk = shrunk_covariance(r);
    RC_ASSERT(shrunk.intensity >= 0.0);
    RC_ASSERT(shrunk.intensity <= 1.0);
    RC_ASSERT(std::fabs(shrunk.mean_correlation) <= 1.0);
    RC_ASSERT(definiteness_of(sample_covariance(r)).semi_definite());
    RC_ASSERT(definiteness_of(ewma_covariance(r, 0.94)).semi_definite());
    if (shrunk.mean_correlation >= 0) {
        RC_ASSERT(definiteness_of(shrunk.covariance).semi_definite());
    }
}

TEST(Definiteness, KnowsTheEigenvaluesOfSmallMatrices) {
    // 2 -1; -1 2: eigenvalues 1 and 3.
    const Definiteness good = definiteness_of(matrix({{2, -1}, {-1, 2}}));
    EXPECT_NEAR(good.smallest, 1.0, 1e-14);
    EXPECT_NEAR(good.largest, 3.0, 1e-14);
    EXPECT_TRUE(good.definite());
    // 1 2; 2 1: eigenvalues -1 and 3.
    const Definiteness bad = definiteness_of(matrix({{1, 2}, {2, 1}}));
    EXPECT_NEAR(bad.smallest, -1.0, 1e-14);
    EXPECT_FALSE(bad.semi_definite());
    // 1 1; 1 1: eigenvalues 0 and 2.
    const Definiteness flat = definiteness_of(matrix({{1, 1}, {1, 1}}));
    EXPECT_TRUE(flat.semi_definite());
    EXPECT_FALSE(flat.definite());
}

}  // namespace
}  // namespace fermata::portfolio
