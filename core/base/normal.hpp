#pragma once

namespace fermata {

/// The standard normal distribution.

/// The value with probability `p` at or below it; 0 < p < 1, else a bug. About 16 digits.
/// Made of additions, multiplications, divisions and square roots alone, so that the same seed
/// gives a simulation the same bits with every C library.
/// M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
/// Statistics 37 (1988), 477-484: PPND16.
[[nodiscard]] double normal_quantile(double p);

/// Density at `x`. Its last bit is the C library's.
[[nodiscard]] double normal_density(double x) noexcept;

/// Probability of a value at or below `x`. Accurate in both tails; its last bit is the C library's.
[[nodiscard]] double normal_probability(double x) noexcept;

}  // namespace fermata
