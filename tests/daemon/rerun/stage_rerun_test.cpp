#include "daemon/rerun/stage_rerun.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/event/codec.hpp"
#include "tests/daemon/rerun/recorded_run.hpp"

namespace fermata {
namespace {

using testing::market_of;
using testing::MemoryJournal;
using testing::run_on_threads;
using testing::SmallMarket;
using testing::VectorFeed;

constexpr std::size_t kEvents = 40'000;
constexpr std::size_t kStrategies = 6;

struct Shape {
    std::size_t shards = 1;
    Duration latency;
};

PipelineSetup setup_of(const SmallMarket& market, const Shape& shape) {
    PipelineSetup setup =
        const_cast<SmallMarket&>(market).setup(kStrategies, shape.shards, nullptr);
    setup.venues.front().latency_in = shape.latency;
    setup.venues.front().latency_out = shape.latency;
    setup.limits.order_lane = 1024;
    return setup;
}

/// A run on threads with its records, and what is needed to run it again.
class Recorded {
public:
    explicit Recorded(const Shape& shape, std::uint64_t seed = 1, std::uint64_t crash_after = 0)
        : market(4, seed), shape_(shape), events(market_of(market, kEvents)) {
        ThreadBackpressure backpressure(std::chrono::seconds(30));
        PipelineStages stages(setup_of(market, shape_),
                              StageWiring{&backpressure, true, testing::kProgressEvery});
        MemoryJournal journal(stages);
        run_on_threads(stages, backpressure, journal, events, testing::kFromTheBeginning,
                       crash_after);
        records = std::move(journal.records);
    }
    [[nodiscard]] PipelineSetup setup() const {
        PipelineSetup setup = setup_of(market, shape_);
        setup.limits.order_lane = 8192;
        return setup;
    }

    SmallMarket market;

private:
    Shape shape_;

public:
    std::vector<MarketEvent> events;
    std::vector<JournalRecord> records;
};

/// Re-runs `records`; the divergence, if there is one.
std::optional<Divergence> rerun(const Recorded& recorded, const std::vector<JournalRecord>& records,
                                std::uint64_t* compared = nullptr, bool closed = false) {
    PipelineStages stages(recorded.setup(), StageWiring{nullptr, true, testing::kProgressEvery});
    VectorFeed feed(recorded.events);
    FeedWindow window(feed, Timestamp::min(), Timestamp::never());
    StageRerun rerun(stages, window);
    for (const JournalRecord& record : records) {
        if (!rerun.take(record)) return rerun.divergence();
    }
    if (!rerun.end_boot()) return rerun.divergence();
    if (closed && !rerun.end_run()) return rerun.divergence();
    if (compared != nullptr) *compared = rerun.compared();
    return std::nullopt;
}

std::string text(const std::optional<Divergence>& d) {
    if (!d) return "none";
    return "stream " + std::to_string(static_cast<int>(d->stream)) + " position " +
           std::to_string(d->position) + ": " + d->what;
}

TEST(StageRerun, FollowsWhatThreadsDidUnderLoad) {
    for (const Shape& shape :
         {Shape{1, {}}, Shape{2, {}}, Shape{3, Duration::microseconds(3500)}}) {
        const Recorded recorded(shape);
        std::set<JournalStream> streams;
        std::uint64_t fills = 0;
        for (const JournalRecord& r : recorded.records) {
            streams.insert(r.stream);
            fills += r.event.type == OrderEventType::kFill ? 1 : 0;
        }
        EXPECT_EQ(streams.size(), 2 + shape.shards);
        EXPECT_GT(fills, 500u);
        EXPECT_EQ(recorded.records.back().event.type, OrderEventType::kMark);
        std::uint64_t compared = 0;
        const auto divergence = rerun(recorded, recorded.records, &compared);
        EXPECT_FALSE(divergence.has_value()) << text(divergence);
        EXPECT_EQ(compared, recorded.records.size());
    }
}

TEST(StageRerun, NamesTheFirstRecordThatWasChanged) {
    const Recorded recorded(Shape{2, {}});
    std::vector<JournalRecord> records = recorded.records;
    // A verdict, a fill, and what a shard consumed: each changed alone is found where it stands.
    std::size_t tried = 0;
    for (const OrderEventType type :
         {OrderEventType::kVerdict, OrderEventType::kFill, OrderEventType::kExecution,
          OrderEventType::kNewOrder, OrderEventType::kConsumed}) {
        for (std::size_t n = records.size() / 2; n < records.size(); ++n) {
            if (records[n].event.type != type) continue;
            const OrderEvent original = records[n].event;
            records[n].event.data.words[2] ^= 1;
            const auto divergence = rerun(recorded, records);
            ASSERT_TRUE(divergence.has_value()) << name(type);
            EXPECT_EQ(divergence->stream, records[n].stream) << name(type) << text(divergence);
            EXPECT_EQ(divergence->position, records[n].position) << name(type) << text(divergence);
            ASSERT_TRUE(divergence->recorded.has_value());
            EXPECT_EQ(divergence->recorded->data.words[2], original.data.words[2] ^ 1);
            records[n].event = original;
            ++tried;
            break;
        }
    }
    EXPECT_EQ(tried, 5u);
}

TEST(StageRerun, FindsADroppedAndASwappedRecord) {
    const Recorded recorded(Shape{1, {}});
    std::vector<JournalRecord> dropped = recorded.records;
    dropped.erase(dropped.begin() + static_cast<std::ptrdiff_t>(dropped.size() / 2));
    EXPECT_TRUE(rerun(recorded, dropped).has_value());
    std::vector<JournalRecord> swapped = recorded.records;
    for (std::size_t n = swapped.size() / 2; n < swapped.size(); ++n) {
        if (swapped[n].stream != JournalStream::kTrading ||
            swapped[n + 1].stream != JournalStream::kTrading) {
            continue;
        }
        std::swap(swapped[n], swapped[n + 1]);
        break;
    }
    EXPECT_TRUE(rerun(recorded, swapped).has_value());
}

TEST(StageRerun, StopsCleanlyWhereACrashCutTheRecords) {
    const Recorded recorded(Shape{2, {}}, 7, kEvents / 2);
    ASSERT_GT(recorded.records.size(), 1000u);
    for (const std::size_t keep : {recorded.records.size(), recorded.records.size() / 2,
                                   recorded.records.size() / 3, std::size_t{1}, std::size_t{0}}) {
        const std::vector<JournalRecord> prefix(
            recorded.records.begin(), recorded.records.begin() + static_cast<std::ptrdiff_t>(keep));
        const auto divergence = rerun(recorded, prefix);
        EXPECT_FALSE(divergence.has_value()) << keep << ": " << text(divergence);
    }
}

TEST(StageRerun, MissesWhatAClosedJournalMustEndWith) {
    for (const std::size_t shards : {1, 3}) {
        const Recorded recorded(Shape{shards, Duration::microseconds(2500)}, 3);
        const auto divergence = rerun(recorded, recorded.records, nullptr, true);
        ASSERT_FALSE(divergence.has_value()) << text(divergence);
        std::size_t marks = 0;
        for (std::size_t n = recorded.records.size(); n-- > 0 && marks < shards + 2;) {
            if (recorded.records[n].event.type != OrderEventType::kMark) continue;
            ++marks;
            std::vector<JournalRecord> without = recorded.records;
            without.erase(without.begin() + static_cast<std::ptrdiff_t>(n));
            EXPECT_TRUE(rerun(recorded, without, nullptr, true).has_value())
                << "stream " << static_cast<int>(recorded.records[n].stream);
        }
        EXPECT_EQ(marks, shards + 2);  // trading, the venue, shards

        // Trading records are taken away from the end, one after the other.
        std::vector<JournalRecord> shorter = recorded.records;
        for (int dropped = 0; dropped < 5; ++dropped) {
            const auto last = std::find_if(shorter.rbegin(), shorter.rend(), [](const auto& r) {
                return r.stream == JournalStream::kTrading;
            });
            shorter.erase(std::next(last).base());
            EXPECT_TRUE(rerun(recorded, shorter, nullptr, true).has_value()) << dropped;
        }
    }
}

TEST(StageRerun, GoesOnAfterACrashAndTheWholeIsFollowedAgain) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const Shape shape{1 + seed % 3, seed % 2 == 0 ? Duration::microseconds(2500) : Duration{}};
        Recorded recorded(shape, seed, kEvents / 3 + seed * 1000);
        // The file ends anywhere, also in the middle of a pass.
        recorded.records.resize(recorded.records.size() - seed * 3);

