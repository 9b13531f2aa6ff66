// Every order type and time in force on five real days, worked by hand.
//
// SPY, daily, 5 to 11 May 2010: the days around the flash crash (regular session, raw prices).
// Source: QuantConnect/Lean, Data/equity/usa/daily/spy.zip (Apache-2.0); the last test compares the
// rows below with that file. What matters of them:
//
//   05-05   116.51 / 117.80 / 115.97 / 116.82
//   05-06   116.25 / 117.00 / 106.13 / 112.74   the crash: down 10 and half of it back
//   05-07   112.77 / 113.76 / 109.58 / 111.00
//   05-10   115.87 / 116.65 / 114.92 / 116.17   opens 4.87 above the close before
//   05-11   115.07 / 117.36 / 114.92 / 115.83
//
// Unless a case says otherwise: no slippage, no fees, no cap, path adverse, limits fill when
// touched; sent on the close of 05-05, at 116.82.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"
#include "tests/support/csv_table.hpp"

namespace fermata {
namespace {

struct Day {
    const char* date;
    const char* open;
    const char* high;
    const char* low;
    const char* close;
    const char* volume;
    std::int64_t opens;  // 09:30 in New York, seconds since 1970
};
constexpr Day kDays[] = {
    {"2010-05-05", "116.51", "117.8", "115.97", "116.82", "285775282", 1'273'066'200},
    {"2010-05-06", "116.25", "117", "106.13", "112.74", "569347387", 1'273'152'600},
    {"2010-05-07", "112.77", "113.76", "109.58", "111", "585016620", 1'273'239'000},
    {"2010-05-10", "115.87", "116.65", "114.92", "116.17", "339405817", 1'273'498'200},
    {"2010-05-11", "115.07", "117.36", "114.92", "115.83", "275150530", 1'273'584'600},
};
constexpr std::int64_t kSession = 23'400;  // six and a half hours
constexpr int kCrash = 1;                  // 05-06
constexpr int kGapUp = 3;                  // 05-10

/// An exchange on those days. `close_of(n)` is where orders are sent.
class May2010 : public Exchange {
public:
    explicit May2010(const SimConfig& config = {}, const char* position = "0")
        : Exchange(config, {.position = position, .calendar = "XNYS"}) {
        day(0);
    }
    static Timestamp open_of(int n) { return Timestamp{kDays[n].opens * 1'000'000'000}; }
    static Timestamp close_of(int n) { return open_of(n) + Duration::seconds(kSession); }
    /// Shows day `n`, the next one.
    void day(int n) {
        const Day& d = kDays[n];
        session(open_of(n), true);
        show(make_bar_open(open_of(n), instrument(), StreamId{3}, px(d.open), qty(d.volume)));
        show(make_bar(close_of(n), instrument(), StreamId{3},
                      {px(d.open), px(d.high), px(d.low), px(d.close), qty(d.volume)}));
        session(close_of(n), false);
        shown_ = n;
    }
    /// Sends on the close of the last day shown.
    std::uint64_t on_close(const Ticket& ticket) { return send(close_of(shown_), ticket); }
    May2010& until(int n) {
        while (shown_ < n) day(shown_ + 1);
        return *this;
    }

private:
    void session(Timestamp ts, bool opens) {
        MarketEvent e = make_event(MarketEventType::kSession, ts, instrument(), StreamId{3});
        e.data.session = SessionData{};
        e.data.session.open = opens ? 1 : 0;
        show(e);
    }
    int shown_ = 0;
};

SimConfig with(BarPath path) {
    SimConfig config;
    config.fill.path = path;
    return config;
}

/// The fills of one order that is sent on the close of 05-05, up to day `last`.
Fills of(const Ticket& ticket, int last = kCrash, const SimConfig& config = {}) {
    May2010 x(config);
    x.on_close(ticket);
    return x.until(last).fills();
}
/// The same, sent on the close of 05-07 at 111.00 and met by the gap of 05-10.
Fills at_the_gap(const Ticket& ticket) {
    May2010 x;
    x.until(kGapUp - 1).on_close(ticket);
    return x.until(kGapUp).fills();
}
Fills one(const char* price, const char* quantity = "10") { return {{1, quantity, price}}; }

const Ticket kBuy = Ticket::buy("10");
const Ticket kSell = Ticket::sell("10");

// Open 116.25.
TEST(GoldenBars, Market) {
    EXPECT_EQ(of(kBuy), one("116.25"));
    EXPECT_EQ(of(kSell), one("116.25"));
}

// 110 lies between the low of 106.13 and the open: its own price. 116.50 is above the open of
// 116.25: the open, which is better. 106 is below the low: nothing.
TEST(GoldenBars, Limit) {
    EXPECT_EQ(of(kBuy.limit("110")), one("110"));
    EXPECT_EQ(of(kBuy.limit("116.50")), one("116.25"));
    EXPECT_EQ(of(kBuy.limit("106")), Fills{});
    EXPECT_EQ(of(kSell.limit("117")), one("117"));  // exactly the high
    SimConfig through;
    through.fill.limit = LimitFill::kThrough;
    EXPECT_EQ(of(kSell.limit("117"), kCrash, through), Fills{});
}

// The fall passes 112. The gap from 111.00 to 115.87 leaves out 114: the worse open.
TEST(GoldenBars, Stop) {
    EXPECT_EQ(of(kSell.stop("112")), one("112"));
    EXPECT_EQ(at_the_gap(kBuy.stop("114")), one("115.87"));
}

// 112 reached on the way down, limit 111.50: 112.00. In the gap 114 is jumped; 115.87 is above the
// limit of 115; the day's low of 114.92 comes back to it: 115.00, and with a limit of 114.50 not.
TEST(GoldenBars, StopLimit) {
    EXPECT_EQ(of(kSell.stop("112").limit("111.50")), one("112"));
    EXPECT_EQ(at_the_gap(kBuy.stop("114").limit("115")), one("115"));
    EXPECT_EQ(at_the_gap(kBuy.stop("114").limit("114.50")), Fills{});
}

// A millionth of 569,347,387 shares is 569: taken at the open of 116.25. The other 431 are a bid at
// 116.25; 05-07 opens at 112.77, which is better, with room for 585.
TEST(GoldenBars, MarketToLimit) {
    SimConfig config;
    config.fill.participation = ratio("0.000001");
    EXPECT_EQ(of(Ticket::buy("1000").type(OrderType::kMarketToLimit), 2, config),
              (Fills{{1, "569", "116.25"}, {1, "431", "112.77"}}));
    EXPECT_EQ(of(kBuy.type(OrderType::kMarketToLimit)), one("116.25"));
}

// The fall touches 110. A sale touched at 114 by the gap gets the open, which is better.
TEST(GoldenBars, MarketIfTouched) {
    EXPECT_EQ(of(kBuy.touch("110")), one("110"));
    EXPECT_EQ(of(kBuy.touch("106")), Fills{});
    EXPECT_EQ(at_the_gap(kSell.touch("114")), one("115.87"));
}

// Touched at 110, the fall goes on to 106.13 and passes 108. With a limit of 105 it rests, and the
// days after stay above.
TEST(GoldenBars, LimitIfTouched) {
    EXPECT_EQ(of(kBuy.touch("110").limit("108")), one("108"));
    EXPECT_EQ(of(kBuy.touch("110").limit("111")), one("110"));
    EXPECT_EQ(of(kBuy.touch("110").limit("105"), 4), Fills{});
}

// 3 below 116.82 is 113.82; the open of 116.25 and the high of 117.00 come next. Low first, or
// adverse: 113.82. High first: 117.00 - 3 = 114.00.
// 5%: 116.82 x 0.95 = 110.979, down to 110.97; high first 117 x 0.95 = 111.15.
TEST(GoldenBars, TrailingStop) {
    EXPECT_EQ(of(kSell.trail("3")), one("113.82"));
    EXPECT_EQ(of(kSell.trail("3"), kCrash, with(BarPath::kOpenLowHighClose)), one("113.82"));
    EXPECT_EQ(of(kSell.trail("3"), kCrash, with(BarPath::kOpenHighLowClose)), one("114"));
    EXPECT_EQ(of(kSell.trail("3"), kCrash, with(BarPath::kOptimistic)), one("114"));
    EXPECT_EQ(of(kSell.trail_percent("0.05")), one("110.97"));
    EXPECT_EQ(of(kSell.trail_percent("0.05"), kCrash, with(BarPath::kOpenHighLowClose)),
              one("111.15"));
}

// A purchase, 3% above the close of 05-06: 112.74 x 1.03 = 116.1222, up to 116.13. 05-07: its low
// of 109.58 moves the trigger to 109.58 x 1.03 = 112.8674, up to 112.87. If the high of 113.76 came
// after the low: 112.87 (adverse: it is above the close of 111.00). If not: the trigger stays at
// 112.87, and the gap of 05-10 opens beyond it: 115.87.
TEST(GoldenBars, TrailingStopThatBuys) {
    const auto filled = [](BarPath path) {
        May2010 x(with(path));
        x.until(kCrash).on_close(kBuy.trail_percent("0.03"));
        EXPECT_EQ(x.restated(1), "0/116.13");
        return x.until(kGapUp).fills();
    };
    EXPECT_EQ(filled(BarPath::kAdverse), one("112.87"));
    EXPECT_EQ(filled(BarPath::kOpenLowHighClose), one("112.87"));
    EXPECT_EQ(filled(BarPath::kOpenHighLowClose), one("115.87"));
    EXPECT_EQ(filled(BarPath::kOptimistic), one("115.87"));
}

// Trigger 113.82, limit 113.32: marketable at its trigger. The purchase of above with a limit 1.00
// beyond its trigger (113.87) is jumped by the gap to 115.87, and 114.92 does not come back to it.
TEST(GoldenBars, TrailingStopLimit) {
    EXPECT_EQ(of(kSell.trail("3").trail_limit("-0.50")), one("113.82"));
    May2010 x(with(BarPath::kOptimistic));
    x.until(kCrash).on_close(kBuy.trail_percent("0.03").trail_limit("1"));
    EXPECT_EQ(x.restated(1), "117.13/116.13");
    x.until(2);
    EXPECT_EQ(x.restated(1), "113.87/112.87");
    EXPECT_EQ(x.until(kGapUp).fills(), Fills{});
}

// At the last price, 116.82: the open of 116.25 is below it, and better. Two dollars behind:
// 114.82, with the open 114.25, which the fall passes. Pegged at 116.82 a sale is not reached by
// the open below it; it follows to 116.25, and the high goes beyond.
TEST(GoldenBars, Pegged) {
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegPrimary)), one("116.25"));
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMid, "-2")), one("114.25"));
    EXPECT_EQ(of(kBuy.peg(OffsetKind::kPegMid, "-2", "114")), one("114"));
    EXPECT_EQ(of(kSell.peg(OffsetKind::kPegPrimary)), one("116.25"));
}

// The fall passes 110 with all that trades there: what is shown, then the rest.
TEST(GoldenBars, Iceberg) {
    EXPECT_EQ(of(Ticket::buy("1000").limit("110").show("200")),
              (Fills{{1, "200", "110"}, {1, "800", "110"}}));
}

// The open of 116.25: a bid of 116.30 for the open has it, one of 116.00 goes, though the fall
// passes it.
TEST(GoldenBars, AtTheOpen) {
    EXPECT_EQ(of(kBuy.tif(TimeInForce::kAto)), one("116.25"));
    EXPECT_EQ(of(kBuy.limit("116.30").tif(TimeInForce::kAto)), one("116.25"));
    EXPECT_EQ(of(kBuy.limit("116").tif(TimeInForce::kAto)), Fills{});
}

// The close of 112.74, known at 16:00 of 05-06 and not at that of 05-05, when the order is sent.
TEST(GoldenBars, AtTheClose) {
    May2010 x;
    x.on_close(kBuy.tif(TimeInForce::kAtc));
    x.on_close(kBuy.limit("113").tif(TimeInForce::kAtc));
    x.on_close(kBuy.limit("112").tif(TimeInForce::kAtc));
    x.until(kCrash);
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "112.74"}, {2, "10", "112.74"}}));
    EXPECT_EQ(x.last_ts(), May2010::close_of(kCrash));
    EXPECT_EQ(x.ends(), (Ends{{3, ExecType::kCanceled, OrderReason::kNoLiquidity}}));
}

