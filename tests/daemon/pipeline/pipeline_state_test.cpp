// A pipeline that is restarted from its own state again and again does what one does that is not.

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "tests/daemon/pipeline/driven_pipeline.hpp"
#include "tests/daemon/pipeline/rich_market.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using testing::Collector;
using testing::DrivenPipeline;
using testing::RichMarket;

struct Outcome {
    std::vector<OrderEvent> records;
    std::vector<std::byte> state;  // before the end
};

constexpr std::size_t kEvents = 6'000;

/// Runs the market; before the events of `restarts` everything is thrown away and built anew.
Outcome run(const RichMarket& market, std::size_t shards, std::uint64_t seed,
            const std::vector<std::size_t>& restarts) {
    Collector collector;
    auto driven = std::make_unique<DrivenPipeline>(market.setup(shards, &collector));
    const std::vector<MarketEvent> events = market.events(seed, kEvents);
    driven->clock.advance_to(events.front().ts);
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
    Outcome outcome;
    driven->scheduler.drain(driven->clock.now() + driven->pipeline.round_trip());
    outcome.state = test::state_of(*driven);
    driven->pipeline.stop(driven->clock.now());
    EXPECT_FALSE(driven->pipeline.overflowed());
    outcome.records = std::move(collector.events);
    return outcome;
}

class PipelineState : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(PipelineState, GoesOnAfterARestartAsIfNothingHadHappened) {
    const RichMarket market;
    std::mt19937_64 random(GetParam());
    for (const std::size_t shards : {1, 3}) {
        const Outcome whole = run(market, shards, GetParam(), {});
        std::vector<std::size_t> restarts;
        for (std::size_t n = 0; n < kEvents; n += 1 + random() % 120) restarts.push_back(n);
        const Outcome cut = run(market, shards, GetParam(), restarts);
        ASSERT_FALSE(HasFailure());
        ASSERT_EQ(whole.records.size(), cut.records.size());
        for (std::size_t i = 0; i < whole.records.size(); ++i) {
            ASSERT_EQ(std::memcmp(&whole.records[i], &cut.records[i], sizeof(OrderEvent)), 0)
                << "record " << i + 1 << " (" << name(whole.records[i].type) << " / "
                << name(cut.records[i].type) << ")";
        }
        EXPECT_TRUE(whole.state == cut.state) << "the states at the end differ";
        // The run must have been worth it.
        std::map<OrderEventType, int> count;
        std::map<OrderState, int> ends;
        int refused = 0;
        for (const OrderEvent& e : whole.records) {
            ++count[e.type];
            if (e.type == OrderEventType::kOrderUpdate) ++ends[e.data.update.state];
            if (e.type == OrderEventType::kVerdict) refused += e.data.verdict.approved == 0 ? 1 : 0;
        }
        EXPECT_GT(count[OrderEventType::kFill], 300);
        EXPECT_GT(count[OrderEventType::kTimer], 50);
        EXPECT_GT(count[OrderEventType::kSendReplace], 50);
        EXPECT_GT(count[OrderEventType::kSendCancel], 50);
        EXPECT_GT(count[OrderEventType::kPosition], 5);
        EXPECT_GT(ends[OrderState::kExpired], 20);
        EXPECT_GT(refused, 50);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PipelineState, ::testing::Range<std::uint64_t>(1, 5));

/// The state of a run that has seen something.
std::vector<std::byte> some_state(const RichMarket& market, std::size_t shards = 2) {
    DrivenPipeline driven(market.setup(shards, nullptr));
    const std::vector<MarketEvent> events = market.events(1, 2'000);
    driven.pipeline.start(events.front().ts);
    driven.scheduler.settle();
    for (const MarketEvent& e : events) driven.scheduler.step(e);
    return test::state_of(driven);
}

TEST(PipelineStateBytes, NameTheSectionThatIsDamaged) {
    const RichMarket market;
    const std::vector<std::byte> state = some_state(market);
    std::mt19937_64 random(1);
    for (int n = 0; n < 300; ++n) {
        const std::vector<std::byte> bad = test::damaged(state, random, n);
        DrivenPipeline into(market.setup(2, nullptr));
        const std::string error = test::load_state(into, bad);
        EXPECT_TRUE(error.starts_with("section pipeline") || error.starts_with("section scheduler"))
            << error;
    }
}

TEST(PipelineStateBytes, AreRefusedByAnotherSetup) {
    const RichMarket market;
    const std::vector<std::byte> state = some_state(market);
    DrivenPipeline other_shards(market.setup(3, nullptr));
    EXPECT_EQ(test::load_state(other_shards, state),
              "section pipeline: there is another number of shards");
    PipelineSetup setup = market.setup(2, nullptr);
    setup.strategies.pop_back();
    DrivenPipeline other_strategies(std::move(setup));
    EXPECT_EQ(test::load_state(other_strategies, state),
              "section pipeline/accounts: a table has another size than the configuration says");
    DrivenPipeline started(market.setup(2, nullptr));
    started.pipeline.start(Timestamp{1});
    started.scheduler.settle();
    EXPECT_EQ(
        test::load_state(started, state),
        "section pipeline/shard 0: a shard that was started already is no place to read into");
}

TEST(PipelineStateBytes, AreNotWrittenWhileALaneHoldsSomething) {
    const RichMarket market;
    DrivenPipeline driven(market.setup(1, nullptr));
    driven.pipeline.start(Timestamp{1});
    driven.pipeline.publish(market.events(1, 1).front(), 1);
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    driven.persist(writer);
    ASSERT_FALSE(writer.ok());
    EXPECT_EQ(writer.error().message(), "section pipeline: a lane is not empty");
}

}  // namespace
}  // namespace fermata
