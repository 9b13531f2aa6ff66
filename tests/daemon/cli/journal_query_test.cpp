#include "daemon/cli/journal_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "daemon/cli/event_fields.hpp"
#include "daemon/cli/market_event_fields.hpp"
#include "tests/daemon/cli/journal_fixture.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;
using Positions = std::vector<std::string>;

class JournalQueries : public JournalFixture {
protected:
    struct Output {
        int code = 0;
        std::string out;
        std::string err;
        [[nodiscard]] std::vector<nlohmann::json> objects() const {
            std::vector<nlohmann::json> all;
            std::istringstream lines(out);
            for (std::string line; std::getline(lines, line);) {
                all.push_back(nlohmann::json::parse(line));
            }
            return all;
        }
        [[nodiscard]] std::vector<std::string> lines() const {
            std::vector<std::string> all;
            std::istringstream text(out);
            for (std::string line; std::getline(text, line);) all.push_back(line);
            return all;
        }
    };
    Output ask(JournalQuery query) {
        query.directory = "run";
        std::ostringstream out;
        std::ostringstream err;
        const int code = query_journal(files_, query, out, err);
        return {code, out.str(), err.str()};
    }
    /// Positions of the records that answer, "venue.0:1" for those of other streams.
    Positions chosen(JournalQuery query) {
        query.format = RecordFormat::kJson;
        Positions positions;
        for (const auto& object : ask(query).objects()) {
            const std::string stream = object["stream"];
            const std::string position = object["position"].dump();
            positions.push_back(stream == "trading" ? position : stream + ":" + position);
        }
        return positions;
    }
};

TEST_F(JournalQueries, AVerdictHasItsInputsAndEveryControlByName) {
    JournalQuery query;
    query.format = RecordFormat::kJson;
    query.verdicts = {"denied"};
    const auto objects = ask(query).objects();
    ASSERT_EQ(objects.size(), 1U);
    const nlohmann::json& v = objects[0];
    EXPECT_EQ(v["failed"], "MAX_NOTIONAL POSITION");
    EXPECT_EQ(v["checked"], "STATE MAX_NOTIONAL POSITION");
    EXPECT_EQ(v["observed"], "18725");
    EXPECT_EQ(v["limit"], "2000");
    EXPECT_EQ(v["scope"], "order");
    EXPECT_EQ(v["unit"], "money");
    EXPECT_EQ(v["reference"], "187.25");
    EXPECT_EQ(v["bid"], "187.24");
    EXPECT_EQ(v["ask"], "187.26");
    EXPECT_EQ(v["equity"], "100000");
    EXPECT_EQ(v["configuration"], "9f3a0c11d2e4b576");
    EXPECT_EQ(v["explanation"], "MAX_NOTIONAL order 18725 2000 9f3a0c11d2e4b576");
}

TEST_F(JournalQueries, AnAnswerToAQuestionIsNoDecision) {
    // The journal of the fixture, with a refused answer behind it.
    OrderEvent answer = verdict();
    answer.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
    write_again({answer});
    const auto verdicts = [&](const char* asked) {
        JournalQuery query;
        query.verdicts = {asked};
        return chosen(query);
    };
    EXPECT_EQ(verdicts("preview"), (Positions{"12"}));
    EXPECT_EQ(verdicts("denied"), (Positions{"2"}));
    EXPECT_EQ(verdicts("POSITION"), (Positions{"2"}));
    EXPECT_EQ(verdicts("approved"), (Positions{"10"}));
}

TEST_F(JournalQueries, AnOrderHasEverythingThatWasSaidAboutItInOrder) {
    // The venue's report and the alert name the order's id only.
    const Positions life{"1", "2", "3", "4", "6", "7"};
    for (const char* order : {"42", "sma#3"}) {
        JournalQuery query;
        query.order = order;
        EXPECT_EQ(chosen(query), life) << order;
    }
    JournalQuery other;
    other.order = "rsi#1";
    EXPECT_EQ(chosen(other), (Positions{"9", "10"}));
}

TEST_F(JournalQueries, AnOrderThatIsNotThereIsSaidSo) {
    for (const char* order : {"44", "sma#4"}) {
        JournalQuery query;
        query.order = order;
        const Output output = ask(query);
        EXPECT_EQ(output.code, 1);
        EXPECT_EQ(output.err, std::string("no record is about order ") + order + "\n");
    }
    JournalQuery query;  // it is there, only not in this way
    query.order = "42";
    query.types = {"timer"};
    EXPECT_EQ(ask(query).code, 0);
}

