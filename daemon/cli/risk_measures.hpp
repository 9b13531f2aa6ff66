#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/cli/risk_report.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/return_history.hpp"

namespace fermata {

/// What the sections of a risk report are computed from: the positions that are held, valued, and
/// their returns on the complete days of the window. All vectors by position.
struct MeasuredBook {
    std::vector<const Instrument*> held;
    std::vector<std::size_t> columns;  ///< In the histories: their InstrumentId.
    std::vector<double> quantities;    ///< In units, signed.
    std::vector<double> closes;
    std::vector<double> values;
    std::vector<std::string> sectors;
    std::vector<double> volumes;  ///< Average daily ones; 0: not known.
    std::vector<double> daily_values;
    std::vector<double> betas;  ///< Empty without a benchmark.
    double equity = 0;
    double gross = 0;
    double net = 0;

    std::vector<Date> dates;
    std::size_t dropped_days = 0;
    portfolio::Matrix returns;     ///< Dates x positions.
    portfolio::Matrix benchmark;   ///< Dates x 1; empty without.
    portfolio::Matrix factors;     ///< Dates x factors.
    std::vector<double> outcomes;  ///< Of today's positions, by date.
    portfolio::ShrunkCovariance shrunk;
    portfolio::Matrix covariance;  ///< Of one day, by the chosen method.

    /// Money as a part of the equity; null when there is none.
    [[nodiscard]] Report of_equity(double money) const {
        return equity > 0 ? Report(money / equity) : Report();
    }
};

/// Throws as make_risk_report. `window` holds the last days.
[[nodiscard]] MeasuredBook measure_book(const InstrumentTable& instruments,
                                        const DailyPrices& prices, const Holdings& holdings,
                                        const RiskReportSettings& settings,
                                        const portfolio::ReturnHistory& window);

// Sections of the report; each adds keys to it.
void report_positions(Report& report, const MeasuredBook& book, const RiskReportSettings& settings);
void report_covariance(Report& report, const MeasuredBook& book,
                       const RiskReportSettings& settings);
void report_value_at_risk(Report& report, const MeasuredBook& book,
                          const RiskReportSettings& settings);
void report_exposures(Report& report, const MeasuredBook& book, const InstrumentTable& instruments,
                      const RiskReportSettings& settings);
void report_stress(Report& report, const MeasuredBook& book, const RiskReportSettings& settings,
                   const portfolio::ReturnHistory& whole);
void report_liquidity(Report& report, const MeasuredBook& book, const RiskReportSettings& settings);
void report_drawdown(Report& report, const std::vector<std::pair<Date, double>>& equity);
/// A table row for each way of forecasting. `what` names the series.
void report_backtest(Report& report, const std::string& what, const std::vector<double>& outcomes,
                     const RiskReportSettings& settings);

}  // namespace fermata
