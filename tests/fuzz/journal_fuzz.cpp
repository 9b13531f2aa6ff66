/// Feeds arbitrary bytes to the journal's reader. The first byte chooses: even, the rest is one
/// segment as it stands; odd, its checksums are put right first, so that what lies behind them is
/// reached; with bit 1 the rest is read in two halves, as a journal that grows while it is
/// followed. Whatever the bytes are, reading ends, and what is returned obeys the reader's
/// contract.

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_resume.hpp"
#include "core/journal/journal_verifier.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace {

using namespace fermata;

void repair_checksums(std::vector<std::byte>& file) {
    if (file.size() < kSegmentHeaderBytes) return;
    std::memcpy(file.data(), kJournalMagic.data(), kJournalMagic.size());
    constexpr std::size_t kCrcAt = kSegmentHeaderBytes - 4;
    store_little_endian(file.data() + kCrcAt, crc32c(std::span(file).first(kCrcAt)));
    std::size_t at = kSegmentHeaderBytes;
    while (file.size() - at >= kFrameHeaderBytes) {
        const auto length = load_little_endian<std::uint32_t>(file.data() + at + 4);
        if (length > file.size() - at - kFrameHeaderBytes) break;
        store_little_endian(file.data() + at, crc32c(std::span(file).subspan(
                                                  at + 4, kFrameHeaderBytes - 4 + length)));
        at += kFrameHeaderBytes + length;
    }
}

void check(const JournalRecord& record, std::map<JournalStream, std::uint64_t>& positions) {
    auto [last, first] = positions.try_emplace(record.stream, record.position);
    if (!first) FERMATA_ASSERT(record.position == ++last->second);
    FERMATA_ASSERT(first || record.position == last->second);
    if (record.is_market) {
        FERMATA_ASSERT(record.stream == JournalStream::kFeed);
        FERMATA_ASSERT(record.market.seq == record.position);
        FERMATA_ASSERT((record.market.flags & kLaneFlag) == 0);
        return;
    }
    std::array<std::byte, kOrderEventBytesMax> stored;
    FERMATA_ASSERT(record.event.seq == record.position);
    const std::size_t length = encode(record.event, stored.data());
    FERMATA_ASSERT(length + kFrameHeaderBytes == record.frame.size());
    FERMATA_ASSERT(std::memcmp(stored.data(), record.frame.data() + kFrameHeaderBytes, length) ==
                   0);
}

JournalReaderOptions checking() {
    JournalReaderOptions options;
    options.records_hasher = make_plain_hasher;
    options.chain_hasher = make_plain_hasher_for;
    return options;
}

/// Everything before the first problem follows without a gap and is stored in its one form. Returns
/// how many records there are.
std::uint64_t check_records(FileSystem& files) {
    auto reader = JournalReader::open(files, "run", checking());
    FERMATA_ASSERT(reader.ok());
    std::map<JournalStream, std::uint64_t> positions;
    while (const JournalRecord* record = (*reader)->next()) check(*record, positions);
    const bool closed = (*reader)->ending() == JournalEnding::kClosed;
    FERMATA_ASSERT(closed == ((*reader)->problem() == nullptr));
    if (const JournalManifest* manifest = (*reader)->manifest()) {
        const auto back = parse_manifest(to_text(*manifest));
        FERMATA_ASSERT(back.ok() && *back == *manifest);
    }
    if (const auto& head = (*reader)->head(); head && head->algorithm != HashAlgorithm::kNone) {
        const auto back = parse_journal_head(to_text(*head));
        FERMATA_ASSERT(back.has_value() && back->block == head->block);
    }
    return (*reader)->records();
}

/// The first half, then the whole: following it returns what reading it at once returns, as long as
/// nothing is wrong with it.
void follow(MemoryFileSystem& files, std::vector<std::byte>& file, std::uint64_t records) {
    const std::vector<std::byte> whole = file;
    file.resize(whole.size() / 2);
    JournalReaderOptions options = checking();
    options.follow = true;
    auto reader = JournalReader::open(files, "run", options);
    FERMATA_ASSERT(reader.ok());
    std::map<JournalStream, std::uint64_t> positions;
    while (const JournalRecord* record = (*reader)->next()) check(*record, positions);
    file = whole;
    while (const JournalRecord* record = (*reader)->next()) check(*record, positions);
    FERMATA_ASSERT((*reader)->records() <= records);
}

/// What can be resumed reads as a whole journal afterwards.
void resume(MemoryFileSystem& files) {
    auto reader = JournalReader::open(files, "run", checking());
    while ((*reader)->next() != nullptr) {
    }
    if ((*reader)->ending() != JournalEnding::kTorn || (*reader)->manifest() == nullptr) return;
    JournalOptions options;
    options.directory = "run";
    options.buffer_bytes = 0;
    const JournalHashers hashers{{}, HashAlgorithm::kSha256, make_plain_hasher_for};
    auto resumed = resume_journal(files, options, *(*reader)->manifest(), hashers);
    if (!resumed) return;
    FERMATA_ASSERT(resumed->writer->close().ok());
    JournalVerifierOptions verifying;
    verifying.chain_hasher = make_plain_hasher_for;
    FERMATA_ASSERT(verify_journal(files, "run", verifying).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size));
    MemoryFileSystem files;
    std::vector<std::byte>& file = files.files["run/journal-000001.fjl"].bytes;
    file.assign(bytes.begin() + 1, bytes.end());
    if ((data[0] & 1) != 0) repair_checksums(file);
    const std::uint64_t records = check_records(files);
    if ((data[0] & 2) != 0) follow(files, file, records);
    JournalVerifierOptions options;
    options.records_hasher = make_plain_hasher;
    options.chain_hasher = make_plain_hasher_for;
    (void)verify_journal(files, "run", options);
    resume(files);
    return 0;
}
