#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/port/event_store.hpp"
#include "daemon/database/journal_follower.hpp"

namespace fermata {

/// Checks what a store says about its batches against the records of the journal: numbers, totals,
/// digests, places and positions. The first thing that is wrong is kept, and named.
///
/// Of a journal whose front was pruned, the batches that end in that part are only checked among
/// themselves, and of the one that lies across, the digest cannot be.
class BatchCheck {
public:
    explicit BatchCheck(std::vector<StoredBatch> batches);

    /// The next record; `number` counts the run's records from 1, those that were pruned included.
    void take(const FollowedRecord& record, std::uint64_t number);
    /// At the end of the journal, whose run has so many records.
    void finish(std::uint64_t records);
    [[nodiscard]] const std::optional<std::string>& wrong() const noexcept { return wrong_; }

private:
    void begin(std::uint64_t number);
    void end_of_batch(const StoredBatch& batch, const FollowedRecord& record);
    void say(std::uint64_t batch, const std::string& what);

    std::vector<StoredBatch> batches_;
    std::optional<std::string> wrong_;
    std::size_t at_ = 0;   // batch in hand
    bool begun_ = false;   // a record was taken
    bool pruned_ = false;  // the first one was not the run's first
    bool whole_ = true;    // the batch in hand was read from its first record on
    std::uint32_t digest_ = 0;
    StreamPositions reached_;
};

}  // namespace fermata
