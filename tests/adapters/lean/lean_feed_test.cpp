#include "adapters/lean/lean_feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/adapters/lean/lean_fixture.hpp"
#include "tests/support/stored_zip.hpp"

namespace fermata::lean {
namespace {

using test::stored_zip;
using testing::AllOf;
using testing::HasSubstr;

/// A zip with one member.
std::string zip(const std::string& name, const std::string& content) {
    return stored_zip({{name, content}});
}

std::string error_of(LeanRun& run, const LeanFeedConfig& config) {
    try {
        static_cast<void>(drain(*run.open(config)));
    } catch (const FeedError& error) {
        return error.what();
    }
    return {};
}

LeanFeedConfig skipping(LeanFeedConfig config) {
    for (int i = 1; i < kSkipReasonCount; ++i) {
        config.on_bad.set(static_cast<SkipReason>(i), BadAction::kSkip);
    }
    return config;
}

std::string outline(const std::vector<MarketEvent>& events) {
    std::string text;
    for (const MarketEvent& event : events) {
        if (!text.empty()) text += ' ';
        text += std::string(name(event.type));
        if (event.type == MarketEventType::kSkipped) {
            text += "(" + std::string(name(event.data.skipped.reason)) + "," +
                    std::to_string(event.data.skipped.line) + ")";
        }
    }
    return text;
}

const std::string kDaily = "data/equity/usa/daily/";
const std::string kTick = "data/equity/usa/tick/ibm/";
// 2013-10-07 00:00 New York and UTC.
constexpr std::int64_t kNewYork = 1'381'118'400'000'000'000;
constexpr std::int64_t kUtc = 1'381'104'000'000'000'000;

TEST(LeanFeed, ReadsForexTicksInUtcWithoutSizes) {
    LeanRun run;
    run.put("data/forex/oanda/tick/eurusd/20131007_quote.zip",
            zip("20131007_eurusd_tick_quote.csv", "1,1.35551,1.35564\n2.5,1.3555,1.3557"));
    const auto events =
        drain(*run.open(lean_config("EURUSD", LeanResolution::kTick, LeanData::kQuote)));
    ASSERT_EQ(outline(events), "quote quote");
    EXPECT_EQ(events[0].ts.ns, kUtc + 1'000'000);
    EXPECT_EQ(events[0].flags, kFlagSizeUnknown);
    EXPECT_EQ(events[0].data.quote.bid.raw(), 1'355'510'000);
    EXPECT_EQ(events[0].data.quote.ask.raw(), 1'355'640'000);
    EXPECT_EQ(events[1].ts.ns, kUtc + 2'500'000);
}

TEST(LeanFeed, ReadsForexDailyQuoteBarsAtTheEndOfTheUtcDay) {
    LeanRun run;
    run.put("data/forex/oanda/daily/eurusd.zip",
            zip("eurusd.csv", "20131007 00:00,1.1,1.2,1.0,1.15,0,1.2,1.3,1.1,1.25,0\n"));
    const auto events =
        drain(*run.open(lean_config("EURUSD", LeanResolution::kDaily, LeanData::kQuote)));
    ASSERT_EQ(outline(events), "quote");
    EXPECT_EQ(events[0].ts.ns, kUtc + Duration::days(1).ns);
    EXPECT_EQ(events[0].data.quote.bid.raw(), 1'150'000'000);
    EXPECT_EQ(events[0].flags, kFlagSizeUnknown);
}

TEST(LeanFeed, ReadsCryptoInPlainDecimals) {
    LeanRun run;
    run.put("data/crypto/coinbase/minute/btcusd/20131007_trade.zip",
            zip("20131007_btcusd_minute_trade.csv", "60000,4000.25,4001,4000,4000.5,1.5e-3\n"));
    run.put("data/crypto/coinbase/minute/btcusd/20131007_quote.zip",
            zip("20131007_btcusd_minute_quote.csv", "0,1,2,1,1.5,0.25,2,3,2,2.5,0.75\n"));
    run.put("data/crypto/coinbase/tick/btcusd/20131007_trade.zip",
            zip("20131007_btcusd_tick_trade.csv", "5,4000.25,0.01\n"));
    const auto bars =
        drain(*run.open(lean_config("BTCUSD", LeanResolution::kMinute, LeanData::kTrade)));
    ASSERT_EQ(outline(bars), "bar_open bar");
    EXPECT_EQ(bars[0].ts.ns, kUtc + 60'000'000'000);
    EXPECT_EQ(bars[1].data.bar.volume.raw(), 150'000);
    const auto quotes =
        drain(*run.open(lean_config("BTCUSD", LeanResolution::kMinute, LeanData::kQuote)));
    ASSERT_EQ(outline(quotes), "quote");
    EXPECT_EQ(quotes[0].data.quote.ask_quantity.raw(), 75'000'000);
    EXPECT_EQ(quotes[0].flags, 0);
    const auto trades =
        drain(*run.open(lean_config("BTCUSD", LeanResolution::kTick, LeanData::kTrade)));
    ASSERT_EQ(outline(trades), "trade");
    EXPECT_EQ(trades[0].ts.ns, kUtc + 5'000'000);
}

TEST(LeanFeed, FollowsTheTickerThroughItsMapFile) {
    LeanRun run;
    // Listed as OLD on the 2nd, OLD up to the 7th, then IBM.
    run.put("data/equity/usa/map_files/ibm.csv", "20131002,old,N\n20131007,old,N\n20501231,ibm,N");
    run.put(kDaily + "old.zip", zip("old.csv",
                                    "20131001 00:00,10000,10000,10000,10000,1\n"
                                    "20131002 00:00,20000,20000,20000,20000,2\n"
                                    "20131007 00:00,30000,30000,30000,30000,3\n"
                                    "20131008 00:00,90000,90000,90000,90000,9\n"));
    run.put(kDaily + "ibm.zip", zip("ibm.csv",
                                    "20131007 00:00,90000,90000,90000,90000,9\n"
                                    "20131008 00:00,40000,40000,40000,40000,4\n"));
    std::vector<std::int64_t> closes;
    for (const MarketEvent& event :
         drain(*run.open(lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade)))) {
        if (event.type == MarketEventType::kBar) closes.push_back(event.data.bar.close.raw());
    }
    EXPECT_THAT(closes, testing::ElementsAre(2'000'000'000, 3'000'000'000, 4'000'000'000));

    run.files.files.erase(kDaily + "old.zip");
    const auto feed = run.open(lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade));
    EXPECT_EQ(outline(drain(*feed)), "skipped(missing,20131002) bar_open bar");
    LeanFeedConfig strict = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    strict.on_bad.set(SkipReason::kMissing, BadAction::kError);
    EXPECT_THAT(error_of(run, strict),
                AllOf(HasSubstr(kDaily + "old.zip"), HasSubstr("2013-10-02")));
}

TEST(LeanFeed, CountsSessionsWithoutAFile) {
    LeanRun run;
    // Monday the 7th and Thursday the 10th; the two sessions between them are missing.
    run.put(kTick + "20131007_trade.zip", zip("20131007_x.csv", "36000000,1830000,100,N,0,0\n"));
    run.put(kTick + "20131010_trade.zip", zip("20131010_x.csv", "36000000,1830000,100,N,0,0\n"));
    const LeanFeedConfig config = lean_config("IBM", LeanResolution::kTick, LeanData::kTrade);
    const auto feed = run.open(config);
    const auto events = drain(*feed);
    EXPECT_EQ(outline(events), "trade skipped(missing,20131008) skipped(missing,20131009) trade");
    EXPECT_EQ(events[1].ts.ns, kNewYork + (Duration::hours(24) + Duration::minutes(570)).ns);
    EXPECT_EQ(feed->stats().skipped[static_cast<std::size_t>(SkipReason::kMissing)], 2u);
    EXPECT_EQ(feed->progress(), 1.0);
}

TEST(LeanFeed, AdjustsByTheFactorsInForce) {
    LeanRun run;
    run.put(kDaily + "ibm.zip", zip("ibm.csv",
                                    "20131007 00:00,1000000,1000000,1000000,1000000,100\n"
                                    "20131008 00:00,500000,500000,500000,500000,200\n"
                                    "20131009 00:00,500000,500000,500000,500000,300\n"));
    run.put("data/equity/usa/factor_files/ibm.csv",
            "20131007,0.9,0.5,100\n20131008,0.9,1,50\n20501231,1,1,0\n");
    LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    config.adjust = LeanAdjust::kAdjusted;
    auto events = drain(*run.open(config));
    // 100 x 0.9 x 0.5 and 100 / 0.5; 50 x 0.9; 50.
    EXPECT_EQ(events[1].data.bar.close, Price::from_units(45));
    EXPECT_EQ(events[1].data.bar.volume, Quantity::from_units(200));
    EXPECT_EQ(events[0].data.bar_open.open, Price::from_units(45));
    EXPECT_EQ(events[3].data.bar.close, Price::from_units(45));
    EXPECT_EQ(events[3].data.bar.volume, Quantity::from_units(200));
    EXPECT_EQ(events[5].data.bar.close, Price::from_units(50));
    // In the basis of the 8th: 100 x 0.5; 50; 50 / 0.9 = 55.555555556.
    config.adjust_basis = to_date(2013, 10, 8);
    events = drain(*run.open(config));
    EXPECT_EQ(events[1].data.bar.close, Price::from_units(50));
    EXPECT_EQ(events[3].data.bar.close, Price::from_units(50));
    EXPECT_EQ(events[5].data.bar.close.raw(), 55'555'555'556);
}

TEST(LeanFeed, KeepsSidesApartAndForgetsThemOvernight) {
    LeanRun run;
    run.put(kTick + "20131007_quote.zip", zip("20131007_x.csv",
                                              "36000000,1830000,100,0,0,N,1,0\n"
                                              "36000001,0,0,1831000,200,P,1,0\n"
                                              "36000002,1832000,300,0,0,N,1,1\n"));
    run.put(kTick + "20131008_quote.zip",
            zip("20131008_x.csv", "36000000,0,0,1840000,100,N,1,0\n"));
    const auto events =
        drain(*run.open(lean_config("IBM", LeanResolution::kTick, LeanData::kQuote)));
    ASSERT_EQ(outline(events), "quote quote skipped(flagged,3) quote");
    EXPECT_EQ(events[0].data.quote.ask_quantity, Quantity::zero());
    EXPECT_EQ(events[1].data.quote.bid, Price::from_units(183));
    EXPECT_EQ(events[1].data.quote.ask.raw(), 183'100'000'000);
    EXPECT_EQ(events[3].data.quote.bid_quantity, Quantity::zero());
    EXPECT_EQ(events[3].data.quote.ask, Price::from_units(184));
}

TEST(LeanFaults, ATruncatedArchiveIsAnErrorOrASkip) {
    LeanRun run;
    const std::string whole = zip("20131007_x.csv", "36000000,1830000,100,N,0,0\n");
    run.put(kTick + "20131007_trade.zip", whole.substr(0, whole.size() / 2));
    run.put(kTick + "20131008_trade.zip", zip("20131008_x.csv", "36000000,1830000,100,N,0,0\n"));
    const LeanFeedConfig config = lean_config("IBM", LeanResolution::kTick, LeanData::kTrade);
    EXPECT_THAT(error_of(run, config),
                AllOf(HasSubstr(kTick + "20131007_trade.zip"), HasSubstr("truncated"),
                      HasSubstr("on_bad: {malformed: skip}")));
    EXPECT_EQ(outline(drain(*run.open(skipping(config)))), "skipped(malformed,0) trade");
}

TEST(LeanFaults, DamagedContentIsFoundByItsChecksum) {
    LeanRun run;
    std::string bytes = zip("20131007_x.csv", "36000000,1830000,100,N,0,0\n");
    bytes[bytes.find("1830000")] = '2';
    run.put(kTick + "20131007_trade.zip", bytes);
    EXPECT_THAT(error_of(run, lean_config("IBM", LeanResolution::kTick, LeanData::kTrade)),
                HasSubstr("is damaged"));
}

TEST(LeanFaults, AnArchiveHoldsOneFileOfItsDate) {
    LeanRun run;
    const LeanFeedConfig config = lean_config("IBM", LeanResolution::kTick, LeanData::kTrade);
    const std::string path = kTick + "20131007_trade.zip";
    run.put(path, zip("20131008_x.csv", "1,1,1,N,0,0\n"));
    EXPECT_THAT(error_of(run, config), HasSubstr("is not of 20131007"));
    run.put(path, stored_zip({{"20131007_a.csv", "x"}, {"20131007_b.csv", "x"}}));
    EXPECT_THAT(error_of(run, config), HasSubstr("holds 2 .csv files"));
    run.put(path, stored_zip({{"readme.txt", "x"}}));
    EXPECT_THAT(error_of(run, config), HasSubstr("holds 0 .csv files"));
    run.put(path, "");
    EXPECT_THAT(error_of(run, config), HasSubstr("the file is empty"));
    run.put(path, "PK\x03\x04 something else");
    EXPECT_THAT(error_of(run, config), HasSubstr("no readable zip archive"));
}

struct Case {
    const char* row;
    SkipReason reason;
    const char* says;
};

const Case kBadBars[] = {
    {"garbage", SkipReason::kMalformed, "at least 6 fields"},
    {"20131008,1,1,1,1,1", SkipReason::kMalformed, "YYYYMMDD HH:MM"},
    {"20131308 00:00,1,1,1,1,1", SkipReason::kMalformed, "YYYYMMDD HH:MM"},
    {"20131008 24:00,1,1,1,1,1", SkipReason::kMalformed, "YYYYMMDD HH:MM"},
    {"20131008 00:00,x,1,1,1,1", SkipReason::kMalformed, "field 2: found \"x\""},
    {"20990101 00:00,1,1,1,1,1", SkipReason::kMalformed, "calendar covers"},
    {"20131004 00:00,1,1,1,1,1", SkipReason::kTimeStepsBack, "field 1: found \"20131004 00:00\""},
    {"20131007 00:00,1,1,1,1,1", SkipReason::kDuplicate, "a bar later"},
    {"20131008 00:00,1,1,-1,1,1", SkipReason::kNegative, "a positive price"},
    {"20131008 00:00,1,99999999999999999,1,1,1", SkipReason::kPriceOutOfRange, "max_price"},
    {"20131008 00:00,1,1,1,1,-1", SkipReason::kQuantityOutOfRange, "field 6"},
    {"20131008 00:00,2,1,1,1,1", SkipReason::kInconsistentBar, "low <= open"},
    {"20131008 00:00,1,1,1,1,\xff", SkipReason::kEncoding, "\\xff"},
};

TEST(LeanFaults, RowsAreErrorsOrCountedSkipsInTheirPlace) {
    for (const Case& bad : kBadBars) {
        LeanRun run;
        run.put(kDaily + "ibm.zip", zip("ibm.csv", std::string("20131007 00:00,1,1,1,1,1\n") +
                                                       bad.row + "\n20131009 00:00,1,1,1,1,1\n"));
        const LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
        EXPECT_THAT(error_of(run, config), AllOf(HasSubstr("ibm.zip:ibm.csv:2: "),
                                                 HasSubstr(bad.says), HasSubstr(name(bad.reason))))
            << bad.row;
        const auto feed = run.open(skipping(config));
        EXPECT_EQ(outline(drain(*feed)),
                  "bar_open bar skipped(" + std::string(name(bad.reason)) + ",2) bar_open bar")
            << bad.row;
        EXPECT_EQ(feed->stats().skipped[static_cast<std::size_t>(bad.reason)], 1u);
    }
}

TEST(LeanFaults, ALineBeyondTheLimitIsRefused) {
    LeanRun run;
    run.put(kDaily + "ibm.zip", zip("ibm.csv", std::string(5'000'000, '1') + "\n"));
    const LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    EXPECT_THAT(error_of(run, config), HasSubstr("line_too_long"));
}

TEST(LeanFaults, WhatCannotBeConfiguredSaysSo) {
    LeanRun run;
    const auto says = [&](const LeanFeedConfig& config, const char* text) {
        EXPECT_THAT(error_of(run, config), HasSubstr(text));
    };
    says(lean_config("NONE", LeanResolution::kDaily, LeanData::kTrade), "is not an instrument");
    says(lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade), "no data of IBM");
    says(lean_config("IBM", LeanResolution::kTick, LeanData::kTrade),
         "data/equity/usa/tick/ibm/YYYYMMDD");
    says(lean_config("IBM", LeanResolution::kDaily, LeanData::kQuote), "holds trades only");
    says(lean_config("EURUSD", LeanResolution::kDaily, LeanData::kTrade), "quotes only");
    LeanFeedConfig adjusted = lean_config("BTCUSD", LeanResolution::kDaily, LeanData::kTrade);
    adjusted.adjust = LeanAdjust::kAdjusted;
    says(adjusted, "only equities");
    LeanFeedConfig range = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    range.from = Date{10};
    range.to = Date{9};
    says(range, "lies after to");
    run.calendar.reset();
    says(lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade), "needs a calendar");
}

TEST(LeanFaults, ReferenceFilesAreCheckedRowByRow) {
    LeanRun run;
    run.put(kDaily + "ibm.zip", zip("ibm.csv", "20131007 00:00,1,1,1,1,1\n"));
    LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    const std::string map = "data/equity/usa/map_files/ibm.csv";
    for (const char* bad : {"", "x\n", "20131301,ibm\n", "20131007\n", "20131007,\n",
                            "20131007,ibm\n20131007,ibm\n"}) {
        run.put(map, bad);
        EXPECT_THAT(error_of(run, config), HasSubstr(map)) << bad;
    }
    run.files.files.erase(map);
    config.adjust = LeanAdjust::kAdjusted;
    const std::string factors = "data/equity/usa/factor_files/ibm.csv";
    EXPECT_THAT(error_of(run, config), HasSubstr(factors));
    for (const char* bad : {"", "20131007,1\n", "20131007,0,1\n", "20131007,1,-1\n",
                            "20131007,x,1\n", "20131007,1e30,1\n"}) {
        run.put(factors, bad);
        EXPECT_THAT(error_of(run, config), HasSubstr(factors)) << bad;
    }
}

TEST(LeanFeed, HashesEveryFileOfTheSeries) {
    LeanRun run;
    run.put(kDaily + "ibm.zip", zip("ibm.csv", "20131007 00:00,1,1,1,1,1\n"));
    LeanFeedConfig config = lean_config("IBM", LeanResolution::kDaily, LeanData::kTrade);
    const std::string before = run.open(config)->source_hash();
    EXPECT_EQ(run.open(config)->source_hash(), before);
    run.put("data/equity/usa/map_files/ibm.csv", "19980102,ibm,N\n20501231,ibm,N");
    const std::string with_map = run.open(config)->source_hash();
    EXPECT_NE(with_map, before);
    run.put(kDaily + "ibm.zip", zip("ibm.csv", "20131007 00:00,1,1,1,1,2\n"));
    EXPECT_NE(run.open(config)->source_hash(), with_map);
}

RC_GTEST_PROP(LeanFaults, AnyBytesGiveAnErrorOrEventsInOrder,
              (const std::string& bytes, bool zipped)) {
    const std::pair<LeanResolution, LeanData> kinds[] = {
        {LeanResolution::kDaily, LeanData::kTrade},
        {LeanResolution::kMinute, LeanData::kQuote},
        {LeanResolution::kTick, LeanData::kTrade},
        {LeanResolution::kTick, LeanData::kQuote}};
    for (const auto& [resolution, data] : kinds) {
        LeanRun run;
        const std::string file = zipped ? zip("20131007_x.csv", bytes) : bytes;
        run.put(kDaily + "ibm.zip", file);
        for (const char* folder : {"minute", "tick"}) {
            run.put(std::string("data/equity/usa/") + folder + "/ibm/20131007_" +
                        (data == LeanData::kTrade ? "trade" : "quote") + ".zip",
                    file);
        }
        try {
            const auto events = drain(*run.open(skipping(lean_config("IBM", resolution, data))));
            for (std::size_t i = 1; i < events.size(); ++i)
                RC_ASSERT(events[i - 1].ts <= events[i].ts);
        } catch (const FeedError& error) {
            RC_ASSERT(!std::string_view(error.what()).empty());
        }
    }
}

}  // namespace
}  // namespace fermata::lean
