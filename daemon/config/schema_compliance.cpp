#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

Section<PermissionSettings> permission_section() {
    using P = PermissionSettings;
    Section<P> s("permission", "What one strategy may do; a key that is left out means all.");
    s.key("strategy", &P::strategy, "Who it is for.",
          {.required = true, .refers_to = kStrategyName});
    const auto some = [](const char* kind) {
        return Options<std::string>{
            .default_note = "all", .refers_to = kind, .may_be_empty = false};
    };
    const auto add = [&](const char* name, std::vector<std::string> P::* member, const char* doc,
                         const char* kind) {
        KeySpec key = values_key(name, member, doc, some(kind));
        key.dump = [dump = key.dump, member](const void* target, const std::vector<Part>& parts,
                                             Part own) -> std::optional<Node> {
            if ((detail::of<P>(target).*member).empty()) return std::nullopt;
            return dump(target, parts, own);
        };
        s.add(std::move(key));
    };
    add("accounts", &P::accounts, "In which accounts.", kAccountName);
    add("instruments", &P::instruments, "Which instruments.", kSymbolName);
    add("venues", &P::venues, "At which venues.", kVenueName);
    return s;
}

Section<RestrictionSettings> restriction_section() {
    using R = RestrictionSettings;
    Section<R> s("restriction", "A time in which an instrument may not be traded.");
    s.key("instrument", &R::instrument, "Its symbol.",
          {.required = true, .refers_to = kSymbolName});
    s.key("from", &R::from,
          "First time at which it may not be traded; a date means its first instant. Days are "
          "those of the instrument's calendar, else UTC.",
          {.default_note = "always"});
    s.key("until", &R::until,
          "End of the restriction: the last date, included; or the first time that is free again.",
          {.default_note = "never"});
    s.key("reason", &R::reason, "Why, for people.", {.default_note = "none"});
    s.check([](Reader&, const Node& node, R& r) { r.place = node.place; });
    return s;
}

Section<DayTradeRegimeSettings> regime_section() {
    using D = DayTradeRegimeSettings;
    Section<D> s("day_trade_regime", "How day trades are judged from a time on.");
    s.key("from", &D::from, "First time of it; a date means its first instant, in New York.",
          {.default_note = "always"});
    s.choice("mode", &D::mode, "By which rules.",
             {{"house", DayTradeMode::kHouse,
               "At most day_trade of them in five business days while the equity is below "
               "day_trade_equity."},
              {"legacy", DayTradeMode::kLegacy,
               "FINRA 4210 until 2026: more than day_trade of them in five business days, unless "
               "at most 6% of all trades, make a pattern day trader, whose equity at the prior "
               "close must have reached day_trade_equity."},
              {"intraday_margin", DayTradeMode::kIntradayMargin,
               "FINRA 4210 from 2026 on: what increases must leave equity, less maintenance "
               "margin, at zero or above. Deficits of at most 5% of equity and 1,000 do not "
               "count. For accounts with a margin model."}},
             {.required = true});
    KeySpec accounts =
        values_key("accounts", &D::accounts, "Of which accounts.",
                   Options<std::string>{
                       .default_note = "all", .refers_to = kAccountName, .may_be_empty = false});
    accounts.dump = [dump = accounts.dump](const void* target, const std::vector<Part>& parts,
                                           Part own) -> std::optional<Node> {
        if (detail::of<D>(target).accounts.empty()) return std::nullopt;
        return dump(target, parts, own);
    };
    s.add(std::move(accounts));
    s.check([](Reader&, const Node& node, D& d) { d.place = node.place; });
    return s;
}

Section<ScheduleSettings> schedule_section() {
    using S = ScheduleSettings;
    Section<S> s("schedule", "Limits from a time on.");
    s.key("from", &S::from,
          "First time of them; a date means its first instant, UTC. What was set at run time is "
          "not loosened by it.",
          {.required = true});
    s.section("limits", &S::limits,
              limits_section("limits", "Limits for all.", Scope::kNone, false));
    s.map("strategies", &S::strategies,
          limits_section("limits of a strategy", "Limits of one strategy, by its name.",
                         Scope::kStrategy, false),
          kStrategyName);
    s.map("instruments", &S::instruments,
          limits_section("limits of an instrument", "Limits of one instrument, by its symbol.",
                         Scope::kInstrument, false),
          kSymbolName);
    s.map("accounts", &S::accounts,
          limits_section("limits of an account", "Limits of one account, by its name.",
                         Scope::kAccount, false),
          kAccountName);
    s.check([](Reader&, const Node& node, S& settings) { settings.place = node.place; });
    return s;
}

/// A list that is left out where nobody wrote it: an empty one would be refused.
template <class S>
void add_list(Section<RiskSettings>& risk, const char* name, std::vector<S> RiskSettings::* member,
              const Section<S>& inner, const char* doc) {
    KeySpec key = Section<RiskSettings>::list_key(name, member, inner, {.may_be_empty = false});
    key.doc = doc;
    key.dump = [dump = key.dump, member](const void* target, const std::vector<Part>& parts,
                                         Part own) -> std::optional<Node> {
        if ((detail::of<RiskSettings>(target).*member).empty()) return std::nullopt;
        return dump(target, parts, own);
    };
    risk.add(std::move(key));
}

}  // namespace

void add_compliance_keys(Section<RiskSettings>& risk) {
    using R = RiskSettings;
    add_list(risk, "schedule", &R::schedule, schedule_section(),
             "Limits that change at dates, such as a leverage of 1.5 from the next year on.");
    add_list(risk, "permissions", &R::permissions, permission_section(),
             "What strategies may do. Absent, everything is allowed; present, only what one of "
             "them allows.");
    add_list(risk, "restricted", &R::restricted, restriction_section(),
             "The firm's restricted list: what may not be traded, not even to get out of it.");
    add_list(risk, "day_trade_regime", &R::day_trade_regime, regime_section(),
             "Which rules about day trades hold when; the house's until the first of them.");
    risk.key("inputs", &R::inputs,
             "CSV file of what the gate is told from outside during a replay: price bands, "
             "locates, clock offsets and so on; docs/compliance.md.",
             {.default_note = "none", .part = Part::kInput});
    risk.key("latch", &R::latch,
             "Latch file whose halts are followed, by a concurrent run only; absent or damaged "
             "it counts as HALTED; docs/kill-switch.md.",
             {.default_note = "none", .part = Part::kOperation});
    risk.key("approvals", &R::approvals,
             "Mode live, required there: the file that says which build may run which "
             "configuration (BUILD); fermata config approve adds to it.",
             {.default_note = "none", .part = Part::kOperation});
}

}  // namespace fermata::config
