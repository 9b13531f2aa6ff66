#include "daemon/cli/risk_measures.hpp"

#include <algorithm>
#include <cmath>

#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"
#include "risk/portfolio/liquidity.hpp"
#include "risk/portfolio/tail_loss.hpp"
#include "risk/portfolio/var_backtest.hpp"

namespace fermata {

using namespace portfolio;

void report_covariance(Report& report, const MeasuredBook& book,
                       const RiskReportSettings& settings) {
    const Definiteness definite = definiteness_of(book.covariance);
    Report& section = report["covariance"];
    section["method"] = name(settings.covariance);
    if (settings.covariance == CovarianceMethod::kEwma) section["lambda"] = settings.lambda;
    section["shrinkage_intensity"] = book.shrunk.intensity;
    section["mean_correlation"] = book.shrunk.mean_correlation;
    section["smallest_eigenvalue"] = definite.smallest;
    section["largest_eigenvalue"] = definite.largest;
    section["positive_semi_definite"] = definite.semi_definite();
    section["invertible"] = definite.definite();

    const auto table = [&](const Matrix& m) {
        Report rows = Report::array();
        for (std::size_t i = 0; i < m.rows(); ++i) {
            Report row{{"symbol", book.held[i]->symbol}};
            for (std::size_t j = 0; j < m.columns(); ++j) row[book.held[j]->symbol] = m(i, j);
            rows.push_back(std::move(row));
        }
        return rows;
    };
    report["annual_covariance"] = table(annualised(book.covariance, settings.periods_per_year));
    report["correlation"] = table(correlation_of(book.covariance));
}

void report_positions(Report& report, const MeasuredBook& book,
                      const RiskReportSettings& settings) {
    const std::vector<double> zero(book.values.size());
    const TailComponents risk =
        parametric_components(book.values, zero, book.covariance, settings.confidence);
    const std::vector<double> tail =
        historical_component_cvar(book.returns, book.values, settings.confidence);
    const std::vector<double> sd = deviations(book.covariance);
    Report& rows = report["positions"] = Report::array();
    for (std::size_t i = 0; i < book.held.size(); ++i) {
        Report row;
        row["symbol"] = book.held[i]->symbol;
        row["sector"] = book.sectors[i];
        row["quantity"] = book.quantities[i];
        row["close"] = book.closes[i];
        row["value"] = book.values[i];
        row["of_equity"] = book.of_equity(book.values[i]);
        row["annual_volatility"] = sd[i] * std::sqrt(settings.periods_per_year);
        row["beta"] = book.betas.empty() ? Report() : Report(book.betas[i]);
        row["marginal_var"] = risk.marginal_var[i];
        row["component_var"] = risk.component_var[i];
        row["component_cvar"] = risk.component_cvar[i];
        row["historical_component_cvar"] = tail[i];
        row["variance_share"] = risk.variance_share[i];
        rows.push_back(std::move(row));
    }
}

void report_value_at_risk(Report& report, const MeasuredBook& book,
                          const RiskReportSettings& settings) {
    const double confidence = settings.confidence;
    const std::vector<double> zero(book.values.size());
    Report& rows = report["value_at_risk"] = Report::array();
    const auto add = [&](const std::string& method, const TailLoss& tail) {
        rows.push_back({{"method", method},
                        {"confidence", tail.confidence},
                        {"var", tail.var},
                        {"cvar", tail.cvar},
                        {"var_of_equity", book.of_equity(tail.var)},
                        {"cvar_of_equity", book.of_equity(tail.cvar)}});
    };
    const auto parametric = [&](const Matrix& covariance, const std::vector<double>& means) {
        return parametric_components(book.values, means, covariance, confidence).total;
    };
    add("historical", historical_tail(book.outcomes, confidence));
    add("parametric, sample, with mean",
        parametric(sample_covariance(book.returns), mean_returns(book.returns)));
    add("parametric, sample", parametric(sample_covariance(book.returns), zero));
    add("parametric, ewma", parametric(ewma_covariance(book.returns, settings.lambda), zero));
    add("parametric, shrunk", parametric(book.shrunk.covariance, zero));

    Report& simulations = report["monte_carlo"] = Report::array();
    const auto simulate = [&](std::uint32_t freedom) {
        MonteCarloSettings monte_carlo = settings.monte_carlo;
        monte_carlo.degrees_of_freedom = freedom;
        const MonteCarloTail tail =
            simulate_tail(book.values, zero, book.covariance, confidence, monte_carlo);
        const std::string what =
            freedom == 0 ? "normal" : "Student's t, " + std::to_string(freedom);
        add("Monte Carlo, " + what, tail.tail);
        simulations.push_back({{"distribution", what},
                               {"seed", tail.settings.seed},
                               {"paths", tail.settings.paths},
                               {"degrees_of_freedom", tail.settings.degrees_of_freedom},
                               {"var", tail.tail.var},
                               {"var_low_95", tail.var_low},
                               {"var_high_95", tail.var_high},
                               {"cvar", tail.tail.cvar},
                               {"tail_paths", tail.tail_paths}});
    };
    simulate(settings.monte_carlo.degrees_of_freedom);
    if (settings.fat_tails != settings.monte_carlo.degrees_of_freedom) {
        simulate(settings.fat_tails);
    }
}

void report_exposures(Report& report, const MeasuredBook& book, const InstrumentTable& instruments,
                      const RiskReportSettings& settings) {
    Report& sectors = report["sectors"] = Report::array();
    for (const SectorExposure& sector : sector_exposures(book.values, book.sectors)) {
        sectors.push_back({{"sector", sector.sector.empty() ? "(none)" : sector.sector},
                           {"long", sector.long_value},
                           {"short", sector.short_value},
                           {"gross", sector.gross()},
                           {"net", sector.net()},
                           {"gross_of_equity", book.of_equity(sector.gross())}});
    }
    if (settings.benchmark) {
        double weighted = 0;
        for (std::size_t i = 0; i < book.values.size(); ++i) {
            weighted += book.values[i] * book.betas[i];
        }
        Report& section = report["benchmark"];
        section["symbol"] = instruments[*settings.benchmark].symbol;
        section["beta_value"] = weighted;
        section["beta_of_equity"] = book.of_equity(weighted);
    }
    if (settings.factors.empty()) return;
    const auto regression = regress(book.outcomes, book.factors);
    Report& section = report["factors"];
    if (!regression) {
        section["error"] = describe(regression.error());
        return;
    }
    section["r_squared"] = regression->r_squared;
    section["alpha_a_day"] = regression->alpha;
    section["alpha_error"] = regression->alpha_error;
    section["residual_deviation"] = regression->residual_deviation;
    Report& rows = section["exposures"] = Report::array();
    for (std::size_t f = 0; f < settings.factors.size(); ++f) {
        const double error = regression->beta_errors[f];
        rows.push_back({{"factor", instruments[settings.factors[f]].symbol},
                        {"exposure", regression->betas[f]},
                        {"error", error},
                        {"t", error > 0 ? Report(regression->betas[f] / error) : Report()},
                        {"of_equity", book.of_equity(regression->betas[f])}});
    }
}

void report_stress(Report& report, const MeasuredBook& book, const RiskReportSettings& settings,
                   const ReturnHistory& whole) {
    const StressBook stress{book.values, book.betas, book.sectors, &book.covariance,
                            book.daily_values};
    std::vector<StressOutcome> outcomes = standard_scenarios(stress, settings.stress);
    for (const StressWindowConfig& window : settings.windows) {
        outcomes.push_back(
            historical_window(stress, window.name, window.from, window.to, whole, book.columns));
    }
    Report& rows = report["stress"] = Report::array();
    Report details = Report::array();
    for (const StressOutcome& outcome : outcomes) {
        const auto worst = std::min_element(outcome.profit.begin(), outcome.profit.end());
        const auto at = static_cast<std::size_t>(worst - outcome.profit.begin());
        rows.push_back({{"scenario", outcome.scenario},
                        {"profit", outcome.total},
                        {"of_equity", book.of_equity(outcome.total)},
                        {"worst_position", book.held[at]->symbol},
                        {"worst_profit", *worst},
                        {"unknown_positions", outcome.unknown.size()}});
        Report profits;
        for (std::size_t i = 0; i < outcome.profit.size(); ++i) {
            const bool unknown = std::find(outcome.unknown.begin(), outcome.unknown.end(), i) !=
                                 outcome.unknown.end();
            profits[book.held[i]->symbol] = unknown ? Report() : Report(outcome.profit[i]);
        }
        Report row{{"scenario", outcome.scenario}};
        row.update(profits);
        details.push_back(std::move(row));
    }
    report["stress_by_position"] = std::move(details);
}

void report_liquidity(Report& report, const MeasuredBook& book,
                      const RiskReportSettings& settings) {
    constexpr std::size_t kDaysShown = 20;
    const LiquidityHorizon horizon = liquidity_horizon(book.quantities, book.volumes, book.values,
                                                       settings.participation, kDaysShown);
    Report& section = report["liquidity"];
    section["participation"] = settings.participation;
    section["longest_days"] = horizon.longest ? Report(*horizon.longest) : Report();
    section["positions_of_unknown_volume"] = horizon.unknown;
    for (const std::size_t days : {1U, 5U, 20U}) {
        section["left_after_" + std::to_string(days) + "_days"] =
            days <= horizon.left_after.size() ? Report(horizon.left_after[days - 1]) : Report();
    }
    Report& rows = section["positions"] = Report::array();
    for (std::size_t i = 0; i < book.held.size(); ++i) {
        rows.push_back(
            {{"symbol", book.held[i]->symbol},
             {"average_daily_volume", book.volumes[i] > 0 ? Report(book.volumes[i]) : Report()},
             {"days_to_leave", horizon.days[i] ? Report(*horizon.days[i]) : Report()}});
    }
}

void report_drawdown(Report& report, const std::vector<std::pair<Date, double>>& equity) {
    Report& section = report["drawdown"];
    FlowAdjustedDrawdown drawdown;
    for (const auto& [date, value] : equity) drawdown.add(date, value, 0);
    const auto current = drawdown.current();
    section["current"] = current ? Report(*current) : Report();
    section["high_water_mark"] = equity.empty() ? Report() : Report(drawdown.mark());
    section["worst"] = drawdown.worst().drawdown;
    if (drawdown.worst().drawdown < 0) {
        section["worst_peak"] = format_iso_date(drawdown.worst().peak);
        section["worst_trough"] = format_iso_date(drawdown.worst().trough);
    }
    section["days"] = equity.size();
}

void report_backtest(Report& report, const std::string& what, const std::vector<double>& outcomes,
                     const RiskReportSettings& settings) {
    const std::size_t window = settings.backtest_window;
    if (outcomes.size() <= window) return;
    const std::span<const double> judged = std::span(outcomes).subspan(window);
    for (const VarMethod method :
         {VarMethod::kHistorical, VarMethod::kParametric, VarMethod::kEwma}) {
        const VarBacktest test = backtest_var(
            judged, rolling_var(outcomes, window, settings.confidence, method, settings.lambda),
            settings.confidence);
        report["backtest"].push_back({{"series", what},
                                      {"forecast", name(method)},
                                      {"confidence", test.confidence},
                                      {"days", test.days},
                                      {"exceptions", test.exceptions},
                                      {"expected", test.expected},
                                      {"kupiec", test.failures.statistic},
                                      {"kupiec_p", test.failures.p_value},
                                      {"independence", test.independence.statistic},
                                      {"independence_p", test.independence.p_value},
                                      {"coverage", test.coverage.statistic},
                                      {"coverage_p", test.coverage.p_value},
                                      {"zone", name(test.light)}});
    }
}

}  // namespace fermata
