#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "daemon/cli/report_text.hpp"

namespace fermata {

/// What stands in a file, told by its first bytes and its name.
enum class DataFileKind { kTape, kConfig, kZip, kCsv };

/// Throws FeedError when there is no such file or it cannot be read.
[[nodiscard]] DataFileKind data_file_kind(const std::filesystem::path& file);

struct TapeInfoOptions {
    bool verify = false;   ///< Recompute everything, also the content hash.
    std::size_t head = 0;  ///< Show this many of the first events.
};
/// Version, times, instruments, streams, counts, size, hash, gaps of a tape. Reads all of it.
/// Throws FeedError when it is damaged.
[[nodiscard]] Report tape_report(const std::filesystem::path& file, const TapeInfoOptions& options);

/// What the first rows of a CSV file (plain or gzip) tell: columns, kind, time unit, interval, and
/// a feed's YAML to begin with. `head` rows are shown. Throws FeedError.
[[nodiscard]] Report csv_report(const std::filesystem::path& file, std::size_t head);

/// The same of an archive in LEAN's layout.
[[nodiscard]] Report lean_zip_report(const std::filesystem::path& file, std::size_t head);

/// The feeds of a configuration with their ranges, records and skips. Reads all of them.
/// Throws ConfigError, FeedError.
[[nodiscard]] Report config_report(const std::filesystem::path& file,
                                   std::span<const std::string> overrides, std::size_t head);

}  // namespace fermata
