#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_verifier.hpp"
#include "core/journal/journal_writer.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

std::vector<std::byte> from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; };
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::byte>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    }
    return bytes;
}

// Written by a program of its own after docs/journal_format.md, with a CRC bit by bit and another
// implementation of BLAKE2b and SHA-256.
constexpr std::string_view kGolden =
    // Header: magic; version 2, length 136, byte order; segment 1, frame header 24; no records
    // before; run 10..1f; chain BLAKE2b, boot 1; no blocks before, head zero; reserved; CRC.
    "4645524d4a524e4c020088000403020101000000180000000000000000000000"
    "101112131415161718191a1b1c1d1e1f02000000010000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "000000008b6d78f9"
    // Manifest: CRC, length, stream 0, type 1, flags, position 0; text padded with line feeds.
    "67be6b46b0000000000001000000000000000000000000006275696c643d620a"
    "636f6e66696775726174696f6e3d630a63616c656e646172733d0a74696d655f"
    "7a6f6e65733d0a706172656e743d0a666f6c6465723d0a73746172745f6e733d"
    "350a7368617264733d310a626f6f745f65706f63683d310a7363686564756c65"
    "3d6c6f636b737465700a6d61726b65743d7265636f72640a666565645f737461"
    "72743d310a696e737472756d656e742e303d5350590a73747261746567792e30"
    "3d730a0a0a0a0a0a"
    // Configuration: type 4; length of the text, the text, zeros.
    "cb1974fc10000000000004000000000000000000000000000700000000000000"
    "72756e3a20780a00"
    // Feed: length 128, stream 2, type 256, position 1; a quote and a trade of 64 bytes each.
    "a1d5b82f80000000020000010000000001000000000000000000000003000101"
    "010000000000000009000000000000000a000000000000001400000000000000"
    "1e00000000000000280000000000000000000000000000000000000003000200"
    "02000000000000000a0000000000000032000000000000003c00000000000000"
    "460000000000000050000000000000000000000000000000"
    // Timer: CRC, length 64, stream 1, type 50, flags, position 1; time 11, seq 1, cause timer 3,
    // feed position 4, instrument 0, source 6, type 50, flags 0; timer 7, due 8, strategy 9.
    "b3ffb30d40000000010032000000000001000000000000000b00000000000000"
    "0100000000000000030000000000008004000000000000000000000006003200"
    "070000000000000008000000000000000900000000000000"
    // Seal: length 80, stream 0, type 3; block 1, bytes before it, head of the chain.
    "ac427a2650000000000003000000000000000000000000000100000000000000"
    "680200000000000012b440846d7deb72976f7dc29913e04e00bedf6909187d00"
    "104c981ebbe2b8348841c2539eb9f2b0e01fb0db513061a7c2bc36d753b7a03a"
    "db6a19f6b12ca1b2"
    // Shard 0: stream 64, type 51, position 1; cause event 1 of the trading stream.
    "af3f6df028000000400033000000000001000000000000000b00000000000000"
    "010000000000000001000000000000400200000000000000ffffffff00003300"
    // Mark: CRC, length 48, stream 1, type 63, flags, position 2; time 12, seq 2, cause market 4,
    // feed position 4, instrument ffffffff, source 6, type 63, flags 0; equity -1.
    "11f222823000000001003f000000000002000000000000000c00000000000000"
    "020000000000000004000000000000000400000000000000ffffffff06003f00"
    "ffffffffffffffff"
    // Footer: type 2; records here and in the run, final, streams, block and its length; each
    // stream and its last position; hash of the trading stream; head of the chain.
    "3e20d077e0000000000002000000000000000000000000000500000000000000"
    "0500000000000000010000000300000002000000000000002801000000000000"
    "0100000000000000020000000000000002000000000000000200000000000000"
    "400000000000000001000000000000007368613235363a373535653065363765"
    "3061643866383135343530313836383035336435346566623639356566613963"
    "323566633036626132393233323765383437316631393800fee0aaeaba67333c"
    "b190502492d4a1354600bc0dbc56656a9b6420f0b80361513b5fe7496a403a09"
    "d6d870568c4f3f6b0b3db8fb89e2d5b9934caad46338cedf";

