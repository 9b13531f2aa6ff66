#include "core/market/corporate_action_feed.hpp"

#include <gtest/gtest.h>

#include "core/types/decimal.hpp"
#include "tests/core/market/new_york.hpp"

namespace fermata {
namespace {

using test::at;

Calendar days(const char* zone, const char* first_midnight, Date first, int count) {
    std::vector<Timestamp> midnights;
    for (int i = 0; i <= count; ++i) midnights.push_back(at(first_midnight) + Duration::days(i));
    return Calendar(zone, zone, {}, first, midnights);
}

struct Market {
    InstrumentTable instruments;
    Calendar new_york = days("America/New_York", "2012-01-02T05:00Z", to_date(2012, 1, 2), 5);
    Calendar tokyo = days("Asia/Tokyo", "2012-01-01T15:00Z", to_date(2012, 1, 2), 5);
    std::vector<const Calendar*> calendars{&new_york, &tokyo, nullptr};

    Market() {
        for (const char* symbol : {"IBM", "SONY", "BTC"}) {
            Instrument i;
            i.symbol = symbol;
            i.ticks = {{Timestamp::min(), Price::from_raw(1)}};
            instruments.add(i);
        }
    }
    CorporateActionFeed feed(std::vector<CorporateAction> actions, Timestamp from, Timestamp to) {
        return CorporateActionFeed({"actions.csv", "sha256:0", StreamId{7}, from, to},
                                   std::move(actions), instruments, calendars);
    }
};

CorporateAction split(std::uint32_t instrument, Date date) {
    return {InstrumentId{instrument}, date, *make_split(Ratio::from_units(2)), {}};
}
CorporateAction dividend(std::uint32_t instrument, Date date) {
    return {InstrumentId{instrument}, date, make_dividend(Price::from_units(1)), {}};
}

TEST(CorporateActionFeed, EmitsAtTheLocalMidnightThatBeginsTheExDate) {
    Market market;
    auto feed = market.feed({split(0, to_date(2012, 1, 4)), split(1, to_date(2012, 1, 4)),
                             dividend(0, to_date(2012, 1, 4)), dividend(0, to_date(2012, 1, 3))},
                            Timestamp::min(), Timestamp::never());
    const auto events = feed.next();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0].ts, at("2012-01-03T05:00Z"));
    EXPECT_EQ(events[1].ts, at("2012-01-03T15:00Z"));  // January 4 begins earlier in Tokyo
    EXPECT_EQ(events[1].instrument, InstrumentId{1});
    EXPECT_EQ(events[2].ts, at("2012-01-04T05:00Z"));
    EXPECT_EQ(events[2].data.corporate_action.kind, CorporateActionKind::kDividend);
    EXPECT_EQ(events[3].data.corporate_action.kind, CorporateActionKind::kSplit);
    EXPECT_EQ(events[3].data.corporate_action.numerator, 2);
    EXPECT_EQ(events[3].type, MarketEventType::kCorporateAction);
    EXPECT_EQ(events[3].stream, StreamId{7});
    EXPECT_TRUE(feed.next().empty());
    EXPECT_EQ(feed.stats().records, 4U);
    EXPECT_EQ(feed.stats().events, 4U);
    EXPECT_EQ(feed.source_hash(), "sha256:0");
}

TEST(CorporateActionFeed, DeliversOnlyTheRunsTime) {
    Market market;
    auto feed = market.feed({split(0, to_date(2012, 1, 3)), split(0, to_date(2012, 1, 4)),
                             split(0, to_date(2012, 1, 5))},
                            at("2012-01-04T05:00Z"), at("2012-01-05T05:00Z"));
    const auto events = feed.next();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].ts, at("2012-01-04T05:00Z"));
    EXPECT_EQ(feed.stats().skipped_total(), 0U);
}

TEST(CorporateActionFeed, CountsWhatItsCalendarDoesNotReach) {
    Market market;
    auto feed = market.feed({split(0, to_date(2011, 12, 30)), split(0, to_date(2012, 1, 7)),
                             split(0, to_date(2012, 1, 6))},
                            Timestamp::min(), Timestamp::never());
    EXPECT_EQ(feed.next().size(), 1U);
    EXPECT_EQ(feed.stats().skipped[static_cast<std::size_t>(SkipReason::kOutOfSession)], 2U);
}

TEST(CorporateActionFeed, RefusesAnInstrumentWithoutACalendar) {
    Market market;
    try {
        (void)market.feed({split(2, to_date(2012, 1, 3))}, Timestamp::min(), Timestamp::never());
        FAIL();
    } catch (const FeedError& e) {
        EXPECT_STREQ(
            e.what(),
            "actions.csv: BTC has a corporate action on 2012-01-03 but no calendar that "
            "says when that day begins; give the instrument a calendar (24x7 for UTC days)");
    }
}

}  // namespace
}  // namespace fermata
