#include "core/journal/format.hpp"

#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata {
namespace {

TEST(JournalFormat, NamesSegmentsByNumber) {
    EXPECT_EQ(segment_file_name(1), "journal-000001.fjl");
    EXPECT_EQ(segment_file_name(1'234'567), "journal-1234567.fjl");
    EXPECT_EQ(segment_of_file_name("journal-000001.fjl"), 1U);
    EXPECT_EQ(segment_of_file_name("journal-1234567.fjl"), 1'234'567U);
}

TEST(JournalFormat, TakesNoOtherNameForASegment) {
    for (const char* file_name :
         {"", "journal-000000.fjl", "journal-00001.fjl", "journal-0000001.fjl",
          "journal-00000a.fjl", "journal-+00001.fjl", "journal-000001.fjl~", "xjournal-000001.fjl",
          "journal-.fjl", "journal-99999999999.fjl", "orders.csv"}) {
        EXPECT_FALSE(segment_of_file_name(file_name).has_value()) << file_name;
    }
}

TEST(JournalFormat, ReadsBackASegmentHeader) {
    SegmentHeader header;
    header.segment = 7;
    header.records_before = 1'000'000'007;
    header.run[15] = std::byte{0xab};
    header.chain = HashAlgorithm::kBlake2b512;
    header.boot_epoch = 3;
    header.blocks_before = 1'000'000'009;
    header.head_before[63] = std::byte{0xcd};
    const auto back = decode_segment_header(encode(header));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->segment, 7U);
    EXPECT_EQ(back->records_before, 1'000'000'007U);
    EXPECT_EQ(back->run, header.run);
    EXPECT_EQ(back->chain, HashAlgorithm::kBlake2b512);
    EXPECT_EQ(back->boot_epoch, 3U);
    EXPECT_EQ(back->blocks_before, 1'000'000'009U);
    EXPECT_EQ(back->head_before, header.head_before);
}

// Every value that version 2 fixes, with the checksum put right again: a later version may use it,
// and this one must not guess.
TEST(JournalFormat, RefusesAHeaderWithAnotherFixedValue) {
    SegmentHeader header;
    header.segment = 1;
    const auto good = encode(header);
    for (std::size_t at = 8; at < 132; ++at) {
        const bool free_value =
            (at >= 16 && at < 20) || (at >= 24 && at < 48) || at == 48 || (at >= 52 && at < 128);
        if (free_value) continue;
        auto bytes = good;
        bytes[at] ^= std::byte{1};
        store_little_endian(bytes.data() + 132, crc32c(std::span(bytes).first(132)));
        const auto decoded = decode_segment_header(bytes);
        ASSERT_FALSE(decoded.ok()) << at;
        EXPECT_EQ(decoded.error(), at < 10 ? HeaderError::kVersion : HeaderError::kValue) << at;
    }
}

TEST(JournalFormat, ReadsBackAFooter) {
    SegmentFooter footer;
    footer.segment_records = 3;
    footer.run_records = 10;
    footer.final = true;
    footer.positions = {{JournalStream::kTrading, 9}, {JournalStream{200}, 1}};
    footer.hash = "sha256:00ff";
    footer.seal = {7, 99, {std::byte{1}}};
    const auto back = decode_segment_footer(bytes_of(encode(footer)));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->segment_records, 3U);
    EXPECT_EQ(back->run_records, 10U);
    EXPECT_TRUE(back->final);
    EXPECT_EQ(back->positions, footer.positions);
    EXPECT_EQ(back->hash, "sha256:00ff");
    EXPECT_EQ(back->seal, footer.seal);
}

TEST(JournalFormat, RefusesAFooterThatIsTooShortForItsStreams) {
    SegmentFooter footer;
    footer.positions = {{JournalStream::kTrading, 9}};
    const std::string text = encode(footer);
    for (std::size_t n = 0; n < text.size(); ++n) {
        EXPECT_FALSE(decode_segment_footer(bytes_of(text.substr(0, n))).has_value()) << n;
    }
}

TEST(JournalFormat, DerivesTheRunFromWhatIdentifiesItAndItsStart) {
    const RunId run = make_run_id("sha256:ab", Timestamp{5}, make_plain_hasher);
    EXPECT_EQ(run, make_run_id("sha256:ab", Timestamp{5}, make_plain_hasher));
    EXPECT_NE(run, make_run_id("sha256:ab", Timestamp{6}, make_plain_hasher));
    EXPECT_NE(run, make_run_id("sha256:ac", Timestamp{5}, make_plain_hasher));
    EXPECT_EQ(to_hex(run).size(), 32U);
}

}  // namespace
}  // namespace fermata