TEST_F(JournalQueries, StrategyAndAccountHaveReportsControlsAndEquityToo) {
    JournalQuery sma;
    sma.strategies = {"sma"};
    EXPECT_EQ(chosen(sma), (Positions{"1", "2", "3", "4", "6", "7"}));
    JournalQuery rsi;
    rsi.strategies = {"rsi"};
    EXPECT_EQ(chosen(rsi), (Positions{"5", "8", "9", "10"}));
    JournalQuery main;
    main.accounts = {"main"};
    EXPECT_EQ(chosen(main), (Positions{"1", "2", "3", "4", "6", "7"}));
    JournalQuery second;
    second.accounts = {"second"};
    EXPECT_EQ(chosen(second), (Positions{"9", "10", "11"}));
}

TEST_F(JournalQueries, AnInstrumentIsAskedForBySymbol) {
    JournalQuery query;
    query.instruments = {"SPY"};
    EXPECT_EQ(chosen(query), (Positions{"9", "10", "feed:2"}));
    query.instruments = {"Odd, \"name\""};
    EXPECT_EQ(chosen(query), (Positions{"1", "2", "3", "4", "6", "7", "feed:1"}));
}

TEST_F(JournalQueries, VerdictsAreAskedForByControlOrByOutcome) {
    const auto verdicts = [&](std::vector<std::string> asked) {
        JournalQuery query;
        query.verdicts = std::move(asked);
        return chosen(query);
    };
    EXPECT_EQ(verdicts({"POSITION"}), (Positions{"2"})) << "not only the first that refused";
    EXPECT_EQ(verdicts({"position"}), (Positions{"2"}));
    EXPECT_EQ(verdicts({"CASH"}), (Positions{}));
    EXPECT_EQ(verdicts({"STATE"}), (Positions{})) << "evaluated, but it did not refuse";
    EXPECT_EQ(verdicts({"denied"}), (Positions{"2"}));
    EXPECT_EQ(verdicts({"approved"}), (Positions{"10"}));
    EXPECT_EQ(verdicts({"approved", "POSITION"}), (Positions{"2", "10"}));
}

TEST_F(JournalQueries, StreamsOtherThanTradingHaveNames) {
    JournalQuery query;
    query.streams = {"venue.0", "shard.0"};
    EXPECT_EQ(chosen(query), (Positions{"venue.0:1", "shard.0:1"}));
    query.streams = {"trading"};
    EXPECT_EQ(chosen(query).size(), 11U);
    query.streams = {};
    EXPECT_EQ(chosen(query).size(), 15U);
    query.types = {"consumed"};
    const Output table = ask(query);
    EXPECT_THAT(table.lines()[1], HasSubstr("venue.0:1  consumed"));
    EXPECT_THAT(table.lines()[1], HasSubstr("consumed event:4"));
}

TEST_F(JournalQueries, MarketEventsAnswerToo) {
    JournalQuery query;
    query.streams = {"feed"};
    EXPECT_EQ(chosen(query), (Positions{"feed:1", "feed:2"}));
    EXPECT_THAT(ask(query).lines()[1],
                HasSubstr("feed:1  quote         " + std::string(12, ' ') +
                          "Odd, \"name\"                  bid=187.25 bid_quantity=3 ask=187.26 "
                          "ask_quantity=4"));
    query.types = {"trade"};
    EXPECT_EQ(chosen(query), (Positions{"feed:2"}));
    query.format = RecordFormat::kCsv;
    EXPECT_EQ(ask(query).out,
              "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags,price,"
              "quantity,aggressor,trade_id,exchange,conditions\n"
              "feed,2,2024-01-02T14:30:01Z,1704205801000000000,trade,SPY,,2,0,0,470,7,,,,\n");
    query.format = RecordFormat::kJson;
    const auto trade = ask(query).objects().at(0);
    EXPECT_EQ(trade["price"], "470");
    EXPECT_TRUE(trade["cause"].is_null());
    query.types = {"trade", "fill"};
    query.streams = {};
    EXPECT_EQ(chosen(query), (Positions{"4", "feed:2"}));
    query.strategies = {"sma"};
    EXPECT_EQ(chosen(query), (Positions{"4"})) << "market data belongs to no strategy";
}

TEST_F(JournalQueries, CsvGivesEveryRowOfAWholeJournalTheSameColumnsEachNameOnce) {
    JournalQuery query;
    query.format = RecordFormat::kCsv;
    query.instruments = {"SPY"};  // no comma in any field
    const std::vector<std::string> lines = ask(query).lines();
    ASSERT_EQ(lines.size(), 4U) << "two of an order, one trade, and the header";
    const auto cells = [](const std::string& line) {
        std::vector<std::string> all(1);
        for (const char c : line) {
            if (c == ',') {
                all.emplace_back();
            } else {
                all.back() += c;
            }
        }
        return all;
    };
    const auto header = cells(lines[0]);
    EXPECT_EQ(std::set<std::string>(header.begin(), header.end()).size(), header.size());
    for (const std::string& line : lines) EXPECT_EQ(cells(line).size(), header.size()) << line;
    const auto price =
        std::find(header.begin(), header.end(), std::string("price")) - header.begin();
    EXPECT_EQ(cells(lines[3]).at(static_cast<std::size_t>(price)), "470");
}

