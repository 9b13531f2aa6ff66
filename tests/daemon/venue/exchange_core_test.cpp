#include "daemon/venue/exchange_core.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/venue/exchange_desk.hpp"

namespace fermata::venue {
namespace {

using test::ExchangeDesk;
using test::kinds;
using test::kOpen;
using test::quote;

const std::string kBuy = "35=D|55=SPY|54=1|38=100|40=2|44=99.50|59=1|1=main|11=";

TEST(ExchangeCore, RestsALimitOrderAndFillsItWhenTheMarketComes) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    const auto accepted = desk.ask(0, kBuy + "o1|");
    // The drop copy of the firm (session 1) has the same report.
    ASSERT_EQ(kinds(accepted), "0:8:0/0 1:8:0/0");
    EXPECT_EQ(accepted[0].message.find(11), "o1");
    EXPECT_EQ(accepted[0].message.find(151), "100");
    EXPECT_EQ(accepted[0].message.find(1), "main");
    EXPECT_EQ(accepted[0].message.find(797), "");
    EXPECT_EQ(accepted[1].message.find(797), "Y");
    EXPECT_EQ(accepted[0].message.find(17), accepted[1].message.find(17));
    // 40 are offered at 99.50, 60 at 99.40: the resting order fills at its own price each time.
    const auto first = desk.market(quote(kOpen + Duration::seconds(1), "99.00", "99.50", 40));
    ASSERT_EQ(kinds(first), "0:8:F/1 1:8:F/1");
    EXPECT_EQ(first[0].message.find(32), "40");
    EXPECT_EQ(first[0].message.find(31), "99.5");
    EXPECT_EQ(first[0].message.find(14), "40");
    EXPECT_EQ(first[0].message.find(151), "60");
    const auto second = desk.market(quote(kOpen + Duration::seconds(2), "99.00", "99.40", 60));
    ASSERT_EQ(kinds(second), "0:8:F/2 1:8:F/2");
    EXPECT_EQ(second[0].message.find(151), "0");
    EXPECT_EQ(second[0].message.find(6), "99.5") << "average of 40 and 60 at 99.50";
}

TEST(ExchangeCore, TellsWhyAnOrderIsRefused) {
    struct Case {
        const char* text;
        const char* code;  // OrdRejReason (103)
    };
    // FIX 4.4: 1 unknown symbol, 6 duplicate order, 11 unsupported order characteristic, 13
    // incorrect quantity, 15 unknown account, 99 other.
    for (const Case& c : {
             Case{"35=D|11=x|55=ABC|54=1|38=100|40=1|", "1"},
             Case{"35=D|11=x|55=SPY|54=1|38=100|40=1|1=main|", "15"},
             Case{"35=D|11=x|55=SPY|54=1|38=0|40=1|", "13"},
             Case{"35=D|11=x|55=SPY|54=1|38=1.5|40=1|", "13"},
             Case{"35=D|11=x|55=SPY|54=1|38=100|40=2|44=99.505|", "99"},
             Case{"35=D|11=x|55=SPY|54=1|38=100|40=G|", "11"},
             Case{"35=D|11=x|55=SPY|54=8|38=100|40=1|", "11"},
             Case{"35=D|11=x|55=SPY|54=1|38=100|40=1|59=5|", "11"},
             Case{"35=D|11=x|55=SPY|54=1|38=100|40=3|99=101|59=3|", "11"},
         }) {
        ExchangeDesk desk;
        desk.market(quote(kOpen, "99.99", "100.01"));
        const auto out = desk.ask(2, c.text);
        ASSERT_EQ(kinds(out), "2:8:8/8") << c.text;
        EXPECT_EQ(out[0].message.find(103), c.code) << c.text;
    }
}

TEST(ExchangeCore, RefusesAClOrdIdThatTheFirmUsedAndAnswersARepetitionByItsStatus) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.ask(0, kBuy + "o1|");
    const auto again = desk.ask(1, kBuy + "o1|");  // another session of the firm
    ASSERT_EQ(kinds(again), "1:8:8/8 1:8:8/8") << "and its drop copy";
    EXPECT_EQ(again[0].message.find(103), "6");
    EXPECT_EQ(kinds(desk.ask(2, "35=D|55=SPY|54=1|38=100|40=2|44=99.50|59=1|11=o1|")), "2:8:0/0")
        << "a name of another firm";
    EXPECT_EQ(kinds(desk.ask(0, "97=Y|" + kBuy + "o1|")), "0:8:I/0");
    EXPECT_EQ(desk.core.ledger().live().size(), 2U);
}

