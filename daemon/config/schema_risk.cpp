#include <string>

#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"
#include "risk/controls.hpp"

namespace fermata::config {
namespace {

std::string unit_label(LimitUnit unit) {
    switch (unit) {
        case LimitUnit::kQuantity:
            return "quantity";
        case LimitUnit::kPrice:
            return "price";
        case LimitUnit::kMoney:
            return "money";
        case LimitUnit::kRatio:
            return "ratio";
        case LimitUnit::kDuration:
            return "duration";
        default:
            return "integer";
    }
}

std::string json_type(LimitUnit unit) {
    const std::string label = unit_label(unit);
    return label == "duration" ? "string" : label == "integer" ? "integer" : "number";
}

/// "a ratio such as 0.05 or 5% from 0 to 100".
std::string expected_limit(const LimitKey& limit) {
    std::string what = "a whole number";
    switch (limit.unit) {
        case LimitUnit::kQuantity:
            what = Codec<Quantity>::kPhrase;
            break;
        case LimitUnit::kPrice:
            what = Codec<Price>::kPhrase;
            break;
        case LimitUnit::kMoney:
            what = Codec<Money>::kPhrase;
            break;
        case LimitUnit::kRatio:
            what = "a ratio such as 0.05 or 5%";
            break;
        case LimitUnit::kDuration:
            what = Codec<Duration>::kPhrase;
            break;
        default:
            break;
    }
    return what + " from " + limit.minimum + " to " + limit.maximum;
}

/// One limit of the gate's list. Its text is kept in canonical form: the gate reads it again.
KeySpec limit_key_spec(const LimitKey& limit, bool with_default) {
    KeySpec key;
    key.name = limit.key;
    key.doc = limit.doc;
    key.type = unit_label(limit.unit);
    key.json_type = json_type(limit.unit);
    key.minimum = limit.minimum;
    key.maximum = limit.maximum;
    key.default_note = with_default ? limit.default_value + " in profile house" : "none";
    key.read = [limit](Reader& reader, const Node& node, void* target) {
        const LimitDefinition& d = limit_definition(limit.id);
        if (node.is(Node::Kind::kScalar)) {
            const auto value = parse_limit(limit.unit, node.text);
            if (value && *value >= d.minimum && *value <= d.maximum) {
                detail::of<LimitSettings>(target).values[limit.key] = {
                    format_limit(limit.unit, *value), node.place};
                return;
            }
        }
        reader.unexpected(node, expected_limit(limit));
    };
    key.dump = [name = limit.key](const void* target, const std::vector<Part>&, Part) {
        const LimitTexts& values = detail::of<LimitSettings>(target).values;
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt
                                     : std::optional(Node::scalar(found->second.text));
    };
    return key;
}

/// Why a key is no limit although it names a control.
std::string explain_control(const std::string& key) {
    const Control* control = find_control(key);
    if (control == nullptr) return "";
    return "control " + std::string(control->code) + " has no limit of this name";
}

}  // namespace

Section<LimitSettings> limits_section(const std::string& title, const std::string& doc, Scope scope,
                                      bool with_default) {
    Section<LimitSettings> s(title, doc);
    for (const LimitKey& limit : limit_keys()) {
        if (scope == Scope::kNone || has(limit.overrides, scope)) {
            s.add(limit_key_spec(limit, with_default));
        }
    }
    s.explain_unknown([scope](const std::string& key) {
        for (const LimitKey& limit : limit_keys()) {
            if (limit.key != key) continue;
            return "limit " + key + " applies to all and cannot be set for one " +
                   std::string(name(scope));
        }
        return explain_control(key);
    });
    return s;
}

Section<RiskSettings> risk_section() {
    using R = RiskSettings;
    Section<R> s("risk", "What the gate allows. Limits are the tightest of those that apply.");
    s.choice("profile", &R::profile, "Where the limits start from.",
             {{"house", RiskProfile::kHouse, "Every control with its default."},
              {"unlimited", RiskProfile::kUnlimited,
               "Only the structural checks: for raw strategy research."}});
    s.section("limits", &R::limits,
              limits_section("limits",
                             "Limits for all; a limit that is set is in force in every "
                             "profile.",
                             Scope::kNone, true));
    s.section("hard", &R::hard,
              limits_section("hard",
                             "Hard limits, which no other limit may loosen; they can only be "
                             "tighter than the built-in ones.",
                             Scope::kNone, false));
    s.map("strategies", &R::strategies,
          limits_section("limits of a strategy", "Limits of one strategy, by its name.",
                         Scope::kStrategy, false),
          kStrategyName);
    s.map("instruments", &R::instruments,
          limits_section("limits of an instrument", "Limits of one instrument, by its symbol.",
                         Scope::kInstrument, false),
          kSymbolName);
    s.map("accounts", &R::accounts,
          limits_section("limits of an account", "Limits of one account, by its name.",
                         Scope::kAccount, false),
          kAccountName);
    add_compliance_keys(s);
    return s;
}

}  // namespace fermata::config
