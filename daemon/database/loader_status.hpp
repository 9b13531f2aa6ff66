#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace fermata {

enum class LoaderState : std::uint8_t {
    kStarting,  ///< Not yet connected.
    kLoading,   ///< At work, or waiting for the journal to grow.
    kRetrying,  ///< The database does not work; trying again.
    kEnded,     ///< The loader returned.
};
[[nodiscard]] constexpr std::string_view name(LoaderState state) noexcept {
    constexpr std::string_view kNames[] = {"starting", "loading", "retrying", "ended"};
    return kNames[static_cast<std::size_t>(state)];
}

/// What a loader publishes about itself. One writer (the loader), any readers.
struct LoaderStatus {
    std::atomic<LoaderState> state{LoaderState::kStarting};
    std::atomic<std::uint64_t> records{0};    ///< Of the run that are committed.
    std::atomic<std::uint64_t> batches{0};    ///< Likewise.
    std::atomic<std::uint64_t> bytes{0};      ///< Of the journal as a whole.
    std::atomic<std::uint64_t> lag_bytes{0};  ///< That are not committed yet.
    /// steady_clock time in nanoseconds since when there has been a byte that is not committed; 0:
    /// there is none.
    std::atomic<std::int64_t> behind_since{0};
    /// Last segment of which every record is surely committed: a journal may be pruned up to here.
    std::atomic<std::uint32_t> whole_segment{0};

    /// Age of the oldest byte that is not committed. Grows even when the loader is stuck.
    [[nodiscard]] std::chrono::nanoseconds lag_age(
        std::chrono::steady_clock::time_point now) const noexcept {
        const std::int64_t since = behind_since.load(std::memory_order_relaxed);
        if (since == 0) return {};
        const auto age = now.time_since_epoch() - std::chrono::nanoseconds(since);
        return age.count() < 0 ? std::chrono::nanoseconds(0)
                               : std::chrono::duration_cast<std::chrono::nanoseconds>(age);
    }
};

}  // namespace fermata
