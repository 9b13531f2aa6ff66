#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

void take_calendars(Draft& d) {
    for (const CalendarSettings& c : d.settings.calendars) {
        const WeekSettings& w = c.week;
        CalendarSpec spec;
        spec.name = c.name;
        spec.zone = c.zone;
        spec.week = {w.monday, w.tuesday, w.wednesday, w.thursday, w.friday, w.saturday, w.sunday};
        spec.holidays = c.holidays;
        spec.special_hours = c.special_hours;
        d.zone_of_custom[c.name] = c.zone;
        d.config.calendars.push_back(std::move(spec));
    }
}

/// Instruments from files stand beside the others from here on, also in the effective
/// configuration, whose hash thereby covers them.
void flatten(Draft& d) {
    std::vector<InstrumentEntry> flat;
    for (std::size_t i = 0; i < d.settings.instruments.size(); ++i) {
        InstrumentEntry& entry = d.settings.instruments[i];
        const Path path{"instruments", std::to_string(i)};
        if (!entry.from_file) {
            flat.push_back(std::move(entry));
            d.instrument_paths.push_back(path);
            continue;
        }
        for (InstrumentSettings& row : entry.rows) {
            flat.emplace_back().inline_instrument = std::move(row);
            d.instrument_paths.push_back(path);
        }
    }
    d.settings.instruments = std::move(flat);
}

void take_run(Draft& d) {
    RunSettings& run = d.settings.run;
    if (run.zone.empty()) {
        run.zone = d.common_zone(d.calendars_of({}));
    } else if (const std::string why = d.zones.problem(run.zone); !why.empty()) {
        d.problem({"run", "zone"},
                  "found " + in_quotes(run.zone) + ", expected a time zone: " + why);
        run.zone = "UTC";
    }
    RunConfig& out = d.config.run;
    out.name = run.name;
    out.from = d.resolve(run.from, run.zone, false, {"run"}).value_or(Timestamp::min());
    out.to = d.resolve(run.to, run.zone, true, {"run"}).value_or(Timestamp::never());
    d.require_order(out.from, out.to, {"run"});
    out.seed = run.seed;
    out.speed = run.speed;
    if (run.out) out.out = run.out->resolved;
    out.progress = run.progress;
    if (const auto found = d.ids.find(run.benchmark); found != d.ids.end()) {
        out.benchmark = found->second;
    } else if (!run.benchmark.empty()) {
        d.problem({"run", "benchmark"},
                  "found " + in_quotes(run.benchmark) + ", expected the symbol of an instrument");
    }
    out.risk_free = run.risk_free;
    out.periods_per_year = run.periods_per_year;
    out.equity_interval = run.equity_interval;
}

std::vector<TickRule> tick_rules(Draft& d, const InstrumentSettings& s, const Path& path) {
    std::vector<TickRule> rules;
    const std::string zone = s.calendar.empty() ? d.settings.run.zone : d.zone_of(s.calendar);
    for (const TickSettings& tick : s.ticks) {
        TickRule rule{Timestamp::min(), tick.tick};
        if (tick.from) {
            const auto from = d.resolve(*tick.from, zone, false, path, tick.place);
            if (!from) continue;
            rule.from = *from;
        }
        if (!rules.empty() && rule.from <= rules.back().from) {
            d.problem_at(join(path, "tick"), tick.place,
                         "found a tick of " + s.symbol +
                             " that does not begin after the one before, expected ascending dates");
        }
        rules.push_back(rule);
    }
    return rules;
}

void take_instruments(Draft& d) {
    std::set<std::string> calendars;
    for (std::size_t i = 0; i < d.settings.instruments.size(); ++i) {
        InstrumentSettings& s = d.settings.instruments[i].inline_instrument;
        if (s.currency.empty() && !d.settings.accounts.empty()) {
            s.currency = d.settings.accounts.front().currency;
        }
        Instrument instrument;
        instrument.symbol = s.symbol;
        instrument.asset_class = s.asset_class;
        instrument.ticks = tick_rules(d, s, d.instrument_paths[i]);
        instrument.lot = s.lot;
        instrument.min_quantity = s.min_quantity.value_or(Quantity::zero());
        instrument.multiplier = s.multiplier;
        instrument.currency = d.config.instruments.currency(s.currency);
        instrument.sector = s.sector;
        instrument.calendar = s.calendar;
        instrument.average_daily_volume = s.average_daily_volume.value_or(Quantity::zero());
        if (!s.calendar.empty()) calendars.insert(s.calendar);
        if (!instrument.ticks.empty()) d.config.instruments.add(std::move(instrument));
    }
    d.config.calendar_names.assign(calendars.begin(), calendars.end());
}

}  // namespace

