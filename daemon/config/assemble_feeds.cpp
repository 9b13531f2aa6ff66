#include <array>
#include <set>
#include <sstream>
#include <utility>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

/// The file without its folder, for a name.
std::string file_name(const FilePath& file) { return file.resolved.filename().string(); }

StreamId add_stream(Draft& d, std::string name, MarketEventType kind, Duration interval) {
    const StreamId id{static_cast<StreamId::rep>(d.config.streams.size())};
    d.config.streams.push_back({id, std::move(name), kind, interval});
    return id;
}

/// Columns that the kind cannot do without are called as their key where nothing is said.
void complete_columns(CsvFeedSettings& s) {
    csv::CsvColumns& c = s.columns.columns;
    const auto need = [](csv::CsvColumn& column, const char* own_name) {
        if (!column.is_set()) column = csv::CsvColumn(own_name);
    };
    switch (s.csv.kind) {
        case csv::CsvKind::kBar:
            need(c.open, "open");
            need(c.high, "high");
            need(c.low, "low");
            need(c.close, "close");
            break;
        case csv::CsvKind::kQuote:
            need(c.bid, "bid");
            need(c.ask, "ask");
            break;
        case csv::CsvKind::kDepth:
            need(c.side, "side");
            [[fallthrough]];
        case csv::CsvKind::kTrade:
            need(c.price, "price");
            need(c.quantity, "quantity");
            break;
    }
}

/// Names need a header that holds them.
void refuse_names_without_header(Draft& d, const csv::CsvFeedConfig& feed, const Path& path) {
    if (feed.header) return;
    const csv::CsvColumns& c = feed.columns;
    const std::array all{&c.time,     &c.symbol,     &c.open,     &c.high,     &c.low,
                         &c.close,    &c.volume,     &c.bid,      &c.bid_size, &c.ask,
                         &c.ask_size, &c.price,      &c.quantity, &c.side,     &c.trade_id,
                         &c.exchange, &c.conditions, &c.orders,   &c.snapshot, &c.group};
    for (const csv::CsvColumn* column : all) {
        if (!column->is_set() || column->index) continue;
        d.problem(join(path, "columns"),
                  "found the column " + in_quotes(column->name) +
                      " by name, expected its index from 0: the file has no header");
    }
}

/// How the time is written; `zone` is where dates are local, and becomes that of the format.
csv::CsvTime csv_time(Draft& d, CsvTimeSettings& time, std::string& zone, const Path& path) {
    csv::CsvTime out;
    if (time.format.empty()) {
        out.unit = time.unit.value_or(csv::CsvTimeUnit::kNanoseconds);
        return out;
    }
    if (time.zone.empty()) time.zone = zone;
    if (const std::string why = d.zones.problem(time.zone); !why.empty()) {
        d.problem(join(path, "columns", "time", "zone"),
                  "found " + in_quotes(time.zone) + ", expected a time zone: " + why);
    } else {
        zone = time.zone;
    }
    out.unit = csv::CsvTimeUnit::kFormat;
    out.format = time.format;
    out.zone = time.zone;
    return out;
}

csv::CsvFeedConfig csv_feed(Draft& d, CsvFeedSettings& s, std::string& name, const Path& path) {
    csv::CsvFeedConfig out = s.csv;
    out.path = s.path.resolved.string();
    d.want_file(s.path, join(path, "path"));
    out.symbols = s.symbols;
    out.interval = s.interval.value_or(Duration{});
    complete_columns(s);
    out.columns = s.columns.columns;
    out.columns.time = s.columns.rich_time ? s.columns.rich_time->column : s.columns.time;
    std::string zone = d.common_zone(d.calendars_of(s.symbols));
    if (s.columns.rich_time) out.time = csv_time(d, *s.columns.rich_time, zone, path);
    out.from = d.resolve(s.from, zone, false, path);
    out.to = d.resolve(s.to, zone, true, path);
    if (out.from && out.to) d.require_order(*out.from, *out.to, path);

    refuse_names_without_header(d, out, path);

    if (name.empty()) {
        name = "csv " + (s.symbols.size() == 1 ? s.symbols.front() : file_name(s.path));
    }
    static constexpr std::array kEventTypes{MarketEventType::kBar, MarketEventType::kQuote,
                                            MarketEventType::kTrade, MarketEventType::kDepth};
    out.stream = add_stream(d, name, kEventTypes[static_cast<std::size_t>(out.kind)], out.interval);
    return out;
}