MarketEvent market(MarketEventType type, std::uint64_t seq, std::int64_t ts, std::int64_t first) {
    MarketEvent e = make_event(type, Timestamp{ts}, InstrumentId{0}, StreamId{3});
    e.seq = seq;
    for (std::size_t i = 0; i < 4; ++i) {
        e.data.words[i] = static_cast<std::uint64_t>(first) + 10 * i;
    }
    return e;
}

TEST(JournalBytes, AreTheDocumentedOnesWithChainMarketAndShards) {
    JournalManifest tiny;
    tiny.build = "b";
    tiny.configuration_hash = "c";
    tiny.start = Timestamp{5};
    tiny.market = MarketRecord::kRecord;
    tiny.instruments = {"SPY"};
    tiny.strategies = {"s"};
    RunId run;
    for (std::size_t i = 0; i < run.size(); ++i) run[i] = static_cast<std::byte>(0x10 + i);

    MarketEvent quote = market(MarketEventType::kQuote, 1, 9, 10);
    quote.flags = kFlagSizeUnknown | kLaneFlag;  // as it may come out of a lane
    const MarketEvent trade = market(MarketEventType::kTrade, 2, 10, 50);
    OrderEvent timer = make_order_event(OrderEventType::kTimer, Timestamp{11}, InstrumentId{0});
    timer.seq = 1;
    timer.cause = make_cause(CauseKind::kTimer, 3);
    timer.feed_position = 4;
    timer.source = 6;
    timer.data.timer = TimerData{};
    timer.data.timer.timer_id = 7;
    timer.data.timer.due = Timestamp{8};
    timer.data.timer.strategy = StrategyId{9};
    OrderEvent consumed =
        make_order_event(OrderEventType::kConsumed, Timestamp{11}, InstrumentId{0xffffffff});
    consumed.seq = 1;
    consumed.cause = make_cause(CauseKind::kTrading, 1);
    consumed.feed_position = 2;
    OrderEvent mark =
        make_order_event(OrderEventType::kMark, Timestamp{12}, InstrumentId{0xffffffff});
    mark.seq = 2;
    mark.cause = make_cause(CauseKind::kMarket, 4);
    mark.feed_position = 4;
    mark.source = 6;
    mark.data.mark = MarkData{};
    mark.data.mark.equity = Money::from_raw(-1);

    MemoryFileSystem files;
    JournalOptions options;
    options.directory = "run";
    options.configuration = "run: x\n";
    auto writer = JournalWriter::create(files, options, tiny, run,
                                        {make_sha256, HashAlgorithm::kBlake2b512, make_hasher});
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(quote).ok());
    ASSERT_TRUE((*writer)->append(trade).ok());
    ASSERT_TRUE((*writer)->append(timer).ok());
    ASSERT_TRUE((*writer)->sync().ok());
    ASSERT_TRUE((*writer)->append(consumed, shard_stream(0)).ok());
    ASSERT_TRUE((*writer)->append(mark).ok());
    const auto summary = (*writer)->close();
    ASSERT_TRUE(summary.ok());
    EXPECT_EQ(files.files.at("run/journal-000001.fjl").bytes, from_hex(kGolden));
    EXPECT_EQ(summary->records, 5U);
    EXPECT_EQ(summary->head.number, 2U);

    JournalVerifierOptions checking;
    checking.records_hasher = make_sha256;
    checking.chain_hasher = make_hasher;
    const JournalVerification found = verify_journal(files, "run", checking);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.records, 5U);
    EXPECT_EQ(found.hash, summary->hash);
}

}  // namespace
}  // namespace fermata
