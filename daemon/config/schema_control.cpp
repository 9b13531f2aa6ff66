#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

using console::Role;
using console::RoleRule;

void check_rule(Reader& reader, const Node& node, RoleRule& rule) {
    const int said = (rule.uid ? 1 : 0) + (rule.gid ? 1 : 0) + (rule.user.empty() ? 0 : 1) +
                     (rule.group.empty() ? 0 : 1);
    if (said != 1) reader.problem(node.place, "expected exactly one of uid, user, gid, group");
    if (rule.role == Role::kTrader && rule.strategies.empty()) {
        reader.problem(node.place, "a trader needs 'strategies': those that they may stop");
    }
    if (rule.role != Role::kTrader && !rule.strategies.empty()) {
        reader.problem(node.place, "'strategies' belongs to a trader; other roles see or stop all");
    }
}

void check_dead_man(Reader& reader, const Node& node, ControlSettings& s) {
    if (s.dead_man.ns > 0 && !s.socket) {
        reader.problem(node.place,
                       "'dead_man' needs 'socket': nobody could say that they are there");
    }
    if (s.dead_man.ns > 0 && s.dead_man < Duration::seconds(1)) {
        reader.problem(node.place, "'dead_man' is at least 1s, or 0");
    }
}

Section<RoleRule> rule_section() {
    Section<RoleRule> s("roles", "Who may do what, as the system knows them.");
    s.key("uid", &RoleRule::uid, "A user, by number.", {.default_note = "none"});
    s.key("user", &RoleRule::user, "A user, by name.", {.default_note = "none"});
    s.key("gid", &RoleRule::gid, "A group, by number.", {.default_note = "none"});
    s.key("group", &RoleRule::group, "A group, by name.", {.default_note = "none"});
    s.choice("role", &RoleRule::role, "What they may do.",
             {{"viewer", Role::kViewer, "Sees everything, changes nothing."},
              {"trader", Role::kTrader, "Also stops the strategies that `strategies` names."},
              {"risk", Role::kRisk, "Stops anything, tightens limits."},
              {"admin", Role::kAdmin, "Also releases and loosens, together with another admin."}});
    s.values("strategies", &RoleRule::strategies, "A trader's own strategies.",
             {.refers_to = kStrategyName});
    s.check(check_rule);
    return s;
}

}  // namespace

Section<ControlSettings> control_section() {
    Section<ControlSettings> s("control",
                               "The socket through which people look at a running daemon and "
                               "command it; see docs/control-protocol.md.");
    s.key("socket", &ControlSettings::socket,
          "Where it is: a path of at most 107 bytes. Mode 0660. Without it there is none.",
          {.default_note = "none"});
    s.list("roles", &ControlSettings::roles, rule_section());
    s.key("admins", &ControlSettings::admins,
          "How many different admins must ask for what loosens. A limit is loosened by two only.",
          {.minimum = 1, .maximum = 2});
    s.key("dead_man", &ControlSettings::dead_man,
          "Dead-man switch: at least so often somebody with the role trader or more says `fermata "
          "alive`, else trading stops. 0: nobody must.",
          {.minimum = Duration{0}, .maximum = Duration::hours(24)});
    s.choice(
        "dead_man_level", &ControlSettings::dead_man_level,
        "How far it stops then, for the whole firm.",
        {{"reduce-only", latch::Level::kReduceOnly,
          "Only what reduces; what increases is canceled."},
         {"no-new-orders", latch::Level::kNoNewOrders, "No new orders; those that are open stay."},
         {"cancel-all", latch::Level::kCancelAll, "No new orders, and all are canceled."}});
    s.check(check_dead_man);
    return s;
}

}  // namespace fermata::config
