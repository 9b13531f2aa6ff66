// Orders for the open and for the close.
#include <gtest/gtest.h>

#include "tests/core/sim/exchange_fixture.hpp"

namespace fermata {
namespace {

constexpr Exchange::Setup kSessions{.calendar = "XNYS"};
constexpr std::int64_t kDay = 86'400;

Ticket ato(const Ticket& ticket) { return ticket.tif(TimeInForce::kAto); }
Ticket atc(const Ticket& ticket) { return ticket.tif(TimeInForce::kAtc); }
constexpr ReportSeen unfilled(std::uint64_t order) {
    return {order, ExecType::kCanceled, OrderReason::kNoLiquidity};
}

TEST(AtTheOpen, TakesTheOpenOfTheSessionsFirstBar) {
    Exchange x({}, kSessions);
    x.session(0, true);
    x.minute(0, "100", "101", "99", "100.50");
    x.send(30, ato(Ticket::buy("10")));  // inside the session: waits for the next one
    x.minute(60, "100.50", "101", "100", "101");
    x.session(120, false);
    x.send(150, ato(Ticket::sell("10").limit("103")));
    x.send(150, ato(Ticket::sell("10").limit("104.01")));
    EXPECT_EQ(x.fills(), Fills{});
    x.session(kDay, true);
    x.minute(kDay, "104", "106", "103", "105");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "104"}, {2, "10", "104"}}));
    EXPECT_EQ(x.ends(), (Ends{unfilled(3)}));  // though the bar went to 106
}

TEST(AtTheOpen, MayArriveBetweenTheOpenOfTheSessionAndItsFirstPrice) {
    Exchange x({}, kSessions);
    x.session(0, true);
    x.send(10, ato(Ticket::buy("10")));
    x.minute(60, "100", "101", "99", "100.50");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
}

TEST(AtTheOpen, TakesTheFirstQuoteOrTheFirstTradeOfTheSession) {
    Exchange quotes({}, kSessions);
    quotes.quote(0, "98.00", "500", "98.10", "500");
    quotes.session(10, false);
    quotes.send(20, ato(Ticket::buy("100")));
    quotes.session(100, true);
    quotes.quote(101, "100.00", "500", "100.10", "60");
    EXPECT_EQ(quotes.fills(), (Fills{{1, "60", "100.1"}}));
    EXPECT_EQ(quotes.ends(), (Ends{unfilled(1)}));

    Exchange trades({}, kSessions);
    trades.trade(0, "98", "10");
    trades.session(10, false);
    trades.send(20, ato(Ticket::buy("100").limit("99")));
    trades.send(20, ato(Ticket::buy("100").limit("100")));
    trades.session(100, true);
    trades.trade(101, "99.50", "500");
    EXPECT_EQ(trades.fills(), (Fills{{2, "100", "99.5"}}));
    EXPECT_EQ(trades.ends(), (Ends{unfilled(1)}));
}

TEST(AtTheOpen, IsTheFirstPriceOfAUtcDayWithoutACalendar) {
    Exchange x;
    x.minute(0, "100", "101", "99", "100.50");
    x.send(60, ato(Ticket::buy("10")));
    x.minute(60, "100.50", "101", "100", "101");
    EXPECT_EQ(x.fills(), Fills{});
    x.minute(kDay, "104", "106", "103", "105");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "104"}}));
}

// Sent on the close of a daily bar, at the very instant of the next one's open.
TEST(AtTheOpen, SentOnADailyCloseTakesTheNextDaysOpen) {
    Exchange x;
    x.open(0, "100", "1000", 3);
    x.bar(kDay, "100", "101", "99", "100.50", "1000", 3);
    x.send(kDay, ato(Ticket::buy("10")));
    x.open(kDay, "102", "1000", 3);
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "102"}}));
}

TEST(AtTheClose, TakesTheCloseOfTheSessionsLastBar) {
    Exchange x({}, kSessions);
    x.session(0, true);
    x.minute(0, "100", "101", "99", "100.50");
    x.send(60, atc(Ticket::buy("10")));
    x.send(60, atc(Ticket::sell("10").limit("102")));
    x.send(60, atc(Ticket::sell("10").limit("103")));
    x.minute(60, "100.50", "104", "100", "102.50");
    EXPECT_EQ(x.fills(), Fills{});
    x.send(120, atc(Ticket::buy("7")));  // sent on the close: too late for it
    x.session(120, false);
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "102.5"}, {2, "10", "102.5"}}));
    EXPECT_EQ(x.last_ts(), at(120));
    EXPECT_EQ(x.ends(), (Ends{unfilled(3)}));
    x.session(kDay, true);
    x.minute(kDay, "104", "106", "103", "105");
    x.session(kDay + 60, false);
    EXPECT_EQ(x.fills().back(), (FillSeen{4, "7", "105"}));
}