// Immediate means the open: 116.00 is not there, though the day goes to 106.13.
TEST(GoldenBars, ImmediateOrCancel) {
    EXPECT_EQ(of(kBuy.limit("116").tif(TimeInForce::kIoc)), Fills{});
    EXPECT_EQ(of(kBuy.limit("116.30").tif(TimeInForce::kIoc)), one("116.25"));
}

// With room for 569 at the open: 569 are filled or killed, 570 are killed.
TEST(GoldenBars, FillOrKill) {
    SimConfig config;
    config.fill.participation = ratio("0.000001");
    EXPECT_EQ(of(Ticket::buy("569").tif(TimeInForce::kFok), kCrash, config), one("116.25", "569"));
    EXPECT_EQ(of(Ticket::buy("570").tif(TimeInForce::kFok), kCrash, config), Fills{});
}

// A bid of 109.60 is for 05-06 only when it is a DAY order sent on the close before: the low of
// 106.13 fills it. A bid of 105 expires on 05-06 as DAY, on the 7th at noon as GTD, never as GTC.
TEST(GoldenBars, DayGoodTillDateAndGoodTillCanceled) {
    EXPECT_EQ(of(kBuy.limit("109.60").tif(TimeInForce::kDay)), one("109.6"));
    May2010 x;
    const Timestamp noon = May2010::open_of(2) + Duration::seconds(9'000);
    x.on_close(kBuy.limit("105").tif(TimeInForce::kDay));
    x.on_close(kBuy.limit("105").tif(TimeInForce::kGtd, noon));
    x.on_close(kBuy.limit("105"));
    x.until(kCrash);
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kExpired, OrderReason::kSessionEnd}}));
    x.until(4);
    EXPECT_EQ(x.ends().back(), (ReportSeen{2, ExecType::kExpired, OrderReason::kExpireTime}));
    EXPECT_EQ(x.exchange().live_orders(), 1U);
}

