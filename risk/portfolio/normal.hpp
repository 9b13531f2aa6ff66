#pragma once

namespace fermata::portfolio {

/// The standard normal distribution, made of additions, multiplications, divisions and square roots
/// alone where a simulation needs it, so that the same seed gives the same bits with every C
/// library. (The statistics of `research` have functions of their own: the two do not know each
/// other.)

/// The value with probability `p` at or below it; 0 < p < 1, else a bug. About 16 digits.
/// M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
/// Statistics 37 (1988), 477-484: PPND16.
[[nodiscard]] double normal_quantile(double p);

/// Density at `x`.
[[nodiscard]] double normal_density(double x) noexcept;

}  // namespace fermata::portfolio
