#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/latch/latch_format.hpp"
#include "adapters/progress/process.hpp"
#include "adapters/progress/progress_file.hpp"
#include "daemon/config/watchdog_config.hpp"
#include "daemon/watchdog/cancel_desk.hpp"
#include "daemon/watchdog/hang_detector.hpp"

namespace fermata {

struct WatchdogSetup {
    WatchdogConfig config;
    std::filesystem::path latch;
    std::uint32_t actor = 0;  ///< Who is on record for what it latches.
    /// `alarm`: an operator must know of it.
    std::function<void(bool alarm, const std::string& text)> report;
    /// Now, UTC nanoseconds, for the latch.
    std::function<std::int64_t()> utc_ns;
    /// Now, ns of a clock that nobody sets.
    std::function<std::int64_t()> steady_ns;
};

/// Watches one daemon by its progress file. When a loop of it does not go on, or it died without
/// having said that it ends: the firm is HALTED in the latch file, the process is killed, all
/// orders are canceled, in this order. Then it watches the one that is started in its place.
///
/// Owner: one thread.
class Watchdog {
public:
    /// `desk` outlives it.
    Watchdog(WatchdogSetup setup, CancelDesk& desk);
    ~Watchdog();

    /// One look, and what follows from it. Waits only for the end of a process that it killed, at
    /// most `fence_wait`.
    void step();

    /// How often it stepped in.
    [[nodiscard]] unsigned incidents() const noexcept { return incidents_; }
    /// What is being done, for the service manager.
    [[nodiscard]] const std::string& standing() const noexcept { return standing_; }

private:
    struct Watched {
        explicit Watched(const progress::Snapshot& seen)
            : process(seen.who), last(seen.state), ran(!seen.loops.empty()) {}
        progress::Process process;
        progress::State last;  // as it said itself
        std::string reason;
        bool ran;  // its loops did
        bool killed = false;
        bool settled = false;
    };

    void look();
    /// `seen`: null when nothing could be seen of it.
    void look_at_loops(const progress::Snapshot* seen);
    void take_on(const progress::Snapshot& seen);
    void note(const progress::Snapshot& seen);
    /// It is gone: what it said last, and what that asks for.
    void settle(const std::optional<progress::Snapshot>& seen);
    void fence(const HangDetector::Hang& hang);
    void halt();
    void explain(const std::string& why);
    /// Whether a person released the firm since it was halted.
    [[nodiscard]] bool released();
    void follow_fenced();
    void tell_first_cancel(std::int64_t at_ns);
    void say(const std::string& text) { setup_.report(false, text); }
    void alarm(const std::string& text) { setup_.report(true, text); }
    void stand(std::string text);

    WatchdogSetup setup_;
    CancelDesk& desk_;
    HangDetector detector_;
    std::optional<Watched> watched_;
    std::unique_ptr<latch::State> state_;
    std::string standing_;
    std::optional<progress::Fault> fault_;  // told
    bool latched_ = false;                  // by this process, and not seen released since
    unsigned incidents_ = 0;
    std::int64_t seen_at_ns_ = 0;  // the incident that goes on
    bool cancel_told_ = false;
};

}  // namespace fermata
