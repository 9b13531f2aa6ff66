// Every order type and time in force on real quotes, worked by hand.
//
// IBM, best bid and offer in the first seconds of 7 October 2013 (09:30 in New York). Source:
// QuantConnect/Lean, Data/equity/usa/tick/ibm/20131007_quote.zip (Apache-2.0), where every update
// is a line with the bid and a line with the offer; the last test compares the rows below with that
// file. Updates that change neither price of interest are left out after the first second.
//
// Unless a case says otherwise the order is for 100, is sent 0.100 s after the open, and meets
//
//   0.090   181.70 x 100   182.20 x 100        what stands when it comes
//   0.147   181.60 x 100   182.20 x 100        the bid falls
//   0.154   181.60 x 100   181.98 x 100        the ask falls
//   0.158   181.71 x 200   181.98 x 100
//   0.185   181.71 x 600   181.98 x 100
//   0.210   181.71 x 600   182.20 x 300        the ask is back
//   0.228   181.71 x 600   182.06 x 100
//   0.632   181.85 x 300   182.06 x 100        the bid rises
//   5.015   181.85 x 600   182.01 x 100
//  16.893   182.00 x 19300 182.01 x 100        the primary market opens
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

struct Nbbo {
    int ms;  // after 09:30
    const char* bid;
    const char* bid_size;
    const char* ask;
    const char* ask_size;
};
constexpr Nbbo kQuotes[] = {
    {72, "181.69", "200", "181.9", "100"},    {73, "181.69", "200", "182.2", "100"},
    {90, "181.7", "100", "182.2", "100"},     {147, "181.6", "100", "182.2", "100"},
    {154, "181.6", "100", "181.98", "100"},   {158, "181.71", "200", "181.98", "100"},
    {185, "181.71", "600", "181.98", "100"},  {210, "181.71", "600", "182.2", "300"},
    {228, "181.71", "600", "182.06", "100"},  {632, "181.85", "300", "182.06", "100"},
    {5015, "181.85", "600", "182.01", "100"}, {16893, "182", "19300", "182.01", "100"},
};
constexpr Timestamp kOpen{1'381'152'600'000'000'000};
constexpr Timestamp after_open(int ms) { return kOpen + Duration::milliseconds(ms); }