/// Fills are named by number, and somebody must look at the names.
void check_identified_lots(Draft& d) {
    const auto& identified = d.settings.tax.identified;
    for (const auto& [fill, lot] : identified) {
        std::uint32_t number = 0;
        const char* end = fill.data() + fill.size();
        const auto read = std::from_chars(fill.data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end || number <= lot) {
            d.problem({"tax", "identified", fill},
                      "found fill " + in_quotes(fill) + " and lot " + std::to_string(lot) +
                          ", expected the number of a fill that comes after the one of the lot");
        }
    }
    const auto& accounts = d.settings.accounts;
    if (!identified.empty() && std::none_of(accounts.begin(), accounts.end(), [](const auto& a) {
            return a.lots == LotMethod::kSpecific;
        })) {
        d.problem({"tax", "identified"},
                  "found lots that are named, expected an account with lots: specific");
    }
}

void assemble_accounts(Draft& d) {
    Settings& s = d.settings;
    if (s.account && !s.accounts.empty()) {
        d.problem({"accounts"}, "found accounts beside account, expected one of the two");
    }
    if (s.account) {
        // One form in the effective configuration: a list.
        s.accounts = {*std::exchange(s.account, std::nullopt)};
    }
    if (s.accounts.empty()) {
        d.problem({"account"}, "missing, expected the account that the strategies trade in");
    }
    d.refuse_too_many(s.accounts.size(), "accounts");
    d.config.tax = s.tax;
    check_identified_lots(d);
    std::vector<std::string> taxpayers;
    for (const AccountSettings& a : s.accounts) {
        AccountConfig account;
        account.id = AccountId{static_cast<AccountId::rep>(d.config.accounts.size())};
        account.name = a.name;
        account.base = d.config.instruments.currency(a.currency);
        account.type = a.type;
        account.book = a.book;
        account.lots = a.lots;
        account.margin =
            a.margin.value_or(a.type == AccountConfig::Type::kCash ? AccountConfig::Margin::kCash
                                                                   : AccountConfig::Margin::kRegT);
        for (const auto& [currency, amount] : a.balances) {
            account.cash.emplace_back(d.config.instruments.currency(currency), amount);
        }
        const auto taxpayer = std::find(taxpayers.begin(), taxpayers.end(), a.taxpayer);
        d.config.tax.taxpayers.push_back(
            static_cast<std::uint16_t>(std::distance(taxpayers.begin(), taxpayer)));
        if (taxpayer == taxpayers.end()) taxpayers.push_back(a.taxpayer);
        d.config.accounts.push_back(std::move(account));
    }
}

void assemble_day_end(Draft& d) {
    const DayEndSettings& s = d.settings.end_of_day;
    DayEndRules& out = d.config.end_of_day;
    const auto& known = d.config.instruments.currencies();
    const auto rates = [&](const std::map<std::string, Ratio>& given, const char* key,
                           Ratio InterestRates::* member) {
        for (const auto& [currency, rate] : given) {
            const auto at = std::find(known.begin(), known.end(), currency);
            if (at == known.end()) {
                d.problem({"end_of_day", key, currency},
                          "found " + in_quotes(currency) +
                              ", which no account and no instrument of the run uses");
                continue;
            }
            const auto index = static_cast<std::size_t>(at - known.begin());
            if (out.rates.interest.size() <= index) out.rates.interest.resize(index + 1);
            out.rates.interest[index].*member = rate;
        }
    };
    rates(s.debit, "debit", &InterestRates::debit);
    rates(s.credit, "credit", &InterestRates::credit);
    out.rates.borrow_default = s.borrow_default;
    if (!s.borrow.empty()) {
        out.rates.borrow.assign(d.config.instruments.size(), s.borrow_default);
        for (const Instrument& instrument : d.config.instruments.all()) {
            const auto found = s.borrow.find(instrument.symbol);
            if (found != s.borrow.end()) out.rates.borrow[instrument.id.value] = found->second;
        }
    }
    out.margin.minimum_equity = s.minimum_equity;
    out.stale_after = s.stale_after;
}

void assemble_instruments(Draft& d) {
    take_calendars(d);
    flatten(d);
    for (std::size_t i = 0; i < d.settings.instruments.size(); ++i) {
        // Symbols are unique: a second one was refused when it was read.
        d.ids.emplace(d.settings.instruments[i].inline_instrument.symbol,
                      InstrumentId{static_cast<InstrumentId::rep>(i)});
    }
    take_run(d);
    take_instruments(d);
    const CorporateActionsSettings& actions = d.settings.corporate_actions;
    d.config.corporate_actions.mode = actions.mode;
    if (actions.file) {
        d.config.corporate_actions.file = actions.file->resolved;
        d.want_file(*actions.file, {"corporate_actions", "file"});
    }
}

}  // namespace fermata::config
