// Runs that begin with positions, and what a run leaves for the next one.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "daemon/retention/journal_disk.hpp"
#include "tests/daemon/replay/command.hpp"
#include "tests/daemon/replay/rows.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

constexpr char kBars[] =
    "Date,Open,High,Low,Close,Volume\n"
    "2021-03-01,100.00,101.00,99.00,100.00,100000\n"
    "2021-03-02,100.00,100.50,99.50,100.20,100000\n"
    "2021-03-03,100.20,104.50,99.50,104.00,100000\n"
    "2021-03-04,104.00,105.50,93.00,94.50,200000\n"
    "2021-03-05,94.50,98.90,94.00,97.50,200000\n";

/// Never trades by itself on so few bars.
constexpr char kIdle[] =
    "{name: idle, type: sma_cross, symbols: [AAA], params: {fast: 50, slow: 200},"
    " sizing: {type: fixed, value: 10}";

class OpeningPositions : public ::testing::Test {
protected:
    OpeningPositions() { write_text(folder_ / "a.csv", kBars); }

    [[nodiscard]] std::string yaml(const std::string& books, const std::string& strategy) const {
        return "mode: replay\n" + books +
               "instruments:\n"
               "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1, calendar: us_equity}\n"
               "feeds:\n"
               "  - {type: csv, kind: bar, interval: 1d, symbol: AAA, path: " +
               (folder_ / "a.csv").string() +
               ",\n"
               "     time: {column: Date, format: '%Y-%m-%d', zone: America/New_York},\n"
               "     columns: {open: Open, high: High, low: Low, close: Close, volume: Volume}}\n"
               "venues: [{name: sim, type: simulated}]\nrisk: {profile: unlimited}\n"
               "journal: {enabled: true}\nstrategies:\n  - " +
               strategy + "\n";
    }
    [[nodiscard]] static std::string cash_account(const std::string& positions) {
        return "account: {currency: USD, cash: 1000, type: cash}\npositions:\n" + positions;
    }
    void run(const std::string& text, const std::string& out,
             const std::vector<std::string>& overrides = {}) {
        run_yaml(text, folder_.path(), folder_ / out, overrides);
    }
    [[nodiscard]] std::string last_equity(const std::string& out) const {
        return rows_of(folder_ / out / "equity.csv").back().at("equity");
    }
    /// The records of the trading stream about positions.
    [[nodiscard]] std::vector<OrderEvent> position_records(const std::string& out) const {
        JournalDisk disk;
        auto reader = JournalReader::open(disk.files(), (folder_ / out / "journal").string());
        std::vector<OrderEvent> found;
        while (const JournalRecord* r = (*reader)->next()) {
            if (r->is_market || r->event.type != OrderEventType::kPosition) continue;
            found.push_back(r->event);
        }
        return found;
    }

    TemporaryFolder folder_;
};