TEST(ExchangeCore, CancelsAndReplacesByTheNamesInForce) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.ask(0, kBuy + "o1|");
    const auto replaced = desk.ask(0, "35=G|41=o1|11=o2|55=SPY|54=1|38=200|40=2|44=99.60|59=1|");
    ASSERT_EQ(kinds(replaced), "0:8:5/0 1:8:5/0");
    EXPECT_EQ(replaced[0].message.find(11), "o2");
    EXPECT_EQ(replaced[0].message.find(41), "o1");
    EXPECT_EQ(replaced[0].message.find(44), "99.6");
    EXPECT_EQ(replaced[0].message.find(38), "200");
    const auto canceled = desk.ask(0, "35=F|41=o2|11=o3|55=SPY|54=1|");
    ASSERT_EQ(kinds(canceled), "0:8:4/4 1:8:4/4");
    EXPECT_EQ(canceled[0].message.find(11), "o3");
    EXPECT_EQ(canceled[0].message.find(41), "o2");
    EXPECT_EQ(canceled[0].message.find(151), "0");
    const auto late = desk.ask(0, "35=F|41=o2|11=o4|55=SPY|54=1|");
    ASSERT_EQ(kinds(late), "0:9");
    EXPECT_EQ(late[0].message.find(102), "0") << "too late to cancel";
    EXPECT_EQ(late[0].message.find(39), "4");
    const auto unknown = desk.ask(0, "35=G|41=o9|11=o5|55=SPY|54=1|38=1|40=2|44=1|");
    ASSERT_EQ(kinds(unknown), "0:9");
    EXPECT_EQ(unknown[0].message.find(102), "1");
    EXPECT_EQ(unknown[0].message.find(434), "2") << "answers a replace";
    EXPECT_EQ(unknown[0].message.find(37), "NONE");
}

TEST(ExchangeCore, LetsNobodyTouchOrdersOfOthersButWhoActsForTheFirm) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.ask(0, kBuy + "o1|");
    EXPECT_EQ(kinds(desk.ask(2, "35=F|41=o1|11=c1|55=SPY|54=1|")), "2:9");
    desk.ask(1, kBuy + "b1|");
    EXPECT_EQ(kinds(desk.ask(0, "35=F|41=b1|11=a2|55=SPY|54=1|")), "0:9") << "not its own";
    // Session 1 may; owner, drop copy and asker are told, the last two being one session here.
    EXPECT_EQ(kinds(desk.ask(1, "35=F|41=o1|11=b2|55=SPY|54=1|")), "0:8:4/4 1:8:4/4 1:8:4/4");
}

TEST(ExchangeCore, CancelsAllOfASessionOrOfAFirm) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.market(quote(kOpen, "49.99", "50.01", 100, 1));
    desk.ask(0, kBuy + "o1|");
    desk.ask(0, "35=D|55=QQQ|54=1|38=100|40=2|44=49|59=1|1=other|11=o2|");
    desk.ask(1, kBuy + "b1|");
    desk.ask(2, "35=D|55=SPY|54=1|38=100|40=2|44=99|59=1|11=c1|");
    const auto one = desk.ask(0, "35=q|11=m1|530=1|55=QQQ|");
    ASSERT_EQ(kinds(one), "0:r 0:8:4/4 1:8:4/4");
    EXPECT_EQ(one[0].message.find(531), "1");
    EXPECT_EQ(one[0].message.find(533), "1");
    EXPECT_EQ(one[1].message.find(11), "o2");
    const auto firm = desk.ask(1, "35=q|11=m2|530=7|");
    // o1 of session 0 with its drop copy, b1 of session 1 with its own.
    ASSERT_EQ(kinds(firm), "1:r 0:8:4/4 1:8:4/4 1:8:4/4 1:8:4/4");
    EXPECT_EQ(firm[0].message.find(533), "2");
    EXPECT_EQ(firm[0].message.entries(), 2U);
    EXPECT_EQ(desk.core.ledger().live().size(), 1U) << "of the other firm";
    const auto by = desk.ask(0, "35=q|11=m3|530=5|");
    EXPECT_EQ(kinds(by), "0:r");
    EXPECT_EQ(by[0].message.find(531), "0") << "refused";
    EXPECT_EQ(by[0].message.find(532), "0") << "mass cancel of this kind is not supported";
}