class Ibm : public Exchange {
public:
    explicit Ibm(const SimConfig& config = {}, const char* position = "0")
        : Exchange(config, {.position = position, .calendar = "XNYS"}) {
        session(kOpen, true);
    }
    Ibm& until(int ms) {
        for (; next_ < std::size(kQuotes) && kQuotes[next_].ms <= ms; ++next_) {
            const Nbbo& q = kQuotes[next_];
            show(make_quote(after_open(q.ms), instrument(), StreamId{1},
                            {px(q.bid), qty(q.bid_size), px(q.ask), qty(q.ask_size)}));
        }
        return *this;
    }
    std::uint64_t at_100ms(const Ticket& ticket) {
        until(100);
        return send(after_open(100), ticket);
    }
    void session(Timestamp ts, bool opens) {
        MarketEvent e = make_event(MarketEventType::kSession, ts, instrument(), StreamId{1});
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
Fills one(const char* price, const char* quantity = "100") { return {{1, quantity, price}}; }

const Ticket kBuy = Ticket::buy("100");
const Ticket kSell = Ticket::sell("100");

// 100 at once; the ask of 0.147 is the same and offers nothing new; then 100 @ 181.98, of which
// 0.158 and 0.185 offer nothing new either; then the last 100 of the 300 @ 182.20.
TEST(GoldenQuotes, Market) {
    EXPECT_EQ(of(Ticket::buy("300")),
              (Fills{{1, "100", "182.2"}, {1, "100", "181.98"}, {1, "100", "182.2"}}));
    EXPECT_EQ(of(kSell), one("181.7"));
}

// A bid of 182.00 rests below 182.20 and is hit when the ask falls to 181.98. One of 182.20 takes.
TEST(GoldenQuotes, Limit) {
    EXPECT_EQ(of(Ticket::buy("150").limit("182")), one("182"));  // 50 are left
    EXPECT_EQ(of(kBuy.limit("182.20")), one("182.2"));
    EXPECT_EQ(of(kBuy.limit("181.97")), Fills{});
}

// The bid of 0.147 is at or below 181.65 and is what is paid; a buy stop that the ask has reached
// already is triggered as it comes.
TEST(GoldenQuotes, Stop) {
    EXPECT_EQ(of(kSell.stop("181.65")), one("181.6"));
    EXPECT_EQ(of(kBuy.stop("182.05")), one("182.2"));
    EXPECT_EQ(of(kBuy.stop("182.21")), Fills{});
}

// Triggered at 181.60, below its limit of 181.62: it rests, and the bid of 181.71 hits it there.
TEST(GoldenQuotes, StopLimit) {
    EXPECT_EQ(of(kSell.stop("181.65").limit("181.62"), 154), Fills{});
    EXPECT_EQ(of(kSell.stop("181.65").limit("181.62")), one("181.62"));
    EXPECT_EQ(of(kSell.stop("181.65").limit("181.50")), one("181.6"));
}

// 100 @ 182.20; the rest bids 182.20 and is hit there by 100 @ 181.98 and by the 300 @ 182.20.
TEST(GoldenQuotes, MarketToLimit) {
    EXPECT_EQ(of(Ticket::buy("300").type(OrderType::kMarketToLimit)),
              (Fills{{1, "100", "182.2"}, {1, "100", "182.2"}, {1, "100", "182.2"}}));
}

// The ask comes down to 181.98, through 182.00: a market order, at 181.98.
TEST(GoldenQuotes, MarketIfTouched) {
    EXPECT_EQ(of(kBuy.touch("182"), 147), Fills{});
    EXPECT_EQ(of(kBuy.touch("182")), one("181.98"));
    EXPECT_EQ(of(kSell.touch("181.80")), one("181.85"));  // the bid of 0.632
}

TEST(GoldenQuotes, LimitIfTouched) {
    EXPECT_EQ(of(kBuy.touch("182").limit("181.99")), one("181.98"));
    EXPECT_EQ(of(kBuy.touch("182").limit("181.97")), Fills{});
}

// 0.10 below the bid of 181.70: the bid of 181.60 reaches 181.60. 0.15 below, 181.55: not reached,
// and it follows: 181.71 - 0.15 = 181.56, 181.85 - 0.15 = 181.70, 182.00 - 0.15 = 181.85.
// A purchase 0.10 above the ask: 182.30; 181.98 moves it to 182.08; 182.20 is beyond, and paid.
// 0.1% of 181.70 is 0.1817: 181.5183, down to 181.51.
TEST(GoldenQuotes, TrailingStop) {
    EXPECT_EQ(of(kSell.trail("0.10")), one("181.6"));
    Ibm x;
    x.at_100ms(kSell.trail("0.15"));
    EXPECT_EQ(x.restated(1), "0/181.55");
    EXPECT_EQ(x.until(158).restated(1), "0/181.56");
    EXPECT_EQ(x.until(632).restated(1), "0/181.7");
    EXPECT_EQ(x.until(20'000).restated(1), "0/181.85");
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(of(kBuy.trail("0.10")), one("182.2"));
    Ibm percent;
    percent.at_100ms(kSell.trail_percent("0.001"));
    EXPECT_EQ(percent.restated(1), "0/181.51");
}

// Trigger 182.08, limit 182.13: triggered by 182.20, above the limit; 182.06 comes to it.
TEST(GoldenQuotes, TrailingStopLimit) {
    EXPECT_EQ(of(kBuy.trail("0.10").trail_limit("0.05"), 210), Fills{});
    EXPECT_EQ(of(kBuy.trail("0.10").trail_limit("0.05")), one("182.13"));
}

// On the bid: 181.70, 181.60, 181.71, 181.85, 182.00; no ask comes to it.
TEST(GoldenQuotes, PeggedToItsOwnSide) {
    Ibm x;
    x.at_100ms(kBuy.peg(OffsetKind::kPegPrimary));
    EXPECT_EQ(x.restated(1), "181.7/0");
    EXPECT_EQ(x.until(147).restated(1), "181.6/0");
    EXPECT_EQ(x.until(158).restated(1), "181.71/0");
    EXPECT_EQ(x.until(632).restated(1), "181.85/0");
    EXPECT_EQ(x.until(20'000).restated(1), "182/0");
    EXPECT_EQ(x.fills(), Fills{});
}

// (181.70 + 182.20) / 2 = 181.95; 0.147: 181.90; 0.154: the ask of 181.98 is above 181.90, then
// (181.60 + 181.98) / 2 = 181.79; 0.158: 181.845, down to 181.84; 0.210: 181.955, 181.95;
// 0.228: 181.885, 181.88; 0.632: 181.955, 181.95; 5.015: 181.93; 16.893: 182.005, 182.00.
TEST(GoldenQuotes, PeggedToTheMiddle) {
    Ibm x;
    x.at_100ms(kBuy.peg(OffsetKind::kPegMid));
    const std::pair<int, const char*> steps[] = {
        {100, "181.95/0"}, {147, "181.9/0"},   {154, "181.79/0"},
        {158, "181.84/0"}, {210, "181.95/0"},  {228, "181.88/0"},
        {632, "181.95/0"}, {5015, "181.93/0"}, {16893, "182/0"}};
    for (const auto& [ms, terms] : steps) EXPECT_EQ(x.until(ms).restated(1), terms) << ms;
    EXPECT_EQ(x.fills(), Fills{});
}

// At the ask, at most 182.00: the ask of 182.20 is above it. When the ask falls to 181.98 the order
// stands at 182.00 and is hit there. Without a worst price it takes 182.20.
TEST(GoldenQuotes, PeggedToTheOtherSide) {
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMarket, "0", "182")), one("182"));
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMarket)), one("182.2"));
}

