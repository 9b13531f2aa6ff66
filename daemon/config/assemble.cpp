#include "daemon/config/assemble.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "daemon/config/zones.hpp"

namespace fermata::config {
namespace {

/// The place of a dotted path in the document, or of the nearest node above it.
Place place_of(const Node& document, const std::vector<std::string>& path) {
    const Node* node = &document;
    for (const std::string& key : path) {
        const Node* next = nullptr;
        if (node->is(Node::Kind::kMap)) {
            next = node->find(key);
        } else if (node->is(Node::Kind::kList)) {
            const auto index = parse_integer(key);
            if (index && *index >= 0 && static_cast<std::size_t>(*index) < node->items.size()) {
                next = &node->items[static_cast<std::size_t>(*index)];
            }
        }
        if (next == nullptr) break;
        node = next;
    }
    return node->place;
}

class Assembler {
public:
    Assembler(Reader& reader, const Node& document, Settings& settings)
        : reader_(reader), document_(document), settings_(settings) {}

    Config run() {
        config_.mode = settings_.mode;
        take_calendars();
        take_accounts();
        flatten_instruments();
        take_run();
        take_instruments();
        take_feeds();
        take_venues();
        take_strategies();
        take_risk();
        config_.corporate_actions.mode = settings_.corporate_actions.mode;
        if (settings_.corporate_actions.file) {
            config_.corporate_actions.file = settings_.corporate_actions.file->resolved;
            want_file(*settings_.corporate_actions.file, {"corporate_actions", "file"});
        }
        config_.journal = settings_.journal;
        config_.engine = settings_.engine;
        return std::move(config_);
    }

private:
    using Path = std::vector<std::string>;

    void problem(const Path& path, std::string message) {
        problem_at(path, place_of(document_, path), std::move(message));
    }
    void problem_at(const Path& path, const Place& place, std::string message) {
        std::string joined;
        for (const std::string& key : path) joined += (joined.empty() ? "" : ".") + key;
        reader_.problem_at(joined, place, std::move(message));
    }
    /// A file that does not exist (yet) is worth a warning, not a refusal: a configuration may be
    /// checked on another machine than the one that runs it.
    void want_file(const FilePath& file, const Path& path) {
        std::error_code error;
        if (std::filesystem::exists(file.resolved, error)) return;
        std::string joined;
        for (const std::string& key : path) joined += (joined.empty() ? "" : ".") + key;
        config_.warnings.push_back({place_of(document_, path), joined,
                                    "found " + in_quotes(file.written) +
                                        ", but there is no such file or folder (" +
                                        file.resolved.string() + ")"});
    }
    std::optional<Timestamp> resolve(const CivilTime& written, const std::string& zone, bool end,
                                     const Path& path, const Place& place) {
        std::string why;
        const auto t = zones_.resolve(written, zone, end, why);
        if (!t) {
            problem_at(path, place,
                       "found " + in_quotes(format_civil_time(written)) +
                           ", expected a time that exists: " + why);
        }
        return t;
    }
    std::optional<Timestamp> resolve(const std::optional<CivilTime>& written,
                                     const std::string& zone, bool end, Path path) {
        if (!written) return std::nullopt;
        path.emplace_back(end ? "to" : "from");
        return resolve(*written, zone, end, path, place_of(document_, path));
    }
    void require_order(Timestamp from, Timestamp to, Path path) {
        if (from < to) return;
        path.emplace_back("to");
        problem(path, "found an end that is not after 'from', expected a later time");
    }

    void take_calendars() {
        for (const CalendarSettings& c : settings_.calendars) {
            const WeekSettings& w = c.week;
            CalendarSpec spec{
                c.name,
                c.zone,
                {w.monday, w.tuesday, w.wednesday, w.thursday, w.friday, w.saturday, w.sunday},
                c.holidays,
                c.special_hours};
            zone_of_calendar_[c.name] = c.zone;
            config_.calendars.push_back(std::move(spec));
        }
    }

