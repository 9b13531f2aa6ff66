#include "daemon/cli/interrupt.hpp"

#include <signal.h>

#include <atomic>

namespace fermata {
namespace {

std::atomic<bool> noted{false};
std::atomic<bool> rung{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");
/// The user behind a SIGHUP, with a bit that says that there was one.
std::atomic<std::uint64_t> reload{0};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "set in a signal handler");
constexpr std::uint64_t kCame = std::uint64_t{1} << 32;

}  // namespace

void catch_interrupts() {
    const auto note = [](int) { noted.store(true, std::memory_order_relaxed); };
    ::signal(SIGINT, note);
    ::signal(SIGTERM, note);
}

bool interrupted() { return noted.load(std::memory_order_relaxed); }

void catch_opening_bell() {
    ::signal(SIGUSR1, [](int) { rung.store(true, std::memory_order_relaxed); });
}

bool opening_bell() { return rung.load(std::memory_order_relaxed); }

void catch_reloads() {
    struct sigaction action{};
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = [](int, siginfo_t* info, void*) {
        reload.store(kCame | info->si_uid, std::memory_order_relaxed);
    };
    (void)::sigaction(SIGHUP, &action, nullptr);
}

std::optional<std::uint32_t> take_reload() {
    const std::uint64_t came = reload.exchange(0, std::memory_order_relaxed);
    if (came == 0) return std::nullopt;
    return static_cast<std::uint32_t>(came);
}

}  // namespace fermata
