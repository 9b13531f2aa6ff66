#include "core/market/merged_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace fermata {
namespace {

MarketEvent event_at(std::int64_t ts, MarketEventType type = MarketEventType::kTrade,
                     std::uint32_t instrument = 0) {
    return make_event(type, Timestamp{ts}, InstrumentId{instrument}, StreamId{});
}

/// Given events, cut into batches of the given sizes (the last size repeats).
class ListFeed final : public Feed {
public:
    ListFeed(std::string name, std::vector<MarketEvent> events,
             std::vector<std::size_t> sizes = {3})
        : name_(std::move(name)), events_(std::move(events)), sizes_(std::move(sizes)) {}
    std::span<const MarketEvent> next() override {
        const std::size_t size =
            std::max<std::size_t>(1, sizes_[std::min(calls_++, sizes_.size() - 1)]);
        const std::size_t n = std::min(size, events_.size() - position_);
        batch_.assign(events_.begin() + static_cast<std::ptrdiff_t>(position_),
                      events_.begin() + static_cast<std::ptrdiff_t>(position_ + n));
        position_ += n;
        return batch_;
    }
    std::string_view name() const noexcept override { return name_; }
    FeedStats stats() const noexcept override {
        FeedStats stats;
        stats.records = position_;
        stats.events = position_;
        stats.skipped[2] = 1;
        return stats;
    }
    std::string source_hash() const override { return "sha256:" + name_; }
    double progress() const noexcept override {
        return static_cast<double>(position_) / static_cast<double>(events_.size());
    }

private:
    std::string name_;
    std::vector<MarketEvent> events_;
    std::vector<std::size_t> sizes_;
    std::vector<MarketEvent> batch_;
    std::size_t calls_ = 0;
    std::size_t position_ = 0;
};

std::vector<MarketEvent> drain(Feed& feed) {
    std::vector<MarketEvent> all;
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        all.insert(all.end(), batch.begin(), batch.end());
    }
    return all;
}

template <class... Feeds>
MergedFeed merge(Feeds... feeds) {
    std::vector<std::unique_ptr<Feed>> list;
    (list.push_back(std::move(feeds)), ...);
    return MergedFeed(std::move(list));
}

std::unique_ptr<Feed> list(std::string name, std::vector<MarketEvent> events) {
    return std::make_unique<ListFeed>(std::move(name), std::move(events));
}

std::string outline(const std::vector<MarketEvent>& events) {
    std::string text;
    for (const MarketEvent& event : events) {
        text += std::to_string(event.ts.ns) + "/" + std::to_string(event.instrument.value) + " ";
    }
    return text;
}

TEST(MergedFeed, OrdersByTimeThenPhaseThenPositionOfTheFeed) {
    using enum MarketEventType;
    MergedFeed merged =
        merge(list("a", {event_at(1, kTrade, 1), event_at(2, kBarOpen, 1), event_at(3, kTrade, 1)}),
              list("b", {event_at(1, kTrade, 2), event_at(2, kBar, 2), event_at(2, kBarOpen, 2)}));
    EXPECT_EQ(outline(drain(merged)), "1/1 1/2 2/2 2/1 2/2 3/1 ");
}

TEST(MergedFeed, HandsOnASingleFeedWithoutCopying) {
    std::vector<MarketEvent> events;
    for (int i = 0; i < 1000; ++i) events.push_back(event_at(i));
    auto feed = std::make_unique<ListFeed>("a", events, std::vector<std::size_t>{500});
    MergedFeed merged = merge(std::unique_ptr<Feed>(std::move(feed)));
    EXPECT_EQ(merged.next().size(), 500u);
    EXPECT_EQ(merged.next().size(), 500u);
    EXPECT_TRUE(merged.next().empty());
    EXPECT_EQ(merged.name(), "a");
    EXPECT_EQ(merged.source_hash(), "sha256:a");
}

TEST(MergedFeed, WithoutFeedsIsEmpty) {
    MergedFeed merged({});
    EXPECT_TRUE(merged.next().empty());
    EXPECT_EQ(merged.progress(), 1.0);
}

