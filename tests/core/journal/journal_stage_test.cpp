#include "core/journal/journal_stage.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/loop/event_loop.hpp"
#include "core/loop/stage.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

static_assert(Stage<JournalStage>);

class JournalStageTest : public testing::Test {
protected:
    void open(const JournalStageOptions& how = {}, std::size_t buffer_bytes = 1 << 12) {
        auto created = JournalWriter::create(files_, options(1 << 20, buffer_bytes), manifest(),
                                             kRun, hashers());
        ASSERT_TRUE(created.ok());
        writer_ = std::move(*created);
        stage_.emplace(*writer_, how, &durability_);
        // Registered in another order than they are written in.
        stage_->add_lane(shard_, shard_stream(0));
        stage_->add_lane(trading_, JournalStream::kTrading);
        stage_->add_lane(venue_, venue_stream(0));
        stage_->add_market_lane(market_);
    }
    void push(Lane<OrderEvent>& lane, std::uint64_t position) {
        OrderEvent event = event_of(position - 1, 3);
        ASSERT_TRUE(lane.try_push(event));
    }
    void push_market(std::uint64_t position) { ASSERT_TRUE(market_.try_push(market_of(position))); }

    /// "t1 f1 s1": stream and position of every record in file order.
    std::string order() {
        std::string text;
        auto reader = JournalReader::open(files_, kDirectory, checking());
        FERMATA_ASSERT(reader.ok());
        while (const JournalRecord* record = (*reader)->next()) {
            const char* stream = record->is_market                           ? "f"
                                 : record->stream == JournalStream::kTrading ? "t"
                                 : record->stream == venue_stream(0)         ? "v"
                                                                             : "s";
            text += (text.empty() ? "" : " ") + (stream + std::to_string(record->position));
        }
        return text;
    }
    std::uint64_t synced() const { return durability_.trading_synced.load(); }

    MemoryFileSystem files_;
    Durability durability_;
    std::unique_ptr<JournalWriter> writer_;
    Lane<OrderEvent> trading_{8};
    Lane<OrderEvent> venue_{8};
    Lane<OrderEvent> shard_{8};
    Lane<MarketEvent> market_{8};
    std::optional<JournalStage> stage_;
};

TEST_F(JournalStageTest, WritesAPassSoThatWhatATradingRecordDependsOnStandsBeforeIt) {
    open();
    push(trading_, 1);
    push(shard_, 1);
    push(venue_, 1);
    push_market(1);
    push_market(2);
    EXPECT_EQ(stage_->poll(8).consumed, 5U);
    EXPECT_EQ(order(), "f1 f2 v1 s1 t1");
}

TEST_F(JournalStageTest, TakesAllOfTheOtherLanesHoweverFewTradingEventsItTakes) {
    open();
    for (std::uint64_t i = 1; i <= 3; ++i) {
        push(trading_, i);
        push(shard_, i);
        push_market(i);
    }
    // A budget of one on the feed would write a trading record before its market event.
    EXPECT_EQ(stage_->poll(1).consumed, 7U);
    EXPECT_EQ(order(), "f1 f2 f3 s1 s2 s3 t1");
    EXPECT_EQ(stage_->poll(1).consumed, 1U);
    EXPECT_EQ(stage_->poll(8).consumed, 1U);
    EXPECT_EQ(stage_->poll(8).consumed, 0U);
    EXPECT_EQ(order(), "f1 f2 f3 s1 s2 s3 t1 t2 t3");
}

TEST_F(JournalStageTest, KeepsTheLanesBitsOutOfTheJournal) {
    open();
    // Nine events through a lane of eight: both values of the bit.
    for (std::uint64_t i = 1; i <= 9; ++i) {
        push(trading_, i);
        push_market(i);
        ASSERT_EQ(stage_->poll(8).consumed, 2U);
    }
    ASSERT_TRUE(writer_->close().ok());
    auto reader = JournalReader::open(files_, kDirectory, checking());
    ASSERT_TRUE(reader.ok());
    std::uint64_t records = 0;
    while (const JournalRecord* record = (*reader)->next()) {
        ++records;
        if (record->is_market) {
            EXPECT_TRUE(same_bytes(record->market, market_of(record->position)));
        } else {
            EXPECT_TRUE(same_bytes(record->event, event_of(record->position - 1, 3)));
        }
    }
    EXPECT_EQ(records, 18U);
    EXPECT_EQ((*reader)->ending(), JournalEnding::kClosed);
}

TEST_F(JournalStageTest, NeverSyncsAndNeverPromisesWithoutAPolicy) {
    open();
    const std::size_t head = files_.files.at(path_of(1)).synced;
    push(trading_, 1);
    EXPECT_EQ(stage_->poll(8), (Polled{1, 0}));
    EXPECT_EQ(stage_->poll(8), (Polled{0, 0}));
    EXPECT_EQ(stage_->finish(), Polled{});
    EXPECT_EQ(synced(), 0U);
    EXPECT_EQ(files_.files.at(path_of(1)).synced, head);
    EXPECT_EQ(order(), "t1") << "a crash of the process loses nothing";
}

