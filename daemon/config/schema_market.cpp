#include <array>

#include "adapters/calendar/time_zone_database.hpp"
#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

bool is_known_zone(const std::string& zone) {
    try {
        return load_time_zone(zone) != nullptr;
    } catch (const CalendarError&) {
        return false;
    }
}

Section<SpecialHours> special_hours_section() {
    Section<SpecialHours> s("special_hours",
                            "Trading dates with hours of their own: early closes, late opens.");
    s.key("date", &SpecialHours::date, "The trading date.", {.required = true});
    s.key("hours", &SpecialHours::hours, "Open and close as local wall-clock times.",
          {.required = true});
    return s;
}

Section<WeekSettings> week_section() {
    Section<WeekSettings> s("week",
                            "Regular hours of each weekday as local wall-clock times; a weekday "
                            "that is left out has no session. Hours that open later than they "
                            "close begin on the day before.");
    s.key("monday", &WeekSettings::monday, "Hours of Mondays.");
    s.key("tuesday", &WeekSettings::tuesday, "Hours of Tuesdays.");
    s.key("wednesday", &WeekSettings::wednesday, "Hours of Wednesdays.");
    s.key("thursday", &WeekSettings::thursday, "Hours of Thursdays.");
    s.key("friday", &WeekSettings::friday, "Hours of Fridays.");
    s.key("saturday", &WeekSettings::saturday, "Hours of Saturdays.");
    s.key("sunday", &WeekSettings::sunday, "Hours of Sundays.");
    return s;
}

Section<TickSettings> tick_section() {
    Section<TickSettings> s("tick", "The tick from a point in time on.");
    s.key("from", &TickSettings::from,
          "First time at which the tick applies, in the calendar's zone; the first rule has none.",
          {.default_note = "always"});
    s.key("tick", &TickSettings::tick, "Smallest change of a price.",
          {.required = true, .above = Price::zero()});
    s.check([](Reader&, const Node& node, TickSettings& tick) { tick.place = node.place; });
    return s;
}

void check_instrument(Reader& reader, const Node& node, InstrumentSettings& instrument) {
    if (instrument.tick) {
        // One form in the effective configuration: a list of rules.
        instrument.ticks = {TickSettings{{}, *instrument.tick, node.place}};
        instrument.tick.reset();
    }
    for (std::size_t i = 0; i < instrument.ticks.size(); ++i) {
        const TickSettings& rule = instrument.ticks[i];
        const Reader::Step step(reader, "tick");
        const Reader::Step element(reader, std::to_string(i));
        if ((i == 0) != !rule.from.has_value()) {
            reader.problem(rule.place, i == 0 ? "found a date in the first rule, expected a rule "
                                                "without 'from', which applies from the beginning"
                                              : "missing 'from', expected the date of the change");
        }
    }
    if (!instrument.min_quantity) return;
    if (instrument.min_quantity->raw() % instrument.lot.raw() != 0) {
        reader.problem_at("min_quantity", node.find("min_quantity")->place,
                          "found " + to_string(*instrument.min_quantity) +
                              ", expected a multiple of the lot " + to_string(instrument.lot));
    }
}

Section<InstrumentFileSettings> instrument_file_section() {
    Section<InstrumentFileSettings> s(
        "file",
        "Instruments from a CSV file whose header names these same keys; empty cells take the "
        "default.");
    s.key("file", &InstrumentFileSettings::file, "CSV file with one instrument a row.",
          {.required = true});
    s.key("ticks", &InstrumentFileSettings::ticks,
          "CSV file with the columns symbol, from, tick: the dated tick tables.",
          {.default_note = "none"});
    return s;
}

void check_calendar(Reader& reader, const Node& node, CalendarSettings& calendar) {
    const WeekSettings& w = calendar.week;
    if (!w.monday && !w.tuesday && !w.wednesday && !w.thursday && !w.friday && !w.saturday &&
        !w.sunday && calendar.special_hours.empty()) {
        reader.problem(node.place,
                       "found a calendar without any session, expected hours of at "
                       "least one weekday under 'week'");
    }
}

void check_entry(Reader& reader, const Node& node, InstrumentEntry& entry) {
    if (entry.from_file) read_instrument_file(reader, node.place, *entry.from_file, entry.rows);
}

}  // namespace

