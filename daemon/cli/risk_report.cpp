#include "daemon/cli/risk_report.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "daemon/cli/risk_measures.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata {
namespace {

using portfolio::ReturnHistory;

double units(Quantity quantity) {
    return static_cast<double>(quantity.raw()) / static_cast<double>(Quantity::kOne);
}

/// Finds or adds a column among those that must have a return on every day.
std::size_t column_of(std::vector<std::size_t>& ids, std::size_t id) {
    const auto found = std::find(ids.begin(), ids.end(), id);
    if (found != ids.end()) return static_cast<std::size_t>(found - ids.begin());
    ids.push_back(id);
    return ids.size() - 1;
}

portfolio::Matrix columns_of(const portfolio::Matrix& all, const std::vector<std::size_t>& which) {
    portfolio::Matrix m(all.rows(), which.size());
    for (std::size_t t = 0; t < all.rows(); ++t) {
        for (std::size_t c = 0; c < which.size(); ++c) m(t, c) = all(t, which[c]);
    }
    return m;
}

void take_positions(MeasuredBook& book, const InstrumentTable& instruments,
                    const DailyPrices& prices, const Holdings& holdings,
                    const RiskReportSettings& settings, const ReturnHistory& window) {
    for (const Instrument& instrument : instruments.all()) {
        const Quantity quantity = holdings.quantities[instrument.id.value];
        if (quantity.is_zero()) continue;
        const auto close = window.last_close(instrument.id.value);
        if (!close) {
            throw std::runtime_error(instrument.symbol +
                                     " is held, but its feeds give no price that it could be "
                                     "valued at");
        }
        if (!book.held.empty() && book.held.front()->currency != instrument.currency) {
            throw std::runtime_error(
                "positions in " + instruments.currencies()[book.held.front()->currency.value] +
                " (" + book.held.front()->symbol + ") and " +
                instruments.currencies()[instrument.currency.value] + " (" + instrument.symbol +
                "): a report is in one currency; measure them apart");
        }
        const double multiplier = static_cast<double>(instrument.multiplier.raw()) /
                                  static_cast<double>(Multiplier::kOne);
        const double volume =
            instrument.average_daily_volume.is_positive()
                ? units(instrument.average_daily_volume)
                : mean_volume(prices, instrument.id, settings.volume_days).value_or(0.0);
        book.held.push_back(&instrument);
        book.columns.push_back(instrument.id.value);
        book.quantities.push_back(units(quantity));
        book.closes.push_back(*close);
        book.values.push_back(units(quantity) * *close * multiplier);
        book.sectors.push_back(instrument.sector);
        book.volumes.push_back(volume);
        book.daily_values.push_back(volume * *close * multiplier);
        book.net += book.values.back();
        book.gross += std::fabs(book.values.back());
    }
    book.equity = holdings.equity.value_or(holdings.cash + book.net);
}

/// Whose history is the shortest, for the message about too few days.
std::string shortest(const InstrumentTable& instruments, const std::vector<std::size_t>& ids,
                     const ReturnHistory& window) {
    const std::size_t id = *std::min_element(ids.begin(), ids.end(), [&](auto a, auto b) {
        return window.counts(a).returns() < window.counts(b).returns();
    });
    return instruments.all()[id].symbol + " has " + std::to_string(window.counts(id).returns()) +
           " returns";
}

Report data_rows(const InstrumentTable& instruments, const ReturnHistory& window) {
    Report rows = Report::array();
    for (const Instrument& instrument : instruments.all()) {
        const portfolio::ReturnCounts& counts = window.counts(instrument.id.value);
        rows.push_back({{"symbol", instrument.symbol},
                        {"one_day", counts.one_day},
                        {"bridged", counts.bridged},
                        {"missing", counts.missing},
                        {"unusable", counts.unusable},
                        {"not_yet_listed", counts.not_yet}});
    }
    return rows;
}

/// Complete days of the whole history for the positions alone, times what is held today.
std::vector<double> whole_outcomes(const MeasuredBook& book, const ReturnHistory& whole) {
    const auto complete = whole.complete(book.columns, 1);
    return complete ? portfolio::outcomes_of(complete->returns, book.values)
                    : std::vector<double>{};
}

}  // namespace

