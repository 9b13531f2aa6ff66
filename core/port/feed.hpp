#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/event/market_event.hpp"

namespace fermata {

/// What a feed did so far. `skipped` counts by SkipReason.
struct FeedStats {
    std::uint64_t records = 0;  ///< Source records read (rows, messages).
    std::uint64_t events = 0;   ///< Events delivered.
    std::array<std::uint64_t, kSkipReasonCount> skipped{};
    [[nodiscard]] std::uint64_t skipped_total() const noexcept {
        std::uint64_t n = 0;
        for (const std::uint64_t s : skipped) n += s;
        return n;
    }
};

/// Bad input that the configuration does not allow to skip, or a source that cannot be read. The
/// text names the file, the line and field, what was found and what was expected.
class FeedError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A source of market events in ascending (timestamp, phase_of) order.
///
/// Called by one thread. Not on the hot path: one call a batch. Reading may allocate and do I/O.
class Feed {
public:
    Feed() = default;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    virtual ~Feed() = default;

    /// The next events, valid until the next call; empty at the end. `seq` is not set. A record
    /// that is refused by policy "skip" appears as one kSkipped event in its place. Throws
    /// FeedError.
    [[nodiscard]] virtual std::span<const MarketEvent> next() = 0;

    /// What is delivered, for messages: "SPY.csv".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    [[nodiscard]] virtual FeedStats stats() const noexcept = 0;
    /// Lower-case hex SHA-256 (or the tape's own content hash, with its prefix) that identifies the
    /// source for the journal, e.g. "sha256:ab12...". May read the whole source.
    [[nodiscard]] virtual std::string source_hash() const = 0;
    /// Fraction of the source that was read, 0 to 1, for a progress bar.
    [[nodiscard]] virtual double progress() const noexcept = 0;
};

}  // namespace fermata
