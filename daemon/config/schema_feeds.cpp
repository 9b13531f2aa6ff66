#include "daemon/config/codecs.hpp"
#include "daemon/config/on_bad.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

Section<lean::LeanFeedConfig> lean_keys() {
    using L = lean::LeanFeedConfig;
    using lean::LeanAdjust;
    using lean::LeanData;
    using lean::LeanResolution;
    using lean::LeanSecurity;
    Section<L> s("", "");
    s.choice("security", &L::security, "Security type: the first folder.",
             {{"equity", LeanSecurity::kEquity, "Shares and funds."},
              {"forex", LeanSecurity::kForex, "Currency pairs."},
              {"crypto", LeanSecurity::kCrypto, "Coins."}});
    s.key("market", &L::market, "Market: the second folder.",
          {.default_note = "usa, oanda or coinbase, by the security"});
    s.key("symbol", &L::symbol, "The instrument of the run.",
          {.required = true, .refers_to = kSymbolName});
    s.key("ticker", &L::ticker, "Its name in the data.",
          {.default_note = "the symbol in lower case"});
    s.choice("resolution", &L::resolution, "Resolution: the third folder.",
             {{"daily", LeanResolution::kDaily, "One bar a day."},
              {"hour", LeanResolution::kHour, "One bar an hour."},
              {"minute", LeanResolution::kMinute, "One bar a minute."},
              {"second", LeanResolution::kSecond, "One bar a second."},
              {"tick", LeanResolution::kTick, "Every trade or quote."}});
    s.choice("data", &L::data, "Which of the two kinds of files.",
             {{"trade", LeanData::kTrade, "Trades, or bars of trades."},
              {"quote", LeanData::kQuote, "Quotes, or bars of quotes."}});
    s.key("from", &L::from, "First trading date.", {.default_note = "the first in the data"});
    s.key("to", &L::to, "Last trading date, included.", {.default_note = "the last in the data"});
    s.choice("adjust", &L::adjust, "Whether prices are adjusted.",
             {{"raw", LeanAdjust::kRaw, "As traded."},
              {"adjusted", LeanAdjust::kAdjusted,
               "For splits and dividends, backward, by the factor file."}});
    s.key("adjust_basis", &L::adjust_basis, "Date in whose prices adjusted prices are stated.",
          {.default_note = "to, else the end of the factor file"});
    s.key("map_files", &L::map_files, "Follow changes of the ticker by the map file.");
    s.key("extended_hours", &L::extended_hours, "Keep what lies outside the calendar's sessions.");
    s.key("max_price", &L::max_price, "Prices beyond it are refused.", {.above = Price::zero()});
    s.add(on_bad_key(&L::on_bad, "error; keep for crossed, skip for flagged and missing"));
    s.key("max_line_bytes", &L::max_line_bytes, "Longer lines are refused.",
          {.minimum = 64, .maximum = std::size_t{1} << 30, .unit = "bytes"});
    s.check([](Reader& reader, const Node& node, L& feed) {
        if (feed.from && feed.to && *feed.to < *feed.from) {
            reader.problem_at("to", node.find("to")->place,
                              "found " + format_iso_date(*feed.to) +
                                  ", expected a date at or after "
                                  "'from'");
        }
        if (feed.adjust_basis && feed.adjust == LeanAdjust::kRaw) {
            reader.problem_at("adjust_basis", node.find("adjust_basis")->place,
                              "found a basis for raw prices, expected adjust: adjusted beside it");
        }
    });
    return s;
}

template <class S>
S& as(FeedSettings& feed) {
    return std::get<S>(feed.kind);
}
template <class S>
bool is(const FeedSettings& feed) {
    return std::holds_alternative<S>(feed.kind);
}
template <class S>
void make(FeedSettings& feed) {
    feed.kind.emplace<S>();
}

}  // namespace

Section<LeanFeedSettings> lean_feed_section() {
    Section<LeanFeedSettings> s("lean", "One instrument of a data folder in LEAN's layout.");
    s.key("root", &LeanFeedSettings::root, "The folder that holds equity/, forex/, crypto/.",
          {.required = true});
    s.include(lean_keys(), &LeanFeedSettings::lean);
    return s;
}

Section<TapeFeedSettings> tape_feed_section() {
    Section<TapeFeedSettings> s("tape", "A tape: Fermata's own memory-mapped file of events.");
    s.key("path", &TapeFeedSettings::path, "The file.", {.required = true});
    s.key("from", &TapeFeedSettings::from, "First time that is delivered.",
          {.default_note = "the beginning of the tape"});
    s.key("to", &TapeFeedSettings::to,
          "The last date, included; or the first time that is not delivered any more.",
          {.default_note = "the end of the tape"});
    s.key(
        "verify", &TapeFeedSettings::verify,
        "Check the whole tape before the first event; else each block is checked when it is read.");
    return s;
}

Section<FeedSettings> feed_section() {
    Section<FeedSettings> s("feeds", "The sources of market data; they are merged by time.");
    s.key("name", &FeedSettings::name, "Name of the feed, for messages.",
          {.default_note = "its type and symbol or file",
           .valid = is_name,
           .expected = kNamePhrase,
           .defines = "feed"});
    s.key("venue", &FeedSettings::venue,
          "The venue whose quotes and trades these are: orders at the others do not meet them, and "
          "orders can be routed by them.",
          {.default_note = "none: they are the market of every venue"});
    s.variants("type", "What kind of source it is.");
    s.variant<CsvFeedSettings>("csv", csv_feed_section(), as<CsvFeedSettings>, is<CsvFeedSettings>,
                               make<CsvFeedSettings>);
    s.variant<LeanFeedSettings>("lean", lean_feed_section(), as<LeanFeedSettings>,
                                is<LeanFeedSettings>, make<LeanFeedSettings>);
    s.variant<TapeFeedSettings>("tape", tape_feed_section(), as<TapeFeedSettings>,
                                is<TapeFeedSettings>, make<TapeFeedSettings>);
    s.variant<GeneratorFeedSettings>("generator", generator_feed_section(),
                                     as<GeneratorFeedSettings>, is<GeneratorFeedSettings>,
                                     make<GeneratorFeedSettings>);
    return s;
}

}  // namespace fermata::config
