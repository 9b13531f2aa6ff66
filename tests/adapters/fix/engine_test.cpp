#include "adapters/fix/engine.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <set>
#include <string>

#include "adapters/fix/order_text.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

using test::change_of;
using test::client_settings;
using test::eventually;
using test::limit_order;
using test::Venue;

class EngineTest : public ::testing::Test {
protected:
    void begin(SessionSettings settings) {
        engine = std::make_unique<Engine>(std::vector{std::move(settings)}, told);
        engine->start();
        ASSERT_TRUE(eventually([&] { return link().up() && venue->up; }));
    }
    void begin() { begin(client_settings(port, folder / "client")); }
    void open_venue() { venue = std::make_unique<Venue>(port, folder / "venue"); }
    void SetUp() override { open_venue(); }
    void TearDown() override {
        engine.reset();
        venue.reset();
    }
    OrderLink& link() { return engine->link(0); }
    OrderEvent next() {
        OrderEvent e;
        EXPECT_TRUE(eventually([&] { return link().poll(e); }));
        return e;
    }
    void fill(const std::string& exec_id, const std::string& more = "") {
        Venue::send("8",
                    "37=V1|11=20779-1-1|17=" + exec_id +
                        "|150=F|39=1|55=SPY|54=1|38=100|32=10|31=187.25|14=10|151=90|6=187.25|" +
                        more);
    }
    bool was_told(LinkEventKind kind) {
        return eventually([&] { return !told.events(kind).empty(); });
    }

    test::TemporaryFolder folder;
    const std::uint16_t port = test::free_port();
    test::Told told;
    std::unique_ptr<Venue> venue;
    std::unique_ptr<Engine> engine;
};

TEST_F(EngineTest, SendsOrdersAndGivesReportsWithTheirBytes) {
    begin();
    EXPECT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 1; }));
    EXPECT_EQ(venue->got("D")[0].getField(44), "187.25");
    EXPECT_EQ(venue->got("D")[0].getField(11), "20779-1-1");
    Venue::send("8", "37=V1|11=20779-1-1|17=A1|150=0|39=0|55=SPY|54=1|38=100|14=0|151=100|6=0|");
    fill("E1");
    EXPECT_EQ(next().data.execution.exec_type, ExecType::kNew);
    const OrderEvent e = next();
    EXPECT_EQ(e.data.execution.exec_type, ExecType::kTrade);
    EXPECT_EQ(e.data.execution.last_price.raw(), 187'250'000'000);
    EXPECT_EQ(e.data.execution.order_id, make_client_order_id(20'779, 1, 1));
    EXPECT_EQ(link().send(change_of(1, 1, OrderEventType::kSendCancel)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("F").size() == 1; }));
    EXPECT_EQ(venue->got("F")[0].getField(41), "20779-1-1");
    std::size_t orders = 0;
    for (const std::string& bytes : told.raw(true)) {
        orders += bytes.find("\00135=D\001") != std::string::npos;
    }
    EXPECT_EQ(orders, 1U);
    EXPECT_GE(told.raw(false).size(), 3U) << "logon and two reports";
}

TEST_F(EngineTest, TellsOfTheSessionAndRefusesOrdersWithoutOne) {
    begin();
    ASSERT_TRUE(was_told(LinkEventKind::kUp));
    venue.reset();
    ASSERT_TRUE(was_told(LinkEventKind::kDown));
    EXPECT_FALSE(link().up());
    EXPECT_EQ(link().send(limit_order(1)), OrderReason::kDisconnected);
    EXPECT_EQ(link().send(change_of(1, 1, OrderEventType::kSendCancel)),
              OrderReason::kDisconnected);
    open_venue();
    ASSERT_TRUE(eventually([&] { return link().up() && venue->up; })) << "connects again";
    EXPECT_TRUE(venue->got("D").empty());
    EXPECT_EQ(link().send(limit_order(2)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return !venue->got("D").empty(); }));
    EXPECT_EQ(venue->got("D")[0].getField(11), "20779-1-2");
}

