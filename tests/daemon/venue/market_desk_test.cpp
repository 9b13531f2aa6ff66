#include "daemon/venue/market_desk.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/venue/exchange_desk.hpp"

namespace fermata::venue {
namespace {

using test::ExchangeDesk;
using test::kOpen;
using test::quote;

class MarketDeskTest : public ::testing::Test {
protected:
    static CoreSettings settings() {
        CoreSettings s = test::settings();
        s.members[0].market_data = s.members[2].market_data = true;
        return s;
    }
    std::vector<Outgoing> ask(std::size_t session, std::string text) {
        std::replace(text.begin(), text.end(), '|', '\001');
        desk.on_request(session, *fix::decode_request(text), exchange.core, kOpen);
        return std::exchange(desk.out(), {});
    }
    std::vector<Outgoing> publish(bool behind = false) {
        desk.publish([behind](std::size_t) { return behind; });
        return std::exchange(desk.out(), {});
    }
    void subscribe() {
        ask(0, "35=V|262=v|263=1|264=1|265=1|267=3|269=0|269=1|269=2|146=1|55=SPY|");
    }
    static MarketEvent trade(const char* price, std::int64_t quantity) {
        MarketEvent e = make_event(MarketEventType::kTrade, kOpen, InstrumentId{0}, StreamId{0});
        e.data.trade = TradeData{};
        e.data.trade.price = *fix::parse_as<Price>(price);
        e.data.trade.quantity = Quantity::from_units(quantity);
        return e;
    }
    /// "279/269/270" of each entry.
    static std::string entries(const fix::OutMessage& m) {
        std::string text;
        std::uint32_t entry = 0;
        for (const auto& field : m.fields()) {
            if (field.entry == 0) continue;
            if (field.entry != entry && entry != 0) text += ' ';
            if (field.entry == entry && (field.tag == 269 || field.tag == 270)) text += '/';
            entry = field.entry;
            if (field.tag == 279 || field.tag == 269 || field.tag == 270) text += m.value(field);
        }
        return text;
    }