TEST_F(JournalQueries, NoFieldHasTheNameOfWhatEveryRecordHas) {
    const std::set<std::string_view> head{"stream", "position",   "time",  "ts_ns",
                                          "type",   "instrument", "cause", "feed_position",
                                          "source", "flags"};
    for (const std::string_view name : field_names(order_event_types())) {
        EXPECT_FALSE(head.contains(name)) << name;
    }
    for (const std::string_view name : market_field_names(market_event_types())) {
        EXPECT_FALSE(head.contains(name)) << name;
    }
}

TEST_F(JournalQueries, EveryFieldOfAMarketEventHasItsColumn) {
    for (const MarketEventType type : market_event_types()) {
        for (const std::uint64_t byte : {0, 1, 2}) {  // fields come and go with their values
            MarketEvent event{};
            event.type = type;
            for (std::uint64_t& word : event.data.words) word = byte * 0x0101010101010101U;
            const auto names = market_field_names({type});
            for (const auto& [name, text] : fields_of(event)) {
                EXPECT_NE(std::find(names.begin(), names.end(), name), names.end())
                    << static_cast<int>(type) << ' ' << name;
            }
        }
    }
}

TEST_F(JournalQueries, TypesTimesAndNumbersBoundTheAnswer) {
    JournalQuery by_type;
    by_type.types = {"timer", "new_order"};
    EXPECT_EQ(chosen(by_type), (Positions{"1", "5", "9"}));
    JournalQuery by_time;
    by_time.from = Timestamp{kStart + kSecond};
    by_time.to = Timestamp{kStart + 3 * kSecond};
    EXPECT_EQ(chosen(by_time), (Positions{"2", "3", "feed:2"}));
    JournalQuery by_number;
    by_number.limit = 2;
    EXPECT_EQ(chosen(by_number), (Positions{"1", "2"}));
}

TEST_F(JournalQueries, AnOrderIsTheSameAsTextAndAsNumberAndAnExecutionIsFoundWhereverItIsTold) {
    JournalQuery as_number, as_text;
    as_number.order = "42";
    as_text.order = "0-0-42";
    EXPECT_EQ(chosen(as_number).size(), 6U);
    EXPECT_EQ(chosen(as_text), chosen(as_number));
    OrderEvent booked = fill();
    booked.data.fill.exec_id = ExecId{9};
    write_again({booked});
    JournalQuery execution;
    execution.execution = "9";
    EXPECT_EQ(chosen(execution), (Positions{"3", "7", "12"})) << "report, repetition, fill";
    execution.execution = "8";
    const Output none = ask(execution);
    EXPECT_EQ(none.code, 1);
    EXPECT_EQ(none.err, "no record is about execution 8\n");
}

TEST_F(JournalQueries, AllConditionsMustHold) {
    JournalQuery query;
    query.strategies = {"sma", "rsi"};
    query.types = {"new_order", "verdict"};
    EXPECT_EQ(chosen(query), (Positions{"1", "2", "9", "10"}));
    query.instruments = {"SPY"};
    EXPECT_EQ(chosen(query), (Positions{"9", "10"}));
    query.verdicts = {"approved"};
    EXPECT_EQ(chosen(query), (Positions{"10"}));
    query.from = Timestamp{kStart + 10 * kSecond};
    EXPECT_EQ(chosen(query), (Positions{}));
}

TEST_F(JournalQueries, AnUnknownNameIsRefusedWithThoseThatThereAre) {
    const auto refused = [&](const JournalQuery& query) {
        const Output output = ask(query);
        EXPECT_EQ(output.code, 2);
        EXPECT_EQ(output.out, "");
        return output.err;
    };
    JournalQuery query;
    query.strategies = {"smaa"};
    EXPECT_EQ(refused(query), "no strategy is called \"smaa\"; there are: sma rsi\n");
    query = {};
    query.order = "smaa#1";
    EXPECT_EQ(refused(query), "no strategy is called \"smaa\"; there are: sma rsi\n");
    query = {};
    query.order = "sma#0";
    EXPECT_THAT(refused(query), HasSubstr("a tag ends in a number from 1"));
    query = {};
    query.order = "0x2a";
    EXPECT_THAT(refused(query),
                HasSubstr("is no order; expected its id (20779-1-17, or its number)"));
    query = {};
    query.accounts = {"x"};
    EXPECT_EQ(refused(query), "no account is called \"x\"; there are: main second\n");
    query = {};
    query.instruments = {"QQQ"};
    EXPECT_EQ(refused(query), "no instrument is called \"QQQ\"; there are: SPY Odd, \"name\"\n");
    query = {};
    query.types = {"fil"};
    EXPECT_THAT(
        refused(query),
        HasSubstr("no type of event is called \"fil\"; there are: "
                  "new_order cancel replace timer_set basket algo algo_report route preview "
                  "verdict "));
    query = {};
    query.verdicts = {"POSITIONS"};
    EXPECT_THAT(refused(query),
                HasSubstr("there are: approved denied preview STATE RECOVERING FIELD "));
    query = {};
    query.streams = {"venue.99"};
    EXPECT_EQ(refused(query),
              "no stream is called \"venue.99\"; there are: trading feed venue.0 shard.0\n");
}

