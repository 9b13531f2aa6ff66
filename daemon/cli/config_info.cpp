#include "daemon/assembly/assembly.hpp"
#include "daemon/cli/data_info.hpp"
#include "daemon/cli/event_census.hpp"
#include "daemon/config/config.hpp"
#include "strategies/register.hpp"

namespace fermata {
namespace {

std::vector<std::string> symbols_of(const InstrumentTable& instruments) {
    std::vector<std::string> symbols;
    for (const Instrument& instrument : instruments.all()) symbols.push_back(instrument.symbol);
    return symbols;
}

/// Reads `feed` to its end.
void take(Feed& feed, EventCensus& census) {
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) census.add(batch);
}

}  // namespace

Report config_report(const std::filesystem::path& file, std::span<const std::string> overrides,
                     std::size_t head) {
    StrategyRegistry registry;
    register_shipped_strategies(registry);
    const Config config = load_config(file, overrides, registry, sha256_hasher());
    const std::vector<std::string> symbols = symbols_of(config.instruments);

    Report report;
    report["file"] = file.string();
    report["format"] = "configuration";
    report["feeds"] = Report::array();
    {
        Assembly assembly(config, registry);  // each feed alone
        for (const FeedConfig& settings : config.feeds) {
            const std::unique_ptr<Feed> feed = assembly.make_one(settings);
            EventCensus census(symbols.size(), assembly.streams().size());
            take(*feed, census);
            const FeedStats stats = feed->stats();
            Report row;
            row["feed"] = settings.name;
            row["source"] = feed->name();
            row["records"] = stats.records;
            row["skipped"] = stats.skipped_total();
            Report range;
            census.report_range(range);
            for (const char* key : {"events", "first", "last"}) row[key] = range[key];
            row["hash"] = feed->source_hash();
            report["feeds"].push_back(row);
        }
    }
    Assembly assembly(config, registry);
    const std::unique_ptr<Feed> merged = assembly.make_market_feed();
    EventCensus census(symbols.size(), assembly.streams().size(), head);
    take(*merged, census);
    Report& total = report["merged"];
    total["hash"] = merged->source_hash();
    census.report_range(total);
    census.report_tables(total, symbols, assembly.streams());
    return report;
}

}  // namespace fermata
