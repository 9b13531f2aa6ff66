#include "risk/risk_config.hpp"

#include <algorithm>
#include <optional>

#include "core/types/decimal.hpp"
#include "risk/limit_change.hpp"

namespace fermata {
namespace {

/// "position = 5 is above its hard limit 4", or nothing when the value is allowed.
std::optional<std::string> objection(LimitId id, std::int64_t value, const Limits& hard) {
    const LimitDefinition& l = limit_definition(id);
    const std::string given = limit_key(id) + " = " + format_limit(l.unit, value);
    if (value < l.minimum || value > l.maximum) {
        return given + " is out of range: expected " + format_limit(l.unit, l.minimum) + " to " +
               format_limit(l.unit, l.maximum);
    }
    if (looser(id, value, hard.raw(id))) {
        return given +
               (l.higher_is_looser ? " is above its hard maximum "
                                   : " is below its hard minimum ") +
               format_limit(l.unit, hard.raw(id));
    }
    return std::nullopt;
}

Result<LimitId, std::string> find_limit(std::string_view key) {
    for (const LimitDefinition& l : kLimits) {
        if (limit_key(l.id) == key) return l.id;
    }
    return Err{"unknown limit '" + std::string(key) + "'"};
}

Result<std::int64_t, std::string> read(LimitId id, std::string_view text, const Limits& hard) {
    const LimitDefinition& l = limit_definition(id);
    const auto value = parse_limit(l.unit, text);
    if (!value) return Err{limit_key(id) + ": " + value.error()};
    if (auto reason = objection(id, *value, hard)) return Err{*std::move(reason)};
    return *value;
}

Result<std::int64_t, std::string> parse_duration(std::string_view text) {
    struct Suffix {
        std::string_view text;
        int decimals;
        std::int64_t factor;
    };
    constexpr std::array<Suffix, 6> kSuffixes = {
        {{"ns", 0, 1}, {"us", 3, 1}, {"ms", 6, 1}, {"s", 9, 1}, {"m", 9, 60}, {"h", 9, 3'600}}};
    for (const Suffix& s : kSuffixes) {
        if (!text.ends_with(s.text)) continue;
        const auto raw = parse_decimal(text.substr(0, text.size() - s.text.size()), s.decimals);
        std::int64_t ns = 0;
        if (!raw || __builtin_mul_overflow(*raw, s.factor, &ns)) break;
        return ns;
    }
    return Err{"expected a duration like 500ms, 1s or 5m, found '" + std::string(text) + "'"};
}

}  // namespace

std::vector<LimitKey> limit_keys() {
    std::vector<LimitKey> keys;
    for (const LimitDefinition& l : kLimits) {
        keys.push_back({l.id, limit_key(l.id), l.unit, format_limit(l.unit, l.house),
                        format_limit(l.unit, l.minimum), format_limit(l.unit, l.maximum),
                        format_limit(l.unit, l.hard), l.higher_is_looser, l.overrides,
                        std::string(l.doc)});
    }
    return keys;
}

Result<std::int64_t, std::string> parse_limit(LimitUnit unit, std::string_view text) {
    const auto decimal = [&](std::string_view digits, int decimals,
                             std::string_view expected) -> Result<std::int64_t, std::string> {
        const auto raw = parse_decimal(digits, decimals);
        if (raw) return *raw;
        return Err{"expected " + std::string(expected) + ", found '" + std::string(text) + "' (" +
                   std::string(describe(raw.error())) + ")"};
    };
    switch (unit) {
        case LimitUnit::kQuantity:
            return decimal(text, Quantity::kDecimals, "a quantity");
        case LimitUnit::kPrice:
            return decimal(text, Price::kDecimals, "a price");
        case LimitUnit::kMoney:
            return decimal(text, Money::kDecimals, "an amount of money");
        case LimitUnit::kRatio:
            if (text.ends_with('%')) {
                return decimal(text.substr(0, text.size() - 1), Ratio::kDecimals - 2,
                               "a ratio like 0.05 or 5%");
            }
            return decimal(text, Ratio::kDecimals, "a ratio like 0.05 or 5%");
        case LimitUnit::kDuration:
            return parse_duration(text);
        default:
            return decimal(text, 0, "a whole number");
    }
}

RiskConfig::RiskConfig(RiskProfile profile)
    : profile_(profile),
      limits_(profile == RiskProfile::kHouse ? Limits::house() : Limits::unlimited()) {}

std::uint64_t RiskConfig::enabled() const noexcept {
    std::uint64_t bits = kStructuralControls;
    for (const LimitDefinition& l : kLimits) bits |= limits_.on(l.id) ? bit(l.control) : 0;
    for (const LimitOverride& o : overrides_) bits |= bit(limit_definition(o.limit).control);
    return bits;
}

RiskConfig::Outcome RiskConfig::set_limit(std::string_view key, std::string_view value) {
    const auto id = find_limit(key);
    if (!id) return Err{id.error()};
    const auto raw = read(*id, value, hard_);
    if (!raw) return Err{raw.error()};
    limits_.set(*id, *raw);
    return Unit{};
}

RiskConfig::Outcome RiskConfig::set_hard_limit(std::string_view key, std::string_view value) {
    const auto id = find_limit(key);
    if (!id) return Err{id.error()};
    const auto raw = read(*id, value, Limits::hard());
    if (!raw) return Err{raw.error()};
    hard_.set(*id, *raw);
    return Unit{};
}

RiskConfig::Outcome RiskConfig::set_override(Scope scope, std::uint32_t target,
                                             std::string_view key, std::string_view value) {
    const auto id = find_limit(key);
    if (!id) return Err{id.error()};
    const Scope allowed = limit_definition(*id).overrides;
    if (!has(allowed, scope)) {
        const std::string where =
            allowed == Scope::kNone ? "only for all" : "only by " + names(allowed);
        return Err{limit_key(*id) + " cannot be set by " + std::string(name(scope)) + ", " + where};
    }
    const auto raw = read(*id, value, hard_);
    if (!raw) return Err{raw.error()};
    const auto same = [&](const LimitOverride& o) {
        return o.scope == scope && o.target == target && o.limit == *id;
    };
    if (std::ranges::any_of(overrides_, same)) {
        return Err{limit_key(*id) + " is set twice for the same " + std::string(name(scope))};
    }
    overrides_.push_back({scope, target, *id, *raw});
    return Unit{};
}

RiskConfig::Outcome RiskConfig::schedule_limit(Timestamp from, ControlScope scope,
                                               std::uint32_t target, std::string_view key,
                                               std::string_view value) {
    const auto id = find_limit(key);
    if (!id) return Err{id.error()};
    const Scope override = override_scope(scope);
    if (scope != ControlScope::kFirm && !has(limit_definition(*id).overrides, override)) {
        return Err{limit_key(*id) + " cannot be set by " + std::string(name(scope))};
    }
    const auto raw = read(*id, value, hard_);
    if (!raw) return Err{raw.error()};
    const auto own = [&](const LimitOverride& o) {
        return o.scope == override && o.target == target && o.limit == *id;
    };
    const bool in_force = limits_.on(*id) || std::ranges::any_of(overrides_, own);
    const LimitChange how = limit_change(*id);
    if (how == LimitChange::kFixed || (how == LimitChange::kInForce && !in_force)) {
        return Err{limit_key(*id) + (how == LimitChange::kFixed
                                         ? " cannot change during a run"
                                         : " is switched off at the start, and cannot be switched "
                                           "on during a run")};
    }
    const auto same = [&](const ScheduledLimit& s) {
        return s.from == from && s.scope == scope && s.target == target && s.limit == *id;
    };
    if (std::ranges::any_of(schedule_, same)) {
        return Err{limit_key(*id) + " is set twice from the same time on"};
    }
    schedule_.push_back({from, scope, target, *id, *raw});
    return Unit{};
}

std::vector<std::string> RiskConfig::validate() const {
    std::vector<std::string> errors;
    for (const LimitDefinition& l : kLimits) {
        if (!limits_.on(l.id)) continue;
        if (auto reason = objection(l.id, limits_.raw(l.id), hard_)) errors.push_back(*reason);
    }
    for (const LimitOverride& o : overrides_) {
        if (auto reason = objection(o.limit, o.value, hard_)) {
            errors.push_back(std::string(name(o.scope)) + " " + std::to_string(o.target) + ": " +
                             *reason);
        }
    }
    for (const Restriction& r : restrictions_) {
        if (r.from < r.until) continue;
        errors.push_back("the restriction of instrument " + std::to_string(r.instrument) +
                         " ends before it begins");
    }
    if (schedule_.size() > 1'000) {
        errors.push_back("schedule sets " + std::to_string(schedule_.size()) +
                         " limits, expected at most 1000");
    }
    using enum LimitId;
    const auto of_day_trades = [](const LimitOverride& o) { return o.limit == kDayTrade; };
    if (!regimes_.empty() && !limits_.on(kDayTrade) &&
        std::ranges::none_of(overrides_, of_day_trades)) {
        errors.push_back(
            "day_trade_regime says how day trades are judged, and no limit day_trade "
            "is in force");
    }
    if (limits_.on(kMessageRate) && limits_.on(kMessageRateFirm) &&
        limits_.raw(kMessageRate) > limits_.raw(kMessageRateFirm)) {
        errors.push_back("message_rate = " + std::to_string(limits_.raw(kMessageRate)) +
                         " of a strategy is above message_rate_firm = " +
                         std::to_string(limits_.raw(kMessageRateFirm)));
    }
    return errors;
}

}  // namespace fermata
