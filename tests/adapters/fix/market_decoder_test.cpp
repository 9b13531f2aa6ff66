#include "adapters/fix/market_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "adapters/fix/order_text.hpp"
#include "adapters/fix/wire_fields.hpp"
#include "tests/adapters/fix/fix_orders.hpp"

namespace fermata::fix {
namespace {

std::string wire(std::string text) {
    std::replace(text.begin(), text.end(), '|', '\x01');
    return text;
}

MarketSettings both() {
    MarketSettings s;
    s.instruments = {InstrumentId{0}, InstrumentId{1}};
    s.quote_stream = StreamId{3};
    s.trade_stream = StreamId{4};
    return s;
}

constexpr Timestamp kNow{1'767'623'400'000'000'000};

class MarketDecoderTest : public ::testing::Test {
protected:
    explicit MarketDecoderTest() : decoder(test::dialect(), both()) { decoder.subscribe("R1"); }

    /// What a message of this type and body says.
    std::vector<MarketEvent> read(const std::string& type, const std::string& body) {
        std::vector<MarketEvent> out;
        const std::string text = wire("8=FIX.4.4|9=1|35=" + type + "|34=2|" + body + "10=000|");
        const auto result = decoder.decode(text, kNow, out);
        refused = result ? 0 : result.error().tag;
        ok = bool(result);
        return out;
    }
    /// The tag for which it is refused; nothing of it may be used.
    int refusal(const std::string& type, const std::string& body) {
        EXPECT_TRUE(read(type, body).empty()) << body;
        EXPECT_FALSE(ok) << body;
        return refused;
    }

