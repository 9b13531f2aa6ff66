#include "core/journal/raw_message.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "core/journal/journal_stage.hpp"
#include "core/journal/journal_verifier.hpp"
#include "core/journal/raw_lane.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

struct Kept {
    Timestamp ts;
    std::uint64_t number = 0, lost = 0;
    std::uint16_t session = 0;
    bool sent = false, more = false;
    std::string bytes;
};

class RawMessageTest : public testing::Test {
protected:
    void open(std::size_t segment_bytes = 1 << 20) {
        auto created = JournalWriter::create(files_, options(segment_bytes, 1 << 12), manifest(),
                                             kRun, hashers());
        ASSERT_TRUE(created.ok());
        writer_ = std::move(*created);
        stage_.emplace(*writer_, JournalStageOptions{});
        stage_->add_lane(trading_, JournalStream::kTrading);
        stage_->set_raw_lane(raw_);
    }
    void record() {
        ASSERT_TRUE(trading_.try_push(event_of(position_++, 3)));
        stage_->poll(64);
    }
    /// Every raw message of the journal, and how many records it has. Everything is checked.
    std::vector<Kept> read() {
        std::vector<Kept> out;
        JournalReaderOptions o = checking();
        o.on_raw = [&](const RawMessage& m) {
            out.push_back(
                {m.ts, m.number, m.lost, m.session, m.sent, m.more, std::string(m.bytes)});
        };
        auto reader = JournalReader::open(files_, kDirectory, o);
        FERMATA_ASSERT(reader.ok());
        while ((*reader)->next() != nullptr) {
        }
        EXPECT_EQ((*reader)->problem(), nullptr);
        ending_ = (*reader)->ending();
        records_ = (*reader)->records();
        return out;
    }

    MemoryFileSystem files_;
    std::unique_ptr<JournalWriter> writer_;
    Lane<OrderEvent> trading_{8};
    RawLane raw_{65'536};
    std::optional<JournalStage> stage_;
    std::uint64_t position_ = 0, records_ = 0;
    JournalEnding ending_ = JournalEnding::kReading;
};

TEST_F(RawMessageTest, StandsBesideTheRecordsAndIsNone) {
    open();
    record();
    raw_.try_push(Timestamp{7}, 2, true, "8=FIX.4.4");
    record();
    raw_.try_push(Timestamp{9}, 1, false, "");
    stage_->poll(64);
    ASSERT_TRUE(writer_->close().ok());
    const auto kept = read();
    EXPECT_EQ(ending_, JournalEnding::kClosed);
    EXPECT_EQ(records_, 2U);
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].ts, Timestamp{7});
    EXPECT_EQ(kept[0].number, 1U);
    EXPECT_EQ(kept[0].session, 2U);
    EXPECT_TRUE(kept[0].sent);
    EXPECT_FALSE(kept[0].more);
    EXPECT_EQ(kept[0].bytes, "8=FIX.4.4");
    EXPECT_EQ(kept[1].number, 2U);
    EXPECT_FALSE(kept[1].sent);
    EXPECT_EQ(kept[1].bytes, "");
}

TEST_F(RawMessageTest, DoesNotChangeTheHashOfTheRecords) {
    open();
    for (int n = 0; n < 5; ++n) record();
    const auto without = writer_->close();
    ASSERT_TRUE(without.ok());
    MemoryFileSystem other;
    auto created =
        JournalWriter::create(other, options(1 << 20, 1 << 12), manifest(), kRun, hashers());
    ASSERT_TRUE(created.ok());
    for (std::uint64_t n = 0; n < 5; ++n) {
        RawMessage m;
        m.bytes = "between";
        ASSERT_TRUE((*created)->append(m).ok());
        ASSERT_TRUE((*created)->append(event_of(n, 3)).ok());
    }
    const auto with = (*created)->close();
    ASSERT_TRUE(with.ok());
    EXPECT_EQ(with->hash, without->hash);
    EXPECT_EQ(with->records, without->records);
    EXPECT_NE(with->head.head, without->head.head) << "the chain covers them";
}

