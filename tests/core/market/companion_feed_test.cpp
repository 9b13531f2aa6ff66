#include "core/market/companion_feed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace fermata {
namespace {

/// Hands out the given events in batches of the given length.
class ListFeed final : public Feed {
public:
    ListFeed(std::vector<MarketEvent> events, std::size_t batch, std::string hash = "none")
        : events_(std::move(events)), length_(batch), hash_(std::move(hash)) {}
    std::span<const MarketEvent> next() override {
        const std::size_t n = std::min(length_, events_.size() - at_);
        at_ += n;
        return {events_.data() + at_ - n, n};
    }
    std::string_view name() const noexcept override { return "list"; }
    FeedStats stats() const noexcept override {
        FeedStats stats;
        stats.records = at_;
        return stats;
    }
    std::string source_hash() const override { return hash_; }
    double progress() const noexcept override { return 1; }

private:
    std::vector<MarketEvent> events_;
    std::size_t length_;
    std::string hash_;
    std::size_t at_ = 0;
};

MarketEvent event(MarketEventType type, std::int64_t ts) {
    return make_event(type, Timestamp{ts}, InstrumentId{0}, StreamId{0});
}
std::vector<MarketEvent> actions(const std::vector<std::int64_t>& times) {
    std::vector<MarketEvent> events;
    for (const std::int64_t t : times)
        events.push_back(event(MarketEventType::kCorporateAction, t));
    return events;
}

std::vector<std::pair<std::int64_t, std::string>> run(std::vector<MarketEvent> main,
                                                      std::vector<MarketEvent> companion,
                                                      std::size_t batch) {
    CompanionFeed feed(std::make_unique<ListFeed>(std::move(main), batch),
                       std::make_unique<ListFeed>(std::move(companion), batch));
    std::vector<std::pair<std::int64_t, std::string>> log;
    for (auto out = feed.next(); !out.empty(); out = feed.next()) {
        for (const MarketEvent& e : out) log.emplace_back(e.ts.ns, name(e.type));
    }
    EXPECT_EQ(feed.stats().events, log.size());
    return log;
}

TEST(CompanionFeed, DeliversItsEventsByPhaseAndNoneOutsideTheMainFeed) {
    using Log = std::vector<std::pair<std::int64_t, std::string>>;
    for (const std::size_t batch : {1, 2, 100}) {
        EXPECT_EQ(run({event(MarketEventType::kBarOpen, 100), event(MarketEventType::kBar, 200),
                       event(MarketEventType::kBarOpen, 200), event(MarketEventType::kBar, 300)},
                      actions({5, 99, 150, 151, 200, 250, 301, 900}), batch),
                  (Log{{100, "bar_open"},
                       {150, "corporate_action"},
                       {151, "corporate_action"},
                       {200, "bar"},
                       {200, "corporate_action"},
                       {200, "bar_open"},
                       {250, "corporate_action"},
                       {300, "bar"}}))
            << batch;
    }
}

TEST(CompanionFeed, IsEmptyWhenTheMainFeedIs) { EXPECT_TRUE(run({}, actions({1, 2}), 10).empty()); }

TEST(CompanionFeed, NamesBothSourcesInItsHash) {
    const CompanionFeed feed(std::make_unique<ListFeed>(actions({}), 1, "a:1"),
                             std::make_unique<ListFeed>(actions({}), 1, "b:2"));
    EXPECT_EQ(feed.source_hash(), "a:1,b:2");
}

// Against the plain way: sort everything, cut what lies outside.
RC_GTEST_PROP(CompanionFeed, IsTheSortedUnionWithinTheMainFeedsRange, ()) {
    const auto times = [](std::size_t n) {
        auto t = *rc::gen::container<std::vector<std::int64_t>>(
            n, rc::gen::inRange<std::int64_t>(0, 30));
        std::sort(t.begin(), t.end());
        return t;
    };
    const auto main_times = times(*rc::gen::inRange<std::size_t>(1, 20));
    const auto action_times = times(*rc::gen::inRange<std::size_t>(0, 20));
    std::vector<MarketEvent> main;
    for (const std::int64_t t : main_times) main.push_back(event(MarketEventType::kQuote, t));
    std::vector<std::pair<std::int64_t, std::string>> expected;
    for (const std::int64_t t : main_times) expected.emplace_back(t, "quote");
    for (const std::int64_t t : action_times) {
        // A quote is phase 0: an action at the time of the first quote follows it, one at the time
        // of the last would come behind everything.
        if (t >= main_times.front() && t < main_times.back()) {
            expected.emplace_back(t, "corporate_action");
        }
    }
    std::stable_sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    const auto batch = *rc::gen::inRange<std::size_t>(1, 8);
    RC_ASSERT(run(main, actions(action_times), batch) == expected);
}

}  // namespace
}  // namespace fermata
