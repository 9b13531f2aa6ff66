#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/port/event_store.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// What a comparison of a journal with a store came to.
struct ComparisonResult {
    std::uint64_t records = 0;  ///< That are the same on both sides.
    /// The first record that is missing, doubled or different; behind the records, the first row
    /// about the run as a whole.
    std::optional<StoreDifference> difference;
    /// Why it could not be compared to the end: a damaged journal, no journal, a store in trouble.
    std::string problem;
    [[nodiscard]] bool equal() const noexcept { return !difference && problem.empty(); }
};

/// Compares every record of the journal in `directory` with every table of the store, in both
/// directions: the rows that the loader would write now must be the rows that are there, byte for
/// byte, and what the store says about the run and its batches must be so. A journal with a torn
/// end is compared up to there, one whose front was pruned from there on.
[[nodiscard]] ComparisonResult compare_with_database(FileSystem& files,
                                                     const std::string& directory,
                                                     EventStore& store);

/// How many of the run's first `wanted` records, from the first one on in the order of the journal,
/// the store holds for sure: each that the journal still has was compared with every table, those
/// that were pruned were when they were. Fewer than `wanted` when the rest is not loaded yet.
/// Any difference in what the store claims to hold is an error, which names it.
[[nodiscard]] Result<std::uint64_t, std::string> records_held(FileSystem& files,
                                                              const std::string& directory,
                                                              EventStore& store,
                                                              std::uint64_t wanted);

}  // namespace fermata