        ThreadBackpressure backpressure(std::chrono::seconds(30));
        PipelineStages stages(recorded.setup(),
                              StageWiring{&backpressure, true, testing::kProgressEvery});
        VectorFeed feed(recorded.events);
        FeedWindow window(feed, Timestamp::min(), Timestamp::never());
        StageRerun recovery(stages, window);
        for (const JournalRecord& record : recorded.records) {
            ASSERT_TRUE(recovery.take(record)) << text(recovery.divergence());
        }
        ASSERT_TRUE(recovery.end_boot()) << text(recovery.divergence());
        recovery.begin_boot(2);
        MemoryJournal journal(stages);
        run_on_threads(stages, backpressure, journal, recorded.events,
                       recovery.next_feed_position());
        ASSERT_FALSE(journal.records.empty());
        ASSERT_EQ(journal.records.back().event.type, OrderEventType::kMark) << "seed " << seed;

        // Positions go on without gap or repetition, and no order id is given twice.
        std::vector<JournalRecord> whole = recorded.records;
        whole.insert(whole.end(), journal.records.begin(), journal.records.end());
        std::uint64_t position = 0;
        std::set<std::uint64_t> ids;
        for (const JournalRecord& r : whole) {
            if (r.stream != JournalStream::kTrading) continue;
            ASSERT_EQ(r.position, ++position);
            if (r.event.type != OrderEventType::kNewOrder) continue;
            EXPECT_TRUE(ids.insert(r.event.data.new_order.order_id.value).second);
        }
        // The journal of both lives together is followed from the beginning.
        PipelineStages again(recorded.setup(), StageWiring{nullptr, true, testing::kProgressEvery});
        VectorFeed feed_again(recorded.events);
        FeedWindow window_again(feed_again, Timestamp::min(), Timestamp::never());
        StageRerun check(again, window_again);
        for (const JournalRecord& record : recorded.records) ASSERT_TRUE(check.take(record));
        ASSERT_TRUE(check.end_boot());
        check.begin_boot(2);
        for (const JournalRecord& record : journal.records) {
            ASSERT_TRUE(check.take(record)) << "seed " << seed << ": " << text(check.divergence());
        }
        ASSERT_TRUE(check.end_boot()) << text(check.divergence());
        EXPECT_EQ(again.trading_hash(), stages.trading_hash());
    }
}

}  // namespace
}  // namespace fermata
