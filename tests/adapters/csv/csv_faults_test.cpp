// Bad input: a clear error, or a counted skip in its place, as configured; never a crash.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/adapters/csv/csv_feed_fixture.hpp"
#include "tests/support/gzip.hpp"

namespace fermata::csv {
namespace {

using test::gzip;
using testing::AllOf;
using testing::HasSubstr;

const std::string kHeader = "t,o,h,l,c,v\n";

CsvFeedConfig skipping(CsvFeedConfig config) {
    for (int i = 1; i < kSkipReasonCount; ++i) {
        config.on_bad.set(static_cast<SkipReason>(i), BadAction::kSkip);
    }
    return config;
}

TEST(CsvFaults, NamesFileLineFieldFoundAndExpected) {
    CsvRun run;
    EXPECT_EQ(
        error_of(run, bar_config(), kHeader + "100,1,1,1,1,1\n110,1,x1,1,1,1\n"),
        "dir/bars.csv:3: column h: found \"x1\", expected a decimal number (malformed; on_bad: "
        "{malformed: skip} leaves such records out)");
}

struct Case {
    const char* row;
    SkipReason reason;
    const char* says;
};

/// The second of three rows is bad; the first begins at 100 and the third at 120.
const Case kBadBars[] = {
    {"garbage", SkipReason::kMalformed, "as many fields as in the first line"},
    {"110,1,1,1,1", SkipReason::kMalformed, "as many fields"},
    {"110,1,1,1,1,1,1", SkipReason::kMalformed, "as many fields"},
    {"110,\"1,1,1,1,1", SkipReason::kMalformed, "RFC 4180"},
    {"110,1,nan,1,1,1", SkipReason::kMalformed, "column h: found \"nan\""},
    {"110,1,,1,1,1", SkipReason::kMalformed, "column h: found \"\""},
    {"noon,1,1,1,1,1", SkipReason::kMalformed, "column t: found \"noon\", expected nanoseconds"},
    {"99999999999999999999,1,1,1,1,1", SkipReason::kMalformed, "column t"},
    {"90,1,1,1,1,1", SkipReason::kTimeStepsBack, "column t: found \"90\""},
    {"100,1,1,1,1,1", SkipReason::kDuplicate, "keep delivers them"},
    {"110,-1,1,-1,1,1", SkipReason::kNegative, "column o: found \"-1\", expected a positive price"},
    {"110,0,1,0,1,1", SkipReason::kNegative, "negative_prices"},
    {"110,1,99999999999999,1,1,1", SkipReason::kPriceOutOfRange, "max_price"},
    {"110,1,10000001,1,1,1", SkipReason::kPriceOutOfRange, "at most 10000000"},
    {"110,1,1,1,1,99999999999999999999", SkipReason::kQuantityOutOfRange, "column v"},
    {"110,1,1,1,1,-5", SkipReason::kQuantityOutOfRange, "not negative"},
    {"110,1,2,3,1,1", SkipReason::kInconsistentBar, "column l: found \"3\""},
    {"110,5,2,1,1,1", SkipReason::kInconsistentBar, "low <= open, close <= high"},
    {"110,1,1,1,1,\xff", SkipReason::kEncoding, "found \"110,1,1,1,1,\\xff\", expected UTF-8"},
};

TEST(CsvFaults, AreErrorsUnlessConfigured) {
    for (const Case& bad : kBadBars) {
        CsvRun run;
        const std::string text = kHeader + "100,1,1,1,1,1\n" + bad.row + "\n120,1,1,1,1,1\n";
        EXPECT_THAT(
            error_of(run, bar_config(), text),
            AllOf(HasSubstr("dir/bars.csv:3: "), HasSubstr(bad.says), HasSubstr(name(bad.reason))))
            << bad.row;
    }
}

TEST(CsvFaults, AreCountedSkipsInTheirPlaceWhenConfigured) {
    for (const Case& bad : kBadBars) {
        CsvRun run;
        const std::string text = kHeader + "100,1,1,1,1,1\n" + bad.row + "\n120,1,1,1,1,1\n";
        const auto feed = run.open(skipping(bar_config()), text);
        EXPECT_EQ(outline(drain(*feed)), "bar_open@100 bar@110 skipped@110(" +
                                             std::string(name(bad.reason)) +
                                             ",3) bar_open@120 bar@130")
            << bad.row;
        EXPECT_EQ(feed->stats().skipped[static_cast<std::size_t>(bad.reason)], 1u) << bad.row;
        EXPECT_EQ(feed->stats().skipped_total(), 1u) << bad.row;
        EXPECT_EQ(feed->stats().records, 3u);
    }
}

TEST(CsvFaults, NulBytesAreAFault) {
    CsvRun run;
    const std::string row("110,1,1\0,1,1,1\n", 15);
    EXPECT_THAT(error_of(run, bar_config(), kHeader + row), HasSubstr("1\\x00,1"));
}

TEST(CsvFaults, OddRecordsAreKeptWhenConfigured) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.on_bad.set(SkipReason::kDuplicate, BadAction::kKeep);
    config.on_bad.set(SkipReason::kInconsistentBar, BadAction::kKeep);
    config.on_bad.set(SkipReason::kNegative, BadAction::kKeep);
    const auto feed = run.open(
        config, kHeader + "100,1,1,1,1,1\n100,1,1,1,1,1\n110,5,2,1,1,1\n120,1,1,-37.63,1,1\n");
    EXPECT_EQ(drain(*feed).size(), 8u);
    EXPECT_EQ(feed->stats().skipped_total(), 0u);
}

TEST(CsvFaults, WhatHasNoPlaceOrNoValueCannotBeKept) {
    BadRecordPolicy policy;
    for (const SkipReason reason :
         {SkipReason::kMalformed, SkipReason::kTimeStepsBack, SkipReason::kEncoding,
          SkipReason::kLineTooLong, SkipReason::kPriceOutOfRange, SkipReason::kUnknownInstrument}) {
        EXPECT_FALSE(policy.set(reason, BadAction::kKeep));
        EXPECT_EQ(policy[reason], BadAction::kError);
    }
}

TEST(CsvFaults, AFutureMayHaveNegativePrices) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.symbols = {"CL"};
    const auto events = drain(*run.open(config, kHeader + "100,-37.63,0,-40.32,-37.63,1\n"));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].data.bar.low.raw(), -40'320'000'000);
    config.negative_prices = false;
    EXPECT_THAT(error_of(run, config, kHeader + "100,-37.63,0,-40.32,-37.63,1\n"),
                HasSubstr("negative"));
}

