#include "core/journal/journal_stage.hpp"

#include <gtest/gtest.h>

#include "core/loop/stage.hpp"
#include "tests/core/journal/journal_fixture.hpp"

namespace fermata {
namespace {

using namespace test;

static_assert(Stage<JournalStage>);

class JournalStageTest : public testing::Test {
protected:
    void open(std::uint64_t segment_bytes = 1 << 20, std::size_t buffer_bytes = 0) {
        auto created =
            JournalWriter::create(files_, {kDirectory, segment_bytes, buffer_bytes, true},
                                  manifest(), kRun, make_plain_hasher);
        ASSERT_TRUE(created.ok());
        writer_ = std::move(*created);
        stage_.emplace(*writer_);
        stage_->add_lane(first_, JournalStream::kTrading);
        stage_->add_lane(second_, JournalStream{2});
    }

    MemoryFileSystem files_;
    std::unique_ptr<JournalWriter> writer_;
    Lane<OrderEvent> first_{8};
    Lane<OrderEvent> second_{8};
    std::optional<JournalStage> stage_;
};

TEST_F(JournalStageTest, DrainsItsLanesInTheOrderOfRegistrationWithinTheBudget) {
    open();
    for (std::uint64_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(first_.try_push(event_of(i, 3)));
        ASSERT_TRUE(second_.try_push(event_of(i, 5)));
    }
    EXPECT_EQ(stage_->poll(2).consumed, 4U);
    EXPECT_EQ(stage_->poll(2).consumed, 2U);
    EXPECT_EQ(stage_->poll(2).consumed, 0U);
    ASSERT_TRUE(writer_->close().ok());
    const ReadBack back = read_back(files_);
    EXPECT_EQ(back.ending, JournalEnding::kClosed);
    ASSERT_EQ(back.events.size(), 6U);
    // Two of the first lane, two of the second, then one each. Byte for byte: the lane's bit has
    // not found its way into the journal.
    const std::vector<OrderEvent> expected = {event_of(0, 3), event_of(1, 3), event_of(0, 5),
                                              event_of(1, 5), event_of(2, 3), event_of(2, 5)};
    EXPECT_TRUE(is_prefix(back.events, expected));
}

TEST_F(JournalStageTest, KeepsTheEventsInTheLaneAfterAFailedWrite) {
    open();
    files_.capacity = 0;
    for (std::uint64_t i = 0; i < 4; ++i) ASSERT_TRUE(first_.try_push(event_of(i, 3)));
    // Without a buffer the second append has to write the first record.
    EXPECT_EQ(stage_->poll(8).consumed, 1U);
    EXPECT_TRUE(stage_->failed());
    EXPECT_EQ(stage_->poll(8).consumed, 0U);
    ASSERT_NE(first_.front(), nullptr);
    EXPECT_EQ(first_.front()->seq, 2U);
}

}  // namespace
}  // namespace fermata