TEST_F(JournalStageTest, LeavesBatchingToTheWriterInAReplay) {
    open({JournalSync::kNone, 0, false});
    push(trading_, 1);
    (void)stage_->poll(8);
    EXPECT_EQ(order(), "");
    ASSERT_TRUE(writer_->close().ok());
    EXPECT_EQ(order(), "t1");
}

TEST_F(JournalStageTest, StrictlySyncsEveryPassAndSaysThatThePositionWentUp) {
    open({JournalSync::kStrict, 0, true});
    push(trading_, 1);
    push(trading_, 2);
    EXPECT_EQ(stage_->poll(8), (Polled{2, 1}));
    EXPECT_EQ(synced(), 2U);
    EXPECT_EQ(files_.files.at(path_of(1)).synced, files_.files.at(path_of(1)).bytes.size());
    EXPECT_EQ(stage_->poll(8), (Polled{0, 0})) << "nothing new: no sync, no news";
    push_market(1);
    EXPECT_EQ(stage_->poll(8), (Polled{1, 0})) << "synced, but no order waits for it";
    EXPECT_EQ(files_.files.at(path_of(1)).synced, files_.files.at(path_of(1)).bytes.size());
}

TEST_F(JournalStageTest, GroupsSyncsByBytesAndCatchesUpWhenItIsIdle) {
    open({JournalSync::kGroup, 400, true});
    push(trading_, 1);
    EXPECT_EQ(stage_->poll(8), (Polled{1, 0})) << "88 bytes are not 400";
    EXPECT_EQ(synced(), 0U);
    EXPECT_EQ(stage_->poll(8), (Polled{0, 1})) << "idle";
    EXPECT_EQ(synced(), 1U);
    for (std::uint64_t i = 2; i <= 6; ++i) push(trading_, i);
    EXPECT_EQ(stage_->poll(8), (Polled{5, 1})) << "5 x 88 bytes are more than 400";
    EXPECT_EQ(synced(), 6U);
    push(trading_, 7);
    (void)stage_->poll(8);
    EXPECT_EQ(stage_->finish(), (Polled{0, 1}));
    EXPECT_EQ(synced(), 7U);
}

TEST_F(JournalStageTest, ConsumesNothingMoreAfterAFailedWriteAndSaysSo) {
    open({}, 0);
    files_.capacity = 0;
    push(trading_, 1);
    (void)stage_->poll(8);
    EXPECT_TRUE(stage_->failed());
    EXPECT_TRUE(durability_.failed.load());
    push(trading_, 2);
    push_market(1);
    EXPECT_EQ(stage_->poll(8), Polled{});
    ASSERT_NE(trading_.front(), nullptr);
    EXPECT_EQ(trading_.front()->seq, 2U);
    EXPECT_NE(market_.front(), nullptr);
}

TEST_F(JournalStageTest, PromisesNothingAfterAFailedSync) {
    open({JournalSync::kStrict, 0, true});
    push(trading_, 1);
    files_.failing_operation = files_.operations + 2;  // the append goes well, the sync does not
    EXPECT_EQ(stage_->poll(8), (Polled{1, 0}));
    EXPECT_TRUE(durability_.failed.load());
    EXPECT_EQ(synced(), 0U);
    EXPECT_EQ(order(), "t1") << "whole, but nobody may rely on it";
}

TEST_F(JournalStageTest, GivesItsSinkEveryTradingRecordOnceItIsAppended) {
    struct Sink final : RecordSink {
        void on_record(const OrderEvent& event) override { seqs.push_back(event.seq); }
        std::vector<std::uint64_t> seqs;
    } sink;
    open();
    stage_->set_sink(&sink);
    push(shard_, 1);
    push(trading_, 1);
    push(trading_, 2);
    (void)stage_->poll(8);
    EXPECT_EQ(sink.seqs, (std::vector<std::uint64_t>{1, 2}));
}

// As where one thread hosts trading and journal: the loop must come round once more to let the held
// order go.
TEST_F(JournalStageTest, KeepsALoopOfOneThreadRunningUntilHeldOrdersAreReleased) {
    struct Holder {
        Lane<OrderEvent>& lane;
        const Durability& durability;
        std::uint64_t sent = 0;
        std::uint64_t released = 0;
        Polled poll(std::size_t) {
            if (sent == 0) {
                FERMATA_ASSERT(lane.try_push(event_of(0, 3)));
                ++sent;
                return {1, 1};
            }
            if (durability.trading_synced.load() >= 1) released = 1;
            return {};
        }
    };
    open({JournalSync::kStrict, 0, true});
    Holder holder{trading_, durability_};
    EventLoop loop(holder, *stage_);
    loop.run_to_quiescence();
    EXPECT_EQ(holder.released, 1U);
}

}  // namespace
}  // namespace fermata
