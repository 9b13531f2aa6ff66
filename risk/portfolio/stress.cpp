#include "risk/portfolio/stress.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/normal.hpp"
#include "risk/portfolio/covariance.hpp"
#include "risk/portfolio/factor_exposure.hpp"
#include "risk/portfolio/tail_loss.hpp"

namespace fermata::portfolio {
namespace {

/// -0.1 as "-10%", 0.025 as "+2.5%".
std::string percent(double ratio) {
    char text[32];
    const double rounded = std::round(ratio * 1e6) / 1e4;
    const auto end = std::to_chars(text, text + sizeof text, rounded).ptr;
    return (rounded > 0 ? "+" : "") + std::string(text, end) + "%";
}

std::string number(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// `profit(i)` by position.
template <class Profit>
StressOutcome outcome(std::string name, const StressBook& book, Profit&& profit) {
    StressOutcome result;
    result.scenario = std::move(name);
    for (std::size_t i = 0; i < book.exposures.size(); ++i) {
        result.profit.push_back(profit(i));
        result.total += result.profit.back();
    }
    return result;
}

/// z deviations, z positive.
double deviations_at(double confidence) { return normal_quantile(confidence); }

}  // namespace

StressOutcome index_shock(const StressBook& book, double shock) {
    FERMATA_ASSERT(book.betas.size() == book.exposures.size());
    return outcome("index " + percent(shock), book,
                   [&](std::size_t i) { return book.exposures[i] * book.betas[i] * shock; });
}

StressOutcome sector_shock(const StressBook& book, const std::string& sector, double shock) {
    FERMATA_ASSERT(book.sectors.size() == book.exposures.size());
    const std::string name = sector.empty() ? "(no sector)" : sector;
    return outcome("sector " + name + " " + percent(shock), book, [&](std::size_t i) {
        return book.sectors[i] == sector ? book.exposures[i] * shock : 0.0;
    });
}

StressOutcome volatility_shock(const StressBook& book, double multiple, double confidence) {
    const std::vector<double> means(book.exposures.size());
    const TailComponents risk =
        parametric_components(book.exposures, means, *book.covariance, confidence);
    return outcome("volatility x" + number(multiple), book,
                   [&](std::size_t i) { return -multiple * risk.component_var[i]; });
}

StressOutcome correlations_to_one(const StressBook& book, double confidence) {
    const std::vector<double> sd = deviations(*book.covariance);
    double together = 0;
    for (std::size_t i = 0; i < sd.size(); ++i) together += book.exposures[i] * sd[i];
    // The side on which the whole loses.
    const double step = (together > 0 ? -1 : 1) * deviations_at(confidence);
    return outcome("correlations to 1", book,
                   [&](std::size_t i) { return step * book.exposures[i] * sd[i]; });
}

StressOutcome correlations_against(const StressBook& book, double confidence) {
    const std::vector<double> sd = deviations(*book.covariance);
    return outcome("correlations against", book, [&](std::size_t i) {
        return -deviations_at(confidence) * std::fabs(book.exposures[i]) * sd[i];
    });
}

StressOutcome flash_crash(const StressBook& book, double fall) {
    return outcome("flash crash " + percent(-fall), book, [&](std::size_t i) {
        return book.exposures[i] > 0 ? -fall * book.exposures[i] : 0.0;
    });
}

StressOutcome liquidity_gone(const StressBook& book, const StressSettings& settings) {
    FERMATA_ASSERT(book.daily_values.size() == book.exposures.size());
    const std::vector<double> sd = deviations(*book.covariance);
    std::vector<std::size_t> unknown;
    StressOutcome result = outcome("liquidity gone", book, [&](std::size_t i) {
        const double value = std::fabs(book.exposures[i]);
        if (value == 0) return 0.0;
        if (!(book.daily_values[i] > 0)) {
            unknown.push_back(i);
            return 0.0;
        }
        const double spread = settings.half_spread * settings.spread_multiple;
        const double impact = settings.impact_coefficient * sd[i] *
                              std::sqrt(value / (book.daily_values[i] * settings.volume_left));
        const double cost = value * (spread + impact);
        return -(book.exposures[i] > 0 ? std::min(cost, value) : cost);
    });
    result.unknown = std::move(unknown);
    return result;
}

StressOutcome historical_window(const StressBook& book, const std::string& name, Date from, Date to,
                                const ReturnHistory& history,
                                std::span<const std::size_t> columns) {
    FERMATA_ASSERT(columns.size() == book.exposures.size());
    std::size_t first = 0;
    while (first < history.days() && history.date(first) < from) ++first;
    std::size_t last = first;  // one behind
    while (last < history.days() && history.date(last) <= to) ++last;
    // The first row of a history ends on its date, so an earlier begin of the window may be missing
    // rows before it.
    const bool covered = first < last && (first > 0 || history.date(0) == from);

    std::vector<std::size_t> unknown;
    StressOutcome result = outcome(name, book, [&](std::size_t i) {
        if (book.exposures[i] == 0) return 0.0;
        bool known = covered;
        double growth = 1;
        for (std::size_t row = first; known && row < last; ++row) {
            const ReturnState state = history.state(row, columns[i]);
            known = state != ReturnState::kNotYet && state != ReturnState::kUnusable;
            // A missing day: the next return bridges it, if that still lies in the window.
            if (row + 1 == last) known = known && state != ReturnState::kMissing;
            growth *= 1 + history.value(row, columns[i]).value_or(0.0);
        }
        if (!known) {
            unknown.push_back(i);
            return 0.0;
        }
        return book.exposures[i] * (growth - 1);
    });
    result.unknown = std::move(unknown);
    return result;
}

std::vector<StressOutcome> standard_scenarios(const StressBook& book,
                                              const StressSettings& settings) {
    std::vector<StressOutcome> all;
    if (!book.betas.empty()) all.push_back(index_shock(book, settings.index_shock));
    for (const SectorExposure& sector : sector_exposures(book.exposures, book.sectors)) {
        if (sector.gross() == 0) continue;
        all.push_back(sector_shock(book, sector.sector, settings.sector_shock));
    }
    all.push_back(volatility_shock(book, settings.volatility_multiple, settings.confidence));
    all.push_back(correlations_to_one(book, settings.confidence));
    all.push_back(correlations_against(book, settings.confidence));
    all.push_back(flash_crash(book, settings.flash_fall));
    all.push_back(liquidity_gone(book, settings));
    return all;
}

}  // namespace fermata::portfolio