TEST(MergedFeed, NamesAFeedThatStepsBackInTime) {
    for (const std::vector<std::size_t>& sizes : {std::vector<std::size_t>{1}, {10}}) {
        std::vector<std::unique_ptr<Feed>> feeds;
        feeds.push_back(list("good.csv", {event_at(1), event_at(9)}));
        feeds.push_back(std::make_unique<ListFeed>(
            "bad.csv", std::vector<MarketEvent>{event_at(5), event_at(4)}, sizes));
        MergedFeed merged(std::move(feeds));
        try {
            drain(merged);
            FAIL();
        } catch (const FeedError& error) {
            EXPECT_THAT(error.what(), testing::HasSubstr("bad.csv: the feed steps back"));
        }
    }
}

TEST(MergedFeed, NamesAFeedThatStepsBackInPhase) {
    MergedFeed merged = merge(
        list("bad", {event_at(5, MarketEventType::kBarOpen), event_at(5, MarketEventType::kBar)}));
    EXPECT_THROW(drain(merged), FeedError);
}

TEST(MergedFeed, AddsUpTheStatisticsOfItsFeeds) {
    MergedFeed merged = merge(list("a", {event_at(1), event_at(2)}), list("b", {event_at(3)}));
    drain(merged);
    EXPECT_EQ(merged.stats().records, 3u);
    EXPECT_EQ(merged.stats().events, 3u);
    EXPECT_EQ(merged.stats().skipped_total(), 2u);
    EXPECT_EQ(merged.source_hash(), "sha256:a,sha256:b");
    EXPECT_EQ(merged.progress(), 1.0);
}

/// The plain reference: all events in one list, sorted stably by (time, phase, feed).
RC_GTEST_PROP(MergedFeed, EqualsAStableSortWhateverTheBatches, ()) {
    using enum MarketEventType;
    const auto count = *rc::gen::inRange<std::size_t>(1, 20);
    std::vector<std::unique_ptr<Feed>> feeds;
    std::vector<std::pair<std::size_t, MarketEvent>> all;
    for (std::size_t f = 0; f < count; ++f) {
        std::vector<MarketEvent> events;
        const auto times = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange(-5, 30));
        for (const std::int64_t t : times) {
            const auto type = *rc::gen::element(kTrade, kBar, kBarOpen, kCorporateAction);
            events.push_back(event_at(t, type, static_cast<std::uint32_t>(f)));
        }
        // Not std::stable_sort: its buffer would not be aligned for events.
        for (std::size_t i = 0; i < events.size(); ++i) events[i].data.words[0] = i;
        std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
            return std::tuple(a.ts.ns, phase_of(a), a.data.words[0]) <
                   std::tuple(b.ts.ns, phase_of(b), b.data.words[0]);
        });
        for (std::size_t i = 0; i < events.size(); ++i) {
            events[i].data.words[0] = i;
            all.emplace_back(f, events[i]);
        }
        const auto sizes = *rc::gen::nonEmpty(
            rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 400)));
        feeds.push_back(std::make_unique<ListFeed>(std::to_string(f), events, sizes));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.second.ts.ns, phase_of(a.second), a.first, a.second.data.words[0]) <
               std::tuple(b.second.ts.ns, phase_of(b.second), b.first, b.second.data.words[0]);
    });
    MergedFeed merged(std::move(feeds));
    const std::vector<MarketEvent> events = drain(merged);
    RC_ASSERT(events.size() == all.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        RC_ASSERT(events[i].instrument == all[i].second.instrument);
        RC_ASSERT(events[i].data.words[0] == all[i].second.data.words[0]);
        RC_ASSERT(events[i].ts == all[i].second.ts);
    }
}

TEST(MergedFeed, MergesLongRunsOfManyFeeds) {
    // 40 feeds of 5,000 events in runs of 700 with the same time, so that runs are handed on whole.
    std::vector<std::unique_ptr<Feed>> feeds;
    for (std::uint32_t f = 0; f < 40; ++f) {
        std::vector<MarketEvent> events;
        for (int i = 0; i < 5000; ++i)
            events.push_back(event_at(i / 700, MarketEventType::kTrade, f));
        feeds.push_back(
            std::make_unique<ListFeed>(std::to_string(f), events, std::vector<std::size_t>{333}));
    }
    MergedFeed merged(std::move(feeds));
    const std::vector<MarketEvent> events = drain(merged);
    ASSERT_EQ(events.size(), 200'000u);
    const auto key = [](const MarketEvent& e) { return std::pair(e.ts.ns, e.instrument.value); };
    EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                               [&](const auto& a, const auto& b) { return key(a) < key(b); }));
}

}  // namespace
}  // namespace fermata
