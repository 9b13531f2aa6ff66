#include "daemon/pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/daemon/pipeline/driven_pipeline.hpp"
#include "tests/daemon/pipeline/pipeline_fixture.hpp"

namespace fermata {
namespace {

using testing::Collector;
using testing::SmallMarket;

/// Everything that a run with so many shards puts on record.
std::vector<OrderEvent> run(std::size_t shards, Duration latency, std::size_t quotes = 20'000) {
    SmallMarket market(4, 7);
    Collector collector;
    PipelineSetup setup = market.setup(12, shards, &collector);
    setup.venues[0].latency_in = latency;
    setup.venues[0].latency_out = latency;
    Pipeline pipeline(std::move(setup));
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    const MarketEvent first = market.next();
    pipeline.start(first.ts);
    scheduler.settle();
    scheduler.step(first);
    for (std::size_t i = 1; i < quotes; ++i) scheduler.step(market.next());
    scheduler.drain(clock.now() + pipeline.round_trip());
    pipeline.stop(clock.now());
    EXPECT_FALSE(pipeline.overflowed());
    return collector.events;
}

bool same_but_for_the_shard(const OrderEvent& a, const OrderEvent& b) {
    return std::memcmp(&a, &b, sizeof(OrderEvent)) == 0;
}

TEST(Pipeline, RecordsTheSameWhateverTheNumberOfShards) {
    for (const Duration latency : {Duration{0}, Duration::microseconds(1'700)}) {
        const auto one = run(1, latency);
        const auto four = run(4, latency);
        ASSERT_GT(one.size(), 1'000u);
        ASSERT_EQ(one.size(), four.size());
        for (std::size_t i = 0; i < one.size(); ++i) {
            ASSERT_TRUE(same_but_for_the_shard(one[i], four[i]))
                << "record " << i + 1 << " (" << name(one[i].type) << " / " << name(four[i].type)
                << ")";
        }
    }
}

TEST(Pipeline, NumbersItsStreamWithoutGapsAndNeverTurnsBack) {
    const auto events = run(3, Duration::milliseconds(2));
    for (std::size_t i = 0; i < events.size(); ++i) {
        ASSERT_EQ(events[i].seq, i + 1);
        if (i == 0) continue;
        ASSERT_GE(events[i].feed_position, events[i - 1].feed_position);
    }
}

TEST(Pipeline, RecordsIntentAndVerdictBeforeAnOrderIsSent) {
    std::size_t sent = 0;
    std::uint64_t intent = 0, verdict = 0;
    for (const OrderEvent& e : run(2, Duration{0})) {
        if (e.type == OrderEventType::kNewOrder) intent = e.data.new_order.order_id.value;
        if (e.type == OrderEventType::kVerdict) verdict = e.data.verdict.order_id.value;
        if (e.type != OrderEventType::kSendNew) continue;
        ++sent;
        ASSERT_EQ(e.data.new_order.order_id.value, intent);
        ASSERT_EQ(e.data.new_order.order_id.value, verdict);
    }
    EXPECT_GT(sent, 100u);
}

TEST(Pipeline, EndsWithBooksThatAgreeWithTheBrokers) {
    SmallMarket market(4, 11);
    Pipeline pipeline(market.setup(8, 2, nullptr));
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    pipeline.start(Timestamp{0});
    for (std::size_t i = 0; i < 20'000; ++i) scheduler.step(market.next());
    scheduler.drain(clock.now() + pipeline.round_trip());
    const SimBroker& broker = pipeline.exchange(VenueId{0}).broker();
    EXPECT_EQ(broker.cash(AccountId{0}, CurrencyId{0}),
              pipeline.accounts().cash(AccountId{0}, CurrencyId{0}));
    for (std::uint32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(broker.position(AccountId{0}, InstrumentId{i}),
                  pipeline.accounts().position(AccountId{0}, InstrumentId{i}));
    }
}

}  // namespace
}  // namespace fermata
