#include "daemon/replay/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/indicator/to_double.hpp"
#include "core/market/date.hpp"
#include "research/statistics.hpp"
#include "research/trade_statistics.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

using Json = nlohmann::ordered_json;

/// Money as a JSON number. Two decimals and more survive a double up to 9e9 units of currency.
double number(Money money) { return to_double(money); }

std::string hex_of(const std::string& hash) {
    const std::size_t colon = hash.find(':');
    return colon == std::string::npos ? hash : hash.substr(colon + 1);
}

Money fees_of(const ReplayResult& result) {
    Money sum;
    for (const ReplayResult::Account& account : result.accounts) sum += account.fees;
    return sum;
}

double events_per_second(const ReplayResult& result) {
    return result.seconds > 0 ? static_cast<double>(result.market_events) / result.seconds : 0;
}

Json skipped(const FeedStats& feed) {
    Json json = Json::object();
    for (std::size_t i = 0; i < feed.skipped.size(); ++i) {
        if (feed.skipped[i] != 0)
            json[std::string(name(static_cast<SkipReason>(i)))] = feed.skipped[i];
    }
    return json;
}

Json denied(const RunCounts& counts) {
    Json json = Json::object();
    for (int i = 0; i < kControlCount; ++i) {
        const std::uint64_t n = counts.denied_by_control[static_cast<std::size_t>(i)];
        if (n != 0) json[std::string(control(static_cast<ControlId>(i)).code)] = n;
    }
    return json;
}

/// The values of one series a day, and what was measured beside it.
struct Daily {
    std::vector<double> equity, gross, benchmark;
    std::vector<Date> dates;
};

Daily series_of(const std::vector<DailyEquity>& days) {
    Daily daily;
    for (const DailyEquity& day : days) {
        daily.equity.push_back(day.equity);
        daily.gross.push_back(day.gross);
        daily.benchmark.push_back(day.benchmark);
        daily.dates.push_back(Date{day.day});
    }
    return daily;
}

/// All accounts together, on the days that all of them know; empty when they have no common
/// currency.
Daily total_series(const SummaryInput& input) {
    std::map<std::int32_t, std::pair<DailyEquity, std::size_t>> sums;
    for (std::size_t a = 0; a < input.result.accounts.size(); ++a) {
        if (input.config.accounts[a].base != input.config.accounts[0].base) return {};
        for (const DailyEquity& day : input.result.accounts[a].daily) {
            auto& [sum, count] = sums[day.day];
            sum.day = day.day;
            sum.equity += day.equity;
            sum.gross += day.gross;
            sum.benchmark = day.benchmark;
            ++count;
        }
    }
    std::vector<DailyEquity> days;
    for (const auto& [day, entry] : sums) {
        if (entry.second == input.result.accounts.size()) days.push_back(entry.first);
    }
    return series_of(days);
}

Json statistics_of(const Daily& daily, const RunConfig& run) {
    Json json = Json::object();
    if (daily.equity.empty()) return json;
    ValueSeries series;
    series.values = daily.equity;
    series.dates = daily.dates;
    // A benchmark that has no price on some day measures nothing.
    const bool whole = std::all_of(daily.benchmark.begin(), daily.benchmark.end(),
                                   [](double mark) { return mark > 0; });
    if (run.benchmark && whole) series.benchmark = daily.benchmark;
    StatisticsOptions options;
    options.periods_per_year = run.periods_per_year;
    options.risk_free = to_double(run.risk_free);
    const Statistics statistics = compute_statistics(series, options);
    for (const auto& [name, date] : statistics.flatten_dates()) json[name] = date;
    for (const auto& [name, value] : statistics.flatten()) json[name] = value;
    return json;
}

Json trades_of(const ReplayResult& result, std::optional<StrategyId> strategy) {
    std::vector<Trade> trades;
    for (const Trade& trade : result.trades) {
        if (!strategy || trade.strategy == *strategy) trades.push_back(trade);
    }
    Json json = Json::object();
    for (const auto& [name, value] : compute_trade_statistics(trades).flatten()) json[name] = value;
    return json;
}

Json strategies(const SummaryInput& input) {
    Json json = Json::object();
    for (const StrategyConfig& strategy : input.config.strategies) {
        Json& entry = json[strategy.name];
        entry["type"] = strategy.type;
        entry["account"] = input.names.accounts[strategy.account.value];
        entry["trades"] = trades_of(input.result, strategy.id);
    }
    return json;
}

Json accounts(const SummaryInput& input) {
    Json json = Json::object();
    for (std::size_t a = 0; a < input.result.accounts.size(); ++a) {
        const ReplayResult::Account& account = input.result.accounts[a];
        Json& entry = json[input.names.accounts[a]];
        entry["final_equity"] = account.equity ? Json(number(*account.equity)) : Json(nullptr);
        entry["final_cash"] = number(account.cash);
        entry["fees"] = number(account.fees);
        entry["statistics"] = statistics_of(series_of(account.daily), input.config.run);
    }
    return json;
}

