#include "core/market/session_feed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fermata {
namespace {

/// Hands out the given events in batches of the given length.
class ListFeed final : public Feed {
public:
    ListFeed(std::vector<MarketEvent> events, std::size_t batch)
        : events_(std::move(events)), length_(batch) {}
    std::span<const MarketEvent> next() override {
        const std::size_t n = std::min(length_, events_.size() - at_);
        at_ += n;
        return {events_.data() + at_ - n, n};
    }
    std::string_view name() const noexcept override { return "list"; }
    FeedStats stats() const noexcept override {
        FeedStats stats;
        stats.events = at_;
        return stats;
    }
    std::string source_hash() const override { return "none"; }
    double progress() const noexcept override { return 1; }

private:
    std::vector<MarketEvent> events_;
    std::size_t length_;
    std::size_t at_ = 0;
};

/// Two sessions, [100, 200) and [300, 400).
Calendar calendar() {
    return Calendar("test", "UTC",
                    {Session{Date{0}, Timestamp{100}, Timestamp{200}, false},
                     Session{Date{1}, Timestamp{300}, Timestamp{400}, false}},
                    Date{0}, {Timestamp{0}, Timestamp{250}, Timestamp{500}});
}

MarketEvent event(MarketEventType type, std::int64_t ts) {
    return make_event(type, Timestamp{ts}, InstrumentId{0}, StreamId{0});
}

std::vector<std::string> run(std::vector<MarketEvent> events, std::size_t batch,
                             std::vector<const Calendar*> calendars) {
    SessionFeed feed(std::make_unique<ListFeed>(std::move(events), batch), std::move(calendars));
    std::vector<std::string> log;
    for (auto out = feed.next(); !out.empty(); out = feed.next()) {
        for (const MarketEvent& e : out) {
            std::string text = std::to_string(e.ts.ns) + " " + std::string(name(e.type));
            if (e.type == MarketEventType::kSession) {
                text += e.data.session.open != 0 ? " opens " : " closes ";
                text += std::to_string(e.instrument.value);
            }
            log.push_back(text);
        }
    }
    return log;
}

TEST(SessionFeed, PutsOpeningsBeforeBarOpensAndClosingsBehindBarEnds) {
    const Calendar c = calendar();
    for (const std::size_t batch : {1, 2, 100}) {
        EXPECT_EQ(
            run({event(MarketEventType::kBarOpen, 100), event(MarketEventType::kBar, 200),
                 event(MarketEventType::kBarOpen, 300), event(MarketEventType::kBar, 400)},
                batch, {&c}),
            (std::vector<std::string>{"99 session closes 0", "100 session opens 0", "100 bar_open",
                                      "200 bar", "200 session closes 0", "300 session opens 0",
                                      "300 bar_open", "400 bar", "400 session closes 0"}))
            << batch;
    }
}

TEST(SessionFeed, BeginsWithTheStateBeforeTheFirstEvent) {
    const Calendar c = calendar();
    EXPECT_EQ(run({event(MarketEventType::kTrade, 150)}, 1, {&c}),
              (std::vector<std::string>{"149 session opens 0", "150 trade"}));
    EXPECT_EQ(run({event(MarketEventType::kTrade, 250)}, 1, {&c}),
              (std::vector<std::string>{"249 session closes 0", "250 trade"}));
}

TEST(SessionFeed, ConcernsOnlyInstrumentsWithACalendarAndEndsWithTheData) {
    const Calendar c = calendar();
    EXPECT_EQ(
        run({event(MarketEventType::kTrade, 150), event(MarketEventType::kTrade, 350)}, 2,
            {nullptr, &c, &c}),
        (std::vector<std::string>{"149 session opens 1", "149 session opens 2", "150 trade",
                                  "200 session closes 1", "200 session closes 2",
                                  "300 session opens 1", "300 session opens 2", "350 trade"}));
    EXPECT_EQ(run({event(MarketEventType::kTrade, 900)}, 1, {&c}),
              (std::vector<std::string>{"900 trade"}))
        << "behind the calendar's end nothing is known";
    EXPECT_TRUE(run({}, 1, {&c}).empty());
}

}  // namespace
}  // namespace fermata