    void take_accounts() {
        if (settings_.account && !settings_.accounts.empty()) {
            problem({"accounts"}, "found accounts beside account, expected one of the two");
        }
        if (settings_.account) {
            // One form in the effective configuration: a list.
            settings_.accounts = {*std::exchange(settings_.account, std::nullopt)};
        }
        if (settings_.accounts.empty()) {
            problem({"account"}, "missing, expected the account that the strategies trade in");
        }
        too_many(settings_.accounts.size(), "accounts");
        for (const AccountSettings& a : settings_.accounts) {
            AccountConfig account;
            account.id = AccountId{static_cast<AccountId::rep>(config_.accounts.size())};
            account.name = a.name;
            account.base = config_.instruments.currency(a.currency);
            account.type = a.type;
            for (const auto& [currency, amount] : a.balances) {
                account.cash.emplace_back(config_.instruments.currency(currency), amount);
            }
            config_.accounts.push_back(std::move(account));
        }
    }

    void too_many(std::size_t count, const std::string& key) {
        constexpr std::size_t kMax = std::numeric_limits<std::uint16_t>::max();
        if (count > kMax) {
            problem({key}, "found " + std::to_string(count) + " elements, expected at most " +
                               std::to_string(kMax));
        }
    }

    /// Instruments from files stand beside the others from here on, also in the effective
    /// configuration, whose hash thereby covers them.
    void flatten_instruments() {
        std::vector<InstrumentEntry> flat;
        for (std::size_t i = 0; i < settings_.instruments.size(); ++i) {
            InstrumentEntry& entry = settings_.instruments[i];
            if (!entry.from_file) {
                flat.push_back(std::move(entry));
                places_.push_back({"instruments", std::to_string(i)});
                continue;
            }
            for (InstrumentSettings& row : entry.rows) {
                flat.emplace_back().inline_instrument = std::move(row);
                places_.push_back({"instruments", std::to_string(i)});
            }
        }
        settings_.instruments = std::move(flat);
    }

    /// The zone of a calendar; UTC for an instrument that has none.
    std::string zone_of(const std::string& calendar) {
        if (calendar.empty()) return "UTC";
        const auto found = zone_of_calendar_.find(calendar);
        if (found != zone_of_calendar_.end()) return found->second;
        return builtin_calendar_zone(calendar);
    }
    static std::string builtin_calendar_zone(const std::string& calendar) {
        return calendar == "24x7" ? "UTC" : "America/New_York";
    }
    /// The zone that all of these calendars share, else UTC.
    std::string common_zone(const std::set<std::string>& calendars) {
        std::set<std::string> zones;
        for (const std::string& calendar : calendars) zones.insert(zone_of(calendar));
        return zones.size() == 1 ? *zones.begin() : "UTC";
    }

    void take_run() {
        RunSettings& run = settings_.run;
        if (run.zone.empty()) {
            std::set<std::string> calendars;
            for (const auto& e : settings_.instruments) {
                calendars.insert(e.inline_instrument.calendar);
            }
            run.zone = common_zone(calendars);
        } else if (const std::string why = zones_.problem(run.zone); !why.empty()) {
            problem({"run", "zone"},
                    "found " + in_quotes(run.zone) + ", expected a time zone: " + why);
            run.zone = "UTC";
        }
        config_.run.name = run.name;
        config_.run.from = resolve(run.from, run.zone, false, {"run"}).value_or(Timestamp::min());
        config_.run.to = resolve(run.to, run.zone, true, {"run"}).value_or(Timestamp::never());
        require_order(config_.run.from, config_.run.to, {"run"});
        config_.run.seed = run.seed;
        config_.run.speed = run.speed;
        if (run.out) config_.run.out = run.out->resolved;
        config_.run.progress = run.progress;
    }

