// Any bytes as a CSV file: the feed gives events in feed order or throws FeedError, in bounded
// memory.
//
// The first byte chooses kind and policy, the second the size of the pieces that the file arrives
// in; the rest is the file, with a fitting header in front where the first byte says so.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/csv/csv_feed.hpp"
#include "tests/fuzz/feed_check.hpp"

namespace {

using namespace fermata;
using namespace fermata::csv;

CsvFeedConfig config_of(unsigned choice) {
    CsvFeedConfig config;
    config.path = "fuzz.csv";
    config.kind = static_cast<CsvKind>(choice & 3);
    config.symbols = {"A"};
    config.columns.time = "t";
    config.columns.open = "o";
    config.columns.high = "h";
    config.columns.low = "l";
    config.columns.close = "c";
    config.columns.volume = "v";
    config.columns.bid = "o";
    config.columns.bid_size = "h";
    config.columns.ask = "l";
    config.columns.ask_size = "c";
    config.columns.price = "o";
    config.columns.quantity = "h";
    config.columns.side = "c";
    config.columns.group = "v";
    config.columns.snapshot = "l";
    config.interval = Duration::nanoseconds(config.kind == CsvKind::kQuote ? 0 : 7);
    if ((choice & 4) != 0) fuzz::skip_all(config.on_bad);
    if ((choice & 8) != 0) {
        config.symbols = {"A", "B"};
        config.columns.symbol = "s";
        config.interval = Duration::days(1);
    }
    config.empty_side = (choice & 16) != 0 ? CsvEmptySide::kUnchanged : CsvEmptySide::kNone;
    config.rounding = (choice & 32) != 0 ? CsvRounding::kNearest : CsvRounding::kExact;
    config.stamp = (choice & 128) != 0 ? BarStamp::kEnd : BarStamp::kStart;
    config.max_line_bytes = 128;
    return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const unsigned choice = data[0];
    const std::size_t bytes_a_read = 1 + data[1];
    std::string file = (choice & 64) != 0 ? "t,o,h,l,c,v,s\n" : "";
    file.append(reinterpret_cast<const char*>(data) + 2, size - 2);

    const InstrumentTable instruments = fuzz::instruments({"A", "B"});
    CsvFeedPorts ports;
    ports.run.instruments = &instruments;
    fuzz::check_feed([&] {
        return std::make_unique<CsvFeed>(
            config_of(choice), std::move(ports),
            std::make_unique<MemorySource>(file, "fuzz.csv", bytes_a_read));
    });
    return 0;
}
