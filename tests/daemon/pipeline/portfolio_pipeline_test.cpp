// Snapshots of portfolio risk in a run on one thread: they are on record, they decide about orders,
// and neither shards nor restarts change anything.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "tests/daemon/pipeline/daily_market.hpp"
#include "tests/daemon/pipeline/driven_pipeline.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using testing::Collector;
using testing::count_portfolio;
using testing::DailyMarket;
using testing::DrivenPipeline;
using testing::PortfolioCounts;

constexpr std::size_t kDays = 150;

/// Everything on record; before the events of `restarts` the pipeline is thrown away and built anew
/// from its state.
std::vector<OrderEvent> run(std::size_t shards, std::uint64_t seed,
                            const std::vector<std::size_t>& restarts = {}) {
    DailyMarket market;
    Collector collector;
    auto driven = std::make_unique<DrivenPipeline>(market.setup(shards, &collector));
    const std::vector<MarketEvent> events = DailyMarket::events(kDays, seed);
    driven->pipeline.start(events.front().ts);
    driven->scheduler.settle();
    auto next = restarts.begin();
    for (std::size_t n = 0; n < events.size(); ++n) {
        if (next != restarts.end() && *next == n) {
            ++next;
            const std::vector<std::byte> state = test::state_of(*driven);
            driven = std::make_unique<DrivenPipeline>(market.setup(shards, &collector));
            EXPECT_EQ(test::load_state(*driven, state), "");
            EXPECT_TRUE(test::state_of(*driven) == state) << "before event " << n;
        }
        driven->scheduler.step(events[n]);
        if (::testing::Test::HasFailure()) return {};
    }
    driven->pipeline.stop(driven->clock.now());
    EXPECT_FALSE(driven->pipeline.overflowed());
    return collector.events;
}

void expect_same(const std::vector<OrderEvent>& a, const std::vector<OrderEvent>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        ASSERT_EQ(std::memcmp(&a[i], &b[i], sizeof(OrderEvent)), 0)
            << "record " << i + 1 << " (" << name(a[i].type) << " / " << name(b[i].type) << ")";
    }
}

TEST(PortfolioPipeline, PutsOneSnapshotADayOnRecordAndOrdersAreJudgedByIt) {
    const std::vector<OrderEvent> records = run(1, 1);
    const PortfolioCounts counts = count_portfolio(records);
    // The first one needs ten returns, so eleven days that are over.
    EXPECT_EQ(counts.snapshots, kDays - DailyMarket::kDaysMin - 1);
    EXPECT_EQ(counts.refused_by_snapshots, 0U);
    EXPECT_GT(counts.refused_before, 5U);
    EXPECT_GT(counts.refused_after, 50U);
    EXPECT_GT(counts.approved_after, 200U);
    EXPECT_GT(counts.fills, 200U);
    std::uint64_t seen = 0;
    for (const OrderEvent& e : records) {
        if (e.type != OrderEventType::kRiskSnapshot) continue;
        const RiskSnapshotData& data = e.data.risk_snapshot;
        EXPECT_EQ(data.number, ++seen);
        EXPECT_EQ(data.days, std::min<std::uint64_t>(seen + DailyMarket::kDaysMin - 1, 40));
        EXPECT_EQ(data.measured, DailyMarket::kInstruments);
        // It holds the days before, and goes into force before any order of the new one.
        EXPECT_EQ(data.feed_position + 1, e.feed_position);
        EXPECT_EQ(data.feed_position, (DailyMarket::kDaysMin + seen) * DailyMarket::kQuotesADay);
    }
}

TEST(PortfolioPipeline, RecordsTheSameWhateverTheNumberOfShards) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const std::vector<OrderEvent> one = run(1, seed);
        expect_same(one, run(4, seed));
        expect_same(one, run(3, seed));
    }
}

TEST(PortfolioPipeline, GoesOnAfterARestartAsIfNothingHadHappened) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        std::mt19937_64 random(seed);
        std::vector<std::size_t> restarts;
        for (std::size_t n = 1; n < kDays * DailyMarket::kQuotesADay; n += 1 + random() % 60) {
            restarts.push_back(n);
        }
        expect_same(run(2, seed), run(2, seed, restarts));
    }
}

TEST(PortfolioPipeline, HasNoStageForRiskThatNobodyReads) {
    testing::SmallMarket market(3);
    const PipelineStages without(market.setup(3, 1, nullptr), StageWiring{});
    EXPECT_EQ(without.portfolio, nullptr);
    EXPECT_EQ(without.snapshots, nullptr);
    EXPECT_EQ(without.portfolio_market, nullptr);
    for (const char* key : {"var_parametric", "var_historical", "stress"}) {
        PipelineSetup setup = market.setup(3, 1, nullptr);
        ASSERT_TRUE(setup.risk.set_limit(key, "1%").ok());
        EXPECT_NE(PipelineStages(std::move(setup), StageWiring{}).portfolio, nullptr) << key;
    }
    // One account is enough.
    PipelineSetup setup = market.setup(3, 1, nullptr);
    ASSERT_TRUE(setup.risk.set_override(Scope::kAccount, 0, "correlated", "2").ok());
    EXPECT_NE(PipelineStages(std::move(setup), StageWiring{}).portfolio, nullptr);
}

}  // namespace
}  // namespace fermata