    void take_instruments() {
        std::set<std::string> calendars;
        for (std::size_t i = 0; i < settings_.instruments.size(); ++i) {
            InstrumentSettings& s = settings_.instruments[i].inline_instrument;
            if (s.currency.empty() && !settings_.accounts.empty()) {
                s.currency = settings_.accounts.front().currency;
            }
            Instrument instrument;
            instrument.id = InstrumentId{static_cast<InstrumentId::rep>(i)};
            instrument.symbol = s.symbol;
            instrument.asset_class = s.asset_class;
            instrument.ticks = tick_rules(s, places_[i]);
            instrument.lot = s.lot;
            instrument.min_quantity = s.min_quantity.value_or(Quantity::zero());
            instrument.multiplier = s.multiplier;
            instrument.currency = config_.instruments.currency(s.currency);
            instrument.sector = s.sector;
            instrument.calendar = s.calendar;
            instrument.average_daily_volume = s.average_daily_volume.value_or(Quantity::zero());
            if (!s.calendar.empty()) calendars.insert(s.calendar);
            // A second instrument of one symbol was refused when it was read.
            if (ids_.try_emplace(s.symbol, instrument.id).second) {
                config_.instruments.add(std::move(instrument));
            }
        }
        config_.calendar_names.assign(calendars.begin(), calendars.end());
    }

    std::vector<TickRule> tick_rules(const InstrumentSettings& s, const Path& path) {
        std::vector<TickRule> rules;
        for (const TickSettings& tick : s.ticks) {
            TickRule rule{Timestamp::min(), tick.tick};
            if (tick.from) {
                const std::string zone =
                    s.calendar.empty() ? settings_.run.zone : zone_of(s.calendar);
                const auto from = resolve(*tick.from, zone, false, path, tick.place);
                if (!from) continue;
                rule.from = *from;
            }
            if (!rules.empty() && rule.from <= rules.back().from) {
                problem_at(path, tick.place,
                           "found a tick of " + s.symbol +
                               " that does not begin after the one before, "
                               "expected ascending dates");
            }
            rules.push_back(rule);
        }
        return rules;
    }

    const InstrumentSettings* instrument(const std::string& symbol) const {
        const auto found = ids_.find(symbol);
        return found == ids_.end() ? nullptr
                                   : &settings_.instruments[found->second.value].inline_instrument;
    }

    // Feeds --------------------------------------------------------------------------------------

    StreamId add_stream(std::string name, MarketEventType kind, Duration interval) {
        const StreamId id{static_cast<StreamId::rep>(config_.streams.size())};
        config_.streams.push_back({id, std::move(name), kind, interval});
        return id;
    }

    void take_feeds() {
        too_many(settings_.feeds.size(), "feeds");
        for (std::size_t i = 0; i < settings_.feeds.size(); ++i) {
            FeedSettings& feed = settings_.feeds[i];
            const Path path{"feeds", std::to_string(i)};
            FeedConfig out;
            if (auto* csv = std::get_if<CsvFeedSettings>(&feed.kind)) {
                out.settings = csv_feed(*csv, feed.name, path);
            } else if (auto* lean = std::get_if<LeanFeedSettings>(&feed.kind)) {
                out.settings = lean_feed(*lean, feed.name, path);
            } else {
                out.settings = tape_feed(std::get<TapeFeedSettings>(feed.kind), feed.name, path);
            }
            out.name = feed.name;
            config_.feeds.push_back(std::move(out));
        }
    }

    /// The file without its folder, for a name.
    static std::string file_name(const FilePath& file) { return file.resolved.filename().string(); }

