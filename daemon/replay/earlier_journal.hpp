#pragma once

#include <cstdint>

namespace fermata {

/// What a run does with the journal that it finds in its folder.
enum class EarlierJournal : std::uint8_t {
    kReplace,    ///< Replaces it where it is worth no more than what a replay can do again.
    kResume,     ///< Goes on with it.
    kOverwrite,  ///< Replaces it whatever it is.
};

}  // namespace fermata
