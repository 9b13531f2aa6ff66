#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {

Section<LiveConfig> live_section() {
    Section<LiveConfig> s(
        "live",
        "What a run on the machine's clock (every mode but replay) needs. There "
        "`engine.schedule` is concurrent and `journal.market` is record, whatever "
        "they say.");
    s.key("clock_every", &LiveConfig::clock_every,
          "When no market data came for so long, an event that says that time passed.",
          {.minimum = Duration::milliseconds(1), .maximum = Duration::seconds(1)});
    s.key("speed", &LiveConfig::speed,
          "Pace of recorded data as a source: max, or a multiple of the recorded pace. Events are "
          "stamped with the time at which they come.");
    s.choice("start", &LiveConfig::start, "When recorded data begins.",
             {{"now", LiveStart::kNow, "Its first event comes at once."},
              {"aligned", LiveStart::kAligned,
               "Its first event comes at its own time of day (UTC), the next time."}});
    s.choice("stop", &LiveConfig::stop,
             "What becomes of open orders when the daemon is asked to stop (SIGTERM, SIGINT), or "
             "its data ends.",
             {{"cancel", StopPolicy::kCancel,
               "They are canceled, and it waits until their venues have confirmed it."},
              {"keep", StopPolicy::kKeep, "They stay at their venues."}});
    s.key("stop_timeout", &LiveConfig::stop_timeout,
          "How long it waits for that; what is not confirmed then is told.",
          {.minimum = Duration::milliseconds(100), .maximum = Duration::minutes(5)});
    s.choice("next_start", &LiveConfig::next_start,
             "What the next start does. In mode live it always goes on.",
             {{"new", NextStart::kNew,
               "Begins anew, from the accounts of the configuration; the journal is closed."},
              {"goes_on", NextStart::kGoesOn,
               "Goes on where this one stopped, with its positions, orders and numbers."}});
    s.choice("release", &LiveConfig::release,
             "Mode live: who ends RECOVERING, the state in which nothing new is accepted because "
             "the venues are not reconciled yet.",
             {{"asked", Release::kAsked, "People: fermata accept, two admins."},
              {"when_equal", Release::kWhenEqual,
               "The daemon itself, when no venue has anything else on its books than we have."}});
    s.key("settle", &LiveConfig::settle,
          "Mode live: what a venue reported before it told of its open orders may need so long "
          "until it is on record; a difference that lasts longer is one.",
          {.minimum = Duration::milliseconds(10), .maximum = Duration::minutes(1)});
    s.key("patience", &LiveConfig::patience,
          "Mode live: a venue that does not answer a question for so long is asked again.",
          {.minimum = Duration::milliseconds(100), .maximum = Duration::minutes(5)});
    return s;
}

}  // namespace fermata::config
