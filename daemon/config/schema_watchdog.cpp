#include "daemon/config/codecs.hpp"
#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

void check_times(Reader& reader, const Node& node, WatchdogSettings& w) {
    if (w.hang_after.ns < 2 * w.poll_every.ns) {
        reader.problem(node.place, "'hang_after' is at least twice 'poll_every'");
    }
}

}  // namespace

Section<WatchdogSettings> watchdog_section() {
    Section<WatchdogSettings> s(
        "watchdog",
        "A process of its own, `fermata watchdog`, that stops a daemon which hangs; see "
        "docs/kill-switch.md. It needs `risk.latch`.");
    s.key(
        "progress_file", &WatchdogSettings::progress_file,
        "Where the daemon tells it that its loops go on. Best in memory (/run): on a slow disk it "
        "looks as if the daemon hung.",
        {.default_note = "the latch file's path with .progress behind it; without a latch, none"});
    s.key("poll_every", &WatchdogSettings::poll_every, "How often it looks.",
          {.minimum = Duration::milliseconds(1), .maximum = Duration::seconds(1)});
    s.key("hang_after", &WatchdogSettings::hang_after,
          "Without progress of any one loop for so long, the daemon hangs: the firm is HALTED, the "
          "daemon is killed, its orders are canceled.",
          {.minimum = Duration::milliseconds(50), .maximum = Duration::minutes(1)});
    s.key(
        "fence_wait", &WatchdogSettings::fence_wait,
        "How long the end of the killed process is waited for, behind the first cancels. They are "
        "repeated once it is gone.",
        {.minimum = Duration{0}, .maximum = Duration::minutes(1)});
    s.key("retry_every", &WatchdogSettings::retry_every,
          "What the venue has not confirmed is canceled again after so long, and once more when it "
          "has: an order of the killed daemon may still be on its way.",
          {.minimum = Duration::milliseconds(10), .maximum = Duration::minutes(1)});
    s.choice("on_crash", &WatchdogSettings::on_crash,
             "What is done when the daemon ends without having brought its orders to an end.",
             {{"halt_and_cancel", OnCrash::kHaltAndCancel,
               "The firm is HALTED, its orders are canceled."},
              {"halt", OnCrash::kHalt, "The firm is HALTED, its orders stay."},
              {"nothing", OnCrash::kNothing, "It is told."}});
    s.check(check_times);
    return s;
}

}  // namespace fermata::config
