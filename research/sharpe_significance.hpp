#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace fermata {

/// How much a Sharpe ratio can be trusted, given the length and shape of the record and the number
/// of strategies that were tried before this one was chosen. All Sharpe ratios here are those of
/// ONE PERIOD (mean / stdev), not annualised.
///
/// D. H. Bailey, M. Lopez de Prado: "The Sharpe Ratio Efficient Frontier", Journal of Risk 15
/// (2012); "The Deflated Sharpe Ratio", Journal of Portfolio Management 40 (2014), 94-107.

/// A Sharpe ratio as it was measured.
struct SharpeRecord {
    double sharpe = 0;
    std::size_t returns = 0;  ///< Length of the record.
    double skew = 0;
    double excess_kurtosis = 0;  ///< 0 for normal returns.
};

/// Measures it. Absent when there are fewer than two returns or they do not vary.
[[nodiscard]] std::optional<SharpeRecord> measure_sharpe(std::span<const double> returns) noexcept;

/// Probabilistic Sharpe ratio: the probability that the true Sharpe ratio exceeds `threshold`,
///   Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR^2)).
/// Absent when the record has fewer than two returns, or a shape that no sample can have.
[[nodiscard]] std::optional<double> probabilistic_sharpe(const SharpeRecord& record,
                                                         double threshold = 0) noexcept;

/// The largest Sharpe ratio to be expected of `trials` independent strategies without any skill
/// whose measured Sharpe ratios have the variance `variance`:
///   sqrt(V) ((1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e))), g = 0.5772... (Euler, Mascheroni).
/// 0 for a single trial.
[[nodiscard]] double expected_maximum_sharpe(std::size_t trials, double variance);

/// Deflated Sharpe ratio: the probabilistic one against the expected maximum of all trials.
[[nodiscard]] std::optional<double> deflated_sharpe(const SharpeRecord& record, std::size_t trials,
                                                    double variance);

}  // namespace fermata
