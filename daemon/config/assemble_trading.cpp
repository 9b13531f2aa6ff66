#include <algorithm>
#include <functional>

#include "core/algo/router.hpp"
#include "core/types/decimal.hpp"
#include "daemon/config/draft.hpp"

namespace fermata::config {
namespace {

/// Index of the element of that name, which is known to exist.
template <class Items>
std::size_t index_of(const Items& items, const std::string& name) {
    const auto found = std::find_if(items.begin(), items.end(),
                                    [&](const auto& item) { return item.name == name; });
    return found == items.end() ? 0 : static_cast<std::size_t>(found - items.begin());
}

/// Whether a feed may deliver an instrument; a tape may hold anything.
bool delivers(const FeedSettings& feed, const std::string& symbol) {
    if (const auto* csv = std::get_if<CsvFeedSettings>(&feed.kind)) {
        return csv->symbols.empty() ||
               std::find(csv->symbols.begin(), csv->symbols.end(), symbol) != csv->symbols.end();
    }
    if (const auto* generated = std::get_if<GeneratorFeedSettings>(&feed.kind)) {
        const auto& symbols = generated->generator.symbols;
        return symbols.empty() ||
               std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
    }
    const auto* lean = std::get_if<LeanFeedSettings>(&feed.kind);
    return lean == nullptr || lean->lean.symbol == symbol;
}

/// The same of a market data session; a replay opens none.
bool delivers(const Draft& d, const SessionKeys& session, const std::string& symbol) {
    const auto& symbols = session.instruments;
    return d.config.mode != Mode::kReplay && session.session.role == SessionRole::kMarketData &&
           (symbols.empty() || std::find(symbols.begin(), symbols.end(), symbol) != symbols.end());
}

void take_symbols(Draft& d, const StrategySettings& s, StrategyConfig& out, const Path& path) {
    for (std::size_t k = 0; k < s.symbols.size(); ++k) {
        const std::string& symbol = s.symbols[k];
        if (const auto id = d.ids.find(symbol); id != d.ids.end()) {
            out.instruments.push_back(id->second);
        }
        const auto& feeds = d.settings.feeds;
        const auto& sessions = d.settings.sessions;
        if (std::any_of(feeds.begin(), feeds.end(),
                        [&](const FeedSettings& feed) { return delivers(feed, symbol); }) ||
            std::any_of(sessions.begin(), sessions.end(),
                        [&](const SessionKeys& s1) { return delivers(d, s1, symbol); })) {
            continue;
        }
        // A strategy that waits for data which no feed brings is a mistake, not a quiet day.
        d.problem(join(path, "symbols", std::to_string(k)),
                  "found " + in_quotes(symbol) +
                      ", which no feed delivers; expected a feed of this instrument");
    }
}

/// An algorithm that routes and has nothing to choose from would never send anything.
void refuse_routing_without_venues(Draft& d, const StrategySettings& s, const Path& path) {
    const auto is = [&](const std::string& name, const std::string& text) {
        const auto found = s.params.find(name);
        return found != s.params.end() && found->second == text;
    };
    if (s.type != "execute") return;
    const bool router = is("algorithm", "router");
    if (!router && !is("routed", "true")) return;
    RoutingTable table;
    for (const StreamInfo& stream : d.config.streams) table.venue_of_stream.push_back(stream.venue);
    if (table.any()) return;
    d.problem(join(path, "params", router ? "algorithm" : "routed"),
              "found " + in_quotes(router ? "router" : "true") +
                  ", and nothing to choose from; expected feeds of two venues (feeds[].venue)");
}

/// An algorithm refuses slices that are not whole lots, whatever the market does.
void refuse_broken_slices(Draft& d, const StrategySettings& s, const StrategyConfig& out,
                          const Path& path) {
    const auto found = s.params.find("slice");
    if (s.type != "execute" || found == s.params.end()) return;
    const auto slice = parse<Quantity>(found->second);
    if (!slice) return;  // the parameter's own check
    for (const InstrumentId id : out.instruments) {
        if (!d.config.instruments.contains(id)) continue;
        const Instrument& instrument = d.config.instruments[id];
        if (slice->raw() % instrument.lot.raw() == 0) continue;
        d.problem(join(path, "params", "slice"),
                  "found " + in_quotes(found->second) + ", expected whole lots of " +
                      instrument.symbol + ", which trades in lots of " + to_string(instrument.lot));
    }
}

StrategyConfig strategy(Draft& d, StrategySettings& s, std::size_t index) {
    const Path path{"strategies", std::to_string(index)};
    const auto& accounts = d.settings.accounts;
    const auto& venues = d.settings.venues;
    if (s.account.empty() && !accounts.empty()) {
        if (accounts.size() > 1) {
            d.problem(join(path, "account"), "missing, expected one of the " +
                                                 std::to_string(accounts.size()) + " accounts");
        }
        s.account = accounts.front().name;
    }
    if (s.venue.empty() && !venues.empty()) s.venue = venues.front().name;
    StrategyConfig out;
    out.id = StrategyId{static_cast<StrategyId::rep>(index)};
    out.name = s.name;
    out.type = s.type;
    for (const auto& [name, text] : s.params) out.params.set(name, text);
    out.sizing = s.sizing;
    out.exits = s.exits;
    out.account = AccountId{static_cast<AccountId::rep>(index_of(accounts, s.account))};
    out.venue = VenueId{static_cast<VenueId::rep>(index_of(venues, s.venue))};
    take_symbols(d, s, out, path);
    refuse_routing_without_venues(d, s, path);
    refuse_broken_slices(d, s, out, path);
    return out;
}

// Risk --------------------------------------------------------------------------------------------

using SetLimit =
    std::function<RiskConfig::Outcome(const std::string& key, const std::string& text)>;

void set_limits(Draft& d, const LimitSettings& limits, const Path& path, const SetLimit& set) {
    for (const auto& [key, limit] : limits.values) {
        const RiskConfig::Outcome outcome = set(key, limit.text);
        if (!outcome) d.problem_at(join(path, key), limit.place, outcome.error());
    }
}

using TargetOf = std::function<std::size_t(const std::string& name)>;

void set_overrides(Draft& d, const std::map<std::string, LimitSettings>& by_name, Scope scope,
                   const char* key, const TargetOf& target_of) {
    for (const auto& [name, limits] : by_name) {
        const auto target = static_cast<std::uint32_t>(target_of(name));
        set_limits(d, limits, {"risk", key, name},
                   [&](const std::string& limit, const std::string& text) {
                       return d.config.risk.set_override(scope, target, limit, text);
                   });
    }
}

}  // namespace

void assemble_trading(Draft& d) {
    d.refuse_too_many(d.settings.venues.size(), "venues");
    for (const VenueSettings& v : d.settings.venues) {
        SimConfig sim = v.sim;
        sim.venue = VenueId{static_cast<VenueId::rep>(d.config.venues.size())};
        d.config.venues.push_back(std::move(sim));
    }
    d.refuse_too_many(d.settings.strategies.size(), "strategies");
    for (std::size_t i = 0; i < d.settings.strategies.size(); ++i) {
        d.config.strategies.push_back(strategy(d, d.settings.strategies[i], i));
    }
}

void assemble_risk(Draft& d) {
    RiskSettings& s = d.settings.risk;
    RiskConfig& risk = d.config.risk;
    risk = RiskConfig(s.profile);
    set_limits(d, s.hard, {"risk", "hard"}, [&](const std::string& key, const std::string& text) {
        return risk.set_hard_limit(key, text);
    });
    set_limits(
        d, s.limits, {"risk", "limits"},
        [&](const std::string& key, const std::string& text) { return risk.set_limit(key, text); });
    set_overrides(d, s.strategies, Scope::kStrategy, "strategies",
                  [&](const std::string& name) { return index_of(d.settings.strategies, name); });
    set_overrides(d, s.instruments, Scope::kInstrument, "instruments",
                  [&](const std::string& name) { return d.ids.at(name).value; });
    set_overrides(d, s.accounts, Scope::kAccount, "accounts",
                  [&](const std::string& name) { return index_of(d.settings.accounts, name); });
    assemble_compliance(d);
    for (const std::string& why : risk.validate()) d.problem({"risk"}, why);
    // The effective limits, with what the profile sets.
    for (const LimitKey& limit : limit_keys()) {
        if (!risk.limits().on(limit.id)) continue;
        s.limits.values[limit.key] = {format_limit(limit.unit, risk.limits().raw(limit.id)), {}};
    }
}

}  // namespace fermata::config
