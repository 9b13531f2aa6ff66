#include "ops/service/service_manager.hpp"

#include <systemd/sd-daemon.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace fermata::service {
namespace {

/// One line: a status must not be able to say anything else.
std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return text;
}

}  // namespace

bool ServiceManager::present() { return std::getenv("NOTIFY_SOCKET") != nullptr; }

std::optional<std::chrono::microseconds> ServiceManager::watchdog() {
    std::uint64_t usec = 0;
    if (::sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return std::chrono::microseconds(usec);
}

void ServiceManager::ready(const std::string& status) {
    send("READY=1\nSTATUS=" + one_line(status));
}
void ServiceManager::stopping(const std::string& status) {
    send("STOPPING=1\nSTATUS=" + one_line(status));
}
void ServiceManager::reloading() {
    timespec now{};
    (void)::clock_gettime(CLOCK_MONOTONIC, &now);
    send("RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1'000));
}
void ServiceManager::status(const std::string& text) { send("STATUS=" + one_line(text)); }
void ServiceManager::ping() { send("WATCHDOG=1"); }
void ServiceManager::extend(std::chrono::microseconds more) {
    send("EXTEND_TIMEOUT_USEC=" + std::to_string(more.count()));
}

void ServiceManager::send(const std::string& state) {
    if (::sd_notify(0, state.c_str()) < 0) ++failures_;
}

}  // namespace fermata::service
