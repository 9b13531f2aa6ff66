#include <gtest/gtest.h>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

/// So many orders, each canceled at once, over `span_us`: twice as many messages. The last one is
/// `span_us` after the first.
void flood(Story& story, int orders, std::int64_t span_us) {
    const int messages = 2 * orders;
    for (int i = 0; i < orders; ++i) {
        story.at_ns(2 * i * span_us * 1'000 / (messages - 1));
        const auto id = story.buy(9'900, 1);
        story.at_ns((2 * i + 1) * span_us * 1'000 / (messages - 1));
        story.cancel(id);
    }
}

TEST(QuoteStuffing, FindsAFloodOfMessages) {
    Story story(RuleId::kQuoteStuffing);
    flood(story, 150, 500'000);
    ASSERT_EQ(story.findings().size(), 1U);
    EXPECT_EQ(story.observed("messages_min"), 300);
    EXPECT_EQ(story.findings().front().severity, Severity::kHigh);
    // Who sent how many, the first and the last message, the trades.
    const auto& rows = story.findings().front().evidence;
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].count, 300U);
    EXPECT_EQ(rows[1].order_id.value, 1U);
    EXPECT_EQ(rows[1].position, 1U);
    EXPECT_EQ(rows[2].order_id.value, 150U);
    EXPECT_EQ(rows[3].deed, Deed::kTrades);
    EXPECT_EQ(rows[3].count, 0U);
}

TEST(QuoteStuffing, NeedsExactlyItsMessagesInItsTime) {
    struct Case {
        int orders;
        std::int64_t span_us;
        std::size_t found;
    };
    for (const Case& c : {Case{50, 1'000'000, 1}, Case{50, 1'000'001, 0}, Case{49, 1'000, 0}}) {
        Story story(RuleId::kQuoteStuffing);
        flood(story, c.orders, c.span_us);
        EXPECT_EQ(story.findings().size(), c.found) << c.orders << " in " << c.span_us;
    }
}

TEST(QuoteStuffing, LeavesAloneAFloodThatTrades) {
    // Of 100 orders, sent and filled: 100 messages, `fills` fills. Two in a hundred are too few.
    for (const int fills : {2, 3}) {
        Story story(RuleId::kQuoteStuffing);
        story.at(0);
        for (int i = 0; i < 100; ++i) {
            const auto id = story.buy(9'900, 1);
            if (i < fills) story.fill(id, 1);
        }
        EXPECT_EQ(story.findings().size(), fills == 2 ? 1U : 0U) << fills;
    }
}

TEST(QuoteStuffing, CountsTheFillsOfTheWholeFlood) {
    // 102 messages, then three fills within the same second.
    Story story(RuleId::kQuoteStuffing);
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 102; ++i) ids.push_back(story.at(i).buy(9'900, 1));
    for (std::size_t i = 0; i < 3; ++i) story.at(900).fill(ids[i], 1);
    EXPECT_TRUE(story.findings().empty());
}

TEST(QuoteStuffing, LeavesAloneFastQuotingOverTime) {
    // 90 messages a second for a minute.
    Story story(RuleId::kQuoteStuffing);
    for (int i = 0; i < 2'700; ++i) {
        story.at_ns(i * 22'300'000LL);
        story.cancel(story.buy(9'900, 1));
    }
    EXPECT_TRUE(story.findings().empty());
}

}  // namespace
}  // namespace fermata::surveillance