TEST(CsvFaults, ACrossedQuoteIsAnErrorASkipOrKept) {
    CsvRun run;
    CsvFeedConfig config = quote_config();
    const char* const text = "t,b,bs,a,as\n1,1,1,2,1\n2,2,1,1,1\n3,2,1,2,1\n";
    EXPECT_THAT(error_of(run, config, text), HasSubstr("quotes.csv:3: column b: found \"2\""));
    config.on_bad.set(SkipReason::kCrossed, BadAction::kSkip);
    EXPECT_EQ(outline(drain(*run.open(config, text))), "quote@1 skipped@2(crossed,3) quote@3");
    config.on_bad.set(SkipReason::kCrossed, BadAction::kKeep);
    EXPECT_EQ(outline(drain(*run.open(config, text))), "quote@1 quote@2 quote@3");
}

TEST(CsvFaults, ARepeatedTradeIdIsADuplicate) {
    CsvRun run;
    CsvFeedConfig config = skipping(trade_config());
    config.columns.trade_id = "id";
    EXPECT_EQ(outline(drain(*run.open(config, "t,p,q,id\n1,1,1,5\n1,1,1,5\n1,1,1,6\n"))),
              "trade@1 skipped@1(duplicate,3) trade@1");
}

TEST(CsvFaults, ASymbolOutsideTheRunIsUnknown) {
    CsvRun run;
    CsvFeedConfig config = trade_config();
    config.symbols.clear();
    config.columns.symbol = "s";
    const char* const text = "s,t,p,q\nA,1,1,1\nZ,2,1,1\nB,3,1,1\n";
    EXPECT_THAT(
        error_of(run, config, text),
        HasSubstr("trades.csv:3: column s: found \"Z\", expected the symbol of an instrument"));
    EXPECT_EQ(outline(drain(*run.open(skipping(config), text))),
              "trade@1 skipped@1(unknown_instrument,3) trade@3");
    config.symbols = {"Z"};
    EXPECT_THAT(error_of(run, config, text),
                HasSubstr("the symbol Z is not an instrument of this run"));
}