TEST(ExchangeCore, ConfinesAMassCancelToAnAccount) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.ask(0, kBuy + "o1|");
    desk.ask(0, "35=D|55=SPY|54=1|38=100|40=2|44=99|59=1|1=other|11=o2|");
    const auto out = desk.ask(1, "35=q|11=m1|530=7|1=other|");
    ASSERT_EQ(kinds(out), "1:r 0:8:4/4 1:8:4/4");
    EXPECT_EQ(out[1].message.find(11), "o2");
}

TEST(ExchangeCore, AnswersStatusRequests) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    const auto unknown = desk.ask(0, "35=H|11=o1|55=SPY|54=1|");
    ASSERT_EQ(kinds(unknown), "0:8:I/8");
    EXPECT_EQ(unknown[0].message.find(103), "5");
    EXPECT_EQ(unknown[0].message.find(58), "unknown order");
    const auto none = desk.ask(0, "35=AF|584=s1|585=7|");
    ASSERT_EQ(kinds(none), "0:8:I/8");
    EXPECT_EQ(none[0].message.find(911), "0");
    EXPECT_EQ(none[0].message.find(912), "Y");
    desk.ask(0, kBuy + "o1|");
    desk.ask(1, kBuy + "b1|");
    desk.ask(2, "35=D|55=SPY|54=1|38=100|40=2|44=99|59=1|11=c1|");
    EXPECT_EQ(kinds(desk.ask(0, "35=H|11=o1|55=SPY|54=1|")), "0:8:I/0");
    const auto all = desk.ask(0, "35=AF|584=s2|585=7|");
    ASSERT_EQ(kinds(all), "0:8:I/0 0:8:I/0");
    EXPECT_EQ(all[0].message.find(584), "s2");
    EXPECT_EQ(all[0].message.find(911), "2");
    EXPECT_EQ(all[0].message.find(912), "");
    EXPECT_EQ(all[1].message.find(912), "Y");
}

TEST(ExchangeCore, CancelsWhatADisconnectedSessionWantsCanceled) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.core.on_logon(0, true);
    desk.core.on_logon(2, std::nullopt);
    desk.ask(0, kBuy + "o1|");
    desk.ask(2, "35=D|55=SPY|54=1|38=100|40=2|44=99|59=1|11=c1|");
    desk.core.on_logout(0, desk.now);
    desk.core.on_logout(2, desk.now);
    EXPECT_EQ(kinds(desk.take()), "0:8:4/4 1:8:4/4") << "the other one did not ask for it";
}

TEST(ExchangeCore, RefusesOrdersInAHaltAndFillsNone) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    desk.ask(0, kBuy + "o1|");
    desk.core.halt(InstrumentId{0}, true);
    const auto refused = desk.ask(0, kBuy + "o2|");
    ASSERT_EQ(kinds(refused), "0:8:8/8 1:8:8/8");
    EXPECT_EQ(refused[0].message.find(103), "2") << "exchange closed";
    EXPECT_TRUE(desk.market(quote(kOpen + Duration::seconds(1), "98", "98.01")).empty());
    desk.core.halt(InstrumentId{0}, false);
    EXPECT_TRUE(desk.take().empty()) << "the next quote decides";
    EXPECT_EQ(kinds(desk.market(quote(kOpen + Duration::seconds(2), "98", "98.01"))),
              "0:8:F/2 1:8:F/2");
}

TEST(ExchangeCore, TakesAFillBackOrChangesIt) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    const auto filled = desk.ask(0, "35=D|55=SPY|54=1|38=10|40=1|11=o1|");
    ASSERT_EQ(kinds(filled), "0:8:0/0 1:8:0/0 0:8:F/2 1:8:F/2");
    ASSERT_TRUE(desk.core.correct_newest(-2, desk.now));
    const auto corrected = desk.take();
    ASSERT_EQ(kinds(corrected), "0:8:G/2 1:8:G/2");
    EXPECT_EQ(corrected[0].message.find(31), "99.99") << "100.01 less two ticks";
    EXPECT_EQ(corrected[0].message.find(19), filled[2].message.find(17));
    ASSERT_TRUE(desk.core.bust_newest(desk.now));
    const auto busted = desk.take();
    ASSERT_EQ(kinds(busted), "0:8:H/4 1:8:H/4");
    EXPECT_EQ(busted[0].message.find(19), corrected[0].message.find(17));
    EXPECT_EQ(busted[0].message.find(14), "0");
    EXPECT_FALSE(desk.core.bust_newest(desk.now)) << "there is no other";
}