lean::LeanFeedConfig lean_feed(Draft& d, const LeanFeedSettings& s, std::string& name,
                               const Path& path) {
    using lean::LeanResolution;
    lean::LeanFeedConfig out = s.lean;
    out.root = s.root.resolved.string();
    d.want_file(s.root, join(path, "root"));
    if (name.empty()) name = "lean " + out.symbol;
    Duration interval;
    switch (out.resolution) {
        case LeanResolution::kDaily:
            interval = Duration::days(1);
            break;
        case LeanResolution::kHour:
            interval = Duration::hours(1);
            break;
        case LeanResolution::kMinute:
            interval = Duration::minutes(1);
            break;
        case LeanResolution::kSecond:
            interval = Duration::seconds(1);
            break;
        case LeanResolution::kTick:
            break;
    }
    MarketEventType kind = MarketEventType::kQuote;
    if (out.data == lean::LeanData::kTrade) {
        kind = interval == Duration{} ? MarketEventType::kTrade : MarketEventType::kBar;
    }
    out.stream = add_stream(d, name, kind, interval);
    return out;
}

TapeFeedConfig tape_feed(Draft& d, const TapeFeedSettings& s, std::string& name, const Path& path) {
    TapeFeedConfig out;
    out.path = s.path.resolved.string();
    d.want_file(s.path, join(path, "path"));
    const std::string& zone = d.settings.run.zone;
    out.from = d.resolve(s.from, zone, false, path).value_or(Timestamp::min());
    out.to = d.resolve(s.to, zone, true, path).value_or(Timestamp::never());
    d.require_order(out.from, out.to, path);
    out.verify = s.verify;
    if (name.empty()) name = "tape " + file_name(s.path);
    return out;
}

generator::GeneratorConfig generator_feed(Draft& d, const GeneratorFeedSettings& s,
                                          std::string& name, const Path& path) {
    generator::GeneratorConfig out = s.generator;
    if (out.symbols.empty()) {
        for (const Instrument& i : d.config.instruments.all()) out.symbols.push_back(i.symbol);
    }
    const std::string zone = d.common_zone(d.calendars_of(out.symbols));
    const auto from = d.resolve(s.from, zone, false, path);
    const auto to = d.resolve(s.to, zone, true, path);
    out.seed = s.seed.value_or(d.config.run.seed);
    if (name.empty()) {
        name = "generator " + (out.symbols.size() == 1
                                   ? out.symbols.front()
                                   : std::to_string(out.symbols.size()) + " symbols");
    }
    static constexpr std::array kEventTypes{MarketEventType::kBar, MarketEventType::kQuote,
                                            MarketEventType::kTrade, MarketEventType::kDepth};
    const bool bars = out.kind == generator::GeneratorKind::kBars;
    out.stream = add_stream(d, name, kEventTypes[static_cast<std::size_t>(out.kind)],
                            bars ? out.interval : Duration{});
    if (!from || !to) return out;
    out.from = *from;
    out.to = *to;
    if (const std::string why = problem_of(out); !why.empty()) {
        // "regimes.1.to: found X, expected Y"
        const std::size_t colon = why.find(": ");
        Path at = path;
        std::istringstream keys(why.substr(0, colon));
        for (std::string key; std::getline(keys, key, '.');) at.push_back(key);
        d.problem(at, why.substr(colon + 2));
    }
    return out;
}

VenueId venue_of(Draft& d, const FeedSettings& feed, const Path& path) {
    if (feed.venue.empty()) return kEveryVenue;
    const auto& venues = d.settings.venues;
    for (std::size_t n = 0; n < venues.size(); ++n) {
        if (venues[n].name == feed.venue) return VenueId{static_cast<VenueId::rep>(n)};
    }
    std::string names;
    for (const VenueSettings& venue : venues) names += (names.empty() ? "" : ", ") + venue.name;
    d.problem(join(path, "venue"),
              "found " + in_quotes(feed.venue) + ", expected one of the venues: " + names);
    return kEveryVenue;
}

}  // namespace

void assemble_feeds(Draft& d) {
    d.refuse_too_many(d.settings.feeds.size(), "feeds");
    for (std::size_t i = 0; i < d.settings.feeds.size(); ++i) {
        FeedSettings& feed = d.settings.feeds[i];
        const Path path{"feeds", std::to_string(i)};
        FeedConfig out;
        out.name = feed.name;
        out.venue = venue_of(d, feed, path);
        const std::size_t streams = d.config.streams.size();
        if (auto* csv = std::get_if<CsvFeedSettings>(&feed.kind)) {
            out.settings = csv_feed(d, *csv, out.name, path);
        } else if (auto* lean = std::get_if<LeanFeedSettings>(&feed.kind)) {
            out.settings = lean_feed(d, *lean, out.name, path);
        } else if (auto* tape = std::get_if<TapeFeedSettings>(&feed.kind)) {
            out.settings = tape_feed(d, *tape, out.name, path);
        } else {
            out.settings =
                generator_feed(d, std::get<GeneratorFeedSettings>(feed.kind), out.name, path);
        }
        for (std::size_t n = streams; n < d.config.streams.size(); ++n) {
            d.config.streams[n].venue = out.venue;
        }
        d.config.feeds.push_back(std::move(out));
    }
}

}  // namespace fermata::config
