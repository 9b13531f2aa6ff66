#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace fermata {

/// Counts numbers by their size, to within 1/32 of it, whatever their range: for latencies.
///
/// Threads: one writes, others may read meanwhile; what they see is at most a few numbers old.
/// Memory:  fixed, 15 KiB. Neither call allocates.
class LogHistogram {
public:
    LogHistogram() = default;
    LogHistogram(const LogHistogram&) = delete;
    LogHistogram& operator=(const LogHistogram&) = delete;

    /// Negative numbers count as zero.
    void add(std::int64_t value) noexcept {
        const std::uint64_t v = value < 0 ? 0 : static_cast<std::uint64_t>(value);
        raise(counts_[index_of(v)]);
        raise(count_);
        if (v > max_.load(std::memory_order_relaxed)) max_.store(v, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t count() const noexcept {
        return count_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t max() const noexcept {
        return max_.load(std::memory_order_relaxed);
    }
    /// The number that `per_mille` of all are not above, or up to 1/32 more: nearest rank, 1 to
    /// 1,000. Zero without any.
    [[nodiscard]] std::uint64_t per_mille(std::uint64_t per_mille) const noexcept {
        std::uint64_t all = 0;
        for (const auto& c : counts_) all += c.load(std::memory_order_relaxed);
        std::uint64_t rank = (all * per_mille + 999) / 1'000;
        for (std::size_t n = 0; n < counts_.size() && all != 0; ++n) {
            const std::uint64_t here = counts_[n].load(std::memory_order_relaxed);
            if (rank <= here) return std::min(largest_in(n), max());
            rank -= here;
        }
        return max();
    }

private:
    static constexpr unsigned kBits = 5;  // of a number that count, below its highest
    static constexpr std::uint64_t kParts = std::uint64_t{1} << kBits;

    /// Numbers below 2 * kParts have a place each; above, each power of two has kParts.
    [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t v) noexcept {
        if (v < 2 * kParts) return static_cast<std::size_t>(v);
        const auto shift = static_cast<unsigned>(std::bit_width(v)) - 1 - kBits;
        return static_cast<std::size_t>(shift * kParts + (v >> shift));
    }
    [[nodiscard]] static constexpr std::uint64_t largest_in(std::size_t n) noexcept {
        if (n < 2 * kParts) return n;
        const std::uint64_t shift = n / kParts - 1;
        return ((n % kParts + kParts + 1) << shift) - 1;
    }
    static void raise(std::atomic<std::uint64_t>& x) noexcept {
        x.store(x.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    static constexpr std::size_t kPlaces = (63 - 1 - kBits) * kParts + 2 * kParts;

    std::array<std::atomic<std::uint64_t>, kPlaces> counts_{};
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::uint64_t> max_{0};
};

}  // namespace fermata