Section<CalendarSettings> calendar_section() {
    Section<CalendarSettings> s("calendars",
                                "Calendars beside the built-in ones (us_equity, us_futures, fx, "
                                "24x7).");
    s.key("name", &CalendarSettings::name, "Name of the calendar.",
          {.required = true, .valid = is_name, .expected = kNamePhrase, .defines = kCalendarName});
    s.key("zone", &CalendarSettings::zone, "Time zone of its hours, as the zone database names it.",
          {.required = true,
           .valid = is_known_zone,
           .expected = "a zone of the time-zone database such as America/New_York"});
    s.section("week", &CalendarSettings::week, week_section());
    s.values("holidays", &CalendarSettings::holidays, "Dates without a session.");
    s.list("special_hours", &CalendarSettings::special_hours, special_hours_section());
    s.check(check_calendar);
    return s;
}

Section<InstrumentSettings> instrument_section() {
    using I = InstrumentSettings;
    Section<I> s("instrument", "Something that is traded.");
    s.key(
        "symbol", &I::symbol, "Symbol by which feeds and strategies name the instrument.",
        {.required = true, .valid = is_symbol, .expected = kSymbolPhrase, .defines = kSymbolName});
    s.choice("asset_class", &I::asset_class, "What kind of thing it is.",
             {{"equity", AssetClass::kEquity, "A share."},
              {"etf", AssetClass::kEtf, "A fund that is traded like a share."},
              {"index", AssetClass::kIndex, "An index."},
              {"future", AssetClass::kFuture, "A future; its price may be negative."},
              {"forex", AssetClass::kForex, "A currency pair."},
              {"crypto", AssetClass::kCrypto, "A coin."},
              {"bond", AssetClass::kBond, "A bond."},
              {"option", AssetClass::kOption, "An option."}});
    KeySpec plain = scalar_key("tick", &I::tick,
                               "Smallest change of a price: one number, or a list of dated rules.",
                               {.required = true, .above = Price::zero()});
    KeySpec dated =
        Section<I>::list_key("tick", &I::ticks, tick_section(), {.may_be_empty = false});
    s.add(either_key<I>(std::move(plain), std::move(dated),
                        [](const I& i) { return !i.ticks.empty(); }));
    s.key("lot", &I::lot, "Orders are a multiple of this quantity.", {.above = Quantity::zero()});
    s.key("min_quantity", &I::min_quantity, "Smallest quantity of an order.",
          {.above = Quantity::zero(), .default_note = "one lot"});
    s.key("multiplier", &I::multiplier, "Units of the underlying per unit of quantity.",
          {.above = Multiplier::zero()});
    s.key("currency", &I::currency, "Currency of its price.",
          {.default_note = "that of the first account",
           .valid = is_currency,
           .expected = kCurrencyPhrase});
    s.key("sector", &I::sector, "Sector, for limits on sectors.", {.default_note = "none"});
    s.key("calendar", &I::calendar, "Calendar of its trading sessions.",
          {.default_note = "none: open at all times", .refers_to = kCalendarName});
    s.key("average_daily_volume", &I::average_daily_volume,
          "Quantity that is traded on an ordinary day, for limits relative to it.",
          {.above = Quantity::zero(), .default_note = "unknown"});
    s.check(check_instrument);
    return s;
}

Section<InstrumentEntry> instrument_entry_section() {
    Section<InstrumentEntry> s("instruments",
                               "What is traded: instruments, and files of instruments.");
    s.variants_by_presence("file");
    s.variant<InstrumentFileSettings>(
        "file", instrument_file_section(),
        [](InstrumentEntry& e) -> InstrumentFileSettings& { return *e.from_file; },
        [](const InstrumentEntry& e) { return e.from_file.has_value(); },
        [](InstrumentEntry& e) { e.from_file.emplace(); });
    s.variant<InstrumentSettings>(
        "symbol", instrument_section(),
        [](InstrumentEntry& e) -> InstrumentSettings& { return e.inline_instrument; },
        [](const InstrumentEntry& e) { return !e.from_file.has_value(); });
    s.check(check_entry);
    return s;
}

Section<CorporateActionsSettings> corporate_actions_section() {
    using C = CorporateActionsSettings;
    Section<C> s("corporate_actions", "Splits and dividends.");
    s.key("file", &C::file, "CSV file of splits and dividends.", {.default_note = "none"});
    s.choice("mode", &C::mode, "What is done with them.",
             {{"raw", CorporateActionMode::kRaw,
               "Prices are as traded: actions change positions, open orders and cash."},
              {"ignore", CorporateActionMode::kIgnore,
               "Prices are adjusted already: actions are not applied."}});
    return s;
}

}  // namespace fermata::config
