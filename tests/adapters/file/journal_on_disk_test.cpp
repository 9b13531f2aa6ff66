#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/journal_resume.hpp"
#include "core/journal/journal_verifier.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata {
namespace {

/// Journals in real files.
class JournalOnDisk : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "fermata_journal_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        options_.directory = pattern;
        options_.segment_bytes = 300'000;
        options_.buffer_bytes = 5'000;
        options_.durable = false;
    }
    void TearDown() override { std::filesystem::remove_all(options_.directory); }

    static JournalHashers hashers() { return {{}, HashAlgorithm::kSha256, make_plain_hasher_for}; }
    static OrderEvent order(std::uint64_t seq) {
        OrderEvent event = make_order_event(OrderEventType::kTimer, Timestamp{1}, InstrumentId{0});
        event.seq = seq;
        event.data.words[0] = seq * 3;
        return event;
    }
    static MarketEvent market(std::uint64_t seq) {
        MarketEvent event =
            make_event(MarketEventType::kTrade, Timestamp{2}, InstrumentId{0}, StreamId{0});
        event.seq = seq;
        event.data.words[0] = seq * 5;
        return event;
    }

    PosixFileSystem files_;
    JournalOptions options_;
};

// The reader runs beside the writer and must never take what is half written for damage.
TEST_F(JournalOnDisk, IsFollowedByAnotherThreadWhileItGrowsOverManySegments) {
    constexpr std::uint64_t kRounds = 30'000;
    std::atomic<bool> written{false};
    std::thread writing([&] {
        auto writer = JournalWriter::create(files_, options_, {}, RunId{}, hashers());
        ASSERT_TRUE(writer.ok());
        for (std::uint64_t i = 1; i <= kRounds; ++i) {
            ASSERT_TRUE((*writer)->append(market(i)).ok());
            if (i % 3 == 0) {
                ASSERT_TRUE((*writer)->append(order(i / 3)).ok());
            }
            if (i % 7 == 0) {
                ASSERT_TRUE((*writer)->flush().ok());
            }
        }
        ASSERT_TRUE((*writer)->close().ok());
        written.store(true);
    });
    JournalReaderOptions reading;
    reading.follow = true;
    reading.chain_hasher = make_plain_hasher_for;
    auto reader = JournalReader::open(files_, options_.directory, reading);
    ASSERT_TRUE(reader.ok());
    std::uint64_t orders = 0;
    std::uint64_t events = 0;
    std::uint64_t waits = 0;
    while ((*reader)->ending() != JournalEnding::kClosed && (*reader)->problem() == nullptr) {
        while (const JournalRecord* record = (*reader)->next()) {
            std::uint64_t& last = record->is_market ? events : orders;
            EXPECT_EQ(record->position, ++last);
            EXPECT_EQ(record->is_market ? record->market.data.words[0] / 5
                                        : record->event.data.words[0] / 3,
                      last);
        }
        ++waits;
        std::this_thread::yield();
    }
    writing.join();
    ASSERT_EQ((*reader)->problem(), nullptr) << (*reader)->problem()->message;
    EXPECT_TRUE(written.load());
    EXPECT_EQ(events, kRounds);
    EXPECT_EQ(orders, kRounds / 3);
    EXPECT_GT((*reader)->segments().size(), 5U);
    EXPECT_GT(waits, 1U) << "it was faster than the writer at least once";
}

TEST_F(JournalOnDisk, GoesOnAfterACrash) {
    {
        auto writer = JournalWriter::create(files_, options_, {}, RunId{}, hashers());
        ASSERT_TRUE(writer.ok());
        for (std::uint64_t i = 1; i <= 100; ++i) ASSERT_TRUE((*writer)->append(order(i)).ok());
        ASSERT_TRUE((*writer)->flush().ok());
    }
    const std::filesystem::path first =
        std::filesystem::path(options_.directory) / segment_file_name(1);
    std::filesystem::resize_file(first, std::filesystem::file_size(first) - 10);
    options_.durable = true;
    auto resumed = resume_journal(files_, options_, {}, hashers());
    ASSERT_TRUE(resumed.ok()) << resumed.error().message;
    EXPECT_EQ(resumed->report.records, 99U);
    EXPECT_EQ(std::filesystem::file_size(first.parent_path() / "journal-000001.torn"),
              resumed->report.bytes_cut);
    ASSERT_TRUE(resumed->writer->append(order(100)).ok());
    ASSERT_TRUE(resumed->writer->close().ok());
    JournalVerifierOptions checking;
    checking.chain_hasher = make_plain_hasher_for;
    const auto found = verify_journal(files_, options_.directory, checking);
    EXPECT_TRUE(found.ok());
    EXPECT_EQ(found.records, 100U);
    EXPECT_FALSE(std::filesystem::exists(first.parent_path() / "journal-000001.torn.part"));
}

}  // namespace
}  // namespace fermata