MeasuredBook measure_book(const InstrumentTable& instruments, const DailyPrices& prices,
                          const Holdings& holdings, const RiskReportSettings& settings,
                          const ReturnHistory& window) {
    MeasuredBook book;
    take_positions(book, instruments, prices, holdings, settings, window);
    if (book.held.empty()) return book;

    std::vector<std::size_t> ids = book.columns;
    std::vector<std::size_t> factors;
    std::size_t benchmark = 0;
    if (settings.benchmark) benchmark = column_of(ids, settings.benchmark->value);
    for (const InstrumentId factor : settings.factors) {
        factors.push_back(column_of(ids, factor.value));
    }
    const auto complete = window.complete(ids, settings.days_min);
    if (!complete) {
        throw std::runtime_error(
            "too few days: " + std::to_string(settings.days_min) + " of the last " +
            std::to_string(settings.window) +
            " are needed on which every position, the benchmark and every factor has a return; " +
            shortest(instruments, ids, window) + " (see --days-min and --window)");
    }
    book.dates = complete->dates;
    book.dropped_days = complete->dropped;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < book.held.size(); ++i) positions.push_back(i);
    book.returns = columns_of(complete->returns, positions);
    if (settings.benchmark) {
        book.benchmark = columns_of(complete->returns, {benchmark});
        book.betas = portfolio::betas_of(book.returns, book.benchmark.values());
    }
    book.factors = columns_of(complete->returns, factors);
    book.outcomes = portfolio::outcomes_of(book.returns, book.values);
    book.shrunk = portfolio::shrunk_covariance(book.returns);
    book.covariance = settings.covariance == portfolio::CovarianceMethod::kSample
                          ? portfolio::sample_covariance(book.returns)
                      : settings.covariance == portfolio::CovarianceMethod::kEwma
                          ? portfolio::ewma_covariance(book.returns, settings.lambda)
                          : book.shrunk.covariance;
    return book;
}

Report make_risk_report(const InstrumentTable& instruments, const DailyPrices& prices,
                        const Holdings& holdings, const RiskReportSettings& settings) {
    if (prices.dates.size() < 2) {
        throw std::runtime_error("the feeds give prices on " + std::to_string(prices.dates.size()) +
                                 " trading days; a return needs two");
    }
    const ReturnHistory whole = make_return_history(prices, prices.dates.size());
    const ReturnHistory window = make_return_history(prices, settings.window);
    const MeasuredBook book = measure_book(instruments, prices, holdings, settings, window);

    Report report;
    report["as_of"] = format_iso_date(prices.dates.back());
    report["currency"] = book.held.empty()
                             ? Report()
                             : Report(instruments.currencies()[book.held.front()->currency.value]);
    report["equity"] = book.equity;
    report["cash"] = book.equity - book.net;
    Report notes = Report::array();
    for (const std::string& note : holdings.notes) notes.push_back(note);
    if (book.held.empty()) {
        notes.push_back("nothing is held: there is no market risk to measure");
    } else {
        report["gross"] = book.gross;
        report["net"] = book.net;
        report["leverage"] = book.of_equity(book.gross);
        report["window_days"] = window.days();
        report["complete_days"] = book.dates.size();
        report["dropped_days"] = book.dropped_days;
        report["first_day"] = format_iso_date(book.dates.front());
        report["last_day"] = format_iso_date(book.dates.back());
        if (!settings.benchmark) {
            notes.push_back("no benchmark: no betas, and no scenario of the index (--benchmark)");
        }
        if (settings.factors.empty()) notes.push_back("no factors (--factor)");
        if (!(book.equity > 0)) {
            notes.push_back("the equity is not positive: nothing is given as a part of it");
        }
        report_positions(report, book, settings);
        report_value_at_risk(report, book, settings);
        report_exposures(report, book, instruments, settings);
        report_stress(report, book, settings, whole);
        report_liquidity(report, book, settings);
    }
    if (holdings.equity_curve.empty() && !book.held.empty()) {
        // What these positions would have made: their worth with the cash beside them.
        std::vector<std::pair<Date, double>> path;
        double worth = book.equity;
        for (const double outcome : book.outcomes) worth -= outcome;
        for (std::size_t t = 0; t < book.outcomes.size(); ++t) {
            path.emplace_back(book.dates[t], worth += book.outcomes[t]);
        }
        report_drawdown(report, path);
        report["drawdown"]["of"] = "today's positions over the window";
    } else {
        report_drawdown(report, holdings.equity_curve);
        report["drawdown"]["of"] = "the run's equity";
    }
    report["backtest"] = Report::array();
    if (!book.held.empty()) {
        report_backtest(report, "positions", whole_outcomes(book, whole), settings);
    }
    std::vector<double> equity_returns;
    const auto& curve = holdings.equity_curve;
    for (std::size_t t = 1; t < curve.size(); ++t) {
        if (curve[t - 1].second > 0) {
            equity_returns.push_back(curve[t].second / curve[t - 1].second - 1);
        }
    }
    report_backtest(report, "equity", equity_returns, settings);
    if (report["backtest"].empty()) {
        notes.push_back("too few days for a backtest: it needs more than " +
                        std::to_string(settings.backtest_window) + " (--backtest-window)");
    }
    if (!book.held.empty()) report_covariance(report, book, settings);
    report["data"] = data_rows(instruments, window);
    report["notes"] = std::move(notes);
    return report;
}

}  // namespace fermata
