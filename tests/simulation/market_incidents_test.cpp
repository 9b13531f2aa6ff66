// Incidents of market data and of clocks, and of strategies that do not stop, re-enacted against
// the whole trading stage with the limits of the house. The list of all is docs/incidents.md.

#include <gtest/gtest.h>

#include "tests/simulation/incident.hpp"

namespace fermata::test {
namespace {

class MarketIncident : public HouseIncident {
protected:
    /// `quantity` of AAA, bought at 100.00.
    void hold(std::int64_t quantity) {
        const OrderTag tag = live(Side::kBuy, quantity, 100'00);
        ASSERT_EQ(state(tag), OrderState::kNew);
        w_.tell(trade(tag, quantity, 100'00, ++execs_));
        ASSERT_EQ(position(), units(quantity));
        w_.sent(0);
    }
    OrderEvent market_order(std::uint32_t instrument, Side side, std::int64_t quantity) {
        OrderEvent e = w_.limit(0, instrument, side, quantity, 0);
        e.data.new_order.type = OrderType::kMarket;
        e.data.new_order.price = {};
        return e;
    }
    void expect_refused(const OrderEvent& e, ControlId by) {
        submit(e);
        EXPECT_NE(refused_by() & bit(by), 0U) << kControls[static_cast<std::size_t>(by)].code;
        EXPECT_EQ(sent(), 0U);
    }
    void expect_sent(const OrderEvent& e) {
        submit(e);
        EXPECT_EQ(refused_by(), 0U);
        EXPECT_EQ(sent(), 1U);
    }
};

// The flash crash of 6 May 2010: where nobody else quoted, orders met stub quotes, bids of a cent
// and offers of 99,999.99, that were never meant to trade.
TEST_F(MarketIncident, NothingTradesAgainstStubQuotes) {
    w_.quote(0, 0'01, 99'999'99);
    w_.settle();
    expect_refused(market_order(0, Side::kSell, 100), ControlId::kCrossed);
    expect_refused(market_order(0, Side::kBuy, 1), ControlId::kCrossed);
    expect_refused(w_.limit(0, 0, Side::kSell, 100, 0'01), ControlId::kCrossed);
    expect_refused(w_.limit(0, 0, Side::kBuy, 1, 99'999'99), ControlId::kCrossed);
    // One side alone is a stub: the middle is half the price.
    w_.quote(0, 0'01, 100'01);
    w_.settle();
    expect_refused(market_order(0, Side::kBuy, 100), ControlId::kCrossed);
    // The quote is whole again. The way back is a jump too: the next quote confirms it.
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    expect_refused(market_order(0, Side::kBuy, 100), ControlId::kCrossed);
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    expect_sent(market_order(0, Side::kBuy, 100));
}

// What is held is worth the middle of its quote, absurd or not. So equity leaps and falls back, and
// that looks like the largest loss ever: the firm is halted, and a person decides what was real.
TEST_F(MarketIncident, StubQuotesOfAShareThatIsHeldHaltTheFirm) {
    hold(1'000);  // 100,000 of 10,000,000
    const OrderTag open = live(Side::kBuy, 10, 99'00);
    w_.quote(0, 0'01, 99'999'99);  // worth 50,000,000
    w_.settle();
    EXPECT_EQ(w_.gate.state(ControlScope::kFirm, 0), TradingState::kActive);
    sent();
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    EXPECT_EQ(w_.gate.state(ControlScope::kFirm, 0), TradingState::kHalted);
    EXPECT_EQ(state(open), OrderState::kPendingCancel);
    EXPECT_EQ(sent(), 1U) << "the cancel";
    expect_refused(w_.limit(0, 1, Side::kBuy, 10, 100'00), ControlId::kDrawdown);
}

// The same day: prices fell by 60% and more within seconds, with quotes that looked sound.
TEST_F(MarketIncident, APriceThatFallsThroughTheFloorIsNotSoldAtBeforeItIsConfirmed) {
    hold(1'000);
    w_.quote(0, 39'99, 40'01);
    w_.settle();
    expect_refused(market_order(0, Side::kSell, 1'000), ControlId::kCrossed);
    w_.quote(0, 39'98, 40'00);
    w_.settle();
    expect_sent(market_order(0, Side::kSell, 1'000));
}

// A feed whose line is up: heartbeats go on, and so do other instruments, but this one's quotes
// have stopped.
TEST_F(MarketIncident, AFrozenFeedWhoseHeartbeatsGoOnIsStale) {
    hold(100);
    const Timestamp frozen = w_.now;
    for (int n = 0; n < 6; ++n) {
        w_.tick(Duration::milliseconds(100));
        MarketEvent heartbeat;
        heartbeat.type = MarketEventType::kClock;
        heartbeat.instrument = kAaa;
        heartbeat.ts = w_.now;
        w_.market(heartbeat);
        w_.quote(1, 99'99, 100'01);
        w_.settle();
    }
    ASSERT_GT(w_.now - frozen, Duration::milliseconds(500));
    expect_refused(w_.limit(0, 0, Side::kBuy, 10, 100'00), ControlId::kStale);
    // Not even what reduces: the price that it would be sold at is not known.
    expect_refused(market_order(0, Side::kSell, 100), ControlId::kStale);
    expect_sent(w_.limit(0, 1, Side::kBuy, 10, 100'00));
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    expect_sent(w_.limit(0, 0, Side::kBuy, 10, 100'00));
}

// A clock that is set back by a second, as on 1 July 2012, when a leap second hung machines.
TEST_F(MarketIncident, AClockThatIsOffByASecondHaltsTheFirmUntilAnOperatorReleasesIt) {
    const OrderTag open = live(Side::kBuy, 10, 99'00);
    sent();
    RiskInputData offset;
    offset.kind = RiskInputKind::kClockOffset;
    offset.values[0] = -1'000'000'000;
    w_.input(offset);
    w_.settle();
    EXPECT_EQ(w_.gate.state(ControlScope::kFirm, 0), TradingState::kHalted);
    expect_refused(w_.limit(0, 0, Side::kBuy, 10, 100'00), ControlId::kClock);
    w_.cancel(open);
    w_.settle();
    EXPECT_EQ(sent(), 1U) << "cancels pass";
    offset.values[0] = 0;  // it is right again, and that releases nothing
    w_.input(offset);
    w_.settle();
    expect_refused(w_.limit(0, 0, Side::kBuy, 10, 100'00), ControlId::kState);
    ControlData release;
    release.scope = ControlScope::kFirm;
    release.state = TradingState::kActive;
    w_.control(release);
    w_.settle();
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    expect_sent(w_.limit(0, 0, Side::kBuy, 10, 100'00));
}

TEST_F(MarketIncident, ARequestStampedASecondEarlierGetsNoSecondHelping) {
    for (int n = 0; n < 3; ++n) expect_sent(w_.limit(0, 0, Side::kBuy, 10, 100'00));
    w_.now = w_.now - Duration::seconds(1);
    expect_refused(w_.limit(0, 0, Side::kBuy, 10, 100'00), ControlId::kDuplicate);
}

// Knight Capital, 2012, as the fills showed it: one strategy that trades and trades.
TEST_F(MarketIncident, AStrategyWhoseFillsDoNotStopIsHalted) {
    int fills = 0;
    for (int n = 0; n < 400; ++n) {
        // Bought and sold by turns, so that no limit on sizes is what stops it.
        const Side side = n % 2 == 0 ? Side::kBuy : Side::kSell;
        w_.tick(Duration::milliseconds(400));
        w_.quote(0, 99'99, 100'01);
        w_.settle();
        const OrderEvent e = w_.limit(0, 0, side, 10, 100'00);
        submit(e);
        if (sent() == 0) continue;
        w_.tell(report(e.data.new_order.tag, ExecType::kNew, ++execs_));
        w_.tell(trade(e.data.new_order.tag, 10, 100'00, ++execs_));
        ++fills;
    }
    // 50 within 60 seconds are allowed; the one after them halts.
    EXPECT_EQ(fills, 51);
    EXPECT_EQ(w_.gate.state(ControlScope::kStrategy, 0), TradingState::kHalted);
    EXPECT_NE(refused_by() & bit(ControlId::kRepeat), 0U);
    // Another strategy goes on.
    OrderEvent other = w_.limit(1, 0, Side::kBuy, 10, 100'00);
    expect_sent(other);
}

// Events of a feed are lost: what was the price before is not one to trade on, until there is
// another.
TEST_F(MarketIncident, LostMarketDataStopsTradingUntilTheNextPrice) {
    MarketEvent gap;
    gap.type = MarketEventType::kGap;
    gap.instrument = kAaa;
    gap.ts = w_.tick();
    gap.data.gap.lost = 12'345;
    w_.market(gap);
    w_.settle();
    EXPECT_EQ(w_.alerts(AlertCode::kGap), 1U);
    expect_refused(w_.limit(0, 0, Side::kBuy, 10, 100'00), ControlId::kStale);
    w_.quote(0, 99'99, 100'01);
    w_.settle();
    expect_sent(w_.limit(0, 0, Side::kBuy, 10, 100'00));
}

}  // namespace
}  // namespace fermata::test