    csv::CsvFeedConfig csv_feed(CsvFeedSettings& s, std::string& name, const Path& path) {
        csv::CsvFeedConfig out = s.csv;
        out.path = s.path.resolved.string();
        want_file(s.path, join(path, "path"));
        out.symbols = s.symbols;
        out.interval = s.interval.value_or(Duration{});
        complete_columns(s);
        out.columns = s.columns.columns;
        out.columns.time = s.columns.rich_time ? s.columns.rich_time->column : s.columns.time;

        std::set<std::string> calendars;
        for (const std::string& symbol : s.symbols) {
            if (const auto* i = instrument(symbol)) calendars.insert(i->calendar);
        }
        if (s.symbols.empty()) {
            for (const auto& e : settings_.instruments) {
                calendars.insert(e.inline_instrument.calendar);
            }
        }
        std::string zone = common_zone(calendars);
        if (s.columns.rich_time) {
            CsvTimeSettings& time = *s.columns.rich_time;
            out.time.unit = time.format.empty() ? time.unit.value_or(csv::CsvTimeUnit::kNanoseconds)
                                                : csv::CsvTimeUnit::kFormat;
            out.time.format = time.format;
            if (!time.format.empty()) {
                if (time.zone.empty()) time.zone = zone;
                if (const std::string why = zones_.problem(time.zone); !why.empty()) {
                    problem(join(path, "columns", "time", "zone"),
                            "found " + in_quotes(time.zone) + ", expected a time zone: " + why);
                    return out;
                }
                zone = time.zone;
            }
            out.time.zone = time.zone;
        }
        out.from = resolve(s.from, zone, false, path);
        out.to = resolve(s.to, zone, true, path);
        if (out.from && out.to) require_order(*out.from, *out.to, path);

        const std::string what = s.symbols.size() == 1 ? s.symbols.front() : file_name(s.path);
        if (name.empty()) name = "csv " + what;
        static constexpr MarketEventType kKinds[] = {MarketEventType::kBar, MarketEventType::kQuote,
                                                     MarketEventType::kTrade,
                                                     MarketEventType::kDepth};
        out.stream = add_stream(name, kKinds[static_cast<std::size_t>(out.kind)], out.interval);
        return out;
    }

