// The names under which statistics are reported.

#include <charconv>
#include <cmath>
#include <string>

#include "core/base/assert.hpp"
#include "research/statistics.hpp"

namespace fermata {
namespace {

/// "252", "95", "97.5".
std::string number_text(double x) {
    char out[32];
    const auto [end, error] = std::to_chars(out, out + sizeof out, x);
    FERMATA_ASSERT(error == std::errc{});
    return {out, end};
}

/// What one period is called.
std::string period_name(double periods_per_year) {
    if (periods_per_year == 252) return "daily";
    if (periods_per_year == 52) return "weekly";
    if (periods_per_year == 12) return "monthly";
    return "period";
}

class Names {
public:
    void add(std::string name, std::optional<double> value) {
        if (value) list_.emplace_back(std::move(name), *value);
    }
    std::vector<std::pair<std::string, double>> take() { return std::move(list_); }

private:
    std::vector<std::pair<std::string, double>> list_;
};

void add_tail(const TailRisk& risk, Names& names) {
    // 0.95 x 100 is 95 in doubles; 0.999 x 100 would be 99.90000000000001.
    const std::string level = number_text(std::round(risk.confidence * 1e6) / 1e4);
    names.add("var_hist_" + level, risk.var_historical);
    names.add("cvar_hist_" + level, risk.cvar_historical);
    names.add("var_param_" + level, risk.var_parametric);
    names.add("cvar_param_" + level, risk.cvar_parametric);
    names.add("var_cf_" + level, risk.var_cornish_fisher);
}

void add_benchmark(const BenchmarkStatistics& against, const std::string& period, Names& names) {
    names.add("beta", against.beta);
    names.add("alpha_" + period, against.alpha);
    names.add("alpha_ann", against.alpha_ann);
    names.add("corr", against.corr);
    names.add("r2", against.r2);
    names.add("tracking_error", against.tracking_error);
    names.add("information_ratio", against.information_ratio);
    names.add("treynor", against.treynor);
}

}  // namespace

std::vector<std::pair<std::string, double>> Statistics::flatten() const {
    const std::string period = period_name(periods_per_year);
    Names names;
    names.add("n_returns", static_cast<double>(n_returns));
    names.add("total_return", total_return);
    names.add("cagr_" + number_text(periods_per_year), cagr);
    names.add("cagr_calendar", cagr_calendar);
    names.add("mean_" + period, mean);
    names.add("sd_" + period, sd);
    names.add("ann_mean", ann_mean);
    names.add("ann_vol", ann_vol);
    names.add("sharpe", sharpe);
    names.add("sharpe_ddof0", sharpe_ddof0);
    names.add("probabilistic_sharpe", probabilistic_sharpe);
    names.add("downside_dev_ann", downside_dev_ann);
    names.add("sortino", sortino);
    if (drawdown) {
        names.add("max_drawdown", drawdown->max_drawdown);
        names.add("longest_underwater_bars",
                  static_cast<double>(drawdown->longest_underwater_bars));
        names.add("calmar", drawdown->calmar);
        names.add("ulcer_index_pct", drawdown->ulcer_index_pct);
        names.add("martin", drawdown->martin);
    }
    for (const TailRisk& risk : tail_risks) add_tail(risk, names);
    if (benchmark) add_benchmark(*benchmark, period, names);
    names.add("omega_0", omega_0);
    names.add("skew_pop", skew_pop);
    names.add("kurt_excess_pop", kurt_excess_pop);
    names.add("skew_adj", skew_adj);
    names.add("kurt_excess_adj", kurt_excess_adj);
    names.add("positive_fraction", positive_fraction);
    names.add("best", best);
    names.add("worst", worst);
    names.add("tail_ratio", tail_ratio);
    std::string lambda = number_text(ewma_lambda);  // "0.94" -> "094"
    std::erase(lambda, '.');
    names.add("ewma_vol_" + lambda + "_ann", ewma_vol_ann);
    return names.take();
}

std::vector<std::pair<std::string, std::string>> Statistics::flatten_dates() const {
    std::vector<std::pair<std::string, std::string>> dates;
    const auto add = [&](const char* name, std::optional<Date> date) {
        if (date) dates.emplace_back(name, format_iso_date(*date));
    };
    add("first_date", first_date);
    add("last_date", last_date);
    if (drawdown) {
        add("mdd_peak_date", drawdown->peak_date);
        add("mdd_trough_date", drawdown->trough_date);
        add("mdd_recovery_date", drawdown->recovery_date);
    }
    return dates;
}

}  // namespace fermata