TEST_F(EngineTest, SendsTheTagsOfTheDialectAtLogon) {
    SessionSettings s = client_settings(port, folder / "client");
    s.logon_tags = {{553, "me"}, {554, "secret"}};
    s.cancel_on_disconnect = {9'001, "Y"};
    begin(std::move(s));
    const auto logons = venue->got("A");
    ASSERT_EQ(logons.size(), 1U);
    EXPECT_EQ(logons[0].getField(553), "me");
    EXPECT_EQ(logons[0].getField(554), "secret");
    EXPECT_EQ(logons[0].getField(9'001), "Y");
}

TEST_F(EngineTest, FillsAGapAndNeverSendsAnOrderAgain) {
    begin();
    for (std::uint32_t n = 1; n <= 5; ++n) {
        ASSERT_EQ(link().send(limit_order(n)), OrderReason::kNone);
    }
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 5; }));
    FIX::Message again;
    again.getHeader().setField(FIX::MsgType("2"));
    again.setField(7, "1");
    again.setField(16, "0");
    Venue::session().send(again);
    const auto gaps = [&] {
        std::size_t n = 0;
        for (const std::string& bytes : told.raw(true)) {
            n += bytes.find("\00135=4\001") != std::string::npos &&
                 bytes.find("\001123=Y\001") != std::string::npos;
        }
        return n;
    };
    ASSERT_TRUE(eventually([&] { return gaps() == 1; }));
    ASSERT_TRUE(was_told(LinkEventKind::kNotResent));
    EXPECT_EQ(link().send(limit_order(6)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] {
        const auto got = venue->got("D");
        return got.back().getField(11) == "20779-1-6";
    }));
    EXPECT_EQ(venue->got("D").size(), 6U);
    for (const FIX::Message& m : venue->got("D")) EXPECT_FALSE(m.getHeader().isSetField(43));
    EXPECT_EQ(told.events(LinkEventKind::kNotResent).size(), 1U);
    fill("E1");
    EXPECT_EQ(next().data.execution.exec_id.value, id_of("E1"));
    for (const std::string& bytes : told.raw(true)) {
        EXPECT_EQ(bytes.find("\00135=2\001"), std::string::npos)
            << "the request was counted: what follows it is not taken for too high";
    }
}

TEST_F(EngineTest, NumbersGoOnWhereTheProcessBeforeEnded) {
    begin();
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 1; }));
    fill("E1");
    static_cast<void>(next());
    const int sent = std::stoi(venue->got("D")[0].getHeader().getField(34));
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    begin();
    ASSERT_EQ(link().send(limit_order(2)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 2; }));
    EXPECT_GT(std::stoi(venue->got("D")[1].getHeader().getField(34)), sent);
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
}

/// The process is killed between its orders, and another one goes on with its session.
TEST_F(EngineTest, NumbersGoOnAfterSigkill) {
    venue.reset();  // its threads do not go with a fork
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        test::Told nobody;
        Engine dying({client_settings(port, folder / "client")}, nobody);
        dying.start();
        if (!eventually([&] { return dying.link(0).up(); })) ::_exit(1);
        for (std::uint32_t n = 1; n <= 3; ++n) {
            if (dying.link(0).send(limit_order(n)) != OrderReason::kNone) ::_exit(2);
        }
        for (;;) ::pause();
    }
    open_venue();
    EXPECT_TRUE(eventually([&] { return venue->got("D").size() == 3; }));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    const auto before = venue->got("D");
    ASSERT_EQ(before.size(), 3U);
    begin();
    ASSERT_EQ(link().send(limit_order(4)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 4; }));
    // A logon stands between them.
    EXPECT_EQ(std::stoi(venue->got("D")[3].getHeader().getField(34)),
              std::stoi(before[2].getHeader().getField(34)) + 2);
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(venue->got("2").empty()) << "the venue missed nothing";
}

