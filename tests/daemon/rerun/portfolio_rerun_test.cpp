// Snapshots of portfolio risk in a run on threads: when each went into force is on record, what it
// was is computed again.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/rerun/stage_rerun.hpp"
#include "tests/daemon/pipeline/daily_market.hpp"
#include "tests/daemon/rerun/recorded_run.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using testing::count_portfolio;
using testing::DailyMarket;
using testing::MemoryJournal;
using testing::PortfolioCounts;
using testing::VectorFeed;

constexpr std::size_t kDays = 200;

PipelineSetup setup_of(DailyMarket& market, std::size_t shards, std::size_t lane) {
    PipelineSetup setup = market.setup(shards);
    setup.venues.front().latency_in = Duration::seconds(600);
    setup.venues.front().latency_out = Duration::seconds(600);
    setup.limits.order_lane = lane;
    return setup;
}

/// A run on threads, whole or up to a crash.
struct Recorded {
    explicit Recorded(std::size_t shard_count, std::uint64_t seed, std::uint64_t crash_after = 0)
        : shards(shard_count), events(DailyMarket::events(kDays, seed)) {
        ThreadBackpressure backpressure(std::chrono::seconds(30));
        PipelineStages stages(setup_of(market, shards, 1024),
                              StageWiring{&backpressure, true, testing::kProgressEvery});
        MemoryJournal journal(stages);
        testing::run_on_threads(stages, backpressure, journal, events, testing::kFromTheBeginning,
                                crash_after);
        records = std::move(journal.records);
    }
    [[nodiscard]] PortfolioCounts counts() const {
        std::vector<OrderEvent> trading;
        for (const JournalRecord& r : records) {
            if (r.stream == JournalStream::kTrading) trading.push_back(r.event);
        }
        return count_portfolio(trading);
    }

    /// A run on one thread whose trading stage sleeps for ten days at a time, while the risk is
    /// measured on: more snapshots than the shelf has places for.
    struct Slow {};
    Recorded(Slow, std::uint64_t seed) : shards(1), events(DailyMarket::events(kDays, seed)) {
        constexpr std::size_t kSleep = 10 * DailyMarket::kQuotesADay;
        PipelineSetup setup = setup_of(market, shards, 8192);
        setup.limits.market_lane = 1024;
        ThreadBackpressure backpressure(std::chrono::seconds(30));
        PipelineStages stages(std::move(setup),
                              StageWiring{&backpressure, true, testing::kProgressEvery});
        MemoryJournal journal(stages);
        ConcurrentPipeline pipeline(
            stages, backpressure, [&](std::size_t budget) { return journal.poll(budget); },
            nullptr);
        stages.start(events.front().ts);
        for (std::size_t n = 0; n < events.size(); ++n) {
            EXPECT_TRUE(pipeline.publish(events[n], n + 1));
            (void)stages.portfolios.poll(1);
            if ((n + 1) % kSleep == 0) pipeline.drain(events[n].ts);
        }
        pipeline.drain(events.back().ts + stages.round_trip());
        stages.stop_strategies(events.back().ts);
        stages.record_marks(events.back().ts);
        journal.poll(0);
        records = std::move(journal.records);
    }

    DailyMarket market;
    std::size_t shards;
    std::vector<MarketEvent> events;
    std::vector<JournalRecord> records;
};

/// Fresh stages with what follows a record.
struct Again {
    explicit Again(Recorded& recorded, Backpressure* backpressure = nullptr)
        : stages(setup_of(recorded.market, recorded.shards, 8192),
                 StageWiring{backpressure, true, testing::kProgressEvery}),
          feed(recorded.events),
          window(feed, Timestamp::min(), Timestamp::never()),
          rerun(stages, window) {}
    void persist(StateArchive& a) { a(rerun); }

    PipelineStages stages;
    VectorFeed feed;
    FeedWindow window;
    StageRerun rerun;
};