TEST_F(JournalQueries, TheTableSaysWhatHappenedAndWhy) {
    JournalQuery query;
    query.order = "42";
    const std::vector<std::string> lines = ask(query).lines();
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_EQ(lines[0],
              "time                              record  type          order       instrument   "
              "because of      what");
    EXPECT_EQ(lines[1],
              "2024-01-02T14:30:00.000000000Z         1  new_order     sma#3       Odd, "
              "\"name\"  market:1        SELL 100 LIMIT 187.25 GTD until 2024-01-02T14:31:00Z, "
              "account main, venue sim, order 0-0-42");
    EXPECT_EQ(
        lines[2],
        "2024-01-02T14:30:01.000000000Z         2  verdict       sma#3       Odd, "
        "\"name\"  market:2        new_order DENIED by MAX_NOTIONAL POSITION: MAX_NOTIONAL of "
        "the order observed 18725, limit 2000 (money), reference price 187.25, quote 187.24 to "
        "187.26, equity 100000");
    EXPECT_THAT(lines[3], HasSubstr("execution     sma#3 "))
        << "the report's order is known from the records before";
}

TEST_F(JournalQueries, JsonHasExactDecimalsAsText) {
    JournalQuery query;
    query.format = RecordFormat::kJson;
    const auto objects = ask(query).objects();
    ASSERT_EQ(objects.size(), 15U);
    const auto& execution = objects[2];
    EXPECT_EQ(execution["type"], "execution");
    EXPECT_EQ(execution["ts_ns"], kStart + 2 * kSecond);
    EXPECT_EQ(execution["instrument"], "Odd, \"name\"");
    EXPECT_EQ(execution["order_id"], "42");
    EXPECT_EQ(execution["exec_type"], "Trade");
    EXPECT_EQ(execution["last_price"], "187.5");
    EXPECT_EQ(execution["fee"], "-1.5");
    EXPECT_EQ(execution["liquidity"], "maker");
    EXPECT_TRUE(execution["price"].is_null()) << "a trade does not change the order's price";
    EXPECT_TRUE(objects[4]["instrument"].is_null()) << "a timer belongs to no instrument";
    EXPECT_EQ(objects[4]["due"], "2024-01-02T14:30:00Z");
    EXPECT_EQ(objects[10]["equity"], "1250");
    EXPECT_EQ(objects[13]["stream"], "venue.0");
    EXPECT_EQ(objects[13]["cause"], "event:4");
}

TEST_F(JournalQueries, CsvHasTheColumnsOfTheChosenTypes) {
    JournalQuery query;
    query.format = RecordFormat::kCsv;
    query.types = {"fill"};
    EXPECT_EQ(
        ask(query).out,
        "stream,position,time,ts_ns,type,instrument,cause,feed_position,source,flags,order_id,"
        "tag,exec_id,strategy,account,side,quantity,price,fee,fee_currency,liquidity,realized,"
        "cash_after,position_after,strategy_position_after\n"
        "trading,4,2024-01-02T14:30:03Z,1704205803000000000,fill,\"Odd, \"\"name\"\"\",market:4,4,"
        "0,0,42,sma#3,,sma,main,SELL,40,187.5,0,USD,,0,0,-40,0\n");
}

TEST_F(JournalQueries, WhatIsWholeIsPrintedAndThenTheProblem) {
    auto& bytes = files_.files.at("run/journal-000001.fjl").bytes;
    bytes.resize(bytes.size() - 300);
    const Output output = ask({});
    EXPECT_EQ(output.code, 1);
    EXPECT_THAT(output.out, HasSubstr("new_order"));
    EXPECT_THAT(output.err, HasSubstr("journal-000001.fjl at byte "));
}

TEST_F(JournalQueries, WithoutAManifestNothingCanBeAsked) {
    auto& bytes = files_.files.at("run/journal-000001.fjl").bytes;
    bytes.at(160) ^= std::byte{1};
    JournalQuery query;
    query.strategies = {"sma"};
    const Output output = ask(query);
    EXPECT_EQ(output.code, 1);
    EXPECT_EQ(output.out, "");
    EXPECT_THAT(output.err, HasSubstr("journal-000001.fjl at byte 136: "));
}

}  // namespace
}  // namespace fermata
