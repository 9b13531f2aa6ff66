#include "risk/portfolio/snapshot.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"

namespace fermata::portfolio {
namespace {

/// Estimates among the measured instruments alone.
struct Estimate {
    Matrix covariance;
    double intensity = 0;
};

Estimate estimate(const Matrix& returns, const SnapshotSettings& settings) {
    switch (settings.method) {
        case CovarianceMethod::kSample:
            return {sample_covariance(returns), 0};
        case CovarianceMethod::kEwma:
            return {ewma_covariance(returns, settings.lambda), 0};
        case CovarianceMethod::kShrunk:
            break;
    }
    ShrunkCovariance shrunk = shrunk_covariance(returns);
    return {std::move(shrunk.covariance), shrunk.intensity};
}

void fill_correlated(PortfolioSnapshot& s, const Matrix& correlation,
                     std::span<const std::size_t> ids) {
    for (std::size_t a = 0; a < ids.size(); ++a) {
        for (std::size_t b = 0; b < ids.size(); ++b) {
            if (a == b || !(correlation(a, b) > s.correlation_threshold)) continue;
            s.correlated[ids[a] * s.words() + ids[b] / 64] |= std::uint64_t{1} << (ids[b] % 64);
        }
    }
}

}  // namespace

std::string_view name(CovarianceMethod method) noexcept {
    switch (method) {
        case CovarianceMethod::kSample:
            return "sample";
        case CovarianceMethod::kEwma:
            return "ewma";
        case CovarianceMethod::kShrunk:
            break;
    }
    return "shrunk";
}

Result<PortfolioSnapshot, HistoryError> make_snapshot(const ReturnHistory& history,
                                                      const SnapshotInputs& inputs,
                                                      const SnapshotSettings& settings) {
    const std::size_t n = history.instruments();
    FERMATA_ASSERT(inputs.sectors.size() == n && inputs.average_daily_volumes.size() == n);
    FERMATA_ASSERT(settings.days_min >= 2);
    std::vector<std::size_t> ids;
    for (std::size_t i = 0; i < n; ++i) {
        if (history.counts(i).returns() >= settings.days_min) ids.push_back(i);
    }
    if (ids.empty()) return Err{HistoryError::kTooFewDays};
    const auto complete = history.complete(ids, settings.days_min);
    if (!complete) return Err{complete.error()};

    PortfolioSnapshot s;
    s.number = inputs.number;
    s.as_of = inputs.as_of;
    s.first_day = complete->dates.front();
    s.last_day = complete->dates.back();
    s.instruments = static_cast<std::uint32_t>(n);
    s.days = static_cast<std::uint32_t>(complete->dates.size());
    s.dropped_days = static_cast<std::uint32_t>(complete->dropped);
    s.method = settings.method;
    s.lambda = settings.method == CovarianceMethod::kEwma ? settings.lambda : 0.0;
    s.correlation_threshold = settings.correlation_threshold;
    s.measured.assign(n, 0);
    s.sectors.assign(inputs.sectors.begin(), inputs.sectors.end());
    s.average_daily_volumes.assign(inputs.average_daily_volumes.begin(),
                                   inputs.average_daily_volumes.end());
    s.volatilities.assign(n, 0);
    s.betas.assign(n, 0);
    s.covariance.assign(n * n, 0);
    s.returns.assign(s.days * n, 0);
    s.correlated.assign(n * s.words(), 0);

    const Estimate estimated = estimate(complete->returns, settings);
    s.intensity = estimated.intensity;
    const std::vector<double> sd = deviations(estimated.covariance);
    for (std::size_t a = 0; a < ids.size(); ++a) {
        s.measured[ids[a]] = 1;
        s.volatilities[ids[a]] = sd[a];
        for (std::size_t b = 0; b < ids.size(); ++b) {
            s.covariance[ids[a] * n + ids[b]] = estimated.covariance(a, b);
        }
        for (std::size_t t = 0; t < s.days; ++t) {
            s.returns[t * n + ids[a]] = complete->returns(t, a);
        }
    }
    // Shrinking draws correlations towards their target: good for sums over many names, and blind
    // to two that move as one. So names are told alike by the plain estimate.
    const bool shrunk = settings.method == CovarianceMethod::kShrunk;
    fill_correlated(
        s, correlation_of(shrunk ? sample_covariance(complete->returns) : estimated.covariance),
        ids);

    if (inputs.benchmark && s.measured[*inputs.benchmark] != 0) {
        std::vector<double> benchmark(s.days);
        for (std::size_t t = 0; t < s.days; ++t) {
            benchmark[t] = s.returns[t * n + *inputs.benchmark];
        }
        const std::vector<double> betas = betas_of(complete->returns, benchmark);
        for (std::size_t a = 0; a < ids.size(); ++a) s.betas[ids[a]] = betas[a];
    }
    return s;
}

}  // namespace fermata::portfolio
