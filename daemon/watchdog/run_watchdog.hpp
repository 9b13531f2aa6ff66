#pragma once

#include <functional>
#include <string>

#include "daemon/config/config.hpp"
#include "daemon/watchdog/cancel_desk.hpp"

namespace fermata {

struct WatchdogRequest {
    std::function<bool()> stopped;  ///< Polled; true ends it.
    CancelDesk::Report report;      ///< Lines for the operator.
    /// Called at every look with what the watchdog does, for a service manager.
    std::function<void(const std::string& standing)> alive;
};

struct WatchdogReport {
    unsigned incidents = 0;       ///< How often it stepped in.
    std::size_t unconfirmed = 0;  ///< Sessions at which an order may be open.
};

/// Watches the daemon of `config`, which names a latch, until it is stopped.
/// Throws std::runtime_error: a session cannot be made.
[[nodiscard]] WatchdogReport run_watchdog(const Config& config, const WatchdogRequest& request);

}  // namespace fermata
