#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/csv/csv_feed.hpp"
#include "core/market/calendar.hpp"
#include "core/types/instrument.hpp"

namespace fermata::csv {

/// Instruments A, B, C (equities) and CL (a future), without calendars unless one is given.
struct CsvRun {
    InstrumentTable instruments;
    std::unique_ptr<Calendar> calendar;
    std::unique_ptr<TimeParser> time_parser;  // moved into the next feed
    std::list<std::string> texts;             // of the open feeds

    CsvRun() {
        for (const char* symbol : {"A", "B", "C"}) add(symbol, AssetClass::kEquity);
        add("CL", AssetClass::kFuture);
    }
    void add(const std::string& symbol, AssetClass asset_class,
             const std::string& calendar_name = "") {
        Instrument instrument;
        instrument.symbol = symbol;
        instrument.asset_class = asset_class;
        instrument.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        instrument.calendar = calendar_name;
        instruments.add(instrument);
    }
    [[nodiscard]] CsvFeedPorts ports() {
        CsvFeedPorts ports;
        ports.run.instruments = &instruments;
        ports.run.calendar = [this](const std::string&) { return calendar.get(); };
        ports.time_parser = std::move(time_parser);
        return ports;
    }
    [[nodiscard]] std::unique_ptr<CsvFeed> open(const CsvFeedConfig& config, std::string text,
                                                std::size_t bytes_a_read = std::string_view::npos) {
        texts.push_back(std::move(text));
        return std::make_unique<CsvFeed>(
            config, ports(),
            std::make_unique<MemorySource>(texts.back(), config.path, bytes_a_read));
    }
};

/// Minute bars of A with the columns t,o,h,l,c,v and nanosecond stamps.
[[nodiscard]] inline CsvFeedConfig bar_config() {
    CsvFeedConfig config;
    config.path = "dir/bars.csv";
    config.kind = CsvKind::kBar;
    config.symbols = {"A"};
    config.stream = StreamId{7};
    config.interval = Duration::nanoseconds(10);
    config.columns.time = "t";
    config.columns.open = "o";
    config.columns.high = "h";
    config.columns.low = "l";
    config.columns.close = "c";
    config.columns.volume = "v";
    return config;
}

[[nodiscard]] inline CsvFeedConfig quote_config() {
    CsvFeedConfig config;
    config.path = "quotes.csv";
    config.kind = CsvKind::kQuote;
    config.symbols = {"A"};
    config.columns.time = "t";
    config.columns.bid = "b";
    config.columns.bid_size = "bs";
    config.columns.ask = "a";
    config.columns.ask_size = "as";
    return config;
}

[[nodiscard]] inline CsvFeedConfig trade_config() {
    CsvFeedConfig config;
    config.path = "trades.csv";
    config.kind = CsvKind::kTrade;
    config.symbols = {"A"};
    config.columns.time = "t";
    config.columns.price = "p";
    config.columns.quantity = "q";
    return config;
}

[[nodiscard]] inline std::vector<MarketEvent> drain(Feed& feed) {
    std::vector<MarketEvent> events;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        events.insert(events.end(), batch.begin(), batch.end());
    }
    return events;
}

/// "bar_open@10 bar@20 skipped@20(malformed,3)": what a feed gave, as a text to compare.
[[nodiscard]] inline std::string outline(const std::vector<MarketEvent>& events) {
    std::string text;
    for (const MarketEvent& event : events) {
        if (!text.empty()) text += ' ';
        text += std::string(name(event.type)) + "@" + std::to_string(event.ts.ns);
        if (event.type == MarketEventType::kSkipped) {
            text += "(" + std::string(name(event.data.skipped.reason)) + "," +
                    std::to_string(event.data.skipped.line) + ")";
        }
    }
    return text;
}

/// The text of the FeedError that opening or draining the feed throws; empty when none is thrown.
[[nodiscard]] inline std::string error_of(CsvRun& run, const CsvFeedConfig& config,
                                          const std::string& text) {
    try {
        const auto feed = run.open(config, text);
        static_cast<void>(drain(*feed));
    } catch (const FeedError& error) {
        return error.what();
    }
    return {};
}

}  // namespace fermata::csv