// The last price is 116.82: a bid of 117 would take, one of 116.50 would not. It is in its book
// when the market opens below it, at 116.25: hit at its own price, not at the better open.
TEST(GoldenBars, PostOnly) {
    May2010 x;
    x.on_close(kBuy.limit("117").post_only());
    x.on_close(kBuy.limit("116.50").post_only());
    EXPECT_EQ(x.ends(), (Ends{{1, ExecType::kRejected, OrderReason::kPostOnly}}));
    EXPECT_EQ(x.until(kCrash).fills(), (Fills{{2, "10", "116.5"}}));
    EXPECT_EQ(x.last().liquidity, Liquidity::kMaker);
}

// Long 100: a stop for 150 is cut down to 100, and leaves the account flat.
TEST(GoldenBars, ReduceOnly) {
    May2010 x({}, "100");
    x.on_close(Ticket::sell("150").stop("112").reduce_only());
    EXPECT_EQ(x.until(kCrash).fills(), one("112", "100"));
    EXPECT_EQ(x.position(), "0");
}

// Long 100: stop 112 and target 116.80, and the crash day touches both (117.00 and 106.13). One leg
// is executed, the other one canceled with it.
TEST(GoldenBars, StopAndTargetInOneBar) {
    const auto exit_at = [](BarPath path) {
        May2010 x(with(path), "100");
        x.on_close(Ticket::sell("100").stop("112").link(1, LinkRole::kSecondaryOuo));
        x.on_close(Ticket::sell("100").limit("116.80").link(1, LinkRole::kSecondaryOuo));
        x.until(kCrash);
        EXPECT_EQ(x.position(), "0");
        EXPECT_EQ(x.ends().back().reason, OrderReason::kLinked);
        EXPECT_EQ(x.fills().size(), 1U);
        return x.fills().back().price;
    };
    EXPECT_EQ(exit_at(BarPath::kAdverse), "112");
    EXPECT_EQ(exit_at(BarPath::kOpenLowHighClose), "112");
    EXPECT_EQ(exit_at(BarPath::kOpenHighLowClose), "116.8");
    EXPECT_EQ(exit_at(BarPath::kOptimistic), "116.8");
}