/// What a venue sent while nobody listened comes at the next logon, once and in order.
TEST_F(EngineTest, FillsThatWereMissedComeWithTheNextLogon) {
    begin();
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("D").size() == 1; }));
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    fill("E1");
    fill("E2");
    begin();
    const OrderEvent first = next();
    const OrderEvent second = next();
    EXPECT_EQ(first.data.execution.exec_id.value, id_of("E1"));
    EXPECT_EQ(second.data.execution.exec_id.value, id_of("E2"));
    EXPECT_EQ(first.data.execution.order_id, make_client_order_id(20'779, 1, 1));
}

/// Where the count of an earlier run goes on: a run that has nothing on record yet asks for what it
/// was sent itself, and for nothing before that.
TEST_F(EngineTest, ARunIsToldAgainWhatItLostAndNothingOfAnEarlierRun) {
    const auto begin_as = [this](std::uint64_t run, bool goes_on) {
        SessionSettings s = client_settings(port, folder / "client");
        s.run = {run, goes_on};
        engine = std::make_unique<Engine>(std::vector{std::move(s)}, told);
        if (goes_on) link().resume_after(0);
        engine->start();
        ASSERT_TRUE(eventually([&] { return link().up() && venue->up; }));
    };
    const auto end = [this] {
        engine.reset();
        ASSERT_TRUE(eventually([&] { return !venue->up; }));
    };
    begin_as(1, false);
    for (const char* id : {"E1", "E2"}) fill(id);
    (void)next();
    (void)next();
    end();
    begin_as(2, false);
    fill("E3");
    EXPECT_EQ(next().data.execution.exec_id.value, id_of("E3"));
    end();
    begin_as(2, true);
    fill("E4");
    EXPECT_EQ(next().data.execution.exec_id.value, id_of("E3"));
    EXPECT_EQ(next().data.execution.exec_id.value, id_of("E4"));
}

TEST_F(EngineTest, AResetOfTheNumbersEndsTheSessionForGood) {
    begin();
    FIX::Message reset;
    reset.getHeader().setField(FIX::MsgType("4"));
    reset.setField(123, "N");
    reset.setField(36, "500");
    Venue::session().send(reset);
    ASSERT_TRUE(was_told(LinkEventKind::kSequenceReset));
    ASSERT_TRUE(was_told(LinkEventKind::kDown));
    EXPECT_EQ(link().send(limit_order(1)), OrderReason::kDisconnected);
    std::this_thread::sleep_for(std::chrono::milliseconds(2'500));  // two times to connect again
    EXPECT_FALSE(link().up());
    EXPECT_EQ(told.events(LinkEventKind::kSequenceReset).size(), 1U);
}

TEST_F(EngineTest, ALogonWithSmallerNumbersEndsTheSessionForGood) {
    begin();
    for (int n = 0; n < 5; ++n) fill("E" + std::to_string(n));
    for (int n = 0; n < 5; ++n) static_cast<void>(next());
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    Venue::session().setNextSenderMsgSeqNum(1);
    engine = std::make_unique<Engine>(std::vector{client_settings(port, folder / "client")}, told);
    engine->start();
    ASSERT_TRUE(was_told(LinkEventKind::kSequenceReset));
    EXPECT_FALSE(link().up());
}

TEST_F(EngineTest, AReportThatCannotBeReadIsToldAndTheNextOneIsRead) {
    begin();
    fill("E1", "31=1e5|");
    fill("E2", "31=187.25000000001|");
    fill("E3", "150=Z|");
    fill("E4", "9999=x|58=anything \x80|");
    EXPECT_EQ(next().data.execution.exec_id.value, id_of("E4"));
    const auto told_of = told.events(LinkEventKind::kUnreadable);
    ASSERT_EQ(told_of.size(), 3U);
    EXPECT_EQ(told_of[0].count, 31);
    EXPECT_EQ(told_of[1].count, 31);
    EXPECT_EQ(told_of[2].count, 150);
    EXPECT_TRUE(link().up()) << "no reject, no disconnect";
    EXPECT_TRUE(venue->got("3").empty());
    EXPECT_TRUE(venue->got("j").empty());
}

TEST_F(EngineTest, AMessageThatTheVenueRefusesBecomesTheAnswerToItsRequest) {
    venue->answer = [](const FIX::Message& m) {
        const std::string& number = m.getHeader().getField(34);
        const std::string& type = m.getHeader().getField(35);
        if (type == "D") Venue::send("j", "45=" + number + "|372=D|380=2|58=no such thing|");
        if (type == "F") Venue::send("3", "45=" + number + "|372=F|373=5|");
    };
    begin();
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    const OrderEvent refused = next();
    EXPECT_EQ(refused.data.execution.exec_type, ExecType::kRejected);
    EXPECT_EQ(refused.data.execution.reason, OrderReason::kUnknownInstrument);
    EXPECT_EQ(refused.data.execution.order_id, make_client_order_id(20'779, 1, 1));
    ASSERT_EQ(link().send(change_of(1, 1, OrderEventType::kSendCancel)), OrderReason::kNone);
    EXPECT_EQ(next().data.execution.exec_type, ExecType::kCancelRejected);
}

TEST_F(EngineTest, AsksForAllOrdersAndCanCancelWhatItLearned) {
    venue->answer = [](const FIX::Message& m) {
        if (m.getHeader().getField(35) != "AF") return;
        for (int n = 1; n <= 3; ++n) {
            Venue::send("8", "584=" + m.getField(584) + "|911=3|912=" + (n == 3 ? "Y" : "N") +
                                 "|37=V" + std::to_string(n) + "|11=20779-1-" + std::to_string(n) +
                                 "|17=S" + std::to_string(n) +
                                 "|150=I|39=1|55=SPY|54=2|38=100|40=2|44=187|14=40|151=60|6=187|"
                                 "32=40|31=187|1=U1|");
        }
    };
    begin();
    ASSERT_TRUE(engine->ask_all(0));
    ASSERT_TRUE(was_told(LinkEventKind::kStatusEnd));
    EXPECT_EQ(told.events(LinkEventKind::kStatusEnd)[0].count, 3);
    const auto statuses = told.statuses();
    ASSERT_EQ(statuses.size(), 3U);
    EXPECT_EQ(statuses[1].order_id, make_client_order_id(20'779, 1, 2));
    EXPECT_EQ(statuses[1].side, Side::kSell);
    EXPECT_EQ(statuses[1].leaves_quantity, Quantity::from_units(60));
    EXPECT_EQ(statuses[1].state, OrderState::kPartiallyFilled);
    OrderEvent none;
    EXPECT_FALSE(link().poll(none)) << "no status is a fill";
    EXPECT_EQ(link().send(change_of(2, 1, OrderEventType::kSendCancel)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return venue->got("F").size() == 1; }));
    EXPECT_EQ(venue->got("F")[0].getField(54), "2");
    EXPECT_EQ(venue->got("F")[0].getField(41), "20779-1-2");
    EXPECT_EQ(link().send(change_of(9, 1, OrderEventType::kSendCancel)),
              OrderReason::kUnknownOrder);
}

TEST_F(EngineTest, CancelsEverythingInOneMessage) {
    venue->answer = [](const FIX::Message& m) {
        if (m.getHeader().getField(35) != "q") return;
        Venue::send("r", "37=V|11=" + m.getField(11) + "|530=7|531=7|533=12|");
    };
    begin();
    ASSERT_TRUE(engine->cancel_all(0));
    ASSERT_TRUE(was_told(LinkEventKind::kMassCanceled));
    EXPECT_EQ(told.events(LinkEventKind::kMassCanceled)[0].count, 12);
    EXPECT_EQ(venue->got("q")[0].getField(530), "7");
}

/// More reports than the lane holds, while the owner does not poll.
TEST_F(EngineTest, LosesNoReportWhenItsOwnerIsLate) {
    SessionSettings s = client_settings(port, folder / "client");
    s.reports_lane = 8;
    begin(std::move(s));
    constexpr int kReports = 500;
    for (int n = 0; n < kReports; ++n) fill("E" + std::to_string(n));
    ASSERT_TRUE(was_told(LinkEventKind::kBacklog));
    for (int n = 0; n < kReports; ++n) {
        ASSERT_EQ(next().data.execution.exec_id.value, id_of("E" + std::to_string(n)));
    }
    OrderEvent none;
    EXPECT_FALSE(link().poll(none));
}

TEST(Engine, RefusesWhatCannotBeConfigured) {
    test::TemporaryFolder folder;
    test::Told told;
    SessionSettings s = client_settings(1, folder / "client");
    s.start_time = "25:99";
    EXPECT_THROW(Engine(std::vector{s}, told), std::runtime_error);
    s = client_settings(1, folder / "client");
    std::ofstream(folder / "file") << "x";
    s.store_folder = folder / "file";
    EXPECT_THROW(Engine(std::vector{s}, told), std::runtime_error);
}

}  // namespace
}  // namespace fermata::fix
