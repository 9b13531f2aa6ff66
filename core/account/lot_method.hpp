#pragma once

#include <cstdint>

namespace fermata {

/// Which lots a closing fill takes.
enum class LotMethod : std::uint8_t {
    kFifo = 0,  ///< The oldest first.
    kLifo = 1,  ///< The newest first.
    /// The one whose closing realises least first: the dearest of a long position, the cheapest
    /// opened of a short one.
    kHifo = 2,
    kSpecific = 3,  ///< The one that the fill names; without a name, or beyond it, the oldest.
};
inline constexpr int kLotMethodCount = 4;

}  // namespace fermata