// A trailing stop of 3 (113.82) against the same target: adverse, the stop that stood at the open
// comes first; optimistic, the target.
TEST(GoldenBars, TrailingStopAndTargetInOneBar) {
    const auto exit_at = [](BarPath path) {
        May2010 x(with(path), "100");
        x.on_close(Ticket::sell("100").trail("3").link(1, LinkRole::kOco));
        x.on_close(Ticket::sell("100").limit("116.80").link(1, LinkRole::kOco));
        x.until(kCrash);
        EXPECT_EQ(x.fills().size(), 1U);
        return x.fills().back().price;
    };
    EXPECT_EQ(exit_at(BarPath::kAdverse), "113.82");
    EXPECT_EQ(exit_at(BarPath::kOptimistic), "116.8");
}

// In and out in one bar: a bid of 115 and a stop of 110, both passed by the fall, in this order:
// bought at 115, sold at 110, 50 lost on 10. No path sells before it buys.
TEST(GoldenBars, RoundTripInOneBar) {
    for (const BarPath path : {BarPath::kAdverse, BarPath::kOptimistic, BarPath::kOpenHighLowClose,
                               BarPath::kOpenLowHighClose}) {
        May2010 x(with(path));
        x.on_close(kSell.stop("110"));
        x.on_close(kBuy.limit("115"));
        EXPECT_EQ(x.until(kCrash).fills(), (Fills{{2, "10", "115"}, {1, "10", "110"}}));
        EXPECT_EQ(x.cash(), "99950");
    }
}

