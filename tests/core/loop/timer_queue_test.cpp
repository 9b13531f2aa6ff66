#include "core/loop/timer_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

PendingTimer timer(std::int64_t due, std::uint16_t strategy, std::uint64_t order) {
    return {Timestamp{due}, StrategyId{strategy}, order, 100 + order};
}

TEST(TimerQueue, FiresByTimeThenStrategyThenAsSet) {
    TimerQueue queue(4);
    ASSERT_TRUE(queue.push(timer(5, 1, 1)));
    ASSERT_TRUE(queue.push(timer(5, 0, 2)));
    ASSERT_TRUE(queue.push(timer(5, 0, 1)));
    ASSERT_TRUE(queue.push(timer(4, 3, 1)));
    EXPECT_FALSE(queue.push(timer(1, 0, 3)));  // full
    EXPECT_EQ(queue.next_due(), Timestamp{4});
    EXPECT_EQ(queue.pop().strategy, StrategyId{3});
    EXPECT_EQ(queue.pop().timer_id, 101u);
    EXPECT_EQ(queue.pop().timer_id, 102u);
    EXPECT_EQ(queue.pop().strategy, StrategyId{1});
    EXPECT_EQ(queue.next_due(), Timestamp::never());
}

RC_GTEST_PROP(TimerQueue, GoesOnAfterARestartAsIfNothingHadHappened, ()) {
    TimerQueue original(16);
    TimerQueue restarted(16);
    for (std::uint64_t n = 0; n < 200; ++n) {
        if (*rc::gen::inRange(0, 3) > 0) {
            const PendingTimer t = timer(*rc::gen::inRange(0, 20),
                                         static_cast<std::uint16_t>(*rc::gen::inRange(0, 3)), n);
            RC_ASSERT(original.push(t) == restarted.push(t));
        } else if (original.size() > 0) {
            const PendingTimer a = original.pop();
            const PendingTimer b = restarted.pop();
            RC_ASSERT(a.order == b.order && a.due == b.due && a.timer_id == b.timer_id);
        }
        test::restart(restarted, std::size_t{16});
        RC_ASSERT(!::testing::Test::HasFailure());
        RC_ASSERT(original.next_due() == restarted.next_due());
    }
}

TEST(TimerQueue, RefusesTimersThatAreNotInTheirOrder) {
    std::vector<PendingTimer> timers{timer(5, 1, 1), timer(4, 1, 2)};
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    writer.sized(timers, 2);
    TimerQueue queue(4);
    EXPECT_EQ(test::load_state(queue, bytes), "the state: timers are not in their order");
    TimerQueue small(1);
    EXPECT_EQ(test::load_state(small, bytes),
              "the state: a table holds more than there is room for");
}

}  // namespace
}  // namespace fermata