TEST(CsvFaults, EmptyAndHeaderOnlyFilesAreErrors) {
    CsvRun run;
    EXPECT_EQ(error_of(run, bar_config(), ""), "dir/bars.csv: the file is empty");
    EXPECT_EQ(error_of(run, bar_config(), "\n\r\n"), "dir/bars.csv: the file is empty");
    EXPECT_EQ(error_of(run, bar_config(), kHeader),
              "dir/bars.csv: the file has a header but no rows");
}

TEST(CsvFaults, AMissingColumnListsTheOthersAndSuggestsTheNearest) {
    CsvRun run;
    CsvFeedConfig config = bar_config();
    config.columns.open = "opne";
    EXPECT_EQ(
        error_of(run, config, "t,Open,h,l,c,v\n"),
        "dir/bars.csv:1: there is no column \"opne\"; did you mean \"Open\"? (the file has the "
        "columns t, Open, h, l, c, v)");
    config.columns.open = CsvColumn::at(6);
    EXPECT_THAT(error_of(run, config, kHeader), HasSubstr("the file has 6 columns"));
    config.columns.open = {};
    EXPECT_THAT(error_of(run, config, kHeader), HasSubstr("columns.open is not configured"));
}

TEST(CsvFaults, AColumnThatStandsTwiceIsRefusedOnlyWhenItIsUsed) {
    CsvRun run;
    EXPECT_THAT(error_of(run, bar_config(), "t,o,h,l,c,v,o\n"),
                HasSubstr("the column \"o\" twice"));
    EXPECT_EQ(error_of(run, bar_config(), "t,o,h,l,c,v,x,x\n100,1,1,1,1,1,,\n"), "");
}

TEST(CsvFaults, UtfSixteenIsRecognised) {
    CsvRun run;
    EXPECT_THAT(error_of(run, bar_config(), std::string("\xFF\xFEt\0,\0", 6)), HasSubstr("UTF-16"));
}

/// One enormous line, made on the fly.
class LongLine final : public ByteSource {
public:
    LongLine(std::string before, std::size_t length, std::string after)
        : before_(std::move(before)), after_(std::move(after)), left_(length) {}
    std::size_t read(std::span<char> out) override {
        const auto take = [&](std::string& text) {
            const std::size_t n = std::min(out.size(), text.size());
            std::memcpy(out.data(), text.data(), n);
            text.erase(0, n);
            return n;
        };
        if (!before_.empty()) return take(before_);
        if (left_ == 0) return take(after_);
        const std::size_t n = std::min(out.size(), left_);
        std::memset(out.data(), '9', n);
        left_ -= n;
        return n;
    }
    std::string_view name() const noexcept override { return "long"; }
    double progress() const noexcept override { return 0; }

private:
    std::string before_;
    std::string after_;
    std::size_t left_;
};

TEST(CsvFaults, ALineOfAHundredMegabytesIsRefusedInBoundedMemory) {
    CsvRun run;
    const auto open = [&](const CsvFeedConfig& config) {
        return std::make_unique<CsvFeed>(
            config, run.ports(),
            std::make_unique<LongLine>(kHeader + "100,1,1,1,1,1\n", 100'000'000,
                                       "\n110,1,1,1,1,1\n"));
    };
    try {
        static_cast<void>(drain(*open(bar_config())));
        FAIL();
    } catch (const FeedError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("dir/bars.csv:3: found \"999"), HasSubstr("..."),
                                        HasSubstr("max_line_bytes")));
        EXPECT_LT(std::string(error.what()).size(), 300u);
    }
    const auto feed = open(skipping(bar_config()));
    EXPECT_EQ(outline(drain(*feed)),
              "bar_open@100 bar@110 skipped@110(line_too_long,3) bar_open@110 bar@120");
}

TEST(CsvFaults, RefusedRecordsBeforeTheFirstTimeWaitForIt) {
    CsvRun run;
    const auto feed = run.open(skipping(bar_config()), kHeader + "x\ny\n100,1,1,1,1,1\n");
    EXPECT_EQ(outline(drain(*feed)),
              "skipped@100(malformed,2) skipped@100(malformed,3) bar_open@100 bar@110");
}

TEST(CsvFaults, AFileWithoutOneReadableRecordIsAnErrorEvenWhenSkipping) {
    CsvRun run;
    EXPECT_THAT(error_of(run, skipping(bar_config()), kHeader + "x\ny\n"),
                HasSubstr("none of the 2 records could be read"));
    std::string text = kHeader;
    for (int i = 0; i < 5000; ++i) text += "x\n";
    EXPECT_THAT(error_of(run, skipping(bar_config()), text), HasSubstr("the first 4096 records"));
}