TEST(AtTheClose, TakesTheLastQuoteOrTheLastTradeOfTheSession) {
    Exchange quotes({}, kSessions);
    quotes.session(0, true);
    quotes.send(1, atc(Ticket::buy("100")));
    quotes.quote(10, "100.00", "500", "100.10", "500");
    quotes.quote(20, "101.00", "500", "101.10", "500");
    EXPECT_EQ(quotes.fills(), Fills{});
    quotes.session(30, false);
    EXPECT_EQ(quotes.fills(), (Fills{{1, "100", "101.1"}}));

    Exchange trades({}, kSessions);
    trades.session(0, true);
    trades.send(1, atc(Ticket::sell("100")));
    trades.trade(10, "100", "5");
    trades.trade(20, "101", "5");
    trades.session(30, false);
    EXPECT_EQ(trades.fills(), (Fills{{1, "100", "101"}}));
}

TEST(AtTheClose, IsCanceledWhenTheSessionHadNoPrice) {
    Exchange x({}, kSessions);
    x.session(0, true);
    x.minute(0, "100", "101", "99", "100.50");
    x.session(60, false);
    x.session(kDay, true);
    x.send(kDay + 1, atc(Ticket::buy("10")));
    x.session(kDay + 60, false);
    EXPECT_EQ(x.fills(), Fills{});
    EXPECT_EQ(x.ends(), (Ends{unfilled(1)}));
}

TEST(AtTheClose, IsTheCloseOfADailyBarWithoutACalendar) {
    Exchange x;
    x.open(0, "100", "1000", 3);
    x.bar(kDay, "100", "101", "99", "100.50", "1000", 3);
    x.send(kDay, atc(Ticket::buy("10")));
    x.open(kDay, "102", "1000", 3);
    EXPECT_EQ(x.fills(), Fills{});
    x.bar(2 * kDay, "102", "104", "101", "103", "1000", 3);
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "103"}}));
    EXPECT_EQ(x.last_ts(), at(2 * kDay));
}

// Minutes that end before midnight: that the day is over shows with the next day's first event.
TEST(AtTheClose, IsTheLastPriceBeforeALaterUtcDayWithoutACalendar) {
    Exchange x;
    x.minute(0, "100", "101", "99", "100.50");
    x.send(60, atc(Ticket::buy("10")));
    x.minute(60, "100.50", "101", "100", "101");
    EXPECT_EQ(x.fills(), Fills{});
    x.open(kDay, "104");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "101"}}));
}

// 10% of the last bar's 1,000, less the 40 that a limit had of it.
TEST(AtTheClose, SharesTheCapOfTheLastBar) {
    SimConfig config;
    config.fill.participation = ratio("0.1");
    Exchange x(config, kSessions);
    x.session(0, true);
    x.send(0, Ticket::buy("40").limit("99.50"));
    x.send(0, atc(Ticket::buy("100")));
    x.minute(0, "100", "101", "99", "100.50", "1000");
    x.session(60, false);
    EXPECT_EQ(x.fills(), (Fills{{1, "40", "99.5"}, {2, "60", "100.5"}}));
    EXPECT_EQ(x.ends(), (Ends{unfilled(2)}));
}

TEST(Auctions, TakeMarketAndLimitOrdersOnly) {
    Exchange x;
    x.send(0, ato(Ticket::buy("10").stop("101")));
    EXPECT_EQ(x.last().reason, OrderReason::kUnsupported);
    x.send(0, atc(Ticket::buy("10").trail("1")));
    EXPECT_EQ(x.last().reason, OrderReason::kUnsupported);
}

TEST(Auctions, LetTheirOrdersBeChangedAndCanceled) {
    Exchange x({}, kSessions);
    x.session(0, true);
    x.minute(0, "100", "101", "99", "100");
    x.send(60, atc(Ticket::buy("10").limit("99")));
    x.replace(61, 1, Ticket::buy("20").limit("101"));
    x.send(62, atc(Ticket::buy("10")));
    x.cancel(63, 2);
    x.minute(120, "100", "101", "99", "100.70");
    x.session(180, false);
    EXPECT_EQ(x.fills(), (Fills{{1, "20", "100.7"}}));
}

TEST(Auctions, SurviveARestartWhileArmed) {
    const SimConfig config;
    Exchange x(config, kSessions);
    x.send(0, ato(Ticket::buy("10")));
    x.session(1, true);
    x.restart(config, kSessions);
    x.minute(60, "100", "101", "99", "100");
    EXPECT_EQ(x.fills(), (Fills{{1, "10", "100"}}));
}

}  // namespace
}  // namespace fermata
