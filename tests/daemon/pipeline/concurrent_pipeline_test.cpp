#include "daemon/pipeline/concurrent_pipeline.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/journal/journal_stage.hpp"
#include "daemon/rerun/stage_rerun.hpp"
#include "tests/daemon/rerun/recorded_run.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/plain_hasher.hpp"

namespace fermata {
namespace {

using namespace std::chrono_literals;
using testing::market_of;
using testing::MemoryJournal;
using testing::SmallMarket;
using testing::VectorFeed;

constexpr char kDirectory[] = "run";
constexpr std::size_t kEvents = 8'000;
constexpr std::uint64_t kRestEvery = 200;

JournalManifest manifest() {
    JournalManifest m;
    m.build = "test";
    m.configuration_hash = "plain:00";
    m.schedule = RunSchedule::kConcurrent;
    m.market = MarketRecord::kRecord;
    return m;
}

/// A run on threads whose journal is written by a JournalStage on a thread of its own, into files
/// in memory.
class JournaledRun {
public:
    explicit JournaledRun(JournalSync sync, std::chrono::nanoseconds limit = 30s)
        : market(4, 11), backpressure(limit), stages(setup(sync), wiring()) {
        JournalOptions options;
        options.directory = kDirectory;
        options.segment_bytes = 1 << 18;
        JournalHashers hashers;
        hashers.chain = HashAlgorithm::kSha256;
        hashers.make_chain = [](HashAlgorithm) { return make_plain_hasher(); };
        auto made = JournalWriter::create(files, options, manifest(), RunId{std::byte{7}}, hashers);
        FERMATA_ASSERT(made.ok());
        writer = std::move(*made);
        stage = std::make_unique<JournalStage>(
            *writer, JournalStageOptions{.sync = sync, .group_bytes = 1 << 14}, &durability);
        stage->add_lane(*stages.trading_journal, JournalStream::kTrading);
        stage->add_lane(*stages.venue_journal[0], venue_stream(0));
        stage->add_lane(*stages.shard_journal[0], shard_stream(0));
        stage->add_lane(*stages.shard_journal[1], shard_stream(1));
        stage->add_market_lane(feed_lane);
    }

    PipelineSetup setup(JournalSync sync) {
        PipelineSetup made = market.setup(6, 2, nullptr);
        made.limits.order_lane = 8192;
        made.durability = &durability;
        made.strict = sync == JournalSync::kStrict;
        return made;
    }
    StageWiring wiring() { return {&backpressure, true, testing::kProgressEvery}; }

    /// False when it was given up.
    bool run(const std::vector<MarketEvent>& events) {
        ConcurrentPipeline pipeline(
            stages, backpressure, [this](std::size_t budget) { return stage->poll(budget); },
            &feed_lane);
        stages.start(events.front().ts);
        pipeline.start();
        std::uint64_t position = 0;
        bool alive = true;
        for (const MarketEvent& e : events) {
            if (alive) alive = pipeline.publish(e, ++position);
            // However slow a thread is, what the strategies saw so far led to their orders.
            if (alive && position % kRestEvery == 0) alive = pipeline.quiesce();
        }
        alive = alive && pipeline.quiesce();
        pipeline.join();
        if (!alive) return false;
        pipeline.drain(events.back().ts + stages.round_trip());
        stages.stop_strategies(events.back().ts);
        stages.record_marks(events.back().ts);
        stage->poll(~std::size_t{0});
        stage->finish();
        return true;
    }

