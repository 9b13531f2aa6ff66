#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "adapters/tape/tape_format.hpp"
#include "core/market/stream.hpp"
#include "core/port/feed.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// Called a few times a second with the fraction that is done, the time of the newest event and the
/// number of events; may be empty.
using WriteProgress = std::function<void(double fraction, Timestamp now, std::uint64_t events)>;

/// A file that appears under its name only when it is complete: it is written under a temporary
/// name beside it, which is removed when commit() was not reached.
class PendingFile {
public:
    /// Throws FeedError when `path` exists and `force` is not set, or its folder does not exist.
    PendingFile(std::filesystem::path path, bool force);
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;
    ~PendingFile();

    [[nodiscard]] const std::filesystem::path& temporary() const noexcept { return temporary_; }
    /// Renames. Throws FeedError.
    void commit();

private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    bool committed_ = false;
};

/// What was written.
struct WrittenData {
    std::uint64_t events = 0;
    Timestamp first, last;
    std::uint64_t bytes = 0;
    std::string hash;  ///< Of a tape's content; empty for a CSV file.
};

/// The instruments and streams of a run as a tape's tables; ids stay what they are.
[[nodiscard]] tape::Tables tables_of(const InstrumentTable& instruments,
                                     const StreamTable& streams);

/// Writes all events of `feed` to a tape. Throws FeedError; then there is no file.
WrittenData write_tape(Feed& feed, const tape::Tables& tables, const std::filesystem::path& path,
                       bool force, const WriteProgress& progress);

/// Hands the batches of `feed` to `take` and reports progress. For the writers of data files.
void drain(Feed& feed, WrittenData& written, const WriteProgress& progress,
           const std::function<void(std::span<const MarketEvent>)>& take);

}  // namespace fermata
