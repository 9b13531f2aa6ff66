#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {

Section<PositionSettings> position_section() {
    using P = PositionSettings;
    Section<P> s("position",
                 "A lot that is held before anything is traded. Opening cash is what is left "
                 "beside it. docs/account.md.");
    s.key("instrument", &P::instrument, "Its symbol.",
          {.required = true, .refers_to = kSymbolName});
    s.key("strategy", &P::strategy, "Whose it is.",
          {.default_note = "the only strategy", .refers_to = kStrategyName});
    s.key("account", &P::account, "Where it is held.",
          {.default_note = "that of the strategy", .refers_to = kAccountName});
    s.key("quantity", &P::quantity, "Signed: negative is short.",
          {.required = true,
           .valid = [](const Quantity& q) { return !q.is_zero(); },
           .expected = "a quantity that is not zero"});
    s.key("cost", &P::cost,
          "What a unit was bought, or sold short, at; below zero only where a price may be.",
          {.required = true});
    s.key("mark", &P::mark, "What a unit is worth until its first price comes.",
          {.default_note = "cost"});
    s.key("opened", &P::opened,
          "When it was bought, or sold short; a date means its first instant, in the zone of the "
          "instrument's calendar, else UTC. Holding periods and the order of lots follow it. Not "
          "after the run's start.",
          {.required = true});
    s.check([](Reader&, const Node& node, P& p) { p.place = node.place; });
    return s;
}

}  // namespace fermata::config