TEST(ExchangeCore, TakesAListAsItsOrders) {
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    const auto out =
        desk.ask(0,
                 "35=E|66=L1|394=3|68=2|73=2|11=l1|67=1|55=SPY|54=1|38=10|40=2|44=99|59=1|"
                 "11=l2|67=2|55=ABC|54=1|38=10|40=1|");
    ASSERT_EQ(kinds(out), "0:8:0/0 1:8:0/0 0:8:8/8 1:8:8/8 0:N");
    EXPECT_EQ(out[0].message.find(66), "L1");
    const fix::OutMessage& n = out[4].message;
    EXPECT_EQ(n.find(431), "3") << "executing";
    EXPECT_EQ(n.entries(), 2U);
}

/// What is on its way to the engine is pending when the list is acknowledged.
TEST(ExchangeCore, AcknowledgesAListBeforeTheReportsOfOrdersThatAreUnderWay) {
    CoreSettings slow = test::settings();
    slow.sim.latency_in = slow.sim.latency_out = Duration::microseconds(100);
    ExchangeDesk desk(slow);
    desk.market(quote(kOpen, "99.99", "100.01"));
    const auto out =
        desk.ask(2,
                 "35=E|66=L1|394=3|68=2|73=2|11=l1|67=1|55=SPY|54=1|38=10|40=2|44=99|59=1|"
                 "11=l2|67=2|55=ABC|54=1|38=10|40=1|");
    ASSERT_EQ(kinds(out), "2:8:8/8 2:N");
    const fix::OutMessage& n = out[1].message;
    EXPECT_EQ(n.find(431), "3") << "executing";
    std::string states;
    for (const auto& field : n.fields()) {
        if (field.tag == 39) states += n.value(field);
    }
    EXPECT_EQ(states, "A8") << "pending new, rejected";
    EXPECT_EQ(kinds(desk.market(quote(kOpen + Duration::seconds(1), "99.99", "100.01"))),
              "2:8:0/0");
    const auto refused =
        desk.ask(2, "35=E|66=L2|394=3|68=1|73=1|11=l3|67=1|55=ABC|54=1|38=10|40=1|");
    ASSERT_EQ(kinds(refused), "2:8:8/8 2:N");
    EXPECT_EQ(refused[1].message.find(431), "7") << "reject";
}

/// Every type and time in force that FIX 4.4 can say is accepted.
TEST(ExchangeCore, TakesEveryTypeAndTimeInForceOfTheEngine) {
    const std::string buy = "35=D|55=SPY|54=1|38=10|";
    int n = 0;
    ExchangeDesk desk;
    desk.market(quote(kOpen, "99.99", "100.01"));
    for (const char* terms : {"40=1|",
                              "40=2|44=99|",
                              "40=3|99=101|",
                              "40=4|99=101|44=102|",
                              "40=J|99=99|",
                              "40=K|",
                              "40=P|18=R|44=99.98|",
                              "40=P|18=P|211=-0.05|",
                              "40=P|18=M|211=-0.02|",
                              "40=P|18=a|211=0.50|",
                              "40=5|",
                              "40=B|44=99|",
                              "40=2|44=99|59=1|",
                              "40=2|44=99|59=6|126=20260105-21:00:00|",
                              "40=1|59=3|",
                              "40=2|44=100.01|59=4|",
                              "40=1|59=2|",
                              "40=2|44=99|59=7|",
                              "40=2|44=99|18=6|",
                              "40=2|44=99|111=1|"}) {
        const auto out = desk.ask(2, buy + "11=t" + std::to_string(++n) + "|" + terms);
        ASSERT_FALSE(out.empty()) << terms;
        EXPECT_EQ(kinds({out.front()}), "2:8:0/0") << terms;
    }
}

TEST(ExchangeCore, GivesTheSameReportsForTheSameInputs) {
    const auto run = [] {
        ExchangeDesk desk;
        std::string all;
        const auto keep = [&](const std::vector<Outgoing>& out) {
            for (const Outgoing& o : out) {
                for (const auto& field : o.message.fields()) {
                    all +=
                        std::to_string(field.tag) + '=' + std::string(o.message.value(field)) + '|';
                }
            }
        };
        keep(desk.market(quote(kOpen, "99.99", "100.01")));
        keep(desk.ask(0, kBuy + "o1|"));
        keep(desk.ask(1, "35=D|55=SPY|54=2|38=250|40=1|11=o2|"));
        keep(desk.market(quote(kOpen + Duration::seconds(1), "99.00", "99.50", 40)));
        keep(desk.ask(0, "35=AF|584=s|585=7|"));
        return all;
    };
    const std::string once = run();
    EXPECT_FALSE(once.empty());
    EXPECT_EQ(once, run());
}

}  // namespace
}  // namespace fermata::venue
