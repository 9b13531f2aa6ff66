#pragma once

#include <cstdint>
#include <string>

#include "core/port/file.hpp"

namespace fermata {

/// The feed position of the last record in the trading stream of a journal that was not closed; 0
/// when there is none, or when the journal was closed. Reads the last segments only. Throws
/// std::runtime_error when the journal cannot be opened.
[[nodiscard]] std::uint64_t open_end_of_feed(FileSystem& files, const std::string& directory);

}  // namespace fermata
