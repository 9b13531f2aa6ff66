#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "risk/portfolio/matrix.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata::portfolio {

/// Everything that decides about a simulation. It stands in the result, so that who journals the
/// result can do it again.
struct MonteCarloSettings {
    std::uint64_t seed = 1;
    std::size_t paths = 10'000;
    /// 0: normal returns. From 3: Student's t with so many degrees of freedom, scaled to the same
    /// covariance, so that only the tails are fatter.
    std::uint32_t degrees_of_freedom = 0;
    friend bool operator==(const MonteCarloSettings&, const MonteCarloSettings&) = default;
};

struct MonteCarloTail {
    MonteCarloSettings settings;
    TailLoss tail;
    /// Between these the true VaR lies in 95 of 100 simulations, whatever the distribution: order
    /// statistics at n p -+ 1.96 sqrt(n p (1 - p)).
    double var_low = 0;
    double var_high = 0;
    std::vector<double> component_cvar;  ///< By position; adds up to tail.cvar.
    std::size_t tail_paths = 0;          ///< Paths that tail.cvar is the mean of.
};

/// Simulates joint one-period returns of all instruments with these means and covariance, and takes
/// the tail of the profit and loss of `exposures`.
///
/// The same settings and input give the same bits on every machine and in every order of work:
/// paths come in blocks of kBlockPaths, block b draws from the generator of `seed` after b jumps of
/// 2^128, and normal deviates are made by inversion without functions of the C library.
/// `covariance` is positive semi-definite up to rounding. O(N^3 + paths N).
[[nodiscard]] MonteCarloTail simulate_tail(std::span<const double> exposures,
                                           std::span<const double> means, const Matrix& covariance,
                                           double confidence, const MonteCarloSettings& settings);

inline constexpr std::size_t kBlockPaths = 256;

/// A matrix A with A A' = covariance, also where that is only semi-definite. Exposed for its tests.
[[nodiscard]] Matrix covariance_root(const Matrix& covariance);

}  // namespace fermata::portfolio
