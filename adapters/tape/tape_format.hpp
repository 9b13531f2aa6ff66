#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/event/market_event.hpp"

namespace fermata::tape {

/// The byte format of a tape; docs/tape-format.md draws it. All numbers are little-endian.
///
///   header   4096 bytes, padded with zeros
///   events   count x 64 bytes, MarketEvent as it is in memory, ids local to the tape
///   index    one entry for each block of events
///   tables   the instruments and streams that the ids stand for
///
/// Version 1. A reader refuses any other version, any flag that it does not know, and any length
/// that does not fit the file.
inline constexpr char kMagic[8] = {'F', 'E', 'R', 'M', 'T', 'A', 'P', 'E'};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 4096;
/// Events a block: one index entry and one checksum each, the unit of reading (256 KiB).
inline constexpr std::uint32_t kBlockEvents = 4096;

struct Header {
    char magic[8];
    std::uint32_t version;
    std::uint32_t header_bytes;
    std::uint32_t event_bytes;
    std::uint32_t block_events;
    std::uint64_t event_count;
    std::int64_t first_ns;
    std::int64_t last_ns;
    std::uint64_t index_offset;
    std::uint64_t index_entries;
    std::uint64_t tables_offset;
    std::uint64_t tables_bytes;
    std::uint32_t index_crc;   ///< CRC-32C of the index.
    std::uint32_t tables_crc;  ///< CRC-32C of the tables.
    char content_hash[96];     ///< "sha256:..." over all events and the tables; zero padded.
    std::uint32_t reserved;
    std::uint32_t header_crc;  ///< CRC-32C of everything before it.
};
static_assert(sizeof(Header) == 192 && offsetof(Header, header_crc) == 188);

struct IndexEntry {
    std::int64_t first_ns;  ///< Timestamp of the block's first event.
    std::int64_t last_ns;   ///< Timestamp of its last.
    std::uint32_t events;   ///< kBlockEvents except in the last block.
    std::uint32_t crc;      ///< CRC-32C of the block's events.
};
static_assert(sizeof(IndexEntry) == 24);

/// What a tape's ids stand for.
struct Tables {
    struct Stream {
        std::string name;
        MarketEventType kind = MarketEventType::kQuote;
        std::int64_t interval_ns = 0;
    };
    std::vector<std::string> symbols;  ///< By InstrumentId of the tape.
    std::vector<Stream> streams;       ///< By StreamId of the tape.
};

/// The tables as they stand in a file: u32 count, then for each symbol u16 length and bytes; u32
/// count, then for each stream u8 kind, i64 interval, u16 length and bytes of its name.
[[nodiscard]] std::string encode(const Tables& tables);
/// Throws FeedError with `source` in the text when the bytes are not exactly such tables.
[[nodiscard]] Tables decode_tables(std::string_view bytes, std::string_view source);

}  // namespace fermata::tape
