#include "daemon/watchdog/run_watchdog.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/assert.hpp"
#include "daemon/fix/fix_sessions.hpp"
#include "daemon/watchdog/fix_cancel.hpp"
#include "daemon/watchdog/watchdog.hpp"

namespace fermata {
namespace {

/// Between two steps while cancels are under way.
constexpr Duration kBusyStep = Duration::milliseconds(5);

template <class Clock>
std::int64_t now_ns() {
    return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

std::vector<FixCancel::Session> sessions_of(const Config& config) {
    std::vector<FixCancel::Session> sessions;
    for (FixSession& made : make_fix_sessions(config, SessionRole::kWatchdog)) {
        sessions.push_back({config.sessions[made.index].name, std::move(made.settings)});
    }
    return sessions;
}

}  // namespace

WatchdogReport run_watchdog(const Config& config, const WatchdogRequest& request) {
    FERMATA_ASSERT(!config.latch.empty());
    FixCancel sessions(sessions_of(config), request.report);
    CancelDesk desk(sessions.ways(), sessions, config.watchdog.retry_every, request.report);
    if (desk.ways().empty()) {
        request.report(config.mode == Mode::kLive,
                       "no session of role watchdog: it halts and kills, and cancels nothing");
    }
    WatchdogSetup setup;
    setup.config = config.watchdog;
    setup.latch = config.latch;
    setup.actor = ::getuid();
    setup.report = request.report;
    setup.utc_ns = now_ns<std::chrono::system_clock>;
    setup.steady_ns = now_ns<std::chrono::steady_clock>;
    Watchdog watchdog(std::move(setup), desk);
    sessions.start();
    std::int64_t look_at = 0;
    while (!request.stopped()) {
        const std::int64_t now = now_ns<std::chrono::steady_clock>();
        sessions.tell(desk, now);
        if (now >= look_at) {
            watchdog.step();
            request.alive(watchdog.standing());
            look_at = now + (desk.busy() ? kBusyStep : config.watchdog.poll_every).ns;
        }
        const std::int64_t left = look_at - now_ns<std::chrono::steady_clock>();
        if (left > 0) sessions.wait(Duration{left});
    }
    sessions.stop();
    return {watchdog.incidents(), desk.unconfirmed()};
}

}  // namespace fermata