std::string text(const std::optional<Divergence>& d) {
    return d ? "stream " + std::to_string(static_cast<int>(d->stream)) + " position " +
                   std::to_string(d->position) + ": " + d->what
             : "none";
}

std::optional<Divergence> rerun(Recorded& recorded, const std::vector<JournalRecord>& records) {
    Again again(recorded);
    for (const JournalRecord& record : records) {
        if (!again.rerun.take(record)) return again.rerun.divergence();
    }
    if (again.rerun.end_boot()) (void)again.rerun.end_run();
    return again.rerun.divergence();
}

/// The n-th snapshot of a record.
JournalRecord& snapshot(std::vector<JournalRecord>& records, std::uint64_t n) {
    return *std::find_if(records.begin(), records.end(), [&](const JournalRecord& r) {
        return r.event.type == OrderEventType::kRiskSnapshot && n-- == 0;
    });
}

TEST(PortfolioRerun, MakesTheSnapshotsThatThreadsMadeAndJudgesOrdersAgain) {
    for (const std::size_t shards : {1, 3}) {
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            Recorded recorded(shards, seed);
            const PortfolioCounts counts = recorded.counts();
            EXPECT_GT(counts.snapshots, 20U);
            EXPECT_EQ(counts.refused_by_snapshots, 0U);
            EXPECT_GT(counts.refused_before + counts.refused_after, 20U);
            EXPECT_GT(counts.approved_after, 100U);
            const auto divergence = rerun(recorded, recorded.records);
            EXPECT_FALSE(divergence.has_value()) << text(divergence);
        }
    }
}

TEST(PortfolioRerun, FollowsARecordWhereSnapshotsFoundNoRoom) {
    Recorded recorded(Recorded::Slow{}, 5);
    std::vector<std::uint64_t> numbers;
    for (const JournalRecord& r : recorded.records) {
        if (r.event.type == OrderEventType::kRiskSnapshot) {
            numbers.push_back(r.event.data.risk_snapshot.number);
        }
    }
    std::size_t gaps = 0;
    for (std::size_t n = 1; n < numbers.size(); ++n) gaps += numbers[n] != numbers[n - 1] + 1;
    EXPECT_GT(gaps, 10U);
    EXPECT_EQ(recorded.counts().refused_by_snapshots, 0U);
    EXPECT_GT(recorded.counts().approved_after, 20U);
    const auto divergence = rerun(recorded, recorded.records);
    EXPECT_FALSE(divergence.has_value()) << text(divergence);
}

TEST(PortfolioRerun, FindsASnapshotThatIsNotTheOneThatTheMarketDataGives) {
    Recorded recorded(2, 1);
    ASSERT_GT(recorded.counts().snapshots, 10U);
    const auto diverges = [&](std::uint64_t n, auto change) {
        std::vector<JournalRecord> records = recorded.records;
        JournalRecord& changed = snapshot(records, n);
        change(changed.event.data.risk_snapshot);
        const auto divergence = rerun(recorded, records);
        ASSERT_TRUE(divergence.has_value());
        EXPECT_EQ(divergence->stream, JournalStream::kTrading);
        EXPECT_EQ(divergence->position, changed.position) << text(divergence);
        ASSERT_TRUE(divergence->recorded && divergence->rerun) << text(divergence);
        EXPECT_EQ(divergence->rerun->type, OrderEventType::kRiskSnapshot);
        EXPECT_NE(std::memcmp(&divergence->recorded->data.risk_snapshot,
                              &divergence->rerun->data.risk_snapshot, sizeof(RiskSnapshotData)),
                  0);
    };
    for (const std::uint64_t n : {0, 5}) {
        diverges(n, [](RiskSnapshotData& s) { s.digest ^= 1; });
        diverges(n, [](RiskSnapshotData& s) { ++s.feed_position; });
        diverges(n, [](RiskSnapshotData& s) { --s.measured; });
    }
    diverges(5, [](RiskSnapshotData& s) { --s.number; });
    diverges(5, [](RiskSnapshotData& s) { ++s.number; });

    // One that is not on record went into force all the same; one that never can be made.
    std::vector<JournalRecord> dropped = recorded.records;
    dropped.erase(dropped.begin() + (&snapshot(dropped, 4) - dropped.data()));
    EXPECT_TRUE(rerun(recorded, dropped).has_value());
    std::vector<JournalRecord> beyond = recorded.records;
    snapshot(beyond, 4).event.data.risk_snapshot.number = 100'000;
    const auto divergence = rerun(recorded, beyond);
    ASSERT_TRUE(divergence.has_value());
    EXPECT_NE(divergence->what.find("market data ends"), std::string::npos);
}

