// How fast files become events: CSV rows a second, and the merge of feeds by time.
//
//   feed_bench [THOUSAND_ROWS]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/csv/csv_feed.hpp"
#include "bench/support.hpp"
#include "core/market/merged_feed.hpp"

namespace fermata {
namespace {

/// Events that are in memory already, in batches of 1,024.
class MemoryFeed final : public Feed {
public:
    explicit MemoryFeed(std::vector<MarketEvent> events) : events_(std::move(events)) {}
    std::span<const MarketEvent> next() override {
        const std::size_t n = std::min<std::size_t>(1024, events_.size() - position_);
        const auto batch = std::span<const MarketEvent>(events_).subspan(position_, n);
        position_ += n;
        return batch;
    }
    std::string_view name() const noexcept override { return "memory"; }
    FeedStats stats() const noexcept override { return {}; }
    std::string source_hash() const override { return "none"; }
    double progress() const noexcept override { return 0; }

private:
    std::vector<MarketEvent> events_;
    std::size_t position_ = 0;
};

/// Drains the feed; prints events (or rows, at `events_a_row`) a second.
void report(const std::string& what, Feed& feed, double events_a_row = 1) {
    const auto begin = std::chrono::steady_clock::now();
    std::size_t events = 0;
    std::int64_t touched = 0;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        events += batch.size();
        for (const MarketEvent& event : batch) touched += event.ts.ns;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const double rate = static_cast<double>(events) / events_a_row / took.count() / 1e6;
    std::printf("%-44s %8.1f M/s%s\n", what.c_str(), rate, touched == 0 ? "!" : "");
}

csv::CsvFeedConfig csv_config() {
    csv::CsvFeedConfig config;
    config.path = "bench.csv";
    config.symbols = {"A"};
    config.interval = Duration::minutes(1);
    config.columns.time = "ts_ns";
    config.columns.open = "open";
    config.columns.high = "high";
    config.columns.low = "low";
    config.columns.close = "close";
    config.columns.volume = "volume";
    config.columns.price = "open";
    config.columns.quantity = "volume";
    return config;
}

void csv_rows(int rows) {
    InstrumentTable instruments;
    Instrument instrument;
    instrument.symbol = "A";
    instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
    instruments.add(instrument);
    std::string text = "ts_ns,open,high,low,close,volume\n";
    for (int i = 0; i < rows; ++i) {
        char row[128];
        std::snprintf(row, sizeof row, "%lld,167.%02d,168.%02d,166.%02d,167.%02d,%d\n",
                      1'380'880'800'000'000'000LL + i * 60'000'000'000LL, i % 50, i % 50, i % 50,
                      (i + 7) % 50, 1000 + i % 977);
        text += row;
    }
    for (const auto kind : {csv::CsvKind::kBar, csv::CsvKind::kTrade}) {
        csv::CsvFeedConfig config = csv_config();
        config.kind = kind;
        csv::CsvFeedPorts ports;
        ports.run.instruments = &instruments;
        csv::CsvFeed feed(config, std::move(ports), std::make_unique<MemorySource>(text));
        const bool bars = kind == csv::CsvKind::kBar;
        report(bars ? "CSV rows of bars" : "CSV rows of trades", feed, bars ? 2 : 1);
    }
}

void merge(std::size_t feeds, std::size_t events) {
    std::vector<std::unique_ptr<Feed>> list;
    for (std::size_t f = 0; f < feeds; ++f) {
        std::vector<MarketEvent> own;
        own.reserve(events / feeds);
        for (std::size_t i = 0; i < events / feeds; ++i) {
            // Scattered within a microsecond, so that the feeds take turns irregularly.
            const auto jitter = static_cast<std::int64_t>((i * 2'654'435'761U + f * 40'503U) % 900);
            own.push_back(make_event(MarketEventType::kQuote,
                                     Timestamp{static_cast<std::int64_t>(i) * 1000 + jitter},
                                     InstrumentId{static_cast<std::uint32_t>(f)}, StreamId{}));
        }
        list.push_back(std::make_unique<MemoryFeed>(std::move(own)));
    }
    MergedFeed merged(std::move(list));
    report("merge of " + std::to_string(feeds) + " feeds, events", merged);
}

}  // namespace
}  // namespace fermata

int main(int argc, char** argv) {
    fermata::bench::print_machine();
    fermata::csv_rows(argc > 1 ? std::atoi(argv[1]) * 1000 : 1'000'000);
    for (const std::size_t feeds : {1, 2, 8, 100, 500}) fermata::merge(feeds, 4'000'000);
}