Json sources(const std::vector<JournalSource>& list) {
    Json json = Json::array();
    for (const JournalSource& source : list) {
        json.push_back({{"name", source.name}, {"hash", source.hash}});
    }
    return json;
}

}  // namespace

std::optional<Money> total_equity(const Config& config, const ReplayResult& result) {
    Money sum;
    for (std::size_t a = 0; a < result.accounts.size(); ++a) {
        if (config.accounts[a].base != config.accounts[0].base) return std::nullopt;
        if (!result.accounts[a].equity) return std::nullopt;
        sum += *result.accounts[a].equity;
    }
    return sum;
}

void write_summary(const std::filesystem::path& dir, const SummaryInput& input) {
    const ReplayResult& result = input.result;
    const RunCounts& counts = result.counts;
    const auto equity = total_equity(input.config, result);
    Json json;
    json["name"] = input.config.run.name;
    json["configuration_hash"] = input.config.hash;
    json["first_event"] = format_iso_timestamp(result.first);
    json["last_event"] = format_iso_timestamp(result.last);
    json["final_equity"] = equity ? Json(number(*equity)) : Json(nullptr);
    json["fees"] = number(fees_of(result));
    json["orders"] = counts.orders;
    json["fills"] = counts.fills;
    json["rejected_orders"] = counts.rejected_orders;
    json["denied_orders"] = counts.denied_orders;
    json["denied_by_control"] = denied(counts);
    json["canceled_orders"] = counts.canceled_orders;
    json["expired_orders"] = counts.expired_orders;
    json["open_orders"] = result.open_orders;
    json["alerts"] = counts.alerts;
    json["events"] = result.market_events;
    json["records"] = result.records;
    json["source_records"] = result.feed.records;
    json["skipped_records"] = skipped(result.feed);
    json["seconds"] = result.seconds;
    json["events_per_second"] = events_per_second(result);
    json["complete"] = !result.cancelled && !result.overflowed && result.halted.empty();
    json["fills_sha256"] = hex_of(result.hashes.fills);
    json["orders_sha256"] = hex_of(result.hashes.orders);
    json["journal_sha256"] = input.journal != nullptr && !input.journal->hash.empty()
                                 ? Json(hex_of(input.journal->hash))
                                 : Json(nullptr);
    json["accounts"] = accounts(input);
    json["strategies"] = strategies(input);
    const Daily total = total_series(input);
    json["statistics"] = statistics_of(total, input.config.run);
    for (const auto& [name, value] :
         compute_activity(total.equity, total.gross, result.traded_value,
                          input.config.run.periods_per_year)
             .flatten()) {
        json["statistics"][name] = value;
    }
    json["trades"] = trades_of(result, std::nullopt);
    json["sources"] = sources(input.sources);
    const std::filesystem::path path = dir / "summary.json";
    std::ofstream out(path, std::ios::trunc);
    out << json.dump(2) << '\n';
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path.string());
}

std::string summary_table(const SummaryInput& input) {
    const ReplayResult& result = input.result;
    std::string text;
    char line[160];
    const auto row = [&](const char* label, const std::string& value) {
        std::snprintf(line, sizeof(line), "  %-18s %s\n", label, value.c_str());
        text += line;
    };
    std::snprintf(line, sizeof(line), "\n  %-18s %16s %16s %12s\n", "account", "equity", "cash",
                  "fees");
    text += line;
    for (std::size_t a = 0; a < result.accounts.size(); ++a) {
        const ReplayResult::Account& account = result.accounts[a];
        char equity[32] = "unknown";
        if (account.equity) std::snprintf(equity, sizeof(equity), "%.2f", number(*account.equity));
        std::snprintf(line, sizeof(line), "  %-18s %16s %16.2f %12.2f\n",
                      input.names.accounts[a].c_str(), equity, number(account.cash),
                      number(account.fees));
        text += line;
    }
    text += '\n';
    row("period", format_iso_timestamp(result.first) + " to " + format_iso_timestamp(result.last));
    const RunCounts& counts = result.counts;
    row("orders", std::to_string(counts.orders) + " (" + std::to_string(counts.fills) + " fills, " +
                      std::to_string(counts.rejected_orders) + " rejected)");
    if (result.feed.skipped_total() != 0) {
        row("skipped records", std::to_string(result.feed.skipped_total()));
    }
    std::snprintf(line, sizeof(line), "%llu in %.3f s (%.2f M/s)",
                  static_cast<unsigned long long>(result.market_events), result.seconds,
                  events_per_second(result) / 1e6);
    row("events", line);
    if (input.journal != nullptr) {
        // What a run on threads did depends on timing: there is no hash to compare.
        row("journal", input.journal->hash.empty()
                           ? std::to_string(input.journal->records) + " records"
                           : input.journal->hash);
    }
    return text;
}

}  // namespace fermata