TEST(PortfolioRerun, GoesOnFromItsStateAnywhere) {
    for (const std::size_t shards : {1, 2}) {
        Recorded recorded(shards, 7);
        ASSERT_GT(recorded.counts().snapshots, 20U);
        auto again = std::make_unique<Again>(recorded);
        std::size_t n = 0;
        for (const JournalRecord& record : recorded.records) {
            // Often, and always around a snapshot.
            if (++n % 997 == 0 || record.event.type == OrderEventType::kRiskSnapshot) {
                const std::vector<std::byte> state = test::state_of(*again);
                again = std::make_unique<Again>(recorded);
                ASSERT_EQ(test::load_state(*again, state), "") << n;
                ASSERT_TRUE(test::state_of(*again) == state) << n;
            }
            ASSERT_TRUE(again->rerun.take(record)) << n << ": " << text(again->rerun.divergence());
        }
        ASSERT_TRUE(again->rerun.end_boot() && again->rerun.end_run())
            << text(again->rerun.divergence());
    }
}

TEST(PortfolioRerun, GoesOnAfterACrashAndTheWholeIsFollowedAgain) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const std::size_t events = kDays * DailyMarket::kQuotesADay;
        Recorded recorded(1 + seed % 3, seed, events / 3 + seed * 600);
        recorded.records.resize(recorded.records.size() - seed * 3);

        ThreadBackpressure backpressure(std::chrono::seconds(30));
        Again going_on(recorded, &backpressure);
        for (const JournalRecord& record : recorded.records) {
            ASSERT_TRUE(going_on.rerun.take(record)) << text(going_on.rerun.divergence());
        }
        ASSERT_TRUE(going_on.rerun.end_boot()) << text(going_on.rerun.divergence());
        going_on.rerun.begin_boot(2);
        MemoryJournal journal(going_on.stages);
        testing::run_on_threads(going_on.stages, backpressure, journal, recorded.events,
                                going_on.rerun.next_feed_position());
        ASSERT_FALSE(journal.records.empty());
        ASSERT_EQ(journal.records.back().event.type, OrderEventType::kMark);

        Again whole(recorded);
        for (const JournalRecord& record : recorded.records) {
            ASSERT_TRUE(whole.rerun.take(record));
        }
        ASSERT_TRUE(whole.rerun.end_boot());
        whole.rerun.begin_boot(2);
        for (const JournalRecord& record : journal.records) {
            ASSERT_TRUE(whole.rerun.take(record))
                << "seed " << seed << ": " << text(whole.rerun.divergence());
        }
        ASSERT_TRUE(whole.rerun.end_boot()) << text(whole.rerun.divergence());
        EXPECT_EQ(whole.stages.trading_hash(), going_on.stages.trading_hash());
        // The journal of both lives has every number once, in order.
        std::vector<OrderEvent> trading;
        for (const auto* records : {&recorded.records, &journal.records}) {
            for (const JournalRecord& r : *records) {
                if (r.stream == JournalStream::kTrading) trading.push_back(r.event);
            }
        }
        EXPECT_GT(count_portfolio(trading).snapshots, 20U);
        EXPECT_EQ(count_portfolio(trading).refused_by_snapshots, 0U);
    }
}

}  // namespace
}  // namespace fermata