    const InstrumentTable table = test::instruments();
    ExchangeDesk exchange{settings()};
    MarketDesk desk{table, 3};
};

TEST_F(MarketDeskTest, GivesASnapshotAndThenWhatChanges) {
    desk.on_market(quote(kOpen, "99.99", "100.01"));
    const auto snapshot = ask(0, "35=V|262=v|263=1|264=1|265=1|267=2|269=0|269=1|146=1|55=SPY|");
    ASSERT_EQ(snapshot.size(), 1U);
    EXPECT_EQ(snapshot[0].message.type(), "W");
    EXPECT_EQ(snapshot[0].message.find(262), "v");
    EXPECT_EQ(snapshot[0].message.find(55), "SPY");
    EXPECT_EQ(entries(snapshot[0].message), "0/99.99 1/100.01");
    EXPECT_TRUE(publish().empty()) << "nothing has changed since";
    desk.on_market(quote(kOpen, "99.99", "100.02"));
    const auto update = publish();
    ASSERT_EQ(update.size(), 1U);
    EXPECT_EQ(update[0].message.type(), "X");
    EXPECT_EQ(entries(update[0].message), "1/1/100.02") << "the bid is what it was";
    desk.on_market(quote(kOpen, "99.99", "100.02", 100, 1));
    EXPECT_TRUE(publish().empty()) << "of another instrument";
}

TEST_F(MarketDeskTest, GivesAnEmptySnapshotWithItsCountBeforeThereIsAMarket) {
    const auto snapshot = ask(0, "35=V|262=v|263=1|264=1|265=1|267=2|269=0|269=1|146=1|55=SPY|");
    ASSERT_EQ(snapshot.size(), 1U);
    EXPECT_EQ(snapshot[0].message.type(), "W");
    EXPECT_EQ(snapshot[0].message.find(268), "0");
}

TEST_F(MarketDeskTest, SendsAQuoteThatRepeatsTheOneBeforeItWhole) {
    subscribe();
    desk.on_market(quote(kOpen, "99.99", "100.01"));
    (void)publish();
    desk.on_market(quote(kOpen, "99.99", "100.01"));
    const auto again = publish();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(entries(again[0].message), "1/0/99.99 1/1/100.01");
}

TEST_F(MarketDeskTest, DeletesASideThatIsEmpty) {
    subscribe();
    MarketEvent e = quote(kOpen, "99.99", "100.01");
    e.data.quote.ask_quantity = Quantity::zero();
    desk.on_market(e);
    EXPECT_EQ(entries(publish()[0].message), "1/0/99.99 2/1");
}

TEST_F(MarketDeskTest, MakesOneOfTheQuotesThatASlowMemberMissedAndKeepsEveryTrade) {
    subscribe();
    std::string trades;
    for (int n = 1; n <= 9; ++n) {
        desk.on_market(quote(kOpen, "99.99", ("100.0" + std::to_string(n)).c_str()));
        desk.on_market(trade(("100.0" + std::to_string(n)).c_str(), 1));
        for (const Outgoing& o : publish(true)) trades += entries(o.message) + ';';
    }
    EXPECT_EQ(trades,
              "0/2/100.01;0/2/100.02;0/2/100.03;0/2/100.04;0/2/100.05;0/2/100.06;0/2/100.07;"
              "0/2/100.08;0/2/100.09;");
    const auto caught_up = publish();
    ASSERT_EQ(caught_up.size(), 1U);
    EXPECT_EQ(entries(caught_up[0].message), "1/0/99.99 1/1/100.09");
}

TEST_F(MarketDeskTest, TellsTheCloseOfABarAsATrade) {
    subscribe();
    MarketEvent e = make_event(MarketEventType::kBar, kOpen, InstrumentId{0}, StreamId{0});
    e.data.bar = BarData{};
    e.data.bar.close = Price::from_units(101);
    e.data.bar.volume = Quantity::from_units(5'000);
    desk.on_market(e);
    const auto out = publish();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(entries(out[0].message), "0/2/101");
}

TEST_F(MarketDeskTest, RefusesWhatItCannotServe) {
    struct Case {
        std::size_t session;
        const char* text;
        const char* reason;  // MDReqRejReason (281)
    };
    subscribe();
    for (const Case& c : {
             Case{0, "35=V|262=v|263=1|264=1|267=1|269=0|146=1|55=SPY|", "1"},
             Case{0, "35=V|262=w|263=1|264=1|267=1|269=0|146=1|55=ABC|", "0"},
             Case{1, "35=V|262=w|263=1|264=1|267=1|269=0|146=1|55=SPY|", "3"},
             Case{0, "35=V|262=w|263=1|264=5|267=1|269=0|146=1|55=SPY|", "5"},
             Case{0, "35=V|262=w|263=1|264=1|265=0|267=1|269=0|146=1|55=SPY|", "6"},
             Case{0, "35=V|262=w|263=1|264=1|267=1|269=4|146=1|55=SPY|", "8"},
         }) {
        const auto out = ask(c.session, c.text);
        ASSERT_EQ(out.size(), 1U) << c.text;
        EXPECT_EQ(out[0].message.type(), "Y") << c.text;
        EXPECT_EQ(out[0].message.find(281), c.reason) << c.text;
    }
}

TEST_F(MarketDeskTest, EndsSubscriptions) {
    subscribe();
    ask(2, "35=V|262=v|263=1|264=1|265=1|267=1|269=0|146=1|55=SPY|");
    EXPECT_EQ(desk.subscriptions(), 2U) << "ids are a session's own";
    EXPECT_TRUE(ask(0, "35=V|262=v|263=2|").empty());
    EXPECT_EQ(desk.subscriptions(), 1U);
    desk.on_logout(2);
    EXPECT_EQ(desk.subscriptions(), 0U);
    desk.on_market(quote(kOpen, "99.99", "100.01"));
    EXPECT_TRUE(publish().empty());
}

TEST_F(MarketDeskTest, ListsInstrumentsAndTellsOfHalts) {
    const auto all = ask(0, "35=x|320=q|559=4|");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].message.type(), "y");
    EXPECT_EQ(all[0].message.find(560), "0");
    EXPECT_EQ(all[0].message.entries(), 2U);
    EXPECT_EQ(ask(0, "35=x|320=q|559=0|55=QQQ|")[0].message.entries(), 1U);
    EXPECT_EQ(ask(0, "35=x|320=q|559=0|55=ABC|")[0].message.find(560), "2") << "none found";
    EXPECT_EQ(ask(0, "35=g|335=g|263=0|")[0].message.find(340), "2") << "open";
    exchange.core.halt(InstrumentId{1}, true);
    desk.on_halt(InstrumentId{1}, true, kOpen);
    EXPECT_TRUE(desk.out().empty()) << "nobody watches it";
    ask(2, "35=V|262=v|263=1|264=1|265=1|267=1|269=0|146=1|55=QQQ|");
    ask(1, "35=g|335=h|263=1|");
    desk.on_halt(InstrumentId{1}, true, kOpen);
    const auto told = std::exchange(desk.out(), {});
    ASSERT_EQ(told.size(), 2U) << "who follows the status, and who watches the instrument";
    EXPECT_EQ(told[0].message.find(336), "QQQ");
    EXPECT_EQ(told[0].message.find(340), "1");
    EXPECT_EQ(told[0].message.find(325), "Y");
    EXPECT_EQ(ask(0, "35=g|335=g|263=0|").size(), 2U);
}

}  // namespace
}  // namespace fermata::venue
