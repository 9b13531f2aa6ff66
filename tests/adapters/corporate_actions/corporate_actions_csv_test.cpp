#include "adapters/corporate_actions/corporate_actions_csv.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

#include "core/port/feed.hpp"
#include "core/types/decimal.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

InstrumentTable instruments(std::initializer_list<const char*> symbols) {
    InstrumentTable table;
    for (const char* symbol : symbols) {
        Instrument i;
        i.symbol = symbol;
        i.ticks = {{Timestamp::min(), Price::from_raw(1)}};
        table.add(i);
    }
    return table;
}

CorporateActionList read(std::string_view text, std::size_t bytes_a_read = 7) {
    return read_corporate_actions(std::make_unique<MemorySource>(text, "actions.csv", bytes_a_read),
                                  instruments({"IBM", "AAPL"}));
}

std::string error_of(std::string_view text) {
    try {
        (void)read(text);
    } catch (const FeedError& e) {
        return e.what();
    }
    return "no error";
}

TEST(CorporateActionsCsv, ReadsSplitsAndDividends) {
    const auto list = read(
        "symbol,ex_date,type,value,last_date_before,close_before\n"
        "IBM,1999-05-27,split,2,1999-05-26,235.5\n"
        "AAPL,2005-02-28,split,2.00001,2005-02-25,88.97\n"
        "SPY,1998-03-20,dividend,0.313385,1998-03-19,109.34\n"
        "\"IBM\",1998-02-06,dividend,0.199993,1998-02-05,99.25\r\n");
    ASSERT_EQ(list.actions.size(), 3U);
    EXPECT_EQ(list.rows, 4U);
    EXPECT_EQ(list.other_symbols, 1U);
    EXPECT_EQ(list.source_hash, "none");
    EXPECT_EQ(list.actions[0].ex_date, to_date(1998, 2, 6));
    EXPECT_EQ(list.actions[0].data.cash, parse<Price>("0.199993").value());
    EXPECT_EQ(list.actions[0].close_before, parse<Price>("99.25").value());
    EXPECT_EQ(list.actions[1].data.numerator, 2);
    EXPECT_EQ(list.actions[1].data.denominator, 1);
    EXPECT_EQ(list.actions[2].instrument, InstrumentId{1});
    EXPECT_EQ(list.actions[2].data.numerator, 200'001);
    EXPECT_EQ(list.actions[2].data.denominator, 100'000);
}

TEST(CorporateActionsCsv, ColumnsMayComeInAnyOrderAndTheCloseMayBeMissing) {
    const auto list = read("value,type,symbol,ex_date\n0.05,split,IBM,2012-01-03\n");
    EXPECT_EQ(list.actions[0].data.denominator, 20);
    EXPECT_TRUE(list.actions[0].close_before.is_zero());
    EXPECT_TRUE(read("symbol,ex_date,type,value\n").actions.empty());
}

TEST(CorporateActionsCsv, SeveralDividendsOfOneDateAreSeveralPayments) {
    EXPECT_EQ(read("symbol,ex_date,type,value\n"
                   "IBM,2012-01-03,dividend,1\nIBM,2012-01-03,dividend,2\n"
                   "AAPL,2012-01-03,dividend,1\n")
                  .actions.size(),
              3U);
}

TEST(CorporateActionsCsv, SaysWhereAndWhatIsWrong) {
    const std::string header = "symbol,ex_date,type,value,close_before\n";
    EXPECT_EQ(error_of(""),
              "actions.csv:1: found an empty file, expected a line that names the columns");
    EXPECT_EQ(error_of("symbol,date,type,value\n"),
              "actions.csv:1: found the columns 'symbol,date,type,value', expected 'ex_date' among "
              "them");
    EXPECT_EQ(error_of("symbol,ex_date,type,value,type\n"),
              "actions.csv:1: found the column 'type' twice");
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,split\n"),
              "actions.csv:2: found 3 fields, expected 5 as in the first line");
    EXPECT_EQ(error_of(header + "\n,2012-01-03,split,2,\n"),
              "actions.csv:3: symbol: found '', expected a symbol");
    EXPECT_EQ(error_of(header + "IBM,2012-02-30,split,2,\n"),
              "actions.csv:2: ex_date: found '2012-02-30', expected a date YYYY-MM-DD");
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,merger,2,\n"),
              "actions.csv:2: type: found 'merger', expected split or dividend");
    for (const char* value : {"two", "", "0", "-2", "1e10", "0.0000000001", "nan"}) {
        EXPECT_EQ(error_of(header + "IBM,2012-01-03,split," + value + ",\n"),
                  std::string("actions.csv:2: value: found '") + value +
                      "', expected a positive ratio of at most 9 decimals: new shares for one old");
        EXPECT_EQ(error_of(header + "IBM,2012-01-03,dividend," + value + ",\n"),
                  std::string("actions.csv:2: value: found '") + value +
                      "', expected a positive amount of at most 9 decimals");
    }
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,dividend,1,0\n"),
              "actions.csv:2: close_before: found '0', expected a positive price of at most 9 "
              "decimals, or nothing");
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,dividend,1,\nIBM,2012-01-03,dividend,1.0,\n"),
              "actions.csv:3: found a second dividend of the same amount of IBM on 2012-01-03, the "
              "first is in line 2");
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,split,2,\nIBM,2012-01-03,split,3,\n"),
              "actions.csv:3: found a second split of IBM on 2012-01-03, the first is in line 2");
    // A symbol that the run does not trade is no excuse.
    EXPECT_EQ(error_of(header + "XYZ,2012-01-03,split,x,\n").substr(0, 21),
              "actions.csv:2: value:");
    EXPECT_EQ(error_of(header + "IBM,2012-01-03,\xff,2,\n").substr(0, 21), "actions.csv:2: found ");
    EXPECT_EQ(error_of(header + std::string(5'000, 'x') + "\n"),
              "actions.csv:2: found a line of more than 4096 bytes");
    EXPECT_EQ(error_of(header + "\"IBM,2012-01-03,split,2,\n"),
              "actions.csv:2: a quoted field does not end on its line");
}

RC_GTEST_PROP(CorporateActionsCsv, AnyBytesGiveAListOrAFeedError, (const std::string& noise)) {
    const auto rows = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("IBM,2012-01-03,split,2", "IBM", ",,,", "\"", "\"\"\"", "\r",
                                      noise, "IBM,2012-01-03,dividend,1e-9"));
    std::string text = *rc::gen::element<std::string>("symbol,ex_date,type,value\n", "");
    for (const std::string& row : rows) text += row + "\n";
    try {
        (void)read(text, *rc::gen::inRange<std::size_t>(1, 100));
    } catch (const FeedError&) {
    }
}

TEST(CorporateActionsCsv, ReadsTheRealList) {
    const auto path = test::data_file("corporate_actions.csv");
    if (!path) GTEST_SKIP() << test::kNoData;
    std::ifstream file(*path);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    const std::string text = bytes.str();
    const auto list = read_corporate_actions(std::make_unique<MemorySource>(text, "list"),
                                             instruments({"IBM", "AAPL"}));
    EXPECT_EQ(list.rows, 295U);
    EXPECT_EQ(list.actions.size(), 65U);  // grep -c '^IBM,\|^AAPL,'
}

}  // namespace
}  // namespace fermata