// 100 at 181.98 meet a bid of 182.00 that shows 50 of 200: the 50, and 50 of what it hides. The bid
// of 182.00 behind it has its turn between the two.
TEST(GoldenQuotes, Iceberg) {
    Ibm x;
    x.at_100ms(Ticket::buy("200").limit("182").show("50"));
    x.at_100ms(Ticket::buy("30").limit("182"));
    EXPECT_EQ(x.until(20'000).fills(),
              (Fills{{1, "50", "182"}, {2, "30", "182"}, {1, "20", "182"}}));
}

// The first quote of the session is 181.69 / 181.90 x 100.
TEST(GoldenQuotes, AtTheOpen) {
    Ibm x;
    x.send(after_open(0), Ticket::buy("150").tif(TimeInForce::kAto));
    x.send(after_open(0), kSell.limit("181.80").tif(TimeInForce::kAto));
    x.until(20'000);
    EXPECT_EQ(x.fills(), one("181.9"));
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kCanceled, OrderReason::kNoLiquidity},
                              {2, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

// As if the session ended after these seconds: the last quote is 182.00 / 182.01.
TEST(GoldenQuotes, AtTheClose) {
    Ibm x;
    x.at_100ms(kBuy.tif(TimeInForce::kAtc));
    x.at_100ms(kSell.tif(TimeInForce::kAtc));
    x.at_100ms(kBuy.limit("182").tif(TimeInForce::kAtc));
    x.until(20'000);
    EXPECT_EQ(x.fills(), Fills{});
    x.session(after_open(20'000), false);
    EXPECT_EQ(x.fills(), (Fills{{1, "100", "182.01"}, {2, "100", "182"}}));
    EXPECT_EQ(x.ends(), (Ends{{3, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

// 100 are offered at 182.20.
TEST(GoldenQuotes, ImmediateOrCancelAndFillOrKill) {
    const Ticket more = Ticket::buy("150").limit("182.20");
    EXPECT_EQ(of(more.tif(TimeInForce::kIoc)), one("182.2"));
    EXPECT_EQ(of(more.tif(TimeInForce::kFok)), Fills{});
    EXPECT_EQ(of(kBuy.limit("182.20").tif(TimeInForce::kFok)), one("182.2"));
}

TEST(GoldenQuotes, DayGoodTillDateAndGoodTillCanceled) {
    Ibm x;
    x.at_100ms(kBuy.limit("181").tif(TimeInForce::kDay));
    x.at_100ms(kBuy.limit("181").tif(TimeInForce::kGtd, after_open(5'000)));
    x.at_100ms(kBuy.limit("181"));
    x.until(20'000);
    EXPECT_EQ(x.ends(), (Ends{{2, ExecType::kExpired, OrderReason::kExpireTime}}));
    x.session(after_open(20'000), false);
    EXPECT_EQ(x.ends().back(), (ReportSeen{1, ExecType::kExpired, OrderReason::kSessionEnd}));
    EXPECT_EQ(x.exchange().live_orders(), 1U);
}

// 182.20 would take; 182.19 rests and is hit by 181.98 at its own price.
TEST(GoldenQuotes, PostOnly) {
    Ibm x;
    x.at_100ms(kBuy.limit("182.20").post_only());
    x.at_100ms(kBuy.limit("182.19").post_only());
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kPostOnly}}));
    EXPECT_EQ(x.until(20'000).fills(), (Fills{{2, "100", "182.19"}}));
}

TEST(GoldenQuotes, ReduceOnly) {
    Ibm x({}, "60");
    x.at_100ms(kSell.limit("181.60").reduce_only());
    EXPECT_EQ(x.fills(), one("181.7", "60"));
    EXPECT_EQ(x.position(), "0");
}

// Long 100: stop 181.65, target 181.80. The bid falls to 181.60 before it rises to 181.85.
TEST(GoldenQuotes, StopAndTarget) {
    Ibm x({}, "100");
    x.at_100ms(kSell.stop("181.65").link(1, LinkRole::kOco));
    x.at_100ms(kSell.limit("181.80").link(1, LinkRole::kOco));
    EXPECT_EQ(x.until(20'000).fills(), one("181.6"));
    EXPECT_EQ(x.ends().back(), (ReportSeen{2, ExecType::kCanceled, OrderReason::kLinked}));
}

TEST(GoldenQuotesData, AreThoseOfTheSource) {
    const auto file = test::data_file("tick/lean/IBM_20131007_quote.csv.gz");
    if (!file) GTEST_SKIP() << test::kNoData;
    const test::CsvTable table = test::CsvTable::read(*file);
    std::size_t found = 0;
    for (std::size_t row = 0; row + 1 < table.size() && found < std::size(kQuotes); ++row) {
        const Nbbo& q = kQuotes[found];
        if (Timestamp{std::stoll(table.text(row, "ts_ns"))} != after_open(q.ms)) continue;
        if (table.text(row, "bid").empty()) continue;
        EXPECT_EQ(px(table.text(row, "bid")), px(q.bid)) << q.ms;
        EXPECT_EQ(table.text(row, "bid_size"), q.bid_size) << q.ms;
        EXPECT_EQ(px(table.text(row + 1, "ask")), px(q.ask)) << q.ms;
        EXPECT_EQ(table.text(row + 1, "ask_size"), q.ask_size) << q.ms;
        ++found;
    }
    EXPECT_EQ(found, std::size(kQuotes));
}

}  // namespace
}  // namespace fermata