// Canceled before the crash, changed before the crash.
TEST(GoldenBars, CancelAndReplace) {
    May2010 x;
    const auto change = [&](OrderEventType type, std::uint64_t order, const Ticket& terms) {
        OrderEvent e = make_order_event(type, May2010::close_of(0), x.instrument());
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = ClientOrderId{order};
        e.data.change.price = terms.data.price;
        e.data.change.stop_price = terms.data.stop_price;
        e.data.change.quantity = terms.data.quantity;
        x.request(e);
    };
    x.on_close(kBuy.limit("110"));
    x.on_close(kBuy.touch("110"));
    x.on_close(kSell.stop("112").limit("111"));
    change(OrderEventType::kSendCancel, 1, kBuy);
    change(OrderEventType::kSendReplace, 2, Ticket::buy("20").touch("108"));
    change(OrderEventType::kSendReplace, 3, kSell.stop("109").limit("107"));
    EXPECT_EQ(x.until(kCrash).fills(), (Fills{{3, "10", "109"}, {2, "20", "108"}}));
}

TEST(GoldenBarsData, AreThoseOfTheSource) {
    const auto file = test::data_file("daily/lean/SPY.csv");
    if (!file) GTEST_SKIP() << test::kNoData;
    const test::CsvTable table = test::CsvTable::read(*file);
    std::size_t found = 0;
    for (std::size_t row = 0; row < table.size(); ++row) {
        for (const Day& day : kDays) {
            if (table.text(row, "date") != day.date) continue;
            ++found;
            EXPECT_EQ(px(table.text(row, "open")), px(day.open));
            EXPECT_EQ(px(table.text(row, "high")), px(day.high));
            EXPECT_EQ(px(table.text(row, "low")), px(day.low));
            EXPECT_EQ(px(table.text(row, "close")), px(day.close));
            EXPECT_EQ(table.text(row, "volume"), day.volume);
        }
    }
    EXPECT_EQ(found, std::size(kDays));
}

}  // namespace
}  // namespace fermata