TEST(CsvGzip, IsRecognisedByItsBytesAlsoInSeveralMembers) {
    CsvRun run;
    const std::string file = gzip(kHeader) + gzip("100,1,1,1,1,1\n") + std::string(512, '\0');
    for (const std::size_t bytes_a_read : {1, 3, 100000}) {
        EXPECT_EQ(outline(drain(*run.open(bar_config(), file, bytes_a_read))),
                  "bar_open@100 bar@110");
    }
}

TEST(CsvGzip, TruncatedOrDamagedDataIsAnError) {
    CsvRun run;
    std::string rows = kHeader;
    for (int i = 0; i < 2000; ++i) rows += std::to_string(100 + 10 * i) + ",1,1,1,1,1\n";
    const std::string file = gzip(rows);
    EXPECT_EQ(error_of(run, bar_config(), file), "");
    EXPECT_THAT(error_of(run, bar_config(), file.substr(0, file.size() - 5)),
                HasSubstr("truncated"));
    EXPECT_THAT(error_of(run, bar_config(), file.substr(0, file.size() / 2)),
                HasSubstr("truncated"));
    std::string damaged = file;
    damaged[file.size() - 6] = static_cast<char>(damaged[file.size() - 6] + 1);  // in the checksum
    EXPECT_THAT(error_of(run, bar_config(), damaged), HasSubstr("damaged gzip data"));
    EXPECT_THAT(error_of(run, bar_config(), file + "tail"), HasSubstr("other bytes follow"));
}

/// Ascends in (timestamp, phase) and carries no seq.
bool in_feed_order(const std::vector<MarketEvent>& events) {
    for (std::size_t i = 1; i < events.size(); ++i) {
        const auto key = [&](std::size_t k) {
            return std::pair(events[k].ts.ns, phase_of(events[k]));
        };
        if (key(i) < key(i - 1) || events[i].seq != 0) return false;
    }
    return true;
}

RC_GTEST_PROP(CsvFaults, AnyBytesGiveAnErrorOrEventsInOrder, (const std::string& bytes)) {
    for (CsvFeedConfig config : {bar_config(), quote_config(), trade_config()}) {
        for (const bool skip : {false, true}) {
            CsvRun run;
            if (skip) config = skipping(config);
            const std::string header = config.kind == CsvKind::kBar     ? kHeader
                                       : config.kind == CsvKind::kQuote ? "t,b,bs,a,as\n"
                                                                        : "t,p,q\n";
            try {
                const auto feed = run.open(config, header + bytes, 3);
                RC_ASSERT(in_feed_order(drain(*feed)));
            } catch (const FeedError& error) {
                RC_ASSERT(!std::string_view(error.what()).empty());
            }
        }
    }
}

RC_GTEST_PROP(CsvFaults, RowsOfPlausibleCellsGiveAnErrorOrEventsInOrder, ()) {
    const auto cell = rc::gen::element<std::string>(
        "", "1", "2", "-1", "0", "5", "7", "9", "1e300", "\"", "\"1\"", "x", "100",
        "9223372036854775807", "-9223372036854775807", "A", "B", "b", "s");
    const auto row = rc::gen::container<std::vector<std::string>>(6, cell);
    const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(row);
    std::string text = "t,o,h,l,c,v\n";
    for (const auto& cells : rows) {
        for (const std::string& value : cells) text += value + ",";
        text.back() = '\n';
    }
    CsvFeedConfig config = skipping(bar_config());
    config.negative_prices = *rc::gen::arbitrary<bool>();
    config.stamp = *rc::gen::element(BarStamp::kStart, BarStamp::kEnd);
    if (*rc::gen::arbitrary<bool>()) {
        config.symbols = {"A", "B"};
        config.columns.symbol = "v";
        config.columns.volume = {};
        config.interval = *rc::gen::element(Duration::days(1), Duration::nanoseconds(3));
    }
    CsvRun run;
    try {
        RC_ASSERT(in_feed_order(drain(*run.open(config, text))));
    } catch (const FeedError& error) {
        RC_ASSERT(!std::string_view(error.what()).empty());
    }
}

}  // namespace
}  // namespace fermata::csv
