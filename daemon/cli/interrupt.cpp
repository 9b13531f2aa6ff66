#include "daemon/cli/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace fermata {
namespace {

std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

}  // namespace

void catch_interrupts() {
    const auto note = [](int) { noted.store(true, std::memory_order_relaxed); };
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
}

bool interrupted() { return noted.load(std::memory_order_relaxed); }

}  // namespace fermata
