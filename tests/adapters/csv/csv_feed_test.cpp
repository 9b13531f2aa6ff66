#include "adapters/csv/csv_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/adapters/csv/csv_feed_fixture.hpp"

namespace fermata::csv {
namespace {

using testing::HasSubstr;

TEST(CsvFeed, GivesABarOpenAtTheStartAndABarAtTheEnd) {
    CsvRun run;
    const auto feed =
        run.open(bar_config(), "t,o,h,l,c,v\n100,1.5,2,1,1.25,300\n110,1.25,3,1.25,2,40\n");
    const std::vector<MarketEvent> events = drain(*feed);
    EXPECT_EQ(outline(events), "bar_open@100 bar@110 bar_open@110 bar@120");
    EXPECT_EQ(events[0].instrument, run.instruments.find("A")->id);
    EXPECT_EQ(events[0].stream, StreamId{7});
    EXPECT_EQ(events[0].seq, 0u);
    EXPECT_EQ(events[0].data.bar_open.open.raw(), 1'500'000'000);
    EXPECT_EQ(events[0].data.bar_open.volume, Quantity::from_units(300));
    EXPECT_EQ(events[1].seq, 0u);
    EXPECT_EQ(events[1].data.bar.open.raw(), 1'500'000'000);
    EXPECT_EQ(events[1].data.bar.high.raw(), 2'000'000'000);
    EXPECT_EQ(events[1].data.bar.low.raw(), 1'000'000'000);
    EXPECT_EQ(events[1].data.bar.close.raw(), 1'250'000'000);
    EXPECT_EQ(events[1].data.bar.volume, Quantity::from_units(300));
    EXPECT_EQ(feed->stats().records, 2u);
    EXPECT_EQ(feed->stats().events, 4u);
    EXPECT_EQ(feed->progress(), 1.0);
    EXPECT_EQ(feed->name(), "bars.csv");
    EXPECT_TRUE(feed->next().empty());
}

TEST(CsvFeed, KeepsItsEventsInOrderWhenBarsOverlap) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.interval = Duration::nanoseconds(25);
    const auto feed = run.open(
        config, "t,o,h,l,c,v\n100,1,1,1,1,1\n110,1,1,1,1,1\n120,1,1,1,1,1\n130,1,1,1,1,1\n");
    EXPECT_EQ(
        outline(drain(*feed)),
        "bar_open@100 bar_open@110 bar_open@120 bar@125 bar_open@130 bar@135 bar@145 bar@155");
}

TEST(CsvFeed, TakesTheStampForTheEndWhenTold) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.stamp = BarStamp::kEnd;
    const auto feed = run.open(config, "t,o,h,l,c,v\n100,1,1,1,1,1\n");
    EXPECT_EQ(outline(drain(*feed)), "bar_open@90 bar@100");
}

TEST(CsvFeed, ReadsBomCrlfBlankLinesQuotesAndALastLineWithoutEnd) {
    CsvRun run;
    const std::string text =
        "\xEF\xBB\xBFt,o,h,l,c,\"v\"\r\n\r\n100,1,1,1,1,1\r\n\n\"110\",1,1,1,1,1";
    for (const std::size_t bytes_a_read : {1, 2, 7, 1000}) {
        const auto feed = run.open(bar_config(), text, bytes_a_read);
        EXPECT_EQ(outline(drain(*feed)), "bar_open@100 bar@110 bar_open@110 bar@120");
    }
}

TEST(CsvFeed, FindsColumnsByIndexAndUsesAnotherDelimiter) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.header = false;
    config.delimiter = ';';
    config.columns.time = CsvColumn::at(2);
    config.columns.price = CsvColumn::at(0);
    config.columns.quantity = CsvColumn::at(1);
    EXPECT_THAT(error_of(run, config, "1,5;3;100\n"),
                HasSubstr("trades.csv:1: column 0: found \"1,5\", expected a decimal number"));
    const auto good = run.open(config, "1.5;3;100\n2.5;4;100\n");
    const std::vector<MarketEvent> events = drain(*good);
    EXPECT_EQ(outline(events), "trade@100 trade@100");
    EXPECT_EQ(events[1].data.trade.price.raw(), 2'500'000'000);
    EXPECT_EQ(events[1].data.trade.quantity, Quantity::from_units(4));
}

TEST(CsvFeed, ReadsTimesInTheirUnit) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    const std::pair<CsvTimeUnit, const char*> cases[] = {
        {CsvTimeUnit::kSeconds, "t,p,q\n1381154400.25,1,1\n"},
        {CsvTimeUnit::kMilliseconds, "t,p,q\n1381154400250,1,1\n"},
        {CsvTimeUnit::kMicroseconds, "t,p,q\n1381154400250000,1,1\n"},
        {CsvTimeUnit::kNanoseconds, "t,p,q\n1381154400250000000,1,1\n"},
    };
    for (const auto& [unit, text] : cases) {
        config.time.unit = unit;
        const auto feed = run.open(config, text);
        EXPECT_EQ(outline(drain(*feed)), "trade@1381154400250000000");
    }
}

class DayParser final : public TimeParser {
public:
    Result<Timestamp, TimeParseError> parse(std::string_view text) noexcept override {
        if (text.size() != 1) return Err{TimeParseError::kFormat};
        return Timestamp{(text[0] - '0') * Duration::days(1).ns};
    }
    std::string_view expected() const noexcept override { return "one digit"; }
};

TEST(CsvFeed, AsksTheTimeParserForFormats) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.time.unit = CsvTimeUnit::kFormat;
    EXPECT_THROW(static_cast<void>(run.open(config, "t,p,q\n3,1,1\n")), FeedError);
    run.time_parser = std::make_unique<DayParser>();
    EXPECT_EQ(outline(drain(*run.open(config, "t,p,q\n3,1,1\n"))), "trade@259200000000000");
    run.time_parser = std::make_unique<DayParser>();
    EXPECT_THAT(error_of(run, config, "t,p,q\n33,1,1\n"),
                HasSubstr("trades.csv:2: column t: found \"33\", expected one digit"));
}

TEST(CsvFeed, ScalesPricesExactly) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.price_scale = Ratio::from_raw(100'000);  // LEAN's 1/10000
    EXPECT_EQ(drain(*run.open(config, "t,p,q\n1,1672700,1\n"))[0].data.trade.price.raw(),
              167'270'000'000);
    config.price_scale = Ratio::from_raw(31'250'000);  // 1/32
    EXPECT_EQ(drain(*run.open(config, "t,p,q\n1,3521,1\n"))[0].data.trade.price.raw(),
              110'031'250'000);
    config.price_scale = Ratio::from_units(100);
    EXPECT_EQ(drain(*run.open(config, "t,p,q\n1,1.5,1\n"))[0].data.trade.price.raw(),
              150'000'000'000);
}

TEST(CsvFeed, RoundsOnlyWhenTold) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    EXPECT_THAT(error_of(run, config, "t,p,q\n1,1527.3499755859375,1\n"),
                HasSubstr("rounding: nearest"));
    config.rounding = CsvRounding::kNearest;
    EXPECT_EQ(drain(*run.open(config, "t,p,q\n1,1527.3499755859375,1\n"))[0].data.trade.price.raw(),
              1'527'349'975'586);
}

TEST(CsvFeed, DeliversOnlyWhatLiesInTheRange) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.from = Timestamp{110};
    config.to = Timestamp{130};
    const auto feed = run.open(
        config, "t,o,h,l,c,v\n100,1,1,1,1,1\n110,1,1,1,1,1\n120,1,1,1,1,1\n130,1,1,1,1,1\n");
    EXPECT_EQ(outline(drain(*feed)), "bar_open@110 bar@120 bar_open@120 bar@130");
}

TEST(CsvFeed, ReadsTradesWithAllTheirColumns) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.columns.side = "side";
    config.columns.trade_id = "id";
    config.columns.exchange = "x";
    config.columns.conditions = "cond";
    const auto events = drain(*run.open(
        config,
        "t,p,q,side,id,x,cond\n1,2,3,b,77,P,20002020\n2,2,3,SELL,78,,\n3,2,3,,79,N,0x1f\n"));
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].data.trade.aggressor, 1);
    EXPECT_EQ(events[0].data.trade.trade_id, 77u);
    EXPECT_EQ(events[0].data.trade.exchange, 'P');
    EXPECT_EQ(events[0].data.trade.conditions, 0x20002020u);
    EXPECT_EQ(events[1].data.trade.aggressor, 2);
    EXPECT_EQ(events[1].data.trade.exchange, 0);
    EXPECT_EQ(events[2].data.trade.aggressor, 0);
    EXPECT_EQ(events[2].data.trade.conditions, 0x1fu);
}

TEST(CsvFeed, DeliversQuoteBarsAtTheirEnd) {
    CsvRun run;
    CsvFeedConfig config = quote_config();
    config.interval = Duration::nanoseconds(60);
    const auto events = drain(*run.open(config, "t,b,bs,a,as\n100,1,10,2,20\n"));
    ASSERT_EQ(outline(events), "quote@160");
    EXPECT_EQ(events[0].data.quote.bid, Price::from_units(1));
    EXPECT_EQ(events[0].data.quote.ask_quantity, Quantity::from_units(20));
    EXPECT_EQ(events[0].flags, 0);
}

TEST(CsvFeed, FlagsQuotesWithoutSizes) {
    CsvRun run;
    CsvFeedConfig config = quote_config();
    config.columns.bid_size = {};
    config.columns.ask_size = {};
    EXPECT_EQ(drain(*run.open(config, "t,b,a\n1,1,2\n"))[0].flags, kFlagSizeUnknown);
    CsvFeedConfig zero = quote_config();
    zero.zero_size_is_unknown = true;
    EXPECT_EQ(drain(*run.open(zero, "t,b,bs,a,as\n1,1,0,2,0\n"))[0].flags, kFlagSizeUnknown);
}

TEST(CsvFeed, TreatsAnEmptySideAsConfigured) {
    CsvRun run;
    CsvFeedConfig config = quote_config();
    const char* const text = "t,b,bs,a,as\n1,1,10,,\n2,,,2,20\n3,1.5,5,,\n";
    EXPECT_THAT(error_of(run, config, text), HasSubstr("quotes.csv:2: column a: found \"\""));
    config.empty_side = CsvEmptySide::kUnchanged;
    auto events = drain(*run.open(config, text));
    ASSERT_EQ(outline(events), "quote@1 quote@2 quote@3");
    EXPECT_EQ(events[0].data.quote.ask_quantity, Quantity::zero());
    EXPECT_EQ(events[1].data.quote.bid, Price::from_units(1));
    EXPECT_EQ(events[2].data.quote.bid.raw(), 1'500'000'000);
    EXPECT_EQ(events[2].data.quote.ask, Price::from_units(2));
    config.empty_side = CsvEmptySide::kNone;
    events = drain(*run.open(config, text));
    EXPECT_EQ(events[1].data.quote.bid_quantity, Quantity::zero());
    EXPECT_EQ(events[1].data.quote.bid, Price::zero());
}

TEST(CsvFeed, MarksTheLastLevelOfAPublicationAndClearsBeforeASnapshot) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.kind = CsvKind::kDepth;
    config.columns.side = "s";
    config.columns.snapshot = "k";
    config.columns.group = "g";
    const auto events = drain(*run.open(config,
                                        "t,s,p,q,k,g\n1,b,9,5,snapshot,1\n1,a,10,5,snapshot,1\n"
                                        "1,a,10,4,depth,2\n2,b,9,0,depth,2\n"));
    ASSERT_EQ(events.size(), 5u);
    const auto level = [&](std::size_t i) { return events[i].data.depth; };
    EXPECT_EQ(level(0).action, 1);
    EXPECT_EQ(level(0).last, 0);
    EXPECT_EQ(level(1).side, 0);
    EXPECT_EQ(level(1).last, 0);
    EXPECT_EQ(level(2).side, 1);
    EXPECT_EQ(level(2).last, 1);
    EXPECT_EQ(level(3).last, 1);  // the next row is of another time
    EXPECT_EQ(level(4).quantity, Quantity::zero());
    EXPECT_EQ(level(4).last, 1);
}

TEST(CsvFeed, TakesOneSymbolOrSeveralFromALongFile) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.columns.symbol = "s";
    const char* const text = "s,t,o,h,l,c,v\nA,100,1,1,1,1,1\nB,100,2,2,2,2,2\nA,110,1,1,1,1,1\n";
    EXPECT_EQ(outline(drain(*run.open(config, text))), "bar_open@100 bar@110 bar_open@110 bar@120");
    config.symbols = {"A", "B"};
    const auto both = drain(*run.open(config, text));
    EXPECT_EQ(outline(both), "bar_open@100 bar_open@100 bar@110 bar@110 bar_open@110 bar@120");
    EXPECT_EQ(both[1].instrument, run.instruments.find("B")->id);
    config.symbols = {"C"};
    EXPECT_THAT(error_of(run, config, text), HasSubstr("none of its 3 rows belongs to this feed"));
}