    /// Columns that the kind cannot do without are called as their key where nothing is said.
    static void complete_columns(CsvFeedSettings& s) {
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

    lean::LeanFeedConfig lean_feed(LeanFeedSettings& s, std::string& name, const Path& path) {
        lean::LeanFeedConfig out = s.lean;
        out.root = s.root.resolved.string();
        want_file(s.root, join(path, "root"));
        if (name.empty()) name = "lean " + out.symbol;
        using lean::LeanResolution;
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
        out.stream = add_stream(name, kind, interval);
        return out;
    }

    TapeFeedConfig tape_feed(TapeFeedSettings& s, std::string& name, const Path& path) {
        TapeFeedConfig out;
        out.path = s.path.resolved.string();
        want_file(s.path, join(path, "path"));
        out.from = resolve(s.from, settings_.run.zone, false, path).value_or(Timestamp::min());
        out.to = resolve(s.to, settings_.run.zone, true, path).value_or(Timestamp::never());
        require_order(out.from, out.to, path);
        out.verify = s.verify;
        if (name.empty()) name = "tape " + file_name(s.path);
        return out;
    }

    template <class... Keys>
    static Path join(Path path, Keys... keys) {
        (path.emplace_back(keys), ...);
        return path;
    }

    // Trading ------------------------------------------------------------------------------------

    void take_venues() {
        too_many(settings_.venues.size(), "venues");
        for (const VenueSettings& v : settings_.venues) {
            SimConfig sim = v.sim;
            sim.venue = VenueId{static_cast<VenueId::rep>(config_.venues.size())};
            config_.venues.push_back(std::move(sim));
        }
    }

    template <class Items>
    static std::size_t index_of(const Items& items, const std::string& name) {
        const auto found = std::find_if(items.begin(), items.end(),
                                        [&](const auto& item) { return item.name == name; });
        return found == items.end() ? 0 : static_cast<std::size_t>(found - items.begin());
    }

    void take_strategies() {
        too_many(settings_.strategies.size(), "strategies");
        for (std::size_t i = 0; i < settings_.strategies.size(); ++i) {
            StrategySettings& s = settings_.strategies[i];
            const Path path{"strategies", std::to_string(i)};
            if (s.account.empty()) {
                if (settings_.accounts.size() > 1) {
                    problem(join(path, "account"), "missing, expected one of the " +
                                                       std::to_string(settings_.accounts.size()) +
                                                       " accounts");
                }
                if (!settings_.accounts.empty()) s.account = settings_.accounts.front().name;
            }
            if (s.venue.empty() && !settings_.venues.empty())
                s.venue = settings_.venues.front().name;
            StrategyConfig out;
            out.id = StrategyId{static_cast<StrategyId::rep>(i)};
            out.name = s.name;
            out.type = s.type;
            for (const auto& [name, text] : s.params) out.params.set(name, text);
            out.sizing = s.sizing;
            out.account = {static_cast<AccountId::rep>(index_of(settings_.accounts, s.account))};
            out.venue = {static_cast<VenueId::rep>(index_of(settings_.venues, s.venue))};
            for (std::size_t k = 0; k < s.symbols.size(); ++k) {
                if (const auto id = ids_.find(s.symbols[k]); id != ids_.end()) {
                    out.instruments.push_back(id->second);
                }
                require_feed(s.symbols[k], join(path, "symbols", std::to_string(k)));
            }
            config_.strategies.push_back(std::move(out));
        }
    }

    /// A strategy that waits for data which no feed brings is a mistake, not a quiet day.
    void require_feed(const std::string& symbol, const Path& path) {
        const auto brings = [&](const FeedSettings& feed) {
            if (const auto* csv = std::get_if<CsvFeedSettings>(&feed.kind)) {
                return csv->symbols.empty() || std::find(csv->symbols.begin(), csv->symbols.end(),
                                                         symbol) != csv->symbols.end();
            }
            const auto* lean = std::get_if<LeanFeedSettings>(&feed.kind);
            return lean == nullptr || lean->lean.symbol == symbol;  // a tape may hold anything
        };
        if (std::any_of(settings_.feeds.begin(), settings_.feeds.end(), brings)) return;
        problem(path, "found " + in_quotes(symbol) +
                          ", which no feed delivers; expected a feed of "
                          "this instrument");
    }

    // Risk ---------------------------------------------------------------------------------------

    void take_limits(const LimitSettings& limits, const Path& path, auto set) {
        for (const auto& [key, limit] : limits.values) {
            const RiskConfig::Outcome outcome = set(key, limit.text);
            if (!outcome) problem_at(join(path, key), limit.place, outcome.error());
        }
    }

    template <class Id>
    void take_overrides(const std::map<std::string, LimitSettings>& by_name, Scope scope,
                        const char* key, Id id_of) {
        for (const auto& [name, limits] : by_name) {
            const auto target = static_cast<std::uint32_t>(id_of(name));
            take_limits(limits, {"risk", key, name},
                        [&](const std::string& limit, const std::string& text) {
                            return config_.risk.set_override(scope, target, limit, text);
                        });
        }
    }

    void take_risk() {
        RiskSettings& risk = settings_.risk;
        config_.risk = RiskConfig(risk.profile);
        take_limits(risk.hard, {"risk", "hard"},
                    [&](const std::string& key, const std::string& text) {
                        return config_.risk.set_hard_limit(key, text);
                    });
        take_limits(risk.limits, {"risk", "limits"},
                    [&](const std::string& key, const std::string& text) {
                        return config_.risk.set_limit(key, text);
                    });
        take_overrides(risk.strategies, Scope::kStrategy, "strategies",
                       [&](const auto& name) { return index_of(settings_.strategies, name); });
        take_overrides(risk.instruments, Scope::kInstrument, "instruments",
                       [&](const auto& name) { return ids_.at(name).value; });
        take_overrides(risk.accounts, Scope::kAccount, "accounts",
                       [&](const auto& name) { return index_of(settings_.accounts, name); });
        for (const std::string& why : config_.risk.validate()) problem({"risk"}, why);
        // The effective limits, with what the profile sets.
        for (const LimitKey& limit : limit_keys()) {
            if (!config_.risk.limits().on(limit.id)) continue;
            risk.limits.values[limit.key] = {
                format_limit(limit.unit, config_.risk.limits().raw(limit.id)), {}};
        }
    }

    Reader& reader_;
    const Node& document_;
    Settings& settings_;
    Config config_;
    Zones zones_;
    std::map<std::string, std::string> zone_of_calendar_;
    std::unordered_map<std::string, InstrumentId> ids_;
    std::vector<Path> places_;  // of each instrument
};

}  // namespace

Config assemble(Reader& reader, const Node& document, Settings& settings) {
    return Assembler(reader, document, settings).run();
}

}  // namespace fermata::config
