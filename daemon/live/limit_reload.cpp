#include "daemon/live/limit_reload.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "daemon/config/changed_keys.hpp"
#include "daemon/live/session_config.hpp"
#include "risk/controls.hpp"
#include "risk/limit_change.hpp"

namespace fermata {
namespace {

ControlScope control_scope(Scope scope) {
    switch (scope) {
        case Scope::kAccount:
            return ControlScope::kAccount;
        case Scope::kStrategy:
            return ControlScope::kStrategy;
        case Scope::kInstrument:
            return ControlScope::kInstrument;
        default:
            return ControlScope::kFirm;
    }
}

template <class Key>
std::map<Key, std::int64_t> own_limits(const RiskConfig& risk) {
    std::map<Key, std::int64_t> own;
    for (const LimitOverride& o : risk.overrides()) {
        own[Key{control_scope(o.scope), o.target, o.limit}] = o.value;
    }
    return own;
}

std::vector<std::string> strategy_names(const Config& config) {
    std::vector<std::string> names;
    for (const StrategyConfig& s : config.strategies) names.push_back(s.name);
    return names;
}
std::vector<std::string> account_names(const Config& config) {
    std::vector<std::string> names;
    for (const AccountConfig& a : config.accounts) names.push_back(a.name);
    return names;
}
std::vector<std::string> symbols(const Config& config) {
    std::vector<std::string> names;
    for (const Instrument& i : config.instruments.all()) names.push_back(i.symbol);
    return names;
}

/// A limit in force, of everybody or of one target; not the bounds of limits.
bool is_limit(std::string_view key) {
    constexpr std::string_view kPrefixes[] = {"risk.limits.", "risk.accounts.", "risk.strategies.",
                                              "risk.instruments."};
    return std::ranges::any_of(kPrefixes,
                               [&](std::string_view prefix) { return key.starts_with(prefix); });
}

std::optional<std::int64_t> value_of(const Limits& limits, LimitId id) {
    return limits.on(id) ? std::optional(limits.raw(id)) : std::nullopt;
}

}  // namespace

LimitReload::LimitReload(const Config& running, const Config& started_with)
    : strategies_(strategy_names(running)),
      accounts_(account_names(running)),
      instruments_(symbols(running)),
      running_(running.effective),
      started_with_(started_with.effective),
      common_(running.risk.limits()),
      own_(own_limits<Key>(running.risk)) {}

std::string LimitReload::who(const Key& key) const {
    const auto& [scope, target, id] = key;
    const std::string limit(limit_key(id));
    switch (scope) {
        case ControlScope::kAccount:
            return limit + " of account " + accounts_.at(target);
        case ControlScope::kStrategy:
            return limit + " of strategy " + strategies_.at(target);
        case ControlScope::kInstrument:
            return limit + " of " + instruments_.at(target);
        default:
            return limit;
    }
}

std::string LimitReload::other_run(const Config& asked) const {
    // A limit is found by the numbers of these.
    if (strategy_names(asked) != strategies_) return "strategies";
    if (account_names(asked) != accounts_) return "accounts";
    if (symbols(asked) != instruments_) return "instruments";
    return "";
}

std::vector<std::string> LimitReload::waiting(const Config& asked, bool limits_compared,
                                              const Outcome& said) const {
    const auto told = [&](const std::string& limit) {
        const auto names = [&](const std::string& line) { return line.starts_with(limit + " "); };
        return std::ranges::any_of(said.tightened, names) ||
               std::ranges::any_of(said.refused, names);
    };
    std::vector<std::string> lines;
    const auto add = [&](const std::string& before, bool next_start) {
        for (const config::ChangedKey& c : config::changed_keys(before, asked.effective)) {
            if (of_next_start(c.key) != next_start) continue;
            const std::string change = c.key + " from " + c.before + " to " + c.after;
            if (limits_compared && is_limit(c.key)) {
                if (told(c.key.substr(c.key.rfind('.') + 1))) continue;
                lines.push_back(change + " changes nothing that is in force");
            } else {
                lines.push_back(change + (next_start ? " waits for the next start"
                                                     : " waits for the next session"));
            }
        }
    };
    add(running_, false);
    add(started_with_, true);
    return lines;
}

LimitReload::Outcome LimitReload::ask(const Config& asked, std::uint32_t actor) {
    Outcome out;
    if (const std::string other = other_run(asked); !other.empty()) {
        out.refused.push_back("other " + other +
                              ": nothing is taken over, for limits are theirs; it waits for the "
                              "next session");
        out.waits = waiting(asked, false, out);
        return out;
    }
    const Limits& common = asked.risk.limits();
    const auto own = own_limits<Key>(asked.risk);
    // Of each target with a value of its own, before or now, what is in force: its own, else the
    // common one.
    std::map<Key, bool> keys;
    for (const LimitDefinition& l : kLimits) keys[Key{ControlScope::kFirm, 0, l.id}] = true;
    for (const auto& [key, value] : own_) keys[key] = true;
    for (const auto& [key, value] : own) keys[key] = true;
    const Limits common_before = common_;
    const auto own_before = own_;
    const auto in_force = [](const auto& owned, const Limits& all, const Key& key) {
        const auto found = owned.find(key);
        return found != owned.end() ? std::optional(found->second)
                                    : value_of(all, std::get<LimitId>(key));
    };
    for (const auto& [key, _] : keys) {
        const auto& [scope, target, id] = key;
        const LimitDefinition& l = limit_definition(id);
        const auto before = in_force(own_before, common_before, key);
        const auto now = in_force(own, common, key);
        if (before == now) continue;
        const std::string change = who(key) + " from " +
                                   (before ? format_limit(l.unit, *before) : "off") + " to " +
                                   (now ? format_limit(l.unit, *now) : "off");
        if (!now || (before && looser(id, *now, *before))) {
            out.refused.push_back(change +
                                  " loosens: refused, it waits for the next session, or `fermata "
                                  "loosen`");
            continue;
        }
        if (limit_change(id) == LimitChange::kFixed ||
            (!before && limit_change(id) == LimitChange::kInForce)) {
            out.refused.push_back(change +
                                  " cannot be changed in a run: it waits for the next "
                                  "session");
            continue;
        }
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, Timestamp{0}, InstrumentId{0});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kLimit;
        e.data.risk_input.actors[0] = actor;
        e.data.risk_input.scope = scope;
        e.data.risk_input.target = target;
        e.data.risk_input.limit = static_cast<std::uint8_t>(id);
        e.data.risk_input.values[0] = *now;
        out.tighten.push_back(e);
        out.tightened.push_back(change);
        if (scope == ControlScope::kFirm) {
            common_.set(id, *now);
        } else {
            own_[key] = *now;
        }
    }
    out.waits = waiting(asked, true, out);
    return out;
}

}  // namespace fermata
