#pragma once

#include <cstdint>
#include <filesystem>

#include "core/types/time.hpp"

namespace fermata {

/// What the watchdog does when the daemon died without having said that it ends.
enum class OnCrash : std::uint8_t { kHaltAndCancel, kHalt, kNothing };

/// The process that watches the daemon's loops from outside.
struct WatchdogConfig {
    /// Where the daemon tells how often each of its loops has passed. Empty: nobody is told.
    std::filesystem::path progress_file;
    Duration poll_every = Duration::milliseconds(50);
    Duration hang_after = Duration::milliseconds(500);
    Duration fence_wait = Duration::milliseconds(200);
    Duration retry_every = Duration::milliseconds(500);
    OnCrash on_crash = OnCrash::kHaltAndCancel;
};

}  // namespace fermata
