#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/port/event_store.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// What a comparison of a journal with a store came to.
struct ComparisonResult {
    std::uint64_t records = 0;  ///< That are the same on both sides.
    /// The first record that is missing, doubled or different.
    std::optional<StoreDifference> difference;
    /// Why it could not be compared to the end: a damaged journal, no journal, a store in trouble.
    std::string problem;
    [[nodiscard]] bool equal() const noexcept { return !difference && problem.empty(); }
};

/// Compares every record of the journal in `directory` with every table of the store, in both
/// directions: the rows that the loader would write now must be the rows that are there, byte for
/// byte. A journal with a torn end is compared up to there.
[[nodiscard]] ComparisonResult compare_with_database(FileSystem& files,
                                                     const std::string& directory,
                                                     EventStore& store);

}  // namespace fermata
