// Order types and times in force on real trades alone, worked by hand.
//
// IBM, trades from 09:30:00 in New York on 7 October 2013, all venues, no condition left out.
// Source: QuantConnect/Lean, Data/equity/usa/tick/ibm/20131007_trade.zip (Apache-2.0); the last
// test compares the rows below with that file. The order is sent 0.100 s after the open, when
// 181.90 was the last price, and meets
//
//   0.788   64 @ 182.14
//   1.031  111 @ 181.85
//  11.603  153 @ 181.85
//  13.009  105 @ 181.98
//  14.082  100 @ 181.87, 120 @ 181.85, 100 @ 181.85
//  16.893  138,862 @ 182.00                       the primary market's opening auction
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

struct Print {
    int ms;  // after 09:30
    const char* price;
    const char* size;
};
constexpr Print kPrints[] = {{72, "181.9", "200"},     {72, "181.9", "400"},
                             {788, "182.14", "64"},    {1031, "181.85", "111"},
                             {11603, "181.85", "153"}, {13009, "181.98", "105"},
                             {14082, "181.87", "100"}, {14082, "181.85", "120"},
                             {14082, "181.85", "100"}, {16893, "182", "138862"}};
constexpr Timestamp kOpen{1'381'152'600'000'000'000};
constexpr Timestamp after_open(int ms) { return kOpen + Duration::milliseconds(ms); }

class Ibm : public Exchange {
public:
    explicit Ibm(const SimConfig& config = {}, const char* position = "0")
        : Exchange(config, {.position = position, .calendar = "XNYS"}) {
        session(kOpen, true);
    }
    Ibm& until(int ms) {
        for (; next_ < std::size(kPrints) && kPrints[next_].ms <= ms; ++next_) {
            TradeData data;
            data.price = px(kPrints[next_].price);
            data.quantity = qty(kPrints[next_].size);
            show(make_trade(after_open(kPrints[next_].ms), instrument(), StreamId{2}, data));
        }
        return *this;
    }
    std::uint64_t at_100ms(const Ticket& ticket) {
        until(100);
        return send(after_open(100), ticket);
    }
    void session(Timestamp ts, bool opens) {
        MarketEvent e = make_event(MarketEventType::kSession, ts, instrument(), StreamId{2});
        e.data.session = SessionData{};
        e.data.session.open = opens ? 1 : 0;
        show(e);
    }

private:
    std::size_t next_ = 0;
};

Fills of(const Ticket& ticket, int until = 20'000) {
    Ibm x;
    x.at_100ms(ticket);
    return x.until(until).fills();
}
Fills one(const char* price, const char* quantity) { return {{1, quantity, price}}; }

const Ticket kBuy = Ticket::buy("50");
const Ticket kSell = Ticket::sell("50");

TEST(GoldenTrades, Market) {
    EXPECT_EQ(of(Ticket::buy("300")),
              (Fills{{1, "64", "182.14"}, {1, "111", "181.85"}, {1, "125", "181.85"}}));
}

// 181.90 was the last price, so a bid of 181.90 would have taken; 182.14 shows that the market has
// gone. It rests, and 181.85 hits it at 181.90. A bid of 181.85 rests from the start.
TEST(GoldenTrades, Limit) {
    EXPECT_EQ(of(Ticket::buy("200").limit("181.90")),
              (Fills{{1, "111", "181.9"}, {1, "89", "181.9"}}));
    SimConfig through;
    through.fill.limit = LimitFill::kThrough;
    Ibm x(through);
    x.at_100ms(kBuy.limit("181.85"));
    EXPECT_EQ(x.until(20'000).fills(), Fills{});  // touched five times, never passed
    EXPECT_EQ(of(kBuy.limit("181.85")), one("181.85", "50"));
}

// Triggered by 181.85 at 1.031, filled by the next trade; a limit of 181.90 waits for 181.98.
TEST(GoldenTrades, StopAndStopLimit) {
    EXPECT_EQ(of(kSell.stop("181.86"), 1'031), Fills{});
    EXPECT_EQ(of(kSell.stop("181.86")), one("181.85", "50"));
    EXPECT_EQ(of(kSell.stop("181.86").limit("181.90")), one("181.9", "50"));
}

// 64 @ 182.14, then a bid at 182.14.
TEST(GoldenTrades, MarketToLimit) {
    EXPECT_EQ(of(Ticket::buy("300").type(OrderType::kMarketToLimit)),
              (Fills{{1, "64", "182.14"}, {1, "111", "182.14"}, {1, "125", "182.14"}}));
}

TEST(GoldenTrades, IfTouched) {
    EXPECT_EQ(of(kBuy.touch("181.86")), one("181.85", "50"));  // by the trade after
    EXPECT_EQ(of(kSell.touch("182.10")), one("181.85", "50"));
    EXPECT_EQ(of(kSell.touch("182.10").limit("181.90")), one("181.9", "50"));
}

// 181.90 - 0.20 = 181.70; 182.14 moves it to 181.94; 181.85 triggers; 11.603 fills. As a stop-limit
// 0.01 below its trigger, 181.93, it waits for 181.98.
TEST(GoldenTrades, Trailing) {
    Ibm x;
    x.at_100ms(kSell.trail("0.20"));
    EXPECT_EQ(x.restated(1), "0/181.7");
    EXPECT_EQ(x.until(788).restated(1), "0/181.94");
    EXPECT_EQ(x.until(20'000).fills(), one("181.85", "50"));
    EXPECT_EQ(of(kSell.trail("0.20").trail_limit("-0.01")), one("181.93", "50"));
}

// At the last price: 181.90; 182.14 carries it to 182.14, and 181.85 hits it there. Half a dollar
// behind, at most 181.60, nothing comes to it.
TEST(GoldenTrades, Pegged) {
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMid)), one("182.14", "50"));
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMid, "-0.50", "181.60")), Fills{});
}

