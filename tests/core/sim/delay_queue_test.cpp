#include "core/sim/delay_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <tuple>
#include <vector>

namespace fermata {
namespace {

using Kind = DelayQueue::Kind;

OrderEvent message(std::uint64_t seq) {
    OrderEvent e;
    e.seq = seq;
    return e;
}

TEST(DelayQueue, GivesBackByTimeThenByInsertion) {
    DelayQueue queue(4, 1);
    EXPECT_EQ(queue.next_due(), Timestamp::never());
    queue.push_message(Kind::kReport, Timestamp{20}, message(1));
    queue.push_message(Kind::kRequest, Timestamp{10}, message(2));
    queue.push_expiry(Timestamp{10}, 7);
    queue.push_message(Kind::kReport, Timestamp{10}, message(3));
    EXPECT_EQ(queue.next_due(), Timestamp{10});
    EXPECT_EQ(queue.pop().message->seq, 2U);
    const DelayQueue::Item expiry = queue.pop();
    EXPECT_EQ(expiry.kind, Kind::kExpiry);
    EXPECT_EQ(expiry.order, 7U);
    EXPECT_EQ(queue.pop().message->seq, 3U);
    EXPECT_EQ(queue.pop().message->seq, 1U);
    EXPECT_EQ(queue.next_due(), Timestamp::never());
}

RC_GTEST_PROP(DelayQueue, AgreesWithASortedSet, ()) {
    constexpr std::size_t kMax = 64;
    DelayQueue queue(kMax, kMax);
    std::set<std::tuple<std::int64_t, int, DelayQueue::Entry>> expected;  // due, insertion, entry
    const int steps = *rc::gen::inRange(1, 300);
    for (int n = 0; n < steps; ++n) {
        const int what = *rc::gen::inRange(0, 4);
        if (what <= 1 && expected.size() < kMax) {
            const std::int64_t due = *rc::gen::inRange(0, 20);
            const auto order = static_cast<SimSlot>(n);
            expected.emplace(due, n, queue.push_expiry(Timestamp{due}, order));
        } else if (what == 2 && !expected.empty()) {
            const DelayQueue::Item item = queue.pop();
            RC_ASSERT(item.due.ns == std::get<0>(*expected.begin()));
            RC_ASSERT(static_cast<int>(item.order) == std::get<1>(*expected.begin()));
            expected.erase(expected.begin());
        } else if (what == 3 && !expected.empty()) {
            auto victim = expected.begin();
            std::advance(victim, *rc::gen::inRange<std::size_t>(0, expected.size()));
            queue.remove(std::get<2>(*victim));
            expected.erase(victim);
        }
        const Timestamp due =
            expected.empty() ? Timestamp::never() : Timestamp{std::get<0>(*expected.begin())};
        RC_ASSERT(queue.next_due() == due);
    }
}

}  // namespace
}  // namespace fermata
