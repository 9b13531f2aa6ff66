#pragma once

#include <atomic>
#include <cstdint>

namespace fermata {

/// What the journal's thread tells the trading stage: how much of the trading stream survives a
/// loss of power, and whether recording still works. One writer (the journal), any readers.
struct alignas(64) Durability {
    /// Records of the trading stream up to this position are synced.
    std::atomic<std::uint64_t> trading_synced{0};
    /// The journal failed for good: nothing that is emitted from now on will be on record.
    std::atomic<bool> failed{false};
};

}  // namespace fermata
