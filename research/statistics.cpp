#include "research/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/base/quantile.hpp"
#include "research/drawdown.hpp"
#include "research/moments.hpp"
#include "research/sharpe_significance.hpp"

namespace fermata {
namespace {

/// Returns vary by more than their rounding.
bool varies(std::optional<double> deviation) { return deviation && *deviation >= kNoDeviation; }

std::optional<double> finite(double x) {
    return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

void require(bool condition, const char* message) {
    if (!condition) throw std::invalid_argument(std::string("statistics: ") + message);
}

void check(const ValueSeries& series, const StatisticsOptions& options) {
    const auto all_finite = [](std::span<const double> x) {
        return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
    };
    const std::size_t n = series.values.size();
    require(series.dates.empty() || series.dates.size() == n, "as many dates as values");
    require(series.benchmark.empty() || series.benchmark.size() == n,
            "as many benchmark values as values");
    require(all_finite(series.values) && all_finite(series.benchmark), "finite values only");
    require(std::adjacent_find(series.dates.begin(), series.dates.end(),
                               [](Date a, Date b) { return a >= b; }) == series.dates.end(),
            "dates must ascend");
    require(std::isfinite(options.periods_per_year) && options.periods_per_year > 0,
            "periods_per_year must be positive");
    require(std::isfinite(options.risk_free), "risk_free must be finite");
    require(options.ewma_lambda > 0 && options.ewma_lambda < 1,
            "ewma_lambda must lie between 0 and 1");
    require(std::all_of(options.confidences.begin(), options.confidences.end(),
                        [](double c) { return c > 0 && c < 1; }),
            "a confidence must lie between 0 and 1");
}

void measure_growth(const ValueSeries& series, Statistics& out) {
    const std::span<const double> values = series.values;
    if (values.size() < 2 || values.front() <= 0) return;
    const double growth = values.back() / values.front();
    out.total_return = finite(growth - 1);
    if (!out.total_return || growth < 0) return;
    out.cagr =
        finite(std::pow(growth, out.periods_per_year / static_cast<double>(values.size() - 1)) - 1);
    if (series.dates.empty()) return;
    const double days = series.dates.back() - series.dates.front();
    out.cagr_calendar = finite(std::pow(growth, 365.25 / days) - 1);
}

void measure_drawdowns(const ValueSeries& series, Statistics& out) {
    if (series.values.empty() || series.values.front() <= 0) return;
    const Drawdown drawdown = measure_drawdown(series.values);
    DrawdownStatistics& d = out.drawdown.emplace();
    d.max_drawdown = drawdown.maximum;
    d.longest_underwater_bars = drawdown.longest_underwater;
    d.ulcer_index_pct = 100 * drawdown.ulcer_index;
    if (out.cagr) {
        d.calmar = ratio(*out.cagr, d.max_drawdown);
        d.martin = ratio(100 * *out.cagr, d.ulcer_index_pct);
    }
    if (series.dates.empty()) return;
    const auto date = [&](std::optional<std::size_t> place) {
        return place ? std::optional(series.dates[*place]) : std::nullopt;
    };
    d.peak_date = date(drawdown.peak);
    d.trough_date = date(drawdown.trough);
    d.recovery_date = date(drawdown.recovery);
}

void measure_ratios(std::span<const double> returns, double risk_free, Statistics& out) {
    const double periods = out.periods_per_year;
    const double root = std::sqrt(periods);
    out.mean = mean(returns);
    out.sd = stdev(returns);
    out.ann_mean = periods * *out.mean;
    if (out.sd) out.ann_vol = root * *out.sd;

    const double excess = *out.mean - risk_free;
    if (varies(out.sd)) {
        out.sharpe = ratio(root * excess, *out.sd);
        out.sharpe_ddof0 = ratio(root * excess, *stdev(returns, 0));
        const auto form = shape(returns);
        if (form) {
            const SharpeRecord record{excess / *out.sd, returns.size(), form->skew,
                                      form->excess_kurtosis};
            out.probabilistic_sharpe = probabilistic_sharpe(record);
        }
    }
    std::vector<double> squares;
    squares.reserve(returns.size());
    for (const double r : returns) {
        const double shortfall = std::min(r - risk_free, 0.0);
        squares.push_back(shortfall * shortfall);
    }
    const double downside = std::sqrt(*mean(squares));
    out.downside_dev_ann = root * downside;
    if (varies(downside)) out.sortino = ratio(root * excess, downside);
}

void measure_shape(std::span<const double> returns, std::span<const double> ascending,
                   const StatisticsOptions& options, Statistics& out) {
    const auto n = static_cast<double>(returns.size());
    if (const auto form = shape(returns)) {
        out.skew_pop = form->skew;
        out.kurt_excess_pop = form->excess_kurtosis;
        if (n >= 3) out.skew_adj = std::sqrt(n * (n - 1)) / (n - 2) * form->skew;
        if (n >= 4) {
            out.kurt_excess_adj =
                (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * form->excess_kurtosis + 6);
        }
    }
    std::vector<double> gains;
    std::vector<double> losses;
    for (const double r : returns) {
        gains.push_back(std::max(r, 0.0));
        losses.push_back(std::max(-r, 0.0));
    }
    out.omega_0 = ratio(sum(gains), sum(losses));
    const auto positive =
        std::count_if(returns.begin(), returns.end(), [](double r) { return r > 0; });
    out.positive_fraction = static_cast<double>(positive) / n;
    out.best = ascending.back();
    out.worst = ascending.front();
    out.tail_ratio =
        ratio(quantile_of_sorted(ascending, 0.95), std::fabs(quantile_of_sorted(ascending, 0.05)));
    double variance = returns.front() * returns.front();
    for (const double r : returns.subspan(1)) {
        variance = options.ewma_lambda * variance + (1 - options.ewma_lambda) * r * r;
    }
    out.ewma_vol_ann = std::sqrt(out.periods_per_year * variance);
}

void measure_benchmark(std::span<const double> r, std::span<const double> b, double risk_free,
                       Statistics& out) {
    const double periods = out.periods_per_year;
    BenchmarkStatistics& against = out.benchmark.emplace();
    const auto b_deviation = stdev(b);
    if (!b_deviation) return;
    const double r_excess = *mean(r) - risk_free;
    const double b_excess = *mean(b) - risk_free;
    if (varies(b_deviation)) {
        const double joint = *covariance(r, b);
        against.beta = joint / (*b_deviation * *b_deviation);
        against.alpha = r_excess - *against.beta * b_excess;
        against.alpha_ann = periods * *against.alpha;
        against.treynor = ratio(periods * r_excess, *against.beta);
        if (varies(out.sd)) {
            against.corr = joint / (*out.sd * *b_deviation);
            against.r2 = *against.corr * *against.corr;
        }
    }
    std::vector<double> active;
    active.reserve(r.size());
    for (std::size_t i = 0; i < r.size(); ++i) active.push_back(r[i] - b[i]);
    const double deviation = *stdev(active);
    against.tracking_error = std::sqrt(periods) * deviation;
    if (varies(deviation)) {
        against.information_ratio = ratio(std::sqrt(periods) * *mean(active), deviation);
    }
}

}  // namespace

std::optional<std::vector<double>> returns_of(std::span<const double> values) {
    std::vector<double> returns;
    returns.reserve(values.size());
    for (std::size_t t = 1; t < values.size(); ++t) {
        if (values[t - 1] <= 0) return std::nullopt;
        returns.push_back(values[t] / values[t - 1] - 1);
    }
    return returns;
}

std::vector<double> values_of(std::span<const double> returns) {
    std::vector<double> values{1.0};
    values.reserve(returns.size() + 1);
    for (const double r : returns) values.push_back(values.back() * (1 + r));
    return values;
}

Statistics compute_statistics(const ValueSeries& series, const StatisticsOptions& options) {
    check(series, options);
    Statistics out;
    out.periods_per_year = options.periods_per_year;
    out.ewma_lambda = options.ewma_lambda;
    if (!series.dates.empty()) {
        out.first_date = series.dates.front();
        out.last_date = series.dates.back();
    }
    measure_growth(series, out);
    measure_drawdowns(series, out);

    const auto returns = returns_of(series.values);
    if (!returns || returns->empty()) return out;
    const double risk_free = options.risk_free / options.periods_per_year;
    const std::vector<double> ascending = sorted(*returns);
    out.n_returns = returns->size();
    measure_ratios(*returns, risk_free, out);
    measure_shape(*returns, ascending, options, out);
    for (const double confidence : options.confidences) {
        out.tail_risks.push_back(measure_tail_risk(*returns, ascending, confidence));
    }
    if (!series.benchmark.empty()) {
        if (const auto b = returns_of(series.benchmark)) {
            measure_benchmark(*returns, *b, risk_free, out);
        }
    }
    return out;
}

}  // namespace fermata
