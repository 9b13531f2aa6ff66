#include "adapters/tape/tape_view.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/feed.hpp"

namespace fermata::tape {
namespace {

std::string hex(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof(text), "%08x", value);
    return text;
}

/// Whether the payload of one of the rarer types holds only what its reader can handle; quotes,
/// trades and bars hold nothing but numbers.
bool is_sound(const MarketEvent& e) noexcept {
    switch (e.type) {
        case MarketEventType::kDepth:
            return e.data.depth.side <= 1 && e.data.depth.action <= 1;
        case MarketEventType::kCorporateAction: {
            const CorporateActionData& a = e.data.corporate_action;
            return a.numerator > 0 && a.denominator > 0 &&
                   (a.kind == CorporateActionKind::kSplit ||
                    a.kind == CorporateActionKind::kDividend);
        }
        case MarketEventType::kSkipped:
            return static_cast<int>(e.data.skipped.reason) < kSkipReasonCount;
        default:
            return true;
    }
}

}  // namespace

TapeView::TapeView(std::span<const std::byte> bytes, std::string name)
    : bytes_(bytes), name_(std::move(name)) {
    FERMATA_ASSERT(reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(MarketEvent) == 0);
    read_header();
    read_index();
    const std::string_view tables = section(header_.tables_offset, header_.tables_bytes, "tables");
    const std::uint32_t crc = crc32c(std::as_bytes(std::span(tables)));
    if (crc != header_.tables_crc) {
        fail("tables have checksum " + hex(crc) + ", expected " + hex(header_.tables_crc));
    }
    tables_ = decode_tables(tables, name_);
}

void TapeView::fail(const std::string& what) const { throw FeedError(name_ + ": " + what); }

std::string_view TapeView::section(std::uint64_t offset, std::uint64_t length,
                                   const char* what) const {
    if (offset > bytes_.size() || length > bytes_.size() - offset) {
        fail(std::string("truncated: ") + what + " of " + std::to_string(length) + " bytes at " +
             std::to_string(offset) + ", but the file has " + std::to_string(bytes_.size()));
    }
    return {reinterpret_cast<const char*>(bytes_.data()) + offset, length};
}

void TapeView::read_header() {
    if (bytes_.size() < kHeaderBytes) {
        fail("not a tape: " + std::to_string(bytes_.size()) + " bytes, the header alone has " +
             std::to_string(kHeaderBytes));
    }
    std::memcpy(&header_, bytes_.data(), sizeof(Header));
    if (std::memcmp(header_.magic, kMagic, sizeof(kMagic)) != 0)
        fail("not a tape: no FERMTAPE mark");
    if (header_.version != kVersion) {
        fail("tape version " + std::to_string(header_.version) + ", expected " +
             std::to_string(kVersion));
    }
    const std::uint32_t crc = crc32c(bytes_.first(offsetof(Header, header_crc)));
    if (crc != header_.header_crc) {
        fail("header has checksum " + hex(crc) + ", expected " + hex(header_.header_crc) +
             " (a tape that was not closed has none)");
    }
    if (header_.header_bytes != kHeaderBytes || header_.event_bytes != sizeof(MarketEvent) ||
        header_.block_events != kBlockEvents) {
        fail("unknown sizes in the header");
    }
    hash_.assign(header_.content_hash,
                 ::strnlen(header_.content_hash, sizeof(header_.content_hash)));
    if (header_.event_count > (bytes_.size() - kHeaderBytes) / sizeof(MarketEvent)) {
        fail("truncated: " + std::to_string(header_.event_count) + " events do not fit " +
             std::to_string(bytes_.size()) + " bytes");
    }
}

void TapeView::read_index() {
    const std::uint64_t blocks = (header_.event_count + kBlockEvents - 1) / kBlockEvents;
    if (header_.index_entries != blocks) {
        fail("index of " + std::to_string(header_.index_entries) + " blocks, expected " +
             std::to_string(blocks));
    }
    const std::string_view bytes =
        section(header_.index_offset, blocks * sizeof(IndexEntry), "index");
    const std::uint32_t crc = crc32c(std::as_bytes(std::span(bytes)));
    if (crc != header_.index_crc) {
        fail("index has checksum " + hex(crc) + ", expected " + hex(header_.index_crc));
    }
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(IndexEntry) != 0) {
        fail("index at an odd offset");
    }
    index_ = {reinterpret_cast<const IndexEntry*>(bytes.data()), static_cast<std::size_t>(blocks)};
    for (std::size_t b = 0; b < index_.size(); ++b) {
        const bool last = b + 1 == index_.size();
        const std::uint64_t expected =
            last ? header_.event_count - (blocks - 1) * kBlockEvents : kBlockEvents;
        if (index_[b].events != expected)
            fail("index entry " + std::to_string(b) + " has a wrong count");
    }
}

std::span<const MarketEvent> TapeView::block(std::size_t block) const {
    const IndexEntry& entry = index_[block];
    const std::size_t offset = kHeaderBytes + block * kBlockEvents * sizeof(MarketEvent);
    const auto bytes = bytes_.subspan(offset, entry.events * sizeof(MarketEvent));
    const std::uint32_t crc = crc32c(bytes);
    if (crc != entry.crc) {
        fail("block " + std::to_string(block) + " (bytes " + std::to_string(offset) +
             " on) has checksum " + hex(crc) + ", expected " + hex(entry.crc));
    }
    const std::span events{reinterpret_cast<const MarketEvent*>(bytes.data()), entry.events};
    // The checksum covers chance; what a wrong writer could have put there is checked as well.
    Timestamp previous = block == 0 ? Timestamp::min() : Timestamp{index_[block - 1].last_ns};
    bool ids_ok = true;
    bool ordered = true;
    bool sound = true;
    for (const MarketEvent& e : events) {
        ordered &= e.ts >= previous;
        previous = e.ts;
        ids_ok &= e.instrument.value < tables_.symbols.size();
        ids_ok &= e.stream.value < tables_.streams.size();
        ids_ok &= static_cast<int>(e.type) < kMarketEventTypeCount;
        ids_ok &= (e.flags & kLaneFlag) == 0;
        if (e.type > MarketEventType::kBarOpen) [[unlikely]]
            sound &= is_sound(e);
    }
    if (!ordered) fail("block " + std::to_string(block) + ": time steps back");
    if (!ids_ok) fail("block " + std::to_string(block) + ": unknown instrument, stream or type");
    if (!sound) fail("block " + std::to_string(block) + ": an event holds impossible values");
    if (events.front().ts.ns != entry.first_ns || events.back().ts.ns != entry.last_ns) {
        fail("block " + std::to_string(block) + ": times differ from the index");
    }
    return events;
}

std::size_t TapeView::find(Timestamp t) const noexcept {
    const auto found = std::partition_point(index_.begin(), index_.end(),
                                            [t](const IndexEntry& e) { return e.last_ns < t.ns; });
    return static_cast<std::size_t>(found - index_.begin());
}

}  // namespace fermata::tape
