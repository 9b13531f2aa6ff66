#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/instrument.hpp"
#include "daemon/cli/report_text.hpp"
#include "daemon/cli/risk_holdings.hpp"
#include "daemon/cli/risk_prices.hpp"
#include "daemon/config/config.hpp"
#include "risk/portfolio/monte_carlo.hpp"
#include "risk/portfolio/snapshot.hpp"
#include "risk/portfolio/stress.hpp"

namespace fermata {

struct RiskReportSettings {
    std::size_t window = 512;   ///< Trading days that everything is estimated from.
    std::size_t days_min = 60;  ///< Complete days below which nothing is estimated.
    double confidence = 0.99;
    portfolio::CovarianceMethod covariance = portfolio::CovarianceMethod::kShrunk;
    double lambda = 0.94;
    portfolio::MonteCarloSettings monte_carlo;
    std::uint32_t fat_tails = 5;  ///< Degrees of freedom of the second simulation.
    double participation = 0.1;
    std::size_t volume_days = 20;
    std::size_t backtest_window = 250;  ///< Days that a forecast of the backtest is made from.
    double periods_per_year = 252;
    portfolio::StressSettings stress;
    std::vector<StressWindowConfig> windows;  ///< Of history, as stress scenarios.
    std::optional<InstrumentId> benchmark;    ///< Without it no betas and no index scenario.
    std::vector<InstrumentId> factors;
};

/// Everything about the risk of `holdings` as one document. Money is in the one currency of what is
/// held; ratios are fractions. What cannot be told is null and named in `notes`, never zero.
/// Throws std::runtime_error with a message for the operator: too few days, no price of something
/// that is held, several currencies.
[[nodiscard]] Report make_risk_report(const InstrumentTable& instruments, const DailyPrices& prices,
                                      const Holdings& holdings, const RiskReportSettings& settings);

}  // namespace fermata
