#include <algorithm>

#include "daemon/config/codecs.hpp"
#include "daemon/config/on_bad.hpp"
#include "daemon/config/root.hpp"
#include "daemon/config/zones.hpp"

namespace fermata::config {
namespace {

constexpr std::size_t kLineBytesMin = 64;
constexpr std::size_t kLineBytesMax = std::size_t{1} << 30;

Section<CsvTimeSettings> csv_time_section() {
    using T = CsvTimeSettings;
    Section<T> s("time",
                 "How the file writes the time: a number of some unit since 1970, or text "
                 "in a format.");
    s.key("column", &T::column, "The column that holds the time.");
    s.choice("unit", &T::unit, "Unit of a number since 1970-01-01T00:00:00Z.",
             {{"ns", csv::CsvTimeUnit::kNanoseconds, "Nanoseconds."},
              {"us", csv::CsvTimeUnit::kMicroseconds, "Microseconds."},
              {"ms", csv::CsvTimeUnit::kMilliseconds, "Milliseconds."},
              {"s", csv::CsvTimeUnit::kSeconds, "Seconds."}},
             {.default_note = "ns, where there is no format"});
    s.key("format", &T::format, "Format of the text, in the directives of strptime.",
          {.default_note = "none: the time is a number"});
    s.key("zone", &T::zone, "Time zone of the text.",
          {.default_note = "that of the instrument's calendar, else UTC"});
    s.check([](Reader& reader, const Node& node, T& time) {
        if (!time.format.empty() && time.unit) {
            reader.problem_at("unit", node.find("unit")->place,
                              "found a unit beside a format, expected one of the two");
        }
        if (time.format.empty() && !time.zone.empty()) {
            reader.problem_at("zone", node.find("zone")->place,
                              "found a zone without a format, expected a format: numbers count "
                              "from 1970 in UTC");
        }
        if (time.format.empty()) return;
        if (const std::string why = time_format_problem(time.format); !why.empty()) {
            reader.problem_at("format", node.find("format")->place,
                              "found " + in_quotes(time.format) +
                                  ", expected a time format such as %Y-%m-%d %H:%M:%S: " + why);
        }
    });
    return s;
}

Section<csv::CsvColumns> plain_columns_section() {
    using C = csv::CsvColumns;
    Section<C> s("columns", "");
    const Options<csv::CsvColumn> own{.default_note = "its own name, where the kind needs it"};
    const Options<csv::CsvColumn> none{.default_note = "none"};
    s.key("symbol", &C::symbol, "Symbol, in files with several instruments.", none);
    s.key("open", &C::open, "Bars: open.", own);
    s.key("high", &C::high, "Bars: high.", own);
    s.key("low", &C::low, "Bars: low.", own);
    s.key("close", &C::close, "Bars: close.", own);
    s.key("volume", &C::volume, "Bars: volume.", none);
    s.key("bid", &C::bid, "Quotes: bid price.", own);
    s.key("bid_size", &C::bid_size, "Quotes: bid size.", none);
    s.key("ask", &C::ask, "Quotes: ask price.", own);
    s.key("ask_size", &C::ask_size, "Quotes: ask size.", none);
    s.key("price", &C::price, "Trades and depth: price.", own);
    s.key("quantity", &C::quantity, "Trades and depth: quantity.", own);
    s.key("side", &C::side, "Trades: side of the aggressor. Depth: side of the level.",
          {.default_note = "its own name for depth, else none"});
    s.key("trade_id", &C::trade_id, "Trades: number; twice running is a duplicate.", none);
    s.key("exchange", &C::exchange, "Trades: one letter.", none);
    s.key("conditions", &C::conditions, "Trades: bits in hexadecimal.", none);
    s.key("orders", &C::orders, "Depth: number of orders at the level.", none);
    s.key("snapshot", &C::snapshot, "Depth: marks the rows of a whole book.", none);
    s.key("group", &C::group, "Depth: rows with the same cell are one publication.", none);
    return s;
}

Section<CsvColumnsSettings> columns_section(const Section<CsvTimeSettings>& time) {
    using C = CsvColumnsSettings;
    Section<C> s("columns",
                 "Where each value stands in a row: the column's name in the header, or "
                 "its index from 0.");
    KeySpec plain = scalar_key("time", &C::time,
                               "The column with the time in nanoseconds since 1970, or a map that "
                               "says how the time is written.");
    KeySpec rich = Section<C>::section_key("time", &C::rich_time, time);
    s.add(either_key<C>(std::move(plain), std::move(rich),
                        [](const C& c) { return c.rich_time.has_value(); }));
    s.include(plain_columns_section(), &C::columns);
    return s;
}

Section<csv::CsvFilter> filter_section() {
    Section<csv::CsvFilter> s("filters",
                              "Only rows with one of these values in this column are "
                              "part of the feed.");
    s.key("column", &csv::CsvFilter::column, "The column.", {.required = true});
    s.values("values", &csv::CsvFilter::values, "The values that are wanted.",
             {.required = true, .may_be_empty = false});
    return s;
}

Section<csv::CsvFeedConfig> csv_format_section() {
    using C = csv::CsvFeedConfig;
    Section<C> s("", "");
    s.choice(
        "kind", &C::kind, "What one row is.",
        {{"bar", csv::CsvKind::kBar, "A bar: open, high, low, close, volume."},
         {"quote", csv::CsvKind::kQuote, "The best bid and offer; with an interval: quote bars."},
         {"trade", csv::CsvKind::kTrade, "A trade."},
         {"depth", csv::CsvKind::kDepth, "A change of one level of the book."}});
    s.choice("stamp", &C::stamp, "Which end of its bar a row's time names.",
             {{"start", BarStamp::kStart, "The start."}, {"end", BarStamp::kEnd, "The end."}});
    s.choice("daily_span", &C::daily_span, "What a daily bar covers when there is a calendar.",
             {{"session", DailySpan::kSession, "The session of its trading date."},
              {"stamp", DailySpan::kStamp, "Exactly its stamp to a day later."}});
    s.key("delimiter", &C::delimiter, "The character between two cells; tab for a tabulator.");
    s.key("header", &C::header, "Whether the first line holds the columns' names.");
    s.list("filters", &C::filters, filter_section());
    s.values("buy_values", &C::buy_values, "Cells of the side column that mean buyer or bid.",
             {.may_be_empty = false});
    s.values("sell_values", &C::sell_values, "Cells of the side column that mean seller or ask.",
             {.may_be_empty = false});
    s.key("snapshot_value", &C::snapshot_value, "Cell of the snapshot column that marks a row.");
    s.key("price_scale", &C::price_scale, "Price = number in the file x this.",
          {.above = Ratio::zero()});
    s.key("quantity_scale", &C::quantity_scale, "Quantity = number in the file x this.",
          {.above = Ratio::zero()});
    s.choice("rounding", &C::rounding, "What is done with prices of more than 9 decimals.",
             {{"exact", csv::CsvRounding::kExact, "They are malformed."},
              {"nearest", csv::CsvRounding::kNearest,
               "They are rounded half to even, for publishers that print binary floating point."}});
    s.choice("empty_side", &C::empty_side, "What an empty price cell of a quote means.",
             {{"error", csv::CsvEmptySide::kError, "The row is malformed."},
              {"unchanged", csv::CsvEmptySide::kUnchanged, "That side is as in the row before."},
              {"none", csv::CsvEmptySide::kNone, "There is no quote on that side."}});
    s.key("zero_size_is_unknown", &C::zero_size_is_unknown,
          "Quotes: a size of 0 means that the source gives none.");
    s.key("max_price", &C::max_price,
          "Prices beyond it are refused, so that a shifted column is "
          "noticed.",
          {.above = Price::zero()});
    s.key("negative_prices", &C::negative_prices, "Whether a price may be zero or negative.",
          {.default_note = "only a future's"});
    s.add(on_bad_key(&C::on_bad, "error; keep for out_of_session"));
    s.key("max_line_bytes", &C::max_line_bytes, "Longer lines are refused.",
          {.minimum = kLineBytesMin, .maximum = kLineBytesMax, .unit = "bytes"});
    return s;
}

void check_csv(Reader& reader, const Node& node, CsvFeedSettings& feed) {
    const csv::CsvKind kind = feed.csv.kind;
    if (kind == csv::CsvKind::kBar && !feed.interval) {
        reader.problem_at("interval", node.place,
                          "missing, expected the length of a bar such as 1d or 1m");
    }
    if (feed.interval && kind != csv::CsvKind::kBar && kind != csv::CsvKind::kQuote) {
        reader.problem_at("interval", node.find("interval")->place,
                          "found an interval, expected none: only bars and quote bars have one");
    }
    if (feed.symbol) {
        if (!feed.symbols.empty()) {
            reader.problem_at("symbols", node.find("symbols")->place,
                              "found symbols beside symbol, expected one of the two");
        }
        feed.symbols = {*feed.symbol};  // one form in the effective configuration
        feed.symbol.reset();
    }
    if (!feed.columns.columns.symbol.is_set() && feed.symbols.size() != 1) {
        reader.problem_at("symbol", node.place,
                          "found " + std::to_string(feed.symbols.size()) +
                              " symbols, expected one, or a file with the column columns.symbol");
    }
    if (feed.time) {
        const Node* columns = node.find("columns");
        if (columns != nullptr && columns->find("time") != nullptr) {
            reader.problem_at("time", node.find("time")->place,
                              "found the time here and in columns.time, expected it in one place");
        }
        feed.columns.rich_time = std::exchange(feed.time, std::nullopt);
    }
    const auto& buys = feed.csv.buy_values;
    for (const std::string& value : feed.csv.sell_values) {
        if (std::find(buys.begin(), buys.end(), value) == buys.end()) continue;
        reader.problem_at("sell_values", node.place,
                          "found " + in_quotes(value) + " in buy_values too, expected it in one");
    }
}

}  // namespace

Section<CsvFeedSettings> csv_feed_section() {
    using C = CsvFeedSettings;
    Section<C> s("csv", "Bars, quotes, trades or depth from a CSV file, plain or gzip.");
    s.key("path", &C::path, "The file.", {.required = true});
    s.key("symbol", &C::symbol, "The instrument of every row.",
          {.default_note = "none", .refers_to = kSymbolName});
    s.values("symbols", &C::symbols, "The instruments that are wanted of a file with several.",
             {.default_note = "all, where columns.symbol is given", .refers_to = kSymbolName});
    s.key("interval", &C::interval, "Length of a bar; required for bars.",
          {.above = Duration{}, .default_note = "none: single quotes"});
    const Section<CsvTimeSettings> time = csv_time_section();
    s.section("columns", &C::columns, columns_section(time));
    s.section("time", &C::time, time);
    s.key("from", &C::from, "First time that is delivered; bars by their start.",
          {.default_note = "the beginning of the file"});
    s.key("to", &C::to,
          "The last date, included; or the first time that is not delivered any more.",
          {.default_note = "the end of the file"});
    s.include(csv_format_section(), &C::csv);
    s.check(check_csv);
    return s;
}

}  // namespace fermata::config
