// What the end of a day books and says in a whole run, worked by hand.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/file/posix_file.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/types/decimal.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

// At 15:00 UTC of 2024-01-04, a Thursday, and of the Friday, the Monday and the Tuesday after it.
constexpr char kThursday[] = "1704380400", kFriday[] = "1704466800", kMonday[] = "1704726000",
               kTuesday[] = "1704812400";

std::string trade(const std::string& time, const std::string& symbol, const std::string& price) {
    return time + "," + symbol + "," + price + ",1000000\n";
}
Money money(const char* text) { return parse<Money>(text).value(); }

class DayEndRun : public ::testing::Test {
protected:
    void run(const std::string& trades, const std::string& end_of_day,
             const std::string& strategy) {
        write_text(folder_ / "trades.csv", "time,symbol,price,quantity\n" + trades);
        run_yaml(
            "mode: replay\n"
            "account: {currency: USD, cash: 100000, type: margin}\n"
            "instruments:\n"
            "  - {symbol: AAA, asset_class: equity, tick: 0.01, lot: 1}\n"
            "  - {symbol: BBB, asset_class: equity, tick: 0.01, lot: 1}\n"
            "feeds: [{type: csv, path: trades.csv, kind: trade, time: {column: time, unit: s},\n"
            "         columns: {symbol: symbol}}]\n"
            "venues: [{name: sim, type: simulated}]\n"
            "strategies: [" +
                strategy + "]\nend_of_day: " + end_of_day + "\nrisk: {profile: unlimited}\n",
            folder_.path(), folder_ / "out");
        PosixFileSystem files;
        auto reader = JournalReader::open(files, (folder_ / "out/journal").string());
        ASSERT_TRUE(reader);
        while (const JournalRecord* record = (*reader)->next()) {
            const OrderEvent& e = record->event;
            if (e.type == OrderEventType::kPosition) bookings_.push_back(e);
            if (e.type == OrderEventType::kAlert) alerts_.push_back(e);
        }
        EXPECT_EQ((*reader)->ending(), JournalEnding::kClosed);
    }

    TemporaryFolder folder_;
    std::vector<OrderEvent> bookings_;
    std::vector<OrderEvent> alerts_;
};

// 1,500 at 100 with 100,000: 50,000 are borrowed at 7.2% a year, 0.02% a night.
//   Thursday to Friday  50,000       x 0.0002 x 1 = 10
//   Friday to Monday    50,010       x 0.0002 x 3 = 30.006
//   Monday to Tuesday   50,040.006   x 0.0002 x 1 = 10.0080012, in whole micros 10.008001
// On Monday 1,500 at 40 are worth 60,000: equity 60,000 - 50,050.014001 = 9,949.985999, and Reg T
// wants 25% of 60,000.
TEST_F(DayEndRun, ChargesEveryNightAndWarnsOfAMarginDeficit) {
    run(trade(kThursday, "AAA", "100") + "1704380460,AAA,100,1000000\n" +
            trade(kFriday, "AAA", "60") + trade(kMonday, "AAA", "40") +
            trade(kTuesday, "AAA", "40"),
        "{debit: {USD: 0.072}}",
        "{name: hold, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, value: 1500}}");
    ASSERT_EQ(bookings_.size(), 3u);
    const char* amounts[] = {"-10", "-30.006", "-10.008001"};
    const char* cash[] = {"-50010", "-50040.006", "-50050.014001"};
    for (std::size_t n = 0; n < 3; ++n) {
        const PositionData& booked = bookings_[n].data.position;
        EXPECT_EQ(booked.change, PositionChange::kFinancing);
        EXPECT_EQ(booked.amount, money(amounts[n])) << n;
        EXPECT_EQ(booked.cash, money(cash[n])) << n;
    }
    ASSERT_EQ(alerts_.size(), 1u);
    EXPECT_EQ(alerts_[0].data.alert.code, AlertCode::kMarginDeficit);
    EXPECT_EQ(alerts_[0].data.alert.detail[0], money("9949.985999").raw());
    EXPECT_EQ(alerts_[0].data.alert.detail[1], money("15000").raw());
    EXPECT_EQ(alerts_[0].ts.ns, 1'704'726'000'000'000'000) << "Monday's last event";
}

// 100 sold short at 100 cost 36% a year, 0.1% a night, of what they are worth: 10 a night at 100,
// 3 x 12 over the weekend at 120. The proceeds of 10,000 bear no interest.
TEST_F(DayEndRun, ChargesForBorrowedStockAtItsPriceOfTheDay) {
    run(trade(kThursday, "AAA", "100") + "1704380460,AAA,100,1000000\n" +
            trade(kFriday, "AAA", "120") + trade(kMonday, "AAA", "120"),
        "{borrow: {AAA: 0.36}, borrow_default: 5}",
        "{name: short, type: execute, symbols: [AAA], sizing: {type: fixed, value: 100},\n"
        "  params: {algorithm: iceberg, side: sell, price: 99, over: 0}}");
    std::vector<Money> fees;
    for (const OrderEvent& e : bookings_) {
        if (e.data.position.change == PositionChange::kBorrow) {
            EXPECT_EQ(e.instrument, InstrumentId{0});
            EXPECT_EQ(e.data.position.position, Quantity::from_units(-100));
            fees.push_back(e.data.position.amount);
        }
    }
    EXPECT_EQ(bookings_.size(), fees.size());
    EXPECT_EQ(fees, (std::vector<Money>{money("-10"), money("-36")}));
}

// AAA is held, and has no price after Thursday 15:01: on Friday it is a day old, on Monday four.
TEST_F(DayEndRun, WarnsOfAPositionThatIsValuedAtAnOldPrice) {
    run(trade(kThursday, "AAA", "100") + "1704380460,AAA,100,1000000\n" +
            trade(kFriday, "BBB", "50") + trade(kMonday, "BBB", "51") +
            trade(kTuesday, "BBB", "52"),
        "{stale_after: 2d}",
        "{name: hold, type: buy_and_hold, symbols: [AAA], sizing: {type: fixed, value: 10}}");
    ASSERT_EQ(alerts_.size(), 1u);
    EXPECT_EQ(alerts_[0].data.alert.code, AlertCode::kStaleMark);
    EXPECT_EQ(alerts_[0].instrument, InstrumentId{0});
    EXPECT_EQ(alerts_[0].data.alert.detail[0],
              std::int64_t{1'704'726'000 - 1'704'380'460} * 1'000'000'000)
        << "the age of the price";
    EXPECT_TRUE(bookings_.empty());
}

}  // namespace
}  // namespace fermata::test