// 111 @ 181.85 for a bid of 181.90 that shows 40 and one of 30 behind it: 40, 30, 41.
TEST(GoldenTrades, Iceberg) {
    Ibm x;
    x.at_100ms(Ticket::buy("200").limit("181.89").show("40"));
    x.at_100ms(Ticket::buy("30").limit("181.89"));
    EXPECT_EQ(x.until(1'031).fills(),
              (Fills{{1, "40", "181.89"}, {2, "30", "181.89"}, {1, "41", "181.89"}}));
}

// 600 @ 181.90 in two trades of which the first is the first; 138,862 @ 182.00 as the last.
TEST(GoldenTrades, AtTheOpenAndAtTheClose) {
    Ibm x;
    x.send(after_open(0), Ticket::buy("250").tif(TimeInForce::kAto));
    x.send(after_open(0), kBuy.tif(TimeInForce::kAtc));
    x.until(20'000);
    EXPECT_EQ(x.fills(), one("181.9", "200"));
    x.session(after_open(20'000), false);
    EXPECT_EQ(x.fills().back(), (FillSeen{2, "50", "182"}));
}

// The next trade is 64 @ 182.14.
TEST(GoldenTrades, ImmediateOrCancelAndFillOrKill) {
    EXPECT_EQ(of(Ticket::buy("100").tif(TimeInForce::kIoc)), one("182.14", "64"));
    EXPECT_EQ(of(Ticket::buy("65").tif(TimeInForce::kFok)), Fills{});
    EXPECT_EQ(of(Ticket::buy("64").tif(TimeInForce::kFok)), one("182.14", "64"));
    EXPECT_EQ(of(kBuy.limit("182.00").tif(TimeInForce::kIoc)), Fills{});
}

TEST(GoldenTrades, PostOnlyAndReduceOnly) {
    Ibm x({}, "-20");
    x.at_100ms(kBuy.limit("181.90").post_only());
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kRejected, OrderReason::kPostOnly}));
    x.at_100ms(kBuy.limit("181.89").post_only().reduce_only());
    EXPECT_EQ(x.until(20'000).fills(), (Fills{{2, "20", "181.89"}}));
    EXPECT_EQ(x.position(), "0");
}

TEST(GoldenTrades, StopAndTarget) {
    Ibm x({}, "50");
    x.at_100ms(kSell.stop("181.86").link(1, LinkRole::kOco));
    x.at_100ms(kSell.limit("182.10").link(1, LinkRole::kOco));
    EXPECT_EQ(x.until(20'000).fills(), (Fills{{2, "50", "182.1"}}));
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kCanceled, OrderReason::kLinked}));
}

TEST(GoldenTradesData, AreThoseOfTheSource) {
    const auto file = test::data_file("tick/lean/IBM_20131007_trade.csv.gz");
    if (!file) GTEST_SKIP() << test::kNoData;
    const test::CsvTable table = test::CsvTable::read(*file);
    std::size_t found = 0;
    for (std::size_t row = 0; row < table.size() && found < std::size(kPrints); ++row) {
        const Print& print = kPrints[found];
        if (Timestamp{std::stoll(table.text(row, "ts_ns"))} < kOpen) continue;
        if (Timestamp{std::stoll(table.text(row, "ts_ns"))} != after_open(print.ms)) {
            ADD_FAILURE() << "a trade is missing before " << print.ms;
            break;
        }
        EXPECT_EQ(px(table.text(row, "price")), px(print.price)) << print.ms;
        EXPECT_EQ(table.text(row, "size"), print.size) << print.ms;
        ++found;
    }
    EXPECT_EQ(found, std::size(kPrints));
}

}  // namespace
}  // namespace fermata