    MarketDecoder decoder;
    int refused = 0;
    bool ok = true;
};

TEST_F(MarketDecoderTest, ASnapshotIsOneQuote) {
    const auto events =
        read("W", "262=R1|55=QQQ|268=2|269=0|270=401.25|271=300|269=1|270=401.27|271=150.5|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].type, MarketEventType::kQuote);
    EXPECT_EQ(events[0].instrument, InstrumentId{1});
    EXPECT_EQ(events[0].stream, StreamId{3});
    EXPECT_EQ(events[0].ts, kNow);
    EXPECT_EQ(events[0].flags, 0);
    const QuoteData& q = events[0].data.quote;
    EXPECT_EQ(q.bid.raw(), 401'250'000'000);          // 1e-9
    EXPECT_EQ(q.bid_quantity.raw(), 30'000'000'000);  // 1e-8
    EXPECT_EQ(q.ask.raw(), 401'270'000'000);
    EXPECT_EQ(q.ask_quantity.raw(), 15'050'000'000);
}

TEST_F(MarketDecoderTest, AnUpdateOfOneSideKeepsTheOther) {
    read("W", "262=R1|55=SPY|268=2|269=0|270=10|271=1|269=1|270=11|271=2|");
    const auto events = read("X", "262=R1|268=1|279=1|269=1|55=SPY|270=10.5|271=7|");
    ASSERT_EQ(events.size(), 1U);
    const QuoteData& q = events[0].data.quote;
    EXPECT_EQ(q.bid, Price::from_units(10));
    EXPECT_EQ(q.bid_quantity, Quantity::from_units(1));
    EXPECT_EQ(q.ask.raw(), 10'500'000'000);
    EXPECT_EQ(q.ask_quantity, Quantity::from_units(7));
}

TEST_F(MarketDecoderTest, BothSidesOfOneMessageAreOneQuote) {
    const auto events =
        read("X", "262=R1|268=2|279=0|269=0|55=SPY|270=10|271=1|279=0|269=1|270=11|271=2|");
    ASSERT_EQ(events.size(), 1U) << "a quote of one side would cross, or stand alone";
    EXPECT_EQ(events[0].data.quote.ask_quantity, Quantity::from_units(2));
}

TEST_F(MarketDecoderTest, ASideThatIsDeletedIsEmpty) {
    read("W", "262=R1|55=SPY|268=2|269=0|270=10|271=1|269=1|270=11|271=2|");
    auto events = read("X", "262=R1|268=1|279=2|269=0|55=SPY|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_TRUE(events[0].data.quote.bid_quantity.is_zero());
    EXPECT_EQ(events[0].data.quote.ask_quantity, Quantity::from_units(2));
    // The book is empty now, and that is said once more by a snapshot without entries.
    events = read("W", "262=R1|55=SPY|268=0|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_TRUE(events[0].data.quote.ask_quantity.is_zero());
}

TEST_F(MarketDecoderTest, ADeleteOfAnEntryThatWasReplacedDeletesNothing) {
    read("X", "262=R1|268=1|279=0|269=0|278=a|55=SPY|270=10|271=1|");
    read("X", "262=R1|268=1|279=0|269=0|278=b|55=SPY|270=10.5|271=3|");
    auto events = read("X", "262=R1|268=1|279=2|269=0|278=a|55=SPY|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].data.quote.bid_quantity, Quantity::from_units(3));
    events = read("X", "262=R1|268=1|279=2|269=0|278=b|55=SPY|");
    EXPECT_TRUE(events.at(0).data.quote.bid_quantity.is_zero());
}

TEST_F(MarketDecoderTest, TradesComeInTheirOrderBeforeTheQuote) {
    const auto events = read(
        "X",
        "262=R1|268=3|279=0|269=2|55=SPY|270=10.25|271=5|278=T1|2446=1|279=1|269=0|55=SPY|270=10|"
        "271=1|279=0|269=2|55=QQQ|270=-3|271=0.5|");
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[0].type, MarketEventType::kTrade);
    EXPECT_EQ(events[0].stream, StreamId{4});
    EXPECT_EQ(events[0].data.trade.price.raw(), 10'250'000'000);
    EXPECT_EQ(events[0].data.trade.quantity, Quantity::from_units(5));
    EXPECT_EQ(events[0].data.trade.trade_id, id_of("T1"));
    EXPECT_EQ(events[0].data.trade.aggressor, 1);
    EXPECT_EQ(events[1].instrument, InstrumentId{1});
    EXPECT_EQ(events[1].data.trade.price, -Price::from_units(3));
    EXPECT_EQ(events[2].type, MarketEventType::kQuote);
    EXPECT_EQ(events[2].instrument, InstrumentId{0});
}

TEST_F(MarketDecoderTest, TheLastTradeOfTheFirstSnapshotHappenedBefore) {
    const std::string body = "262=R1|55=SPY|268=1|269=2|270=10|271=1|";
    EXPECT_TRUE(read("W", body).empty());
    const auto events = read("W", body);  // a venue that sends whole snapshots
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].type, MarketEventType::kTrade);
}

TEST_F(MarketDecoderTest, OfSeveralLevelsTheBestIsTheQuote) {
    const auto events = read("W",
                             "262=R1|55=SPY|268=4|269=0|270=9|271=9|269=0|270=10|271=1|269=1|270="
                             "11|271=2|269=1|270=12|271=8|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].data.quote.bid, Price::from_units(10));
    EXPECT_EQ(events[0].data.quote.ask, Price::from_units(11));
    // Levels behind the first are passed over, whatever stands in them.
    EXPECT_TRUE(read("X", "262=R1|268=1|279=0|269=0|55=QQQ|270=10|271=1|1023=2|").empty());
    EXPECT_TRUE(ok);
}

TEST_F(MarketDecoderTest, AQuoteWithoutSizesSaysSoAndAMixtureIsAGap) {
    auto events = read("W", "262=R1|55=SPY|268=2|269=0|270=10|269=1|270=11|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].flags, kFlagSizeUnknown);
    events = read("X", "262=R1|268=1|279=1|269=0|55=SPY|270=10|271=5|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].type, MarketEventType::kGap);
}

TEST_F(MarketDecoderTest, AnotherSubscriptionSaysNothing) {
    EXPECT_TRUE(read("W", "262=R0|55=SPY|268=1|269=0|270=10|271=1|").empty());
    EXPECT_TRUE(ok);
    // Nor does what is sent again without saying to whom.
    EXPECT_TRUE(read("X", "43=Y|268=1|279=0|269=0|55=SPY|270=10|271=1|").empty());
    EXPECT_EQ(read("X", "268=1|279=0|269=0|55=SPY|270=10|271=1|").size(), 1U);
}

TEST_F(MarketDecoderTest, WhatIsNotExactOrNotWholeIsRefused) {
    const std::string entry = "279=0|269=0|55=SPY|";
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=1e2|271=1|"), 270);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=1.0000000001|271=1|"), 270);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=99999999999|271=1|"), 270);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=1|271=-1|"), 271);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "271=1|"), 270);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=1|270=2|271=1|"), 270);
    EXPECT_EQ(refusal("X", "262=R1|268=2|" + entry + "270=1|271=1|"), 268);
    EXPECT_EQ(refusal("X", "262=R1|268=1|" + entry + "270=1|271=1|" + entry + "270=1|271=1|"), 268);
    EXPECT_EQ(refusal("X", "262=R1|268=x|" + entry + "270=1|271=1|"), 268);
    EXPECT_EQ(refusal("X", "262=R1|" + entry), 268);
    EXPECT_EQ(refusal("X", "262=R1|268=1|279=0|269=0|55=ABC|270=1|271=1|"), 55);
    EXPECT_EQ(refusal("X", "262=R1|268=1|279=0|269=0|270=1|271=1|"), 55);
    EXPECT_EQ(refusal("X", "262=R1|268=1|279=7|269=0|55=SPY|270=1|271=1|"), 279);
    EXPECT_EQ(refusal("X", "262=R1|268=1|279=0|269=2|55=SPY|270=1|271=0|"), 271);
    EXPECT_EQ(refusal("W", "262=R1|268=1|269=0|270=1|271=1|"), 55);
    EXPECT_EQ(refusal("8", "262=R1|55=SPY|268=0|"), 35);
    // A good entry before a bad one is not used either.
    EXPECT_EQ(refusal("X", "262=R1|268=2|" + entry + "270=1|271=1|279=0|269=2|55=SPY|270=x|271=1|"),
              270);
    std::vector<MarketEvent> out;
    EXPECT_FALSE(decoder.decode(wire("8=FIX.4.4|35=W|55"), kNow, out));
    EXPECT_FALSE(decoder.decode("", kNow, out));
    EXPECT_TRUE(out.empty());
}

TEST_F(MarketDecoderTest, FieldsThatAVenueAddsCostNothing) {
    const auto events = read(
        "X",
        "262=R1|268=2|279=0|9001=x|269=0|55=SPY|354=5|355=a|b=c|270=10|271=1|279=0|269=1|55=SPY|"
        "270=11|271=2|5797=9|");
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].data.quote.ask, Price::from_units(11));
}

/// "SPY halts", "QQQ resumes", ...
std::string said(const std::vector<MarketEvent>& events) {
    std::string all;
    for (const MarketEvent& e : events) {
        if (!all.empty()) all += ", ";
        all += e.instrument == InstrumentId{0} ? "SPY " : "QQQ ";
        const SessionData& s = e.data.session;
        all += e.type != MarketEventType::kSession ? std::string(name(e.type))
               : s.halts()                         ? "halts"
               : s.resumes()                       ? "resumes"
               : s.opens()                         ? "opens"
                                                   : "closes";
    }
    return all;
}

TEST_F(MarketDecoderTest, AHaltLastsUntilTheVenueSaysThatTradingResumes) {
    const auto events = read("h", "336=SPY|340=1|325=Y|");
    EXPECT_EQ(said(events), "SPY halts");
    EXPECT_EQ(events[0].stream, StreamId{3}) << "that of quotes";
    EXPECT_EQ(events[0].ts, kNow);
    EXPECT_EQ(said(read("W", "262=R1|55=SPY|268=1|269=0|270=10|271=1|")), "SPY quote");
    EXPECT_EQ(said(read("X", "262=R1|268=1|279=0|269=2|55=SPY|270=10|271=1|")), "SPY trade");
    EXPECT_EQ(said(read("h", "336=SPY|340=1|325=Y|")), "") << "it is halted";
    EXPECT_EQ(said(read("h", "336=SPY|340=2|325=Y|")), "SPY resumes");
    EXPECT_EQ(said(read("h", "336=SPY|340=2|325=Y|")), "");
    for (const char* halt : {"2", "4", "18"}) {
        for (const char* resumption : {"3", "17"}) {
            EXPECT_EQ(said(read("f", std::string("55=QQQ|326=") + halt + "|")), "QQQ halts");
            EXPECT_EQ(said(read("f", "55=QQQ|326=5|")), "") << "a price indication";
            EXPECT_EQ(said(read("f", std::string("55=QQQ|326=") + resumption + "|")),
                      "QQQ resumes");
        }
    }
}

TEST_F(MarketDecoderTest, ACloseEndsTheSessionAndNoHalt) {
    EXPECT_EQ(said(read("h", "336=SPY|340=1|325=Y|")), "SPY halts");
    EXPECT_EQ(said(read("h", "336=VENUE|340=3|325=Y|")), "SPY closes, QQQ closes");
    EXPECT_EQ(said(read("h", "336=VENUE|340=3|325=Y|")), "");
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|325=Y|")), "SPY opens, QQQ resumes, QQQ opens")
        << "SPY was halted by its name; that QQQ is not is the first word about it";
    EXPECT_EQ(said(read("h", "336=SPY|340=2|325=Y|")), "SPY resumes");
}

TEST_F(MarketDecoderTest, AHaltOfAllEndsForAllOrForTheInstrumentThatIsNamed) {
    EXPECT_EQ(said(read("h", "336=VENUE|340=1|")), "SPY halts, QQQ halts");
    EXPECT_EQ(said(read("h", "336=QQQ|340=2|")), "QQQ resumes");
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|")), "SPY resumes");
}

TEST_F(MarketDecoderTest, AfterALogonTheVenueSaysWhatIsHalted) {
    (void)read("h", "336=SPY|340=1|");
    (void)read("h", "336=QQQ|340=1|");
    decoder.subscribe("R2");
    EXPECT_EQ(said(read("W", "262=R2|55=SPY|268=1|269=0|270=10|271=1|")), "SPY quote");
    // Told again: QQQ. Then the status of all, which is open.
    EXPECT_EQ(said(read("h", "336=QQQ|340=1|")), "");
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|")), "SPY resumes");
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|")), "");
    EXPECT_EQ(said(read("h", "336=QQQ|340=2|")), "QQQ resumes");
}

TEST_F(MarketDecoderTest, TheFirstWordOfAVenueIsGivenAlsoWhereNothingIsHalted) {
    // The process before this one may have been told of a halt.
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|")), "SPY resumes, QQQ resumes");
    EXPECT_EQ(said(read("h", "336=VENUE|340=2|")), "");
}

TEST_F(MarketDecoderTest, WhatIsHaltedIsSaidAgainAfterALoss) {
    (void)read("h", "336=SPY|340=1|");
    (void)read("W", "262=R1|55=SPY|268=1|269=0|270=10|271=1|");
    std::vector<MarketEvent> out;
    decoder.restate(kNow, out);
    EXPECT_EQ(said(out), "SPY halts, SPY quote") << "of QQQ nothing was told";
}

TEST_F(MarketDecoderTest, AnInstrumentThatNobodyAskedForIsPassedOver) {
    MarketSettings s = both();
    s.instruments.pop_back();
    MarketDecoder one(test::dialect(), s);
    one.subscribe("R1");
    std::vector<MarketEvent> out;
    EXPECT_TRUE(one.decode(wire("8=FIX.4.4|35=X|262=R1|268=1|279=0|269=2|55=QQQ|270=1|271=1|10=0|"),
                           kNow, out));
    EXPECT_TRUE(out.empty());
    one.gap(kNow, 3, out);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].data.gap.lost, 3U);
}

TEST(WireFields, TakesDataByItsLength) {
    const std::string text = wire("95=5|96=a|=|b|58=x|");
    WireFields fields(text);
    ASSERT_TRUE(fields.next());
    ASSERT_TRUE(fields.next());
    EXPECT_EQ(fields.tag(), 96);
    EXPECT_EQ(fields.value(), wire("a|=|b"));
    ASSERT_TRUE(fields.next());
    EXPECT_EQ(fields.value(), "x");
    EXPECT_FALSE(fields.next());
    EXPECT_FALSE(fields.broken());
}

TEST(WireFields, KnowsWhereAMessageIsBroken) {
    for (const char* text :
         {"58=x", "=x|", "a=1|", "0=1|", "58|", "1234567=1|", "95=9|96=a|", "95=1|96=ab|"}) {
        const std::string message = wire(text);
        WireFields fields(message);
        while (fields.next()) {
        }
        EXPECT_TRUE(fields.broken()) << text;
    }
}

}  // namespace
}  // namespace fermata::fix
