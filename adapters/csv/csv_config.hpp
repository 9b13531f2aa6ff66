#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/market/bad_record_policy.hpp"
#include "core/market/bar_clock.hpp"
#include "core/port/feed_ports.hpp"
#include "core/port/time_parser.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata::csv {

/// What one row of the file is.
enum class CsvKind : std::uint8_t {
    kBar,    ///< time, open, high, low, close; optional volume. Gives kBarOpen and kBar.
    kQuote,  ///< time, bid, ask; optional sizes. With an interval: a quote bar, known at its end.
    kTrade,  ///< time, price, quantity; optional aggressor, exchange, conditions, trade id.
    kDepth,  ///< time, side, price, quantity; optional orders, snapshot, group.
};

/// Where a value stands in a row: a column's name in the header, or its index from 0. Empty: the
/// file has no such column. Names are compared exactly; a name that the header has twice is
/// refused.
struct CsvColumn {
    std::string name;
    std::optional<std::size_t> index;

    CsvColumn() = default;
    CsvColumn(std::string column_name) : name(std::move(column_name)) {}  // NOLINT: reads as it is
    CsvColumn(const char* column_name) : name(column_name) {}             // NOLINT
    [[nodiscard]] static CsvColumn at(std::size_t i) {
        CsvColumn column;
        column.index = i;
        return column;
    }
    [[nodiscard]] bool is_set() const noexcept { return index.has_value() || !name.empty(); }
};

struct CsvColumns {
    CsvColumn time;
    CsvColumn symbol;  ///< Files with several instruments.
    CsvColumn open, high, low, close, volume;
    CsvColumn bid, bid_size, ask, ask_size;
    CsvColumn price, quantity;
    CsvColumn side;        ///< Trades: the aggressor. Depth: the side of the level.
    CsvColumn trade_id;    ///< Unsigned integer. The same id twice running is a duplicate.
    CsvColumn exchange;    ///< One letter (SIP code).
    CsvColumn conditions;  ///< Hexadecimal bits.
    CsvColumn orders;      ///< Depth: orders at the level.
    CsvColumn snapshot;    ///< Depth: a row whose cell is `snapshot_value` belongs to a whole book,
                           ///  and the first of several such rows clears the book.
    CsvColumn group;  ///< Depth: rows with the same cell are one publication. Without it each row
                      ///  is one.
};

/// How a time cell is read. A unit needs nothing else; a format needs a zone and a TimeParser.
enum class CsvTimeUnit : std::uint8_t {
    kNanoseconds,
    kMicroseconds,
    kMilliseconds,
    kSeconds,
    kFormat
};

struct CsvTime {
    CsvTimeUnit unit =
        CsvTimeUnit::kNanoseconds;  ///< Since 1970-01-01T00:00:00Z, decimals allowed.
    std::string format;             ///< kFormat: "%Y-%m-%d %H:%M:%S".
    std::string zone;               ///< kFormat: "America/New_York".
};

/// Prices with more decimals than a Price holds.
enum class CsvRounding : std::uint8_t {
    kExact,    ///< Refused as malformed. The default: nothing is changed silently.
    kNearest,  ///< Rounded half to even, for publishers that print binary floating point.
};

/// What an empty cell or a size of zero on one side of a quote means.
enum class CsvEmptySide : std::uint8_t {
    kError,      ///< An empty cell is malformed; a size of zero is an empty side of the book.
    kUnchanged,  ///< An empty price leaves that side as it was in the row before.
    kNone,       ///< An empty price means that there is no quote on that side.
};

/// Rows whose cell in `column` is none of `values` are not part of the feed. Not a fault: they are
/// neither counted nor reported.
struct CsvFilter {
    CsvColumn column;
    std::vector<std::string> values;
};

/// One CSV file as a feed. Plain data: the daemon fills it from YAML.
struct CsvFeedConfig {
    std::string path;  ///< Plain or gzip; gzip is recognised by its first bytes, not by the name.
    CsvKind kind = CsvKind::kBar;
    /// The instruments of the feed. Without a symbol column exactly one: every row is of it. With
    /// one: only these; empty means all instruments of the run, and a row of any other is
    /// kUnknownInstrument. The rows must ascend in time over all symbols.
    std::vector<std::string> symbols;
    StreamId stream;
    Duration interval;  ///< Bars: positive. Quotes: positive for quote bars, else zero.
    CsvColumns columns;
    CsvTime time;
    BarStamp stamp = BarStamp::kStart;           ///< Which end of its bar a row's time names.
    DailySpan daily_span = DailySpan::kSession;  ///< What a daily bar covers, see BarClock.
    char delimiter = ',';
    bool header = true;  ///< The first line holds the columns' names.
    std::vector<CsvFilter> filters;
    std::vector<std::string> buy_values = {"b", "B", "buy", "Buy", "BUY", "bid", "Bid", "BID", "1"};
    std::vector<std::string> sell_values = {"s",    "S",   "a",   "A",   "sell", "Sell",
                                            "SELL", "ask", "Ask", "ASK", "2",    "-1"};
    std::string snapshot_value = "snapshot";
    /// Only what lies in [from, to) is delivered: bars by their start, all else by its own time.
    std::optional<Timestamp> from;
    std::optional<Timestamp> to;
    Ratio price_scale = Ratio::from_units(1);  ///< Price = number in the file x this (LEAN 0.0001).
    Ratio quantity_scale = Ratio::from_units(1);  ///< Quantity = number in the file x this.
    CsvRounding rounding = CsvRounding::kExact;
    CsvEmptySide empty_side = CsvEmptySide::kError;
    bool zero_size_is_unknown = false;  ///< Quotes: a size of 0 was not provided; kFlagSizeUnknown.
    /// Prices beyond this are kPriceOutOfRange, so that a shifted column is noticed.
    Price max_price = Price::from_units(10'000'000);
    /// Whether a price may be negative or zero; by default only a future's.
    std::optional<bool> negative_prices;
    BadRecordPolicy on_bad;
    std::size_t max_line_bytes = 1 << 20;  ///< A longer line is kLineTooLong; memory stays bounded.
};

/// What the feed needs beside its configuration.
struct CsvFeedPorts {
    FeedPorts run;
    std::unique_ptr<TimeParser> time_parser;  ///< Needed when time.unit is kFormat, else nullptr.
};

}  // namespace fermata::csv
