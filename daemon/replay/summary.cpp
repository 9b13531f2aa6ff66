#include "daemon/replay/summary.hpp"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/market/date.hpp"
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

Json accounts(const SummaryInput& input) {
    Json json = Json::object();
    for (std::size_t a = 0; a < input.result.accounts.size(); ++a) {
        const ReplayResult::Account& account = input.result.accounts[a];
        Json& entry = json[input.names.accounts[a]];
        entry["final_equity"] = account.equity ? Json(number(*account.equity)) : Json(nullptr);
        entry["final_cash"] = number(account.cash);
        entry["fees"] = number(account.fees);
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
    json["complete"] = !result.cancelled && !result.overflowed;
    json["fills_sha256"] = hex_of(result.hashes.fills);
    json["orders_sha256"] = hex_of(result.hashes.orders);
    json["journal_sha256"] =
        input.journal != nullptr ? Json(hex_of(input.journal->hash)) : Json(nullptr);
    json["accounts"] = accounts(input);
    json["statistics"] = Json::object();
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
    if (input.journal != nullptr) row("journal", input.journal->hash);
    return text;
}

}  // namespace fermata
