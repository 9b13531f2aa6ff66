#include "tests/daemon/rerun/outside_venue.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>

#include "daemon/rerun/stage_rerun.hpp"
#include "tests/daemon/rerun/recorded_run.hpp"

namespace fermata {
namespace {

using testing::kFromTheBeginning;
using testing::market_of;
using testing::MemoryJournal;
using testing::OutsideVenue;
using testing::run_on_threads;
using testing::SmallMarket;
using testing::VectorFeed;

constexpr std::size_t kEvents = 20'000;

/// A market, and stages that trade in it at a venue outside of the process.
class Outside {
public:
    explicit Outside(std::uint64_t seed)
        : market_(4, seed), events(market_of(market_, kEvents)), shards_(1 + seed % 3) {}

    [[nodiscard]] std::unique_ptr<PipelineStages> stages(Backpressure* backpressure) {
        PipelineSetup setup = market_.setup(6, shards_, nullptr);
        setup.venues_outside = true;
        setup.limits.order_lane = 8192;
        return std::make_unique<PipelineStages>(
            std::move(setup), StageWiring{backpressure, true, testing::kProgressEvery});
    }

private:
    SmallMarket market_;

public:
    std::vector<MarketEvent> events;

private:
    std::size_t shards_;
};

/// What tells a record from another.
std::string shown(const std::optional<OrderEvent>& e) {
    if (!e) return "nothing";
    return "type " + std::to_string(static_cast<int>(e->type)) + " position " +
           std::to_string(e->seq) + " feed position " + std::to_string(e->feed_position) + " at " +
           std::to_string(e->ts.ns) + " because of " +
           std::to_string(static_cast<int>(cause_kind(e->cause))) + ":" +
           std::to_string(cause_seq(e->cause));
}

std::string text(const StageRerun& rerun) {
    const auto& d = rerun.divergence();
    if (!d) return "none";
    return "stream " + std::to_string(static_cast<int>(d->stream)) + " position " +
           std::to_string(d->position) + ": " + d->what + "; on record " + shown(d->recorded) +
           ", re-run " + shown(d->rerun);
}

/// Runs on threads over a link of its own; until `crash_after` events if that is not 0.
std::vector<JournalRecord> trade(PipelineStages& stages, ThreadBackpressure& backpressure,
                                 const Outside& run, OutsideVenue& venue, std::uint64_t first,
                                 std::uint64_t crash_after) {
    OrderLink* const link = &venue;
    stages.use_links(std::span(&link, 1), nullptr, stages.trading->position());
    MemoryJournal journal(stages);
    run_on_threads(stages, backpressure, journal, run.events, first, crash_after,
                   [&] { return venue.answer_all(); });
    // No request leaves that the journal was not given: what it had not taken yet is here, too.
    if (crash_after != 0) journal.poll(0);
    venue.stop();
    return std::move(journal.records);
}

std::uint64_t fills_of(const std::vector<JournalRecord>& records) {
    std::uint64_t fills = 0;
    for (const JournalRecord& r : records) fills += r.event.type == OrderEventType::kFill ? 1 : 0;
    return fills;
}

TEST(OutsideVenue, IsFollowedFromWhatItReported) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        Outside run(seed);
        ThreadBackpressure backpressure(std::chrono::seconds(30));
        const auto stages = run.stages(&backpressure);
        OutsideVenue venue(seed);
        const auto records = trade(*stages, backpressure, run, venue, kFromTheBeginning, 0);
        EXPECT_GT(fills_of(records), 20u);
        ASSERT_EQ(records.back().event.type, OrderEventType::kMark);

        const auto again = run.stages(nullptr);
        VectorFeed feed(run.events);
        FeedWindow window(feed, Timestamp::min(), Timestamp::never());
        StageRerun rerun(*again, window);
        for (const JournalRecord& r : records) {
            ASSERT_TRUE(rerun.take(r)) << "seed " << seed << ": " << text(rerun);
        }
        ASSERT_TRUE(rerun.end_boot() && rerun.end_run()) << text(rerun);
        EXPECT_EQ(rerun.compared(), records.size());
        EXPECT_EQ(again->trading_hash(), stages->trading_hash());
    }
}