TEST_F(OpeningPositions, AreHeldFromTheFirstRecordOn) {
    run(yaml(cash_account("  - {instrument: AAA, quantity: 60, cost: 80, opened: 2020-01-06}\n"
                          "  - {instrument: AAA, quantity: 40, cost: 90, mark: 80,"
                          " opened: 2021-02-01T15:30:00Z}\n"),
             std::string(kIdle) + "}"),
        "out");
    const auto records = position_records("out");
    ASSERT_EQ(records.size(), 2U);
    const PositionData& d = records[1].data.position;
    EXPECT_EQ(d.change, PositionChange::kOpening);
    EXPECT_EQ(d.position, Quantity::from_units(100));
    EXPECT_EQ(d.strategy_position, Quantity::from_units(100));
    EXPECT_EQ(d.lot, Quantity::from_units(40));
    EXPECT_EQ(d.cost, Price::from_units(90));
    EXPECT_EQ(d.cash, Money::from_units(1'000));
    EXPECT_EQ(records[0].seq, 1U);
    EXPECT_EQ(last_equity("out"), "10750");  // 1,000 and 100 at 97.50
    const auto lots = rows_of(folder_ / "out/lots.csv");
    ASSERT_EQ(lots.size(), 2U);
    EXPECT_EQ(lots[0].at("quantity"), "60");
    EXPECT_EQ(lots[1].at("quantity"), "40");
}

// At 5.00 below what they were bought at; a cash account sells what it has.
TEST_F(OpeningPositions, AreGuardedByManagedExitsAndSold) {
    run(yaml(cash_account("  - {instrument: AAA, quantity: 100, cost: 99, opened: 2021-02-01}\n"),
             std::string(kIdle) + ", exits: {stop: {type: price, value: 5}}}"),
        "out");
    const auto fills = rows_of(folder_ / "out/fills.csv");
    ASSERT_EQ(fills.size(), 1U);
    EXPECT_EQ(fills[0].at("side"), "SELL");
    EXPECT_EQ(fills[0].at("quantity"), "100");
    EXPECT_EQ(fills[0].at("price"), "94");  // on Thursday, whose low is 93.00
    EXPECT_EQ(last_equity("out"), "10400");
    const auto lots = rows_of(folder_ / "out/lots.csv");
    ASSERT_EQ(lots.size(), 1U);
    EXPECT_EQ(lots[0].at("gain"), "-500");
}

// Without a fill there is nothing to learn an ATR of four bars from before the fourth.
TEST_F(OpeningPositions, WaitForTheAtrThatTheirStopNeeds) {
    run(yaml(cash_account("  - {instrument: AAA, quantity: 100, cost: 99, opened: 2021-02-01}\n"),
             std::string(kIdle) + ", exits: {stop: {type: atr, value: 1}, atr_period: 3}}"),
        "out");
    EXPECT_TRUE(rows_of(folder_ / "out/fills.csv").empty());
    const auto orders = rows_of(folder_ / "out/orders.csv");
    ASSERT_FALSE(orders.empty());
    EXPECT_EQ(orders.front().at("type"), "STOP");
}

TEST_F(OpeningPositions, MustBeThereWhenTheDataBegins) {
    const std::string text =
        yaml(cash_account("  - {instrument: AAA, quantity: 5, cost: 99, opened: 2021-03-02}\n"),
             kIdle + std::string("}"));
    try {
        run(text, "out");
        ADD_FAILURE() << "it was bought on the second day of the data";
    } catch (const ConfigError& error) {
        EXPECT_NE(std::string(error.what())
                      .find("positions: found AAA opened 2021-03-02T05:00:00Z, expected a time not "
                            "after the start of the run, 2021-03-01T"),
                  std::string::npos)
            << error.what();
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out/journal"));
}

TEST_F(OpeningPositions, AreNotBoughtOnceMore) {
    run(yaml(cash_account("  - {instrument: AAA, quantity: 5, cost: 99, opened: 2021-02-01}\n"),
             "{name: holder, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, value: 5}}"),
        "out");
    EXPECT_TRUE(rows_of(folder_ / "out/orders.csv").empty());
}

TEST_F(OpeningPositions, OfAShortSellerAreBoughtBack) {
    run(yaml("account: {currency: USD, cash: 30000, type: margin}\npositions:\n"
             "  - {instrument: AAA, quantity: -100, cost: 99, opened: 2021-02-01}\n",
             std::string(kIdle) + ", exits: {stop: {type: price, value: 5}}}"),
        "out");
    const auto fills = rows_of(folder_ / "out/fills.csv");
    ASSERT_EQ(fills.size(), 1U);
    EXPECT_EQ(fills[0].at("side"), "BUY");
    EXPECT_EQ(fills[0].at("price"), "104");
    EXPECT_EQ(last_equity("out"), "19600");
}

// A week in one run, and in two of which the second begins with what the first left.
TEST_F(OpeningPositions, ThatARunLeftLetTheNextOneGoOn) {
    const std::string account = "account: {currency: USD, cash: 100000, type: cash}\n";
    const std::string holder =
        "{name: holder, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, value: 150}}";
    run(yaml(account, holder), "whole");
    run(yaml(account, holder), "first", {"run.to=2021-03-03"});
    const std::string carried = (folder_ / "carried.yaml").string();
    ASSERT_EQ(Child({"journal", "carry", (folder_ / "first").string()}, carried,
                    (folder_ / "err").string())
                  .wait(),
              0)
        << read_text(folder_ / "err");
    const std::string books = read_text(carried);
    EXPECT_NE(books.find("mark: 104"), std::string::npos) << books;
    run(yaml(books, holder), "second", {"run.from=2021-03-04"});
    EXPECT_EQ(last_equity("second"), last_equity("whole"));
    EXPECT_EQ(rows_of(folder_ / "second/positions.csv"), rows_of(folder_ / "whole/positions.csv"));
    EXPECT_TRUE(rows_of(folder_ / "second/fills.csv").empty());
    // The second can be done again, and leaves what it was given.
    const std::string again = (folder_ / "again.yaml").string();
    ASSERT_EQ(Child({"journal", "carry", (folder_ / "second/journal").string()}, again).wait(), 0);
    const auto without_marks = [](std::string text) {
        for (std::size_t at; (at = text.find("    mark:")) != text.npos;) {
            text.erase(at, text.find('\n', at) + 1 - at);
        }
        return text;
    };
    EXPECT_EQ(without_marks(read_text(again)), without_marks(books));
}

// The account's lots are what is left of the long one's; what closed itself is not booked again.
TEST_F(OpeningPositions, OfStrategiesAgainstEachOtherAreCarriedAsTheAccountHasThem) {
    const auto replaced = [](std::string text, std::string_view from, std::string_view to) {
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string two =
        std::string(kIdle) + "}\n  - " + replaced(kIdle, "name: idle", "name: other") + "}";
    run(yaml("account: {currency: USD, cash: 1000, type: margin}\npositions:\n"
             "  - {instrument: AAA, strategy: idle, quantity: 10, cost: 99, opened: 2021-02-01}\n"
             "  - {instrument: AAA, strategy: other, quantity: -4, cost: 109, mark: 99,"
             " opened: 2021-02-02}\n",
             two),
        "first");
    const std::string carried = (folder_ / "carried.yaml").string();
    const std::string err = (folder_ / "err").string();
    ASSERT_EQ(Child({"journal", "carry", (folder_ / "first").string()}, carried, err).wait(), 0)
        << read_text(err);
    const std::string books = read_text(carried);
    const std::string what =
        "AAA: strategies hold against each other (idle 10, other -4), and the "
        "account holds 6; the next run would book the profit";
    EXPECT_NE(read_text(err).find(what), std::string::npos) << read_text(err);
    EXPECT_NE(books.find(what), std::string::npos) << books;
    const std::string begin = "#   ";
    const std::size_t at = books.find(begin +
                                      "- {instrument: AAA, strategy: idle, quantity: 6, "
                                      "cost: 99, mark: 97.5, opened: 2021-02-01T05:00:00Z}");
    ASSERT_NE(at, std::string::npos) << books;
    const std::string lot =
        books.substr(at + begin.size(), books.find('\n', at) - at - begin.size());
    const std::string accounts = books.substr(0, books.find("positions:\n"));
    run(yaml(accounts + "positions:\n  " + lot + "\n", two), "net", {"run.from=2021-03-02"});
    EXPECT_EQ(last_equity("net"), last_equity("first"));
    EXPECT_EQ(rows_of(folder_ / "net/positions.csv").at(0).at("realized"), "0");
    EXPECT_EQ(rows_of(folder_ / "first/positions.csv").at(0).at("realized"), "40");
    // As printed the same is booked once more.
    run(yaml(books, two), "again", {"run.from=2021-03-02"});
    EXPECT_EQ(rows_of(folder_ / "again/positions.csv").at(0).at("realized"), "40");
    try {
        run(yaml(replaced(books, "type: margin", "type: cash"), two), "cash");
        ADD_FAILURE() << "a cash account began with a short position";
    } catch (const ConfigError& error) {
        EXPECT_NE(std::string(error.what()).find("its strategies hold 6 of AAA together"),
                  std::string::npos)
            << error.what();
    }
}

TEST_F(OpeningPositions, AreNotPrintedOfAJournalThatIsNone) {
    const std::string err = (folder_ / "err").string();
    EXPECT_NE(Child({"journal", "carry", folder_.path().string()}, "", err).wait(), 0);
    EXPECT_NE(read_text(err).find(folder_.path().string()), std::string::npos);
}

}  // namespace
}  // namespace fermata::test
