#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/progress/process.hpp"
#include "adapters/progress/progress_format.hpp"

namespace fermata::progress {

/// The progress file of this process, in memory that its readers share.
///
/// Threads: `pass` is for one thread, `stand` for one thread; they may be different ones.
/// Place:   in a file system in memory (/run). On a disk a page that is being written holds up
///          whoever writes to it, which would look as a hang.
class Writer {
public:
    /// A new file in the place of the one that is there, all at once. Throws std::runtime_error:
    /// the system refuses, or the process that the old file names lives.
    /// `loops`: see `make`; the file of a process that starts has none.
    Writer(const std::string& path, State state, std::span<const std::string> loops);
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    ~Writer();

    /// How often a loop has passed.
    void pass(std::size_t loop, std::uint64_t passes) noexcept {
        at(kCountersAt + loop * kCounterBytes).store(passes, std::memory_order_release);
    }
    /// Says where the process stands, and in words why.
    void stand(State state, std::string_view reason) noexcept;

private:
    [[nodiscard]] std::atomic<std::uint64_t>& at(std::size_t offset) noexcept;
    std::byte* bytes_ = nullptr;
};

/// What the file says now. It is read and not mapped: whoever cuts it short or puts another one in
/// its place does its reader no harm.
[[nodiscard]] Result<Snapshot, Fault> read(const std::string& path);

/// Notes in the file that what the death of `who` asked for was done; false when it is not the file
/// of `who`, or cannot be written.
[[nodiscard]] bool settle(const std::string& path, const Identity& who);

}  // namespace fermata::progress