    MemoryFileSystem files;
    Durability durability;
    SmallMarket market;
    ThreadBackpressure backpressure;
    PipelineStages stages;
    Lane<MarketEvent> feed_lane{1024};
    std::unique_ptr<JournalWriter> writer;
    std::unique_ptr<JournalStage> stage;
};

class JournalOnAThread : public ::testing::TestWithParam<JournalSync> {};

TEST_P(JournalOnAThread, HoldsAllThatTheStagesDidSoThatItCanBeFollowed) {
    JournaledRun run(GetParam());
    const std::vector<MarketEvent> events = market_of(run.market, kEvents);
    ASSERT_TRUE(run.run(events));
    if (GetParam() != JournalSync::kNone) {
        EXPECT_EQ(run.durability.trading_synced.load(), run.stages.trading->position());
    }
    ASSERT_TRUE(run.writer->close().ok());

    JournaledRun again(GetParam());
    PipelineStages stages(again.setup(JournalSync::kNone),
                          StageWiring{nullptr, true, testing::kProgressEvery});
    VectorFeed feed(events);
    FeedWindow window(feed, Timestamp::min(), Timestamp::never());
    StageRerun rerun(stages, window);
    auto reader = JournalReader::open(run.files, kDirectory);
    ASSERT_TRUE(reader.ok());
    std::uint64_t fed = 0, trading = 0, sent = 0;
    while (const JournalRecord* record = (*reader)->next()) {
        if (record->is_market) {
            EXPECT_EQ(record->position, ++fed);
            continue;
        }
        if (record->stream == JournalStream::kTrading) {
            EXPECT_EQ(record->position, ++trading);
            // The feed's event stands before everything that followed from it.
            EXPECT_LE(record->event.feed_position, fed);
            sent += record->event.type == OrderEventType::kSendNew ? 1 : 0;
        }
        ASSERT_TRUE(rerun.take(*record)) << rerun.divergence()->what;
    }
    EXPECT_EQ((*reader)->problem(), nullptr);
    EXPECT_TRUE(rerun.end_boot());
    EXPECT_EQ(fed, kEvents);
    EXPECT_EQ(trading, run.stages.trading->position());
    EXPECT_GT(sent, 100u);
}

INSTANTIATE_TEST_SUITE_P(Syncs, JournalOnAThread,
                         ::testing::Values(JournalSync::kNone, JournalSync::kGroup,
                                           JournalSync::kStrict),
                         [](const auto& sync) { return std::string(name(sync.param)); });

// The disk fails at some operation: the run is given up, and whatever the venue got by then is on
// record, and synced.
TEST(ConcurrentPipeline, SendsNothingThatAFailingJournalDoesNotHold) {
    for (const std::uint64_t failing : {30u, 77u, 200u}) {
        SCOPED_TRACE(failing);
        JournaledRun run(JournalSync::kStrict, 100ms);
        run.files.failing_operation = run.files.operations + failing;
        const std::vector<MarketEvent> events = market_of(run.market, 400'000);
        ASSERT_FALSE(run.run(events));
        EXPECT_TRUE(run.durability.failed.load());
        EXPECT_TRUE(run.stage->failed());
        const std::uint64_t synced = run.durability.trading_synced.load();
        EXPECT_GT(synced, 0u);
        std::uint64_t recorded = 0;
        auto reader = JournalReader::open(run.files, kDirectory);
        ASSERT_TRUE(reader.ok());
        while (const JournalRecord* record = (*reader)->next()) {
            if (record->stream == JournalStream::kTrading) recorded = record->position;
        }
        EXPECT_EQ((*reader)->ending(), JournalEnding::kTorn);
        EXPECT_LE(synced, recorded);
        // What the venue consumed last, and what stands in its lane.
        OrderEvent e;
        while (run.stages.venue_journal[0]->take(e)) {
            if (cause_kind(e.cause) == CauseKind::kTrading) {
                EXPECT_LE(cause_seq(e.cause), synced);
            }
        }
        while (run.stages.to_venue[0]->take(e)) EXPECT_LE(e.seq, synced);
    }
}

TEST(ThreadBackpressure, WaitsUntilTheConsumerCatchesUp) {
    constexpr std::uint64_t kCount = 20'000;
    ThreadBackpressure backpressure(30s);
    Lane<OrderEvent> lane(8);
    std::thread consumer([&] {
        OrderEvent e;
        for (std::uint64_t n = 1; n <= kCount;) {
            if (!lane.take(e)) continue;
            EXPECT_EQ(e.seq, n++);
            if (n % 1'000 == 0) std::this_thread::sleep_for(1ms);  // the lane fills up
        }
    });
    OrderEvent e = make_order_event(OrderEventType::kTimer, Timestamp{1}, InstrumentId{0});
    for (e.seq = 1; e.seq <= kCount; ++e.seq) {
        ASSERT_TRUE(push_or_wait(lane, e, &backpressure));
    }
    consumer.join();
    EXPECT_FALSE(backpressure.aborted());
}

TEST(ThreadBackpressure, GivesUpForAllWhenNothingMovesForTooLong) {
    ThreadBackpressure backpressure(20ms);
    Lane<OrderEvent> lane(8);
    const OrderEvent e = make_order_event(OrderEventType::kTimer, Timestamp{1}, InstrumentId{0});
    while (lane.try_push(e)) {
    }
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(push_or_wait(lane, e, &backpressure));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 20ms);
    EXPECT_TRUE(backpressure.aborted());
}

TEST(ThreadBackpressure, EndsAWaitOfAnotherThreadWhenTheRunIsAborted) {
    ThreadBackpressure backpressure(std::chrono::hours(1));
    Lane<OrderEvent> lane(8);
    const OrderEvent e = make_order_event(OrderEventType::kTimer, Timestamp{1}, InstrumentId{0});
    while (lane.try_push(e)) {
    }
    bool pushed = true;
    std::thread producer([&] { pushed = push_or_wait(lane, e, &backpressure); });
    backpressure.abort();
    producer.join();
    EXPECT_FALSE(pushed);
}

// In strict mode an order is decided and recorded, and stays here until that record is durable.
TEST(StrictMode, HoldsAnOrderUntilItsRecordIsDurable) {
    SmallMarket market(1);
    Durability durability;
    PipelineSetup setup = market.setup(1, 1, nullptr);
    setup.durability = &durability;
    setup.strict = true;
    PipelineStages stages(std::move(setup), StageWiring{});
    std::uint64_t position = 0;
    std::uint64_t sent = 0;
    OrderEvent e;
    while (sent == 0) {
        MarketEvent quote = market.next();
        quote.seq = ++position;
        if (position == 1) stages.start(quote.ts);
        ASSERT_LT(position, 10'000u);
        ASSERT_TRUE(stages.trading_market->try_push(quote));
        ASSERT_TRUE(stages.shard_market[0]->try_push(quote));
        stages.trading->poll(64);
        stages.shards.poll(64);
        stages.trading->poll(64);
        while (stages.trading_journal->take(e)) {
            if (e.type == OrderEventType::kSendNew) sent = e.seq;
        }
    }
    EXPECT_TRUE(stages.trading->holds_orders());
    EXPECT_FALSE(stages.to_venue[0]->take(e));
    durability.trading_synced.store(sent - 1);
    stages.trading->poll(64);
    EXPECT_FALSE(stages.to_venue[0]->take(e)) << "the record before it is durable, not its own";
    durability.trading_synced.store(sent);
    stages.trading->poll(64);
    ASSERT_TRUE(stages.to_venue[0]->take(e));
    EXPECT_EQ(e.type, OrderEventType::kSendNew);
    EXPECT_EQ(e.seq, sent);
    EXPECT_FALSE(stages.trading->holds_orders());
}

/// Buys at the first quote and asks for a timer.
class OnceAndATimer final : public Strategy {
public:
    void on_quote(StrategyContext& context, InstrumentId id, const QuoteData&) override {
        if (quotes++ != 0) return;
        context.submit({.instrument = id, .quantity = Quantity::from_units(100)});
        context.set_timer(5, context.now() + Duration::milliseconds(10));
    }
    void on_timer(StrategyContext& context, std::uint64_t id) override {
        ++timers;
        EXPECT_EQ(id, 5u);
        // A shard's time is that of what it has in hand: of the timer, not of what made it due.
        timer_at = context.now();
    }
    void on_fill(StrategyContext&, InstrumentId, const FillData&) override { ++fills; }

    int quotes = 0, timers = 0, fills = 0;
    Timestamp timer_at;
};

// Nothing happens in the market, and yet what is due happens when the feed says what time it is.
TEST(ConcurrentPipeline, FiresTimersAndReportsWhenTheFeedOnlyTellsTheTime) {
    for (const bool told : {false, true}) {
        SmallMarket market(1);
        PipelineSetup setup = market.setup(0, 1, nullptr);
        setup.venues.front().latency_in = Duration::milliseconds(5);
        setup.venues.front().latency_out = Duration::milliseconds(5);
        auto owned = std::make_unique<OnceAndATimer>();
        const OnceAndATimer& strategy = *owned;
        StrategySetup hosted;
        hosted.id = StrategyId{0};
        hosted.instruments = {InstrumentId{0}};
        hosted.strategy = std::move(owned);
        setup.strategies.push_back(std::move(hosted));
        ThreadBackpressure backpressure(30s);
        PipelineStages stages(std::move(setup),
                              StageWiring{&backpressure, true, testing::kProgressEvery});
        MemoryJournal journal(stages);
        ConcurrentPipeline pipeline(
            stages, backpressure, [&](std::size_t budget) { return journal.poll(budget); },
            nullptr);
        const MarketEvent quote = market.next();
        stages.start(quote.ts);
        pipeline.start();
        ASSERT_TRUE(pipeline.publish(quote, 1));
        ASSERT_TRUE(pipeline.quiesce());
        std::uint64_t position = 1;
        for (const int later :
             {6, 20}) {  // ms: the order is there; the report and the timer are due
            if (!told) break;
            const MarketEvent clock =
                make_event(MarketEventType::kClock, quote.ts + Duration::milliseconds(later),
                           InstrumentId{0}, StreamId{0});
            ASSERT_TRUE(pipeline.publish(clock, ++position));
            ASSERT_TRUE(pipeline.quiesce());
        }
        pipeline.join();
        EXPECT_EQ(strategy.quotes, 1);
        EXPECT_EQ(strategy.timers, told ? 1 : 0);
        EXPECT_EQ(strategy.fills, told ? 1 : 0);
        if (told) {
            EXPECT_EQ(strategy.timer_at, quote.ts + Duration::milliseconds(10));
        }
    }
}

}  // namespace
}  // namespace fermata
