#include "core/loop/lockstep.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/loop/event_loop.hpp"
#include "core/loop/timer_queue.hpp"

namespace fermata {
namespace {

/// Records in which order the scheduler drives it.
struct Recorder {
    std::vector<std::string> log;
    std::multimap<std::int64_t, std::string> exchange, timers;
    int unsettled = 0;

    void publish(const MarketEvent& e, std::uint64_t position) {
        log.push_back("market " + std::to_string(e.ts.ns) + " #" + std::to_string(position));
        ++unsettled;
    }
    static Timestamp first(const std::multimap<std::int64_t, std::string>& m) {
        return m.empty() ? Timestamp::never() : Timestamp{m.begin()->first};
    }
    void fire(std::multimap<std::int64_t, std::string>& m, Timestamp now) {
        EXPECT_EQ(unsettled, 0) << "two inputs without running to quiescence between them";
        while (!m.empty() && m.begin()->first <= now.ns) {
            log.push_back(m.begin()->second + " " + std::to_string(now.ns));
            m.erase(m.begin());
        }
        ++unsettled;
    }
    Timestamp exchange_due() { return first(exchange); }
    void advance_exchanges(Timestamp now) { fire(exchange, now); }
    Timestamp timer_due() { return first(timers); }
    void fire_timers(Timestamp now) { fire(timers, now); }
    void run_to_quiescence() { unsettled = 0; }
};

MarketEvent at(std::int64_t ns) {
    return make_event(MarketEventType::kTrade, Timestamp{ns}, InstrumentId{0}, StreamId{0});
}

TEST(Lockstep, TakesMarketThenExchangeThenTimersWhenTimesAreEqual) {
    Recorder pipeline;
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    pipeline.exchange = {{10, "exchange"}, {15, "exchange"}};
    pipeline.timers = {{10, "timer"}, {12, "timer"}};
    scheduler.settle();
    scheduler.step(at(10));
    scheduler.step(at(10));
    scheduler.step(at(20));
    EXPECT_EQ(pipeline.log,
              (std::vector<std::string>{"market 10 #1", "market 10 #2", "exchange 10", "timer 10",
                                        "timer 12", "exchange 15", "market 20 #3"}));
    EXPECT_EQ(clock.now().ns, 20);
}

TEST(Lockstep, DeliversWhatIsUnderWayAfterTheLastEventButFiresNoLaterTimer) {
    Recorder pipeline;
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    scheduler.step(at(5));
    pipeline.exchange = {{7, "report"}, {90, "expiry"}};
    pipeline.timers = {{6, "timer"}};
    scheduler.drain(Timestamp{10});
    EXPECT_EQ(pipeline.log, (std::vector<std::string>{"market 5 #1", "report 7"}));
}

TEST(Lockstep, NeverTurnsTheClockBackForATimerInThePast) {
    Recorder pipeline;
    VirtualClock clock;
    LockstepScheduler scheduler(pipeline, clock);
    scheduler.step(at(100));
    pipeline.timers = {{50, "late timer"}};
    scheduler.settle();
    scheduler.step(at(101));
    EXPECT_EQ(pipeline.log,
              (std::vector<std::string>{"market 100 #1", "late timer 100", "market 101 #2"}));
}

TEST(TimerQueue, OrdersByTimeThenStrategyThenAsSetAndIsBounded) {
    TimerQueue queue(4);
    ASSERT_TRUE(queue.push({Timestamp{20}, StrategyId{0}, 1, 1}));
    ASSERT_TRUE(queue.push({Timestamp{10}, StrategyId{2}, 1, 2}));
    ASSERT_TRUE(queue.push({Timestamp{10}, StrategyId{1}, 2, 3}));
    ASSERT_TRUE(queue.push({Timestamp{10}, StrategyId{1}, 1, 4}));
    EXPECT_FALSE(queue.push({Timestamp{1}, StrategyId{0}, 1, 5}));
    std::vector<std::uint64_t> fired;
    while (queue.next_due() != Timestamp::never()) fired.push_back(queue.pop().timer_id);
    EXPECT_EQ(fired, (std::vector<std::uint64_t>{4, 3, 2, 1}));
}

/// Hands a token on to the other one a number of times.
struct Player {
    int* mine;
    int* other;
    int throws_left;
    Polled poll(std::size_t budget) {
        if (*mine == 0 || budget == 0) return {};
        --*mine;
        if (throws_left == 0) return {1, 0};
        --throws_left;
        ++*other;
        return {1, 1};
    }
};

TEST(EventLoop, PassesUntilAPassEmitsNothing) {
    int a = 1, b = 0;
    Player first{&a, &b, 3}, second{&b, &a, 2};
    EventLoop loop(first, second);
    loop.run_to_quiescence();
    EXPECT_EQ(a + b, 0) << "a token was left on the way";
    EXPECT_EQ(first.throws_left, 0);
    EXPECT_EQ(second.throws_left, 0);
}

TEST(EventLoop, GivesUpWhereThereIsNoEnd) {
    int a = 1, b = 0;
    Player first{&a, &b, 1'000'000}, second{&b, &a, 1'000'000};
    EventLoop loop(first, second);
    EXPECT_FALSE(loop.run_to_quiescence(1'000));
    EXPECT_EQ(first.throws_left, 1'000'000 - 1'000);
    EXPECT_TRUE(loop.run_to_quiescence());
}

}  // namespace
}  // namespace fermata
