#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/control/control_queue.hpp"
#include "daemon/control/control_service.hpp"
#include "daemon/control/dead_man.hpp"
#include "daemon/control/latency_meter.hpp"
#include "daemon/control/run_progress.hpp"
#include "daemon/control/run_view.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// A session on the machine's clock behind its control socket: the view that is made from its
/// records, the commands that its feed takes, and the socket itself.
///
/// Owner:   the thread that runs the session. The socket is served from construction, so that a
///          kill is latched also while the session recovers; until its loops run, what is shown is
///          the view as it was last asked for.
/// Threads: `records` and `serve` belong to the journal's thread (before it runs: the owner's),
///          `commands` to the feed's, `phase` to any.
/// Errors:  the constructor throws std::runtime_error (socket, roles, log).
class SessionControl {
public:
    /// What is outside of the process; called on the control thread. Each may be empty.
    struct Outside {
        std::function<Report()> sessions;                              ///< How each session stands.
        std::function<Report()> drop_copy;                             ///< As RunControlSetup's.
        std::function<Report()> venues;                                ///< The same.
        std::function<Report(ControlScope, std::uint64_t)> elsewhere;  ///< The same.
        std::function<Acceptance(std::uint32_t, std::uint32_t)> accept;
    };

    /// `folder` is the session's. What `names` refers to outlives this, and so does `config`.
    /// `next` gets every record too; it may be null.
    SessionControl(const Config& config, const RunNames& names, const std::filesystem::path& folder,
                   RecordSink* next = nullptr, Outside outside = {});

    [[nodiscard]] RecordSink& records() noexcept { return meter_; }
    [[nodiscard]] ControlQueue& commands() noexcept { return queue_; }
    /// For the feed's thread to say how far it is.
    [[nodiscard]] FeedProgress& feed() noexcept { return feed_; }
    void serve() { view_.serve(); }
    void set_phase(SessionPhase phase) noexcept {
        if (phase == SessionPhase::kRunning) meter_.start();
        phase_.store(phase, std::memory_order_relaxed);
    }
    /// Null when nobody must say that they are there.
    [[nodiscard]] DeadManSwitch* people() noexcept { return people_ ? &*people_ : nullptr; }
    /// Nobody is answered any more. Before the threads that serve end.
    void close() { service_.reset(); }

private:
    std::atomic<SessionPhase> phase_{SessionPhase::kRecovering};
    FeedProgress feed_;
    RunView view_;
    LatencyMeter meter_{view_, utc_now_ns};
    ControlQueue queue_;
    std::optional<DeadManSwitch> people_;
    std::unique_ptr<ControlService> service_;
};

}  // namespace fermata
