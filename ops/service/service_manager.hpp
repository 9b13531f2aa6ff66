#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

namespace fermata::service {

/// Tells the service manager (systemd, sd_notify(3)) how the daemon stands. Where there is none
/// (NOTIFY_SOCKET is not set) nothing is sent. May be called on any thread.
class ServiceManager {
public:
    /// Whether somebody listens.
    [[nodiscard]] static bool present();
    /// How long the manager waits for a ping before it kills the daemon (WatchdogSec); empty: it
    /// does not.
    [[nodiscard]] static std::optional<std::chrono::microseconds> watchdog();

    void ready(const std::string& status);
    void stopping(const std::string& status);
    void status(const std::string& text);
    /// The configuration is read again; `ready` says that it was.
    void reloading();
    void ping();
    /// More time to start or stop than the unit grants.
    void extend(std::chrono::microseconds more);

    /// Messages that could not be sent.
    [[nodiscard]] unsigned failures() const noexcept { return failures_.load(); }

private:
    void send(const std::string& state);
    std::atomic<unsigned> failures_{0};
};

}  // namespace fermata::service
