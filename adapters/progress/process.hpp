#pragma once

#include <optional>

#include "adapters/progress/progress_format.hpp"

namespace fermata::progress {

/// Throws std::runtime_error where /proc does not say.
[[nodiscard]] Identity identity_of_this_process();
/// Of the process that has this number now.
[[nodiscard]] std::optional<Identity> identity_of(int pid);
/// What /proc/PID/stat calls it: 'R' runs, 'S' sleeps, 'D' waits for a device, 'T' stopped by a
/// signal, 't' by a debugger, 'Z' ended; '?' when nobody knows.
[[nodiscard]] char activity_of(int pid);

/// A process that is held on to by a descriptor (pidfd_open(2)): whatever becomes of its number,
/// nobody else is ever taken for it.
///
/// Owner: one thread.
class Process {
public:
    /// When the number is somebody else's by now, or nobody's, it is gone.
    explicit Process(const Identity& who);
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    /// It does not exist any more, or only as a number that its parent has not asked about.
    [[nodiscard]] bool gone() noexcept;
    /// SIGKILL. 0, or errno; 0 also when it is gone.
    [[nodiscard]] int kill() noexcept;
    /// Waits at most so long until it is gone.
    [[nodiscard]] bool wait(int milliseconds) noexcept;
    [[nodiscard]] const Identity& who() const noexcept { return who_; }

private:
    Identity who_;
    int descriptor_ = -1;  // -1: gone
};

}  // namespace fermata::progress
