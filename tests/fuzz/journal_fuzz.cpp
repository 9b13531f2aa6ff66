/// Feeds arbitrary bytes to the journal's reader. The first byte chooses: even, the rest is one
/// segment as it stands; odd, its checksums are put right first, so that what lies behind them is
/// reached. Whatever the bytes are, reading ends, and what is returned obeys the reader's contract.

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_verifier.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace {

using namespace fermata;

void repair_checksums(std::vector<std::byte>& file) {
    if (file.size() < kSegmentHeaderBytes) return;
    std::memcpy(file.data(), kJournalMagic.data(), kJournalMagic.size());
    store_little_endian(file.data() + 124, crc32c(std::span(file).first(124)));
    std::size_t at = kSegmentHeaderBytes;
    while (file.size() - at >= kFrameHeaderBytes) {
        const auto length = load_little_endian<std::uint32_t>(file.data() + at + 4);
        if (length > file.size() - at - kFrameHeaderBytes) break;
        store_little_endian(file.data() + at, crc32c(std::span(file).subspan(
                                                  at + 4, kFrameHeaderBytes - 4 + length)));
        at += kFrameHeaderBytes + length;
    }
}

/// Everything before the first problem follows without a gap and is stored in its one form.
void check_records(FileSystem& files) {
    auto reader = JournalReader::open(files, "run");
    FERMATA_ASSERT(reader.ok());
    std::map<JournalStream, std::uint64_t> positions;
    std::array<std::byte, kOrderEventBytesMax> stored;
    while (const JournalRecord* record = (*reader)->next()) {
        FERMATA_ASSERT(record->position == ++positions[record->stream]);
        FERMATA_ASSERT(record->event.seq == record->position);
        const std::size_t length = encode(record->event, stored.data());
        FERMATA_ASSERT(length + kFrameHeaderBytes == record->frame.size());
        FERMATA_ASSERT(
            std::memcmp(stored.data(), record->frame.data() + kFrameHeaderBytes, length) == 0);
    }
    const bool closed = (*reader)->ending() == JournalEnding::kClosed;
    FERMATA_ASSERT(closed == ((*reader)->problem() == nullptr));
    if (const JournalManifest* manifest = (*reader)->manifest()) {
        const auto back = parse_manifest(to_text(*manifest));
        FERMATA_ASSERT(back.ok() && *back == *manifest);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size));
    MemoryFileSystem files;
    std::vector<std::byte>& file = files.files["run/journal-000001.fjl"].bytes;
    file.assign(bytes.begin() + 1, bytes.end());
    if ((data[0] & 1) != 0) repair_checksums(file);
    check_records(files);
    (void)verify_journal(files, "run", make_plain_hasher);
    return 0;
}
