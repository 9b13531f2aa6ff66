#include "daemon/live/paced_source.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fermata::test {
namespace {

class ListFeed final : public Feed {
public:
    explicit ListFeed(const std::vector<std::int64_t>& times) {
        for (const std::int64_t t : times) {
            events_.push_back(
                make_event(MarketEventType::kTrade, Timestamp{t}, InstrumentId{0}, StreamId{0}));
        }
    }
    std::span<const MarketEvent> next() override {
        if (given_ == events_.size()) return {};
        return std::span(events_).subspan(given_++, 1);
    }
    std::string_view name() const noexcept override { return "list"; }
    FeedStats stats() const noexcept override { return {}; }
    std::string source_hash() const override { return {}; }
    double progress() const noexcept override { return 0; }

private:
    std::vector<MarketEvent> events_;
    std::size_t given_ = 0;
};

TEST(PacedSource, HandsOutEventsAtAMultipleOfTheirPaceFromTheFirstOne) {
    ListFeed feed({1'000, 1'100, 1'500});
    PacedSource source(feed, Timestamp::min(), Timestamp::never(), 2);
    source.begin(70'000);
    std::vector<std::int64_t> due;
    for (; source.front() != nullptr; source.pop()) due.push_back(source.due_ns());
    EXPECT_EQ(due, (std::vector<std::int64_t>{70'000, 70'050, 70'250}));
}

TEST(PacedSource, GoesOnBehindWhatWasHadBeforeAtOnce) {
    ListFeed feed({1'000, 1'100, 1'500, 1'600});
    PacedSource source(feed, Timestamp::min(), Timestamp::never(), 1);
    source.skip(2);
    source.begin(70'000);
    ASSERT_NE(source.front(), nullptr);
    EXPECT_EQ(source.front()->ts.ns, 1'500);
    EXPECT_EQ(source.due_ns(), 70'000);
    source.pop();
    ASSERT_NE(source.front(), nullptr);
    EXPECT_EQ(source.due_ns(), 70'100);
}

TEST(PacedSource, LeavesOutWhatLiesOutsideOfTheRun) {
    ListFeed feed({1'000, 1'100, 1'500, 1'600});
    PacedSource source(feed, Timestamp{1'100}, Timestamp{1'600}, 0);
    std::vector<std::int64_t> given;
    for (; source.front() != nullptr; source.pop()) given.push_back(source.front()->ts.ns);
    EXPECT_EQ(given, (std::vector<std::int64_t>{1'100, 1'500}));
}

TEST(PacedSource, FindsTheNextTimeOfDay) {
    constexpr std::int64_t kHour = 3'600'000'000'000;
    // 2024-01-02 14:30 is half past two on any day.
    const Timestamp first{19'724 * 24 * kHour + 14 * kHour + kHour / 2};
    const Timestamp morning{20'000 * 24 * kHour + 9 * kHour};
    const Timestamp evening{20'000 * 24 * kHour + 20 * kHour};
    EXPECT_EQ(until_time_of_day(morning, first), Duration{5 * kHour + kHour / 2});
    EXPECT_EQ(until_time_of_day(evening, first), Duration{18 * kHour + kHour / 2});
}

}  // namespace
}  // namespace fermata::test