TEST_F(RawMessageTest, ALongOneIsKeptInPartsAndManyOverSegments) {
    open(1 << 16);
    const std::string longest(8'000, 'x');
    std::string text;
    for (int n = 0; n < 40; ++n) {
        record();
        raw_.try_push(Timestamp{n}, 0, true, longest + std::to_string(n));
    }
    stage_->poll(64);
    ASSERT_TRUE(writer_->close().ok());
    const auto kept = read();
    EXPECT_EQ(ending_, JournalEnding::kClosed);
    ASSERT_EQ(kept.size(), 40U);
    EXPECT_EQ(kept[39].bytes, longest + "39");
}

TEST_F(RawMessageTest, PartsOfOneShareItsNumber) {
    RawLane big(1 << 20);
    auto created =
        JournalWriter::create(files_, options(1 << 20, 1 << 12), manifest(), kRun, hashers());
    ASSERT_TRUE(created.ok());
    JournalStage stage(**created);
    stage.set_raw_lane(big);
    std::string text(kRawPartMax * 2 + 5, 'a');
    text.back() = 'z';
    ASSERT_TRUE(big.try_push(Timestamp{1}, 0, true, text));
    ASSERT_TRUE(big.try_push(Timestamp{2}, 0, true, "next"));
    stage.poll(64);
    ASSERT_TRUE((*created)->close().ok());
    const auto kept = read();
    ASSERT_EQ(kept.size(), 4U);
    EXPECT_EQ(kept[0].bytes + kept[1].bytes + kept[2].bytes, text);
    EXPECT_TRUE(kept[0].more && kept[1].more);
    EXPECT_FALSE(kept[2].more);
    EXPECT_EQ(kept[2].number, 1U);
    EXPECT_EQ(kept[3].number, 2U);
}

TEST_F(RawMessageTest, WhatDidNotFitIsCountedByTheNextOne) {
    open();
    const std::string text(8'000, 'x');
    std::size_t taken = 0;
    for (int n = 0; n < 20; ++n) taken += raw_.try_push(Timestamp{n}, 0, true, text);
    EXPECT_EQ(taken, 8U);  // of 8,024 bytes each in 65,536
    EXPECT_EQ(raw_.lost(), 12U);
    EXPECT_FALSE(raw_.try_push(Timestamp{0}, 0, true, std::string(8'192, 'x'))) << "too long";
    stage_->poll(64);
    raw_.try_push(Timestamp{99}, 0, true, "after");
    stage_->poll(64);
    ASSERT_TRUE(writer_->close().ok());
    const auto kept = read();
    ASSERT_EQ(kept.size(), 9U);
    std::uint64_t lost = 0;
    for (const Kept& k : kept) lost += k.lost;
    EXPECT_EQ(lost, 13U);
}

TEST_F(RawMessageTest, ABitThatFlipsIsFound) {
    open();
    record();
    raw_.try_push(Timestamp{7}, 2, true, "8=FIX.4.4");
    record();
    ASSERT_TRUE(writer_->close().ok());
    std::array<std::byte, 256> payload;
    RawMessage m;
    m.bytes = "abc";
    const std::size_t size = encode(m, payload.data());
    EXPECT_EQ(size, 40U);  // 32 + 3, up to a multiple of 8
    ASSERT_TRUE(decode_raw({payload.data(), size}));
    EXPECT_FALSE(decode_raw({payload.data(), size - 8}));
    EXPECT_FALSE(decode_raw({payload.data(), 8}));
    payload[39] = std::byte{1};
    EXPECT_FALSE(decode_raw({payload.data(), size})) << "padding";
    payload[39] = std::byte{0};
    payload[31] = std::byte{2};
    EXPECT_FALSE(decode_raw({payload.data(), size})) << "flags";
}

TEST(RawLane, GivesEveryProducersMessagesInItsOrder) {
    RawLane lane(65'536);
    constexpr int kEach = 20'000;
    const auto produce = [&](std::uint16_t session) {
        for (int n = 0; n < kEach; ++n) {
            const std::string text(static_cast<std::size_t>(n % 97), 'a');
            while (!lane.try_push(Timestamp{n}, session, n % 2 == 0, text)) {
                std::this_thread::yield();
            }
        }
    };
    std::thread one(produce, std::uint16_t{1}), two(produce, std::uint16_t{2});
    std::array<int, 3> next{};
    std::vector<char> buffer(lane.capacity() / 8);
    int taken = 0;
    bool right = true;
    while (taken < 2 * kEach) {
        const bool any = lane.take(buffer.data(), [&](Timestamp ts, std::uint16_t session,
                                                      bool sent, std::string_view bytes) {
            const int n = next.at(session)++;
            right = right && ts.ns == n && sent == (n % 2 == 0) &&
                    bytes == std::string(static_cast<std::size_t>(n % 97), 'a');
            ++taken;
        });
        if (!any) std::this_thread::yield();
    }
    one.join();
    two.join();
    EXPECT_TRUE(right);
}

}  // namespace
}  // namespace fermata