TEST(OutsideVenue, ShowsADecisionThatDiffersFromTheRecord) {
    Outside run(2);
    ThreadBackpressure backpressure(std::chrono::seconds(30));
    const auto stages = run.stages(&backpressure);
    OutsideVenue venue(2);
    auto records = trade(*stages, backpressure, run, venue, kFromTheBeginning, 0);
    // Another fill than the one that was reported leads to other books.
    const auto fill =
        std::find_if(records.begin() + static_cast<std::ptrdiff_t>(records.size() / 2),
                     records.end(), [](const JournalRecord& r) {
                         return r.event.type == OrderEventType::kExecution &&
                                r.event.data.execution.exec_type == ExecType::kTrade;
                     });
    ASSERT_NE(fill, records.end());
    fill->event.data.execution.last_price =
        fill->event.data.execution.last_price + Price::from_raw(10'000'000);
    const auto again = run.stages(nullptr);
    VectorFeed feed(run.events);
    FeedWindow window(feed, Timestamp::min(), Timestamp::never());
    StageRerun rerun(*again, window);
    for (const JournalRecord& r : records) {
        if (!rerun.take(r)) break;
    }
    ASSERT_TRUE(rerun.divergence().has_value());
    EXPECT_GE(rerun.divergence()->position, fill->position);
    EXPECT_LE(rerun.divergence()->position, fill->position + 4);
}

TEST(OutsideVenue, GetsNoRequestTwiceWhateverACrashLost) {
    std::size_t open = 0;   // orders that a crash left open
    std::size_t later = 0;  // requests of the second lives
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Outside run(seed);
        ThreadBackpressure backpressure(std::chrono::seconds(30));
        const auto first = run.stages(&backpressure);
        OutsideVenue before(seed);
        auto records =
            trade(*first, backpressure, run, before, kFromTheBeginning, kEvents / 3 + seed * 100);
        // As with `sync: strict`: what is behind the last request that was sent is lost.
        std::uint64_t sent = 0;
        for (const OrderEvent& e : before.received) sent = std::max(sent, e.seq);
        while (!records.empty() && !(records.back().stream == JournalStream::kTrading &&
                                     records.back().position <= sent)) {
            records.pop_back();
        }
        // A venue's own notes of what it sent may be lost all the same; of the first seed all.
        std::size_t lost = 0;
        for (std::size_t n = records.size(); n-- > 0 && (seed == 1 || lost < 3 * seed);) {
            if (records[n].stream != venue_stream(0)) continue;
            records.erase(records.begin() + static_cast<std::ptrdiff_t>(n));
            ++lost;
        }

        ThreadBackpressure pressure(std::chrono::seconds(30));
        const auto second = run.stages(&pressure);
        VectorFeed feed(run.events);
        FeedWindow window(feed, Timestamp::min(), Timestamp::never());
        StageRerun recovery(*second, window);
        for (const JournalRecord& r : records) ASSERT_TRUE(recovery.take(r)) << text(recovery);
        ASSERT_TRUE(recovery.end_boot()) << text(recovery);
        recovery.begin_boot(2);
        EXPECT_EQ(recovery.next_feed_position() == 1, seed == 1) << "seed " << seed;
        OutsideVenue after(seed + 100);
        open += second->orders().open_count();
        second->orders().for_each_open([&](const Order& order) { after.give_up(order); });
        const auto more = trade(*second, pressure, run, after, recovery.next_feed_position(), 0);
        ASSERT_FALSE(more.empty());
        ASSERT_EQ(more.back().event.type, OrderEventType::kMark) << "seed " << seed;

        std::set<std::uint64_t> orders, requests;
        for (const auto* venue : {&before, &after}) {
            for (const OrderEvent& e : venue->received) {
                EXPECT_TRUE(requests.insert(e.seq).second) << "seed " << seed;
                if (e.type != OrderEventType::kSendNew) continue;
                EXPECT_TRUE(orders.insert(e.data.new_order.order_id.value).second)
                    << "seed " << seed;
            }
        }
        later += after.received.size();
        // Both lives together are followed from the beginning.
        const auto again = run.stages(nullptr);
        VectorFeed feed_again(run.events);
        FeedWindow window_again(feed_again, Timestamp::min(), Timestamp::never());
        StageRerun check(*again, window_again);
        for (const JournalRecord& r : records) ASSERT_TRUE(check.take(r)) << text(check);
        ASSERT_TRUE(check.end_boot());
        check.begin_boot(2);
        for (const JournalRecord& r : more) {
            ASSERT_TRUE(check.take(r)) << "seed " << seed << ": " << text(check);
        }
        ASSERT_TRUE(check.end_boot()) << text(check);
        EXPECT_EQ(again->trading_hash(), second->trading_hash());
    }
    EXPECT_GT(open, 0u);
    EXPECT_GT(later, 80u);
}

}  // namespace
}  // namespace fermata