TEST(CsvFeed, OrdersTheOpensOfInstrumentsWhoseSessionsBeginAtOtherHours) {
    // Two days; the calendar's session opens at hour 8 and closes at hour 16 of each.
    const std::int64_t hour = Duration::hours(1).ns;
    CsvRun run;
    run.calendar =
        std::make_unique<Calendar>("day", "UTC",
                                   std::vector<Session>{{Date{0}, {8 * hour}, {16 * hour}},
                                                        {Date{1}, {32 * hour}, {40 * hour}}},
                                   Date{0}, std::vector<Timestamp>{{0}, {24 * hour}, {48 * hour}});
    run.add("X", AssetClass::kEquity, "day");
    CsvFeedConfig config = bar_config();
    config.columns.symbol = "s";
    config.symbols = {"X", "A"};
    config.interval = Duration::days(1);
    config.time.unit = CsvTimeUnit::kSeconds;
    const auto events = drain(*run.open(config,
                                        "s,t,o,h,l,c,v\nX,0,1,1,1,1,1\nA,0,2,2,2,2,2\n"
                                        "X,86400,1,1,1,1,1\nA,86400,1,1,1,1,1\n"));
    const auto h = [hour](int hours) { return std::to_string(hours * hour); };
    EXPECT_EQ(outline(events), "bar_open@" + h(0) + " bar_open@" + h(8) + " bar@" + h(16) +
                                   " bar@" + h(24) + " bar_open@" + h(24) + " bar_open@" + h(32) +
                                   " bar@" + h(40) + " bar@" + h(48));
}

