// Any bytes as a tape: TapeView gives events that are in order and whose ids are in its tables, or
// throws FeedError that names the tape. It never reads outside of the bytes (the sanitizers watch).
//
// The first byte chooses whether the checksums are made right first, so that the fuzzer gets behind
// them; the rest is the tape.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/tape/tape_check.hpp"
#include "adapters/tape/tape_view.hpp"
#include "core/base/assert.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/feed.hpp"
#include "tests/support/plain_hasher.hpp"

namespace {

using namespace fermata;
using namespace fermata::tape;

/// Right checksums wherever the places that they cover and stand in lie within the bytes.
void repair(std::span<std::byte> bytes) {
    if (bytes.size() < sizeof(Header)) return;
    Header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    const auto inside = [&](std::uint64_t offset, std::uint64_t length) {
        return offset <= bytes.size() && length <= bytes.size() - offset;
    };
    if (header.index_entries < (1 << 20) &&
        inside(header.index_offset, header.index_entries * sizeof(IndexEntry))) {
        for (std::uint64_t b = 0; b < header.index_entries; ++b) {
            std::byte* const at = bytes.data() + header.index_offset + b * sizeof(IndexEntry);
            IndexEntry entry;
            std::memcpy(&entry, at, sizeof(entry));
            const std::uint64_t offset = kHeaderBytes + b * kBlockEvents * sizeof(MarketEvent);
            const std::uint64_t length = std::uint64_t{entry.events} * sizeof(MarketEvent);
            if (!inside(offset, length)) continue;
            entry.crc = crc32c(bytes.subspan(offset, length));
            std::memcpy(at, &entry, sizeof(entry));
        }
        header.index_crc =
            crc32c(bytes.subspan(header.index_offset, header.index_entries * sizeof(IndexEntry)));
    }
    if (inside(header.tables_offset, header.tables_bytes)) {
        header.tables_crc = crc32c(bytes.subspan(header.tables_offset, header.tables_bytes));
    }
    std::memcpy(bytes.data(), &header, sizeof(header));
    header.header_crc = crc32c(bytes.first(offsetof(Header, header_crc)));
    std::memcpy(bytes.data(), &header, sizeof(header));
}

void read_all(const TapeView& tape) {
    Timestamp last = Timestamp::min();
    std::uint64_t events = 0;
    for (std::size_t b = 0; b < tape.block_count(); ++b) {
        for (const MarketEvent& e : tape.block(b)) {
            FERMATA_ASSERT(e.ts >= last);
            FERMATA_ASSERT(e.instrument.value < tape.tables().symbols.size());
            FERMATA_ASSERT(e.stream.value < tape.tables().streams.size());
            last = e.ts;
            ++events;
        }
    }
    FERMATA_ASSERT(events == tape.event_count());
    for (const Timestamp t : {Timestamp::min(), tape.first(), tape.last(), Timestamp::never()}) {
        FERMATA_ASSERT(tape.find(t) <= tape.block_count());
    }
    check_tape(tape, [] { return std::make_unique<PlainHasher>(); });
}

struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::size_t length = size - 1;
    // Aligned as a mapping is, and of exactly that length, so that a step over the end shows.
    void* memory = nullptr;
    FERMATA_ASSERT(::posix_memalign(&memory, 64, std::max<std::size_t>(length, 1)) == 0);
    const std::unique_ptr<std::byte, Free> owner(static_cast<std::byte*>(memory));
    const std::span<std::byte> bytes(owner.get(), length);
    if (length > 0) std::memcpy(bytes.data(), data + 1, length);
    if ((data[0] & 1) != 0) repair(bytes);
    try {
        read_all(TapeView(bytes, "fuzz.tape"));
    } catch (const FeedError& error) {
        FERMATA_ASSERT(std::string_view(error.what()).starts_with("fuzz.tape: "));
    }
    return 0;
}
