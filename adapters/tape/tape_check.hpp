#pragma once

#include <cstddef>
#include <functional>

#include "adapters/tape/tape_view.hpp"
#include "core/port/hasher.hpp"

namespace fermata::tape {

/// Recomputes everything that a tape says of itself: the checksums, times and ids of all blocks,
/// the order of the events by (timestamp, phase_of), zero positions, and the content hash.
///
/// `done` is called behind each block with its number, so that the caller can show progress or give
/// pages back; may be empty. Throws FeedError that names the first thing that is wrong.
void check_tape(const TapeView& tape, const HasherFactory& hasher,
                const std::function<void(std::size_t block)>& done = {});

}  // namespace fermata::tape