TEST(CsvFeed, FiltersRowsByTheCellsOfAColumn) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.filters = {{"k", {"trade", "print"}}};
    EXPECT_EQ(outline(drain(*run.open(config, "t,p,q,k\n1,,,bbo\n2,1,1,trade\n3,1,1,print\n"))),
              "trade@2 trade@3");
}

TEST(CsvFeed, FlagsABarOutsideItsSessions) {
    const std::int64_t hour = Duration::hours(1).ns;
    CsvRun run;
    run.calendar = std::make_unique<Calendar>(
        "day", "UTC", std::vector<Session>{{Date{0}, {8 * hour}, {16 * hour}}}, Date{0},
        std::vector<Timestamp>{{0}, {24 * hour}});
    run.add("X", AssetClass::kEquity, "day");
    CsvFeedConfig config = bar_config();
    config.symbols = {"X"};
    config.interval = Duration::hours(1);
    config.time.unit = CsvTimeUnit::kSeconds;
    const char* const text = "t,o,h,l,c,v\n25200,1,1,1,1,1\n28800,1,1,1,1,1\n";
    auto events = drain(*run.open(config, text));
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[0].flags, kFlagOutOfSession);
    EXPECT_EQ(events[1].flags, kFlagOutOfSession);
    EXPECT_EQ(events[2].flags, 0);
    config.on_bad.set(SkipReason::kOutOfSession, BadAction::kSkip);
    events = drain(*run.open(config, text));
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].type, MarketEventType::kSkipped);
    EXPECT_EQ(events[0].data.skipped.reason, SkipReason::kOutOfSession);
}

}  // namespace
}  // namespace fermata::csv
