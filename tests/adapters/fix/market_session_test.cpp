#include <gtest/gtest.h>

#include <string>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/group_dictionary.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

using test::client_settings;
using test::eventually;
using test::Venue;

class MarketSessionTest : public ::testing::Test {
protected:
    void begin(std::size_t lane = 1'024) {
        SessionSettings s = client_settings(port, folder / "client");
        s.kind = SessionKind::kMarketData;
        s.market.instruments = {InstrumentId{0}, InstrumentId{1}};
        s.market.quote_stream = StreamId{3};
        s.market.trade_stream = StreamId{4};
        s.market.lane = lane;
        engine = std::make_unique<Engine>(std::vector{std::move(s)}, told);
        engine->start();
        ASSERT_TRUE(eventually([&] { return link().up() && request() != ""; }));
    }
    void open_venue() {
        venue = std::make_unique<Venue>(port, folder / "venue");
        read_groups(Venue::session());
    }
    void SetUp() override { open_venue(); }
    void TearDown() override {
        engine.reset();
        venue.reset();
    }
    MarketLink& link() { return engine->market(0); }
    /// MDReqID of the subscription that came last; empty: none did.
    std::string request() {
        std::string id;
        for (const FIX::Message& m : venue->got("V")) {
            if (m.getField(263) == "1") id = m.getField(262);
        }
        return id;
    }
    std::string all_bytes() {
        std::string out;
        for (const bool sent : {true, false}) {
            for (const std::string& bytes : told.raw(sent)) {
                out += (sent ? "out " : "in  ") + bytes + "\n";
            }
        }
        return out;
    }
    MarketEvent next() {
        MarketEvent e;
        EXPECT_TRUE(eventually([&] { return link().poll(e); }));
        return e;
    }
    void expect_gap() {
        for (int n = 0; n < 4; ++n) EXPECT_EQ(next().type, MarketEventType::kGap) << n;
    }
    /// A snapshot of SPY with this bid, and an offer of one more.
    void snapshot(const std::string& id, int bid) {
        FIX::Message m;
        m.getHeader().setField(FIX::MsgType("W"));
        m.setField(262, id);
        m.setField(55, "SPY");
        for (int side = 0; side < 2; ++side) {
            FIX::Group entry(268, 269);
            entry.setField(269, std::to_string(side));
            entry.setField(270, std::to_string(bid + side));
            entry.setField(271, "100");
            m.addGroup(entry);
        }
        Venue::session().send(m);
    }

    test::TemporaryFolder folder;
    const std::uint16_t port = test::free_port();
    test::Told told;
    std::unique_ptr<Venue> venue;
    std::unique_ptr<Engine> engine;
};

TEST_F(MarketSessionTest, SubscribesToBidOfferAndTradesOfEveryInstrument) {
    begin();
    const FIX::Message m = venue->got("V").at(0);
    EXPECT_EQ(m.getField(264), "1");
    EXPECT_EQ(m.getField(265), "1");
    EXPECT_EQ(m.groupCount(267), 3U);
    ASSERT_EQ(m.groupCount(146), 2U);
    FIX::Group second(146, 55);
    m.getGroup(2, second);
    EXPECT_EQ(second.getField(55), "QQQ");
}

TEST_F(MarketSessionTest, GivesAGapAndThenWhatTheSnapshotSays) {
    begin();
    expect_gap();
    snapshot(request(), 10);
    const MarketEvent e = next();
    EXPECT_EQ(e.type, MarketEventType::kQuote);
    EXPECT_EQ(e.instrument, InstrumentId{0});
    EXPECT_EQ(e.stream, StreamId{3});
    EXPECT_EQ(e.data.quote.ask, Price::from_units(11));
}

TEST_F(MarketSessionTest, SubscribesAnewAtEveryLogonAndOldDataIsNotNews) {
    begin();
    expect_gap();
    const std::string first = request();
    venue.reset();
    expect_gap();
    EXPECT_FALSE(link().up());
    open_venue();
    ASSERT_TRUE(eventually([&] { return link().up() && request() != "" && request() != first; }))
        << all_bytes();
    snapshot(first, 99);
    // What the venue missed of its own end is filled by a gap, and then subscribed once more.
    MarketEvent e;
    int gaps = 0;
    ASSERT_TRUE(eventually([&] {
        snapshot(request(), 10);
        while (link().poll(e)) {
            if (e.type == MarketEventType::kQuote) return true;
            gaps += e.type == MarketEventType::kGap;
        }
        return false;
    }));
    EXPECT_GE(gaps, 4);
    EXPECT_EQ(e.data.quote.bid, Price::from_units(10));
}

TEST_F(MarketSessionTest, AMessageThatCannotBeReadIsAGap) {
    begin();
    expect_gap();
    Venue::send("W", "262=" + request() + "|55=SPY|");
    expect_gap();
    ASSERT_EQ(told.events(LinkEventKind::kUnreadable).size(), 1U);
    EXPECT_EQ(told.events(LinkEventKind::kUnreadable)[0].text, "market data, tag 268: missing");
    snapshot(request(), 10);
    EXPECT_EQ(next().type, MarketEventType::kQuote);
}

TEST_F(MarketSessionTest, TellsOfARefusedSubscription) {
    begin();
    Venue::send("Y", "262=" + request() + "|281=0|58=no such symbol|");
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kRefused).empty(); }));
    EXPECT_EQ(told.events(LinkEventKind::kRefused)[0].text,
              "market data refused, reason 0: no such symbol");
}

TEST_F(MarketSessionTest, AGapInTheVenuesNumbersIsAGapOfTheData) {
    begin();
    expect_gap();
    const std::string first = request();
    // One that the venue keeps to itself: what comes next is asked for, and a gap is the answer.
    Venue::session().setNextSenderMsgSeqNum(Venue::session().getExpectedSenderNum() + 1);
    snapshot(first, 10);
    ASSERT_TRUE(eventually([&] { return request() != first; })) << "subscribes anew";
    snapshot(request(), 20);
    // Quotes of the first subscription may lie before it; the gap lies between.
    bool gap = false;
    for (MarketEvent e = next();; e = next()) {
        gap = gap || e.type == MarketEventType::kGap;
        if (e.type == MarketEventType::kQuote && e.data.quote.bid == Price::from_units(20)) break;
    }
    EXPECT_TRUE(gap);
}

TEST_F(MarketSessionTest, AFullLaneIsOneGapAndThenTheQuotesInForce) {
    begin(16);
    const std::string id = request();
    for (int n = 1; n <= 100; ++n) snapshot(id, n);
    // The reading thread has seen the last of them when it answers what was sent behind it.
    Venue::send("Y", "262=x|281=0|58=end|");
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kRefused).empty(); }));
    EXPECT_EQ(link().lost(), 104U - 16U);  // 4 gaps at first, 100 quotes, 16 kept
    for (int n = 0; n < 4; ++n) EXPECT_EQ(next().type, MarketEventType::kGap);
    for (int n = 1; n <= 12; ++n) EXPECT_EQ(next().data.quote.bid, Price::from_units(n));
    for (int n = 0; n < 4; ++n) {
        const MarketEvent e = next();
        EXPECT_EQ(e.type, MarketEventType::kGap);
        EXPECT_EQ(e.data.gap.lost, 88U);
    }
    Venue::send("X", "262=" + id + "|268=0|");
    EXPECT_EQ(next().data.quote.bid, Price::from_units(100)) << "what is in force";
}

}  // namespace
}  // namespace fermata::fix
