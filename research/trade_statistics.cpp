#include "research/trade_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/base/quantile.hpp"
#include "research/moments.hpp"

namespace fermata {
namespace {

/// Appends what is there.
void add(std::vector<std::pair<std::string, double>>& list, const char* name,
         std::optional<double> value) {
    if (value) list.emplace_back(name, *value);
}

std::optional<double> maximum(std::span<const double> x) {
    return x.empty() ? std::nullopt : std::optional(*std::max_element(x.begin(), x.end()));
}

std::optional<double> minimum(std::span<const double> x) {
    return x.empty() ? std::nullopt : std::optional(*std::min_element(x.begin(), x.end()));
}

/// The longest runs of wins and of losses; a trade without profit or loss ends both.
void measure_streaks(std::span<const Trade> closed, TradeStatistics& out) {
    std::size_t winning = 0;
    std::size_t losing = 0;
    for (const Trade& trade : closed) {
        winning = trade.profit > 0 ? winning + 1 : 0;
        losing = trade.profit < 0 ? losing + 1 : 0;
        out.longest_winning_streak = std::max(out.longest_winning_streak, winning);
        out.longest_losing_streak = std::max(out.longest_losing_streak, losing);
    }
}

}  // namespace

TradeStatistics compute_trade_statistics(std::span<const Trade> closed) {
    std::vector<double> profits, ratios, won, lost, mae, mfe, days;
    TradeStatistics out;
    for (const Trade& trade : closed) {
        profits.push_back(trade.profit);
        ratios.push_back(trade.profit_ratio());
        if (trade.profit > 0) won.push_back(trade.profit);
        if (trade.profit < 0) lost.push_back(trade.profit);
        mae.push_back(trade.mae);
        mfe.push_back(trade.mfe);
        days.push_back(static_cast<double>((trade.exit - trade.entry).ns) /
                       static_cast<double>(Duration::days(1).ns));
        out.fees += trade.fees;
    }
    out.trades = closed.size();
    out.wins = won.size();
    out.losses = lost.size();
    out.win_rate = ratio(static_cast<double>(out.wins), static_cast<double>(out.trades));
    out.profit_factor = ratio(sum(won), -sum(lost));
    out.expectancy = mean(profits);
    out.expectancy_ratio = mean(ratios);
    out.average_win = mean(won);
    out.average_loss = mean(lost);
    if (out.average_win && out.average_loss) {
        out.payoff_ratio = ratio(*out.average_win, -*out.average_loss);
    }
    out.largest_win = maximum(won);
    out.largest_loss = minimum(lost);
    out.mae_mean = mean(mae);
    out.mae_max = maximum(mae);
    out.mfe_mean = mean(mfe);
    out.mfe_max = maximum(mfe);
    out.holding_days_mean = mean(days);
    out.holding_days_max = maximum(days);
    if (!days.empty()) out.holding_days_median = quantile_of_sorted(sorted(days), 0.5);
    measure_streaks(closed, out);
    return out;
}

std::vector<std::pair<std::string, double>> TradeStatistics::flatten() const {
    std::vector<std::pair<std::string, double>> list;
    const auto count = [&](const char* name, std::size_t n) {
        list.emplace_back(name, static_cast<double>(n));
    };
    count("trades", trades);
    count("wins", wins);
    count("losses", losses);
    add(list, "win_rate", win_rate);
    add(list, "profit_factor", profit_factor);
    add(list, "expectancy", expectancy);
    add(list, "expectancy_ratio", expectancy_ratio);
    add(list, "average_win", average_win);
    add(list, "average_loss", average_loss);
    add(list, "payoff_ratio", payoff_ratio);
    add(list, "largest_win", largest_win);
    add(list, "largest_loss", largest_loss);
    count("longest_winning_streak", longest_winning_streak);
    count("longest_losing_streak", longest_losing_streak);
    add(list, "mae_mean", mae_mean);
    add(list, "mae_max", mae_max);
    add(list, "mfe_mean", mfe_mean);
    add(list, "mfe_max", mfe_max);
    add(list, "holding_days_mean", holding_days_mean);
    add(list, "holding_days_median", holding_days_median);
    add(list, "holding_days_max", holding_days_max);
    add(list, "trade_fees", fees);
    return list;
}

ActivityStatistics compute_activity(std::span<const double> equity, std::span<const double> gross,
                                    double traded_value, double periods_per_year) {
    if (equity.size() != gross.size()) {
        throw std::invalid_argument("activity: as many gross values as equity values");
    }
    ActivityStatistics out;
    if (equity.empty()) return out;
    std::size_t invested = 0;
    std::vector<double> exposures;
    for (std::size_t t = 0; t < equity.size(); ++t) {
        if (gross[t] > 0) ++invested;
        if (equity[t] > 0) exposures.push_back(gross[t] / equity[t]);
    }
    out.exposure_time = static_cast<double>(invested) / static_cast<double>(equity.size());
    out.exposure_mean = mean(exposures);
    out.exposure_max = maximum(exposures);
    const double average = *mean(equity);
    if (equity.size() > 1 && average > 0) {
        const double years = static_cast<double>(equity.size() - 1) / periods_per_year;
        out.turnover_ann = ratio(traded_value / 2 / average, years);
    }
    return out;
}

std::vector<std::pair<std::string, double>> ActivityStatistics::flatten() const {
    std::vector<std::pair<std::string, double>> list;
    add(list, "exposure_time", exposure_time);
    add(list, "exposure_mean", exposure_mean);
    add(list, "exposure_max", exposure_max);
    add(list, "turnover_ann", turnover_ann);
    return list;
}

}  // namespace fermata
