#include "adapters/tape/tape_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"

namespace fermata::tape {
namespace {

std::uint32_t crc_of(const void* bytes, std::size_t length) {
    return crc32c({static_cast<const std::byte*>(bytes), length});
}

}  // namespace

TapeWriter::TapeWriter(std::string path, Tables tables, const HasherFactory& hasher)
    : path_(std::move(path)),
      tables_(std::move(tables)),
      hasher_(hasher ? hasher() : nullptr),
      out_(path_, std::ios::binary | std::ios::trunc) {
    if (!out_) throw FeedError("cannot create " + path_ + ": " + std::strerror(errno));
    block_.reserve(kBlockEvents);
    const std::vector<char> blank(kHeaderBytes);
    write(blank.data(), blank.size());
}

void TapeWriter::write(const void* bytes, std::size_t length) {
    out_.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(length));
    if (!out_) throw FeedError("cannot write " + path_ + ": " + std::strerror(errno));
}

void TapeWriter::append(std::span<const MarketEvent> events) {
    for (const MarketEvent& e : events) {
        FERMATA_ASSERT(e.instrument.value < tables_.symbols.size());
        FERMATA_ASSERT(e.stream.value < tables_.streams.size());
        const int phase = phase_of(e);
        if (e.ts < last_ || (e.ts == last_ && phase < last_phase_)) {
            throw FeedError(path_ + ": event " + std::to_string(count_ + 1) + " at " +
                            std::to_string(e.ts.ns) + " ns steps back behind " +
                            std::to_string(last_.ns) + " ns");
        }
        last_ = e.ts;
        last_phase_ = phase;
        block_.push_back(e);
        block_.back().seq = 0;
        block_.back().flags &= static_cast<std::uint8_t>(~kLaneFlag);
        ++count_;
        if (block_.size() == kBlockEvents) write_block();
    }
}

void TapeWriter::write_block() {
    const std::size_t length = block_.size() * sizeof(MarketEvent);
    index_.push_back({block_.front().ts.ns, block_.back().ts.ns,
                      static_cast<std::uint32_t>(block_.size()), crc_of(block_.data(), length)});
    if (hasher_) hasher_->update(std::as_bytes(std::span(block_)));
    write(block_.data(), length);
    block_.clear();
}

std::string TapeWriter::close() {
    if (!block_.empty()) write_block();
    const std::string tables = encode(tables_);
    Header header{};
    std::memcpy(header.magic, kMagic, sizeof(kMagic));
    header.version = kVersion;
    header.header_bytes = kHeaderBytes;
    header.event_bytes = sizeof(MarketEvent);
    header.block_events = kBlockEvents;
    header.event_count = count_;
    header.first_ns = index_.empty() ? 0 : index_.front().first_ns;
    header.last_ns = index_.empty() ? 0 : index_.back().last_ns;
    header.index_offset = kHeaderBytes + count_ * sizeof(MarketEvent);
    header.index_entries = index_.size();
    const std::size_t index_bytes = index_.size() * sizeof(IndexEntry);
    header.tables_offset = header.index_offset + index_bytes;
    header.tables_bytes = tables.size();
    header.index_crc = crc_of(index_.data(), index_bytes);
    header.tables_crc = crc_of(tables.data(), tables.size());
    std::string hash;
    if (hasher_) {
        hasher_->update(std::as_bytes(std::span(tables)));
        hash = hasher_->finish();
        FERMATA_ASSERT(hash.size() < sizeof(header.content_hash));
        std::memcpy(header.content_hash, hash.data(), hash.size());
    }
    header.header_crc = crc_of(&header, offsetof(Header, header_crc));
    write(index_.data(), index_bytes);
    write(tables.data(), tables.size());
    out_.seekp(0);
    write(&header, sizeof(header));
    out_.close();
    if (!out_) throw FeedError("cannot close " + path_ + ": " + std::strerror(errno));
    return hash;
}

}  // namespace fermata::tape
