#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/tape/tape_format.hpp"
#include "core/port/feed.hpp"
#include "core/port/hasher.hpp"

namespace fermata::tape {

/// Writes one tape. The file gets its header last: a tape that was not closed is refused by every
/// reader. Throws FeedError that names the file when the disk refuses or events come out of order.
class TapeWriter {
public:
    TapeWriter(std::string path, Tables tables, const HasherFactory& hasher);
    TapeWriter(const TapeWriter&) = delete;
    TapeWriter& operator=(const TapeWriter&) = delete;

    /// Ids are those of the tables. `seq` is stored as zero: positions belong to a run.
    void append(std::span<const MarketEvent> events);
    /// Writes the last block, index, tables and header. Returns the content hash.
    std::string close();
    [[nodiscard]] std::uint64_t events() const noexcept { return count_; }

private:
    void write_block();
    void write(const void* bytes, std::size_t length);

    std::string path_;
    Tables tables_;
    std::unique_ptr<Hasher> hasher_;
    std::ofstream out_;
    std::vector<MarketEvent> block_;
    std::vector<IndexEntry> index_;
    std::uint64_t count_ = 0;
    Timestamp last_ = Timestamp::min();
    int last_phase_ = 0;
};

}  // namespace fermata::tape
