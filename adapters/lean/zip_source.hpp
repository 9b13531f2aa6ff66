#pragma once

#include <memory>
#include <string>

#include "core/port/byte_source.hpp"
#include "core/port/file.hpp"

namespace fermata::lean {

/// The one CSV file inside a zip archive, decompressed as it is read, in bounded memory.
///
/// Throws FeedError that names the archive: cannot be opened, is no zip (also when it is truncated:
/// the directory stands at its end), holds no or several .csv files, is encrypted; while reading:
/// the data is damaged or does not match its checksum.
[[nodiscard]] std::unique_ptr<ByteSource> open_zipped_csv(FileSystem& files,
                                                          const std::string& path);

}  // namespace fermata::lean
