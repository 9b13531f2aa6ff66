#include "core/market/feed_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>

#include "core/port/feed.hpp"

namespace fermata {
namespace {

BarTimes times(std::int64_t start, std::int64_t end) {
    return {Timestamp{start}, Timestamp{end}, false};
}

MarketEvent trade_at(std::int64_t t) {
    return make_event(MarketEventType::kTrade, Timestamp{t}, InstrumentId{}, StreamId{});
}

void add_bar(FeedOutput& output, std::int64_t start, std::int64_t end,
             std::uint32_t instrument = 0) {
    output.bar(times(start, end), InstrumentId{instrument}, StreamId{}, BarData{});
}

void skip(FeedOutput& output, std::uint64_t line, std::optional<Timestamp> own = std::nullopt) {
    output.skipped(own, InstrumentId{}, StreamId{},
                   SkippedData{.line = line, .reason = SkipReason::kMalformed, .reserved = {}});
}

std::string outline(const FeedOutput& output) {
    std::string text;
    for (const MarketEvent& event : output.events()) {
        text += std::string(name(event.type)) + "@" + std::to_string(event.ts.ns);
        if (event.type == MarketEventType::kSkipped)
            text += "#" + std::to_string(event.data.skipped.line);
        text += " ";
    }
    return text;
}

TEST(FeedOutput, DeliversABarWhenNothingEarlierCanFollow) {
    FeedOutput output;
    add_bar(output, 10, 20);
    EXPECT_EQ(outline(output), "bar_open@10 ");
    add_bar(output, 20, 30);
    EXPECT_EQ(outline(output), "bar_open@10 bar@20 bar_open@20 ");
    EXPECT_FALSE(output.accepts(Timestamp{19}));
    EXPECT_TRUE(output.accepts(Timestamp{20}));
    output.finish();
    EXPECT_EQ(outline(output), "bar_open@10 bar@20 bar_open@20 bar@30 ");
}

TEST(FeedOutput, LetsABarBeginEarlierWithinItsLag) {
    FeedOutput output(Duration::nanoseconds(50));
    add_bar(output, 100, 200);
    add_bar(output, 60, 160);
    EXPECT_FALSE(output.accepts(Timestamp{49}));
    output.finish();
    EXPECT_EQ(outline(output), "bar_open@60 bar_open@100 bar@160 bar@200 ");
}

TEST(FeedOutput, PlacesARefusedRecordBehindWhatWasAccepted) {
    FeedOutput output;
    output.event(trade_at(10));
    skip(output, 2);
    skip(output, 3, Timestamp{12});
    skip(output, 4, Timestamp{5});
    output.event(trade_at(12));
    output.finish();
    EXPECT_EQ(outline(output), "trade@10 skipped@10#2 skipped@10#4 skipped@12#3 trade@12 ");
}

TEST(FeedOutput, RefusedRecordsWithoutATimeWaitForTheFirstOne) {
    FeedOutput output;
    skip(output, 2);
    skip(output, 3, Timestamp{40});
    output.event(trade_at(50));
    EXPECT_EQ(outline(output), "skipped@40#2 skipped@40#3 trade@50 ");
}

TEST(FeedOutput, NothingButRefusedRecordsIsAnError) {
    FeedOutput output;
    for (std::size_t i = 0; i < FeedOutput::kMaxHeld; ++i) skip(output, i);
    EXPECT_THROW(output.finish(), FeedError);
    EXPECT_THROW(skip(output, 0), FeedError);
}

TEST(FeedOutput, BoundsTheEventsThatWait) {
    FeedOutput output;
    output.event(trade_at(1));
    EXPECT_THROW(for (std::size_t i = 0; i <= FeedOutput::kMaxWaiting; ++i)
                     skip(output, i, Timestamp{2}),
                 FeedError);
}

RC_GTEST_PROP(FeedOutput, AnyAcceptedSequenceComesOutInOrderAndComplete, ()) {
    const auto lag = *rc::gen::element<std::int64_t>(0, 7);
    FeedOutput output{Duration::nanoseconds(lag)};
    const auto steps =
        *rc::gen::container<std::vector<std::pair<std::int64_t, std::int64_t>>>(rc::gen::pair(
            rc::gen::inRange<std::int64_t>(-3, 10), rc::gen::inRange<std::int64_t>(0, 30)));
    std::int64_t start = 0;
    std::size_t expected = 0;
    for (const auto& [step, length] : steps) {
        start += step;
        if (!output.accepts(Timestamp{start})) continue;
        if (length == 0) {
            skip(output, 1, Timestamp{start});
            expected += 1;
        } else {
            add_bar(output, start, start + length);
            expected += 2;
        }
    }
    output.finish();
    RC_ASSERT(output.events().size() == expected);
    for (std::size_t i = 1; i < output.events().size(); ++i) {
        const auto key = [&](std::size_t k) {
            return std::pair(output.events()[k].ts.ns, phase_of(output.events()[k]));
        };
        RC_ASSERT(key(i - 1) <= key(i));
        RC_ASSERT(output.events()[i].seq == 0u);
    }
}

}  // namespace
}  // namespace fermata
