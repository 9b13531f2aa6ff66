#include "daemon/venue/venue_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/group_dictionary.hpp"
#include "daemon/venue/venue_journal.hpp"
#include "tests/adapters/fix/fix_orders.hpp"
#include "tests/daemon/venue/venue_host.hpp"

namespace fermata::venue {
namespace {

using fix::test::change_of;
using fix::test::eventually;
using fix::test::limit_order;
using test::kOpen;
using test::quote;
using test::VenueHost;

fix::SessionSettings client(const VenueHost& host, const std::string& comp_id) {
    fix::SessionSettings s =
        fix::test::client_settings(host.port, host.folder / ("client-" + comp_id));
    s.sender_comp_id = comp_id;
    s.dialect.accounts = {"main", "other"};
    return s;
}

/// Our own initiator against the venue, on loopback.
class VenueRunTest : public ::testing::Test {
protected:
    void connect() {
        engine = std::make_unique<fix::Engine>(std::vector{client(host, "A")}, told);
        engine->start();
        ASSERT_TRUE(eventually([&] { return link().up(); })) << host.error;
    }
    void SetUp() override {
        host.open();
        ASSERT_EQ(host.error, "");
        connect();
    }
    void TearDown() override {
        engine.reset();
        host.close();
    }
    OrderLink& link() { return engine->link(0); }
    ExecutionData next() {
        OrderEvent e;
        EXPECT_TRUE(eventually([&] { return link().poll(e); }));
        return e.data.execution;
    }

    // SPY at 187.20 to 187.30, 500 on each side.
    VenueHost host{{quote(kOpen, "187.20", "187.30", 500)}};
    fix::test::Told told;
    std::unique_ptr<fix::Engine> engine;
};

TEST_F(VenueRunTest, TakesOrdersAndAnswersThem) {
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);  // buys 100 at 187.25
    EXPECT_EQ(next().exec_type, ExecType::kNew);
    OrderEvent crossing = limit_order(2);
    crossing.data.new_order.price = Price::from_raw(187'300'000'000);
    ASSERT_EQ(link().send(crossing), OrderReason::kNone);
    EXPECT_EQ(next().exec_type, ExecType::kNew);
    const ExecutionData fill = next();
    EXPECT_EQ(fill.exec_type, ExecType::kTrade);
    EXPECT_EQ(fill.last_price, crossing.data.new_order.price);
    EXPECT_EQ(fill.last_quantity, Quantity::from_units(100));
    EXPECT_EQ(fill.leaves_quantity, Quantity::zero());
    OrderEvent replace = change_of(1, 1, OrderEventType::kSendReplace);
    replace.data.change.price = Price::from_raw(187'220'000'000);
    ASSERT_EQ(link().send(replace), OrderReason::kNone);
    const ExecutionData replaced = next();
    EXPECT_EQ(replaced.exec_type, ExecType::kReplaced);
    EXPECT_EQ(replaced.price, replace.data.change.price);
    ASSERT_EQ(link().send(change_of(1, 2, OrderEventType::kSendCancel)), OrderReason::kNone);
    const ExecutionData canceled = next();
    EXPECT_EQ(canceled.exec_type, ExecType::kCanceled);
    EXPECT_EQ(canceled.reason, OrderReason::kRequested);
    ASSERT_EQ(link().send(change_of(1, 3, OrderEventType::kSendCancel)), OrderReason::kNone);
    const ExecutionData late = next();
    EXPECT_EQ(late.exec_type, ExecType::kCancelRejected);
    EXPECT_EQ(late.reason, OrderReason::kTooLateToCancel);
}

TEST_F(VenueRunTest, TellsOfAllOrdersAndCancelsThemAll) {
    ASSERT_TRUE(engine->ask_all(0));
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kStatusEnd).empty(); }));
    EXPECT_EQ(told.events(LinkEventKind::kStatusEnd)[0].count, 0);
    for (std::uint32_t n = 1; n <= 3; ++n) {
        ASSERT_EQ(link().send(limit_order(n)), OrderReason::kNone);
        EXPECT_EQ(next().exec_type, ExecType::kNew);
    }
    ASSERT_TRUE(engine->ask_all(0));
    ASSERT_TRUE(eventually([&] { return told.events(LinkEventKind::kStatusEnd).size() == 2; }));
    EXPECT_EQ(told.events(LinkEventKind::kStatusEnd)[1].count, 3);
    EXPECT_EQ(told.statuses().back().order_id, make_client_order_id(20'779, 1, 3));
    ASSERT_TRUE(engine->cancel_all(0));
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kMassCanceled).empty(); }));
    EXPECT_EQ(told.events(LinkEventKind::kMassCanceled)[0].count, 3);
    for (int n = 0; n < 3; ++n) EXPECT_EQ(next().exec_type, ExecType::kCanceled);
}

TEST_F(VenueRunTest, KeepsOrdersAndReportsOverARestart) {
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    const ExecutionData accepted = next();
    EXPECT_EQ(accepted.exec_type, ExecType::kNew);
    host.close();
    ASSERT_TRUE(eventually([&] { return !link().up(); }));
    host.open();
    ASSERT_EQ(host.error, "");
    ASSERT_TRUE(eventually([&] { return link().up(); }));
    ASSERT_EQ(link().send(change_of(1, 1, OrderEventType::kSendCancel)), OrderReason::kNone);
    const ExecutionData canceled = next();
    EXPECT_EQ(canceled.exec_type, ExecType::kCanceled);
    EXPECT_EQ(canceled.venue_order_id, accepted.venue_order_id);
    EXPECT_TRUE(told.events(LinkEventKind::kSequenceReset).empty());
    EXPECT_TRUE(told.events(LinkEventKind::kUnreadable).empty());
}

TEST(VenueRun, PutsTheMarketOnRecordThoughNobodyIsThere) {
    VenueHost host({quote(kOpen, "99.99", "100.01"), quote(kOpen, "99.98", "100.01")});
    host.open();
    host.close();
    EXPECT_EQ(host.error, "");
    EXPECT_EQ(host.result.market_events, 2U);
    int recorded = 0;
    PosixFileSystem files;
    VenueJournal journal(files, host.folder / "venue",
                         [&](const Entry& e) { recorded += e.kind == EntryKind::kMarket; });
    EXPECT_EQ(recorded, 2);
}

TEST(VenueRun, HoldsItsDataUntilItIsToldOnceOnly) {
    VenueHost host({quote(kOpen, "99.99", "100.01"), quote(kOpen, "99.98", "100.01")});
    std::atomic<int> asked{0};
    host.held = [&] { return ++asked > 0; };
    host.open();
    fix::test::eventually([&] { return asked > 20; });
    host.close();
    EXPECT_EQ(host.result.market_events, 0U);

    host.held = [&] { return ++asked < 50; };
    host.open();
    fix::test::eventually([&] { return asked >= 50; });
    host.close();
    EXPECT_EQ(host.result.market_events, 2U);

    asked = 0;
    host.open();  // the data began before
    host.close();
    EXPECT_EQ(host.result.market_events, 2U);
    EXPECT_EQ(asked, 0);
}

TEST_F(VenueRunTest, CancelsOnDisconnectWhenTheLogonSaysSo) {
    engine.reset();
    fix::SessionSettings settings = client(host, "A");
    settings.cancel_on_disconnect = {9'001, "Y"};
    engine = std::make_unique<fix::Engine>(std::vector{settings}, told);
    engine->start();
    ASSERT_TRUE(eventually([&] { return link().up(); }));
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    EXPECT_EQ(next().exec_type, ExecType::kNew);
    engine.reset();
    connect();  // what happened meanwhile is sent again
    const ExecutionData canceled = next();
    EXPECT_EQ(canceled.exec_type, ExecType::kCanceled);
    EXPECT_EQ(canceled.order_id, make_client_order_id(20'779, 1, 1));
}

/// Faults over a real session: the third report comes twice, the fifth request ends the connection.
class VenueFaultsTest : public VenueRunTest {
protected:
    void SetUp() override {
        Fault twice;
        twice.kind = FaultKind::kDuplicate;
        twice.after = 3;
        twice.member = "A";
        Fault gone;
        gone.kind = FaultKind::kDisconnect;
        gone.after = 5;
        host.faults = {twice, gone};
        host.log = host.folder / "log.csv";
        VenueRunTest::SetUp();
    }
};

TEST_F(VenueFaultsTest, HappenWhereTheyAreWanted) {
    for (std::uint32_t n = 1; n <= 4; ++n) {
        ASSERT_EQ(link().send(limit_order(n)), OrderReason::kNone);
    }
    std::vector<std::uint64_t> ids;
    for (int n = 0; n < 5; ++n) ids.push_back(next().exec_id.value);
    EXPECT_EQ(ids[2], ids[3]);
    EXPECT_NE(ids[1], ids[2]);
    EXPECT_NE(ids[3], ids[4]);
    ASSERT_EQ(link().send(limit_order(5)), OrderReason::kNone);
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kDown).empty(); }));
    ASSERT_TRUE(eventually([&] { return link().up(); })) << "and may come back";
    EXPECT_EQ(next().order_id, make_client_order_id(20'779, 1, 5)) << "its report is not lost";
    engine.reset();
    host.close();
    EXPECT_EQ(host.result.faults, 2U);
    std::ifstream log(host.log);
    const std::string text((std::istreambuf_iterator<char>(log)), {});
    EXPECT_NE(text.find("fault,A,duplicate"), std::string::npos) << text;
    EXPECT_NE(text.find("fault,A,disconnect"), std::string::npos);
}

TEST_F(VenueRunTest, KeepsASecondOneOutOfItsFolderAndGoesOnUnharmed) {
    for (const bool fresh : {false, true}) {
        VenueHost second({quote(kOpen, "187.20", "187.30", 500)});  // on a port of its own
        second.venue_folder = host.venue_folder;
        second.fresh = fresh;
        second.log = second.folder / "log.csv";
        second.open();
        second.close();
        EXPECT_NE(second.error.find("cannot lock " + host.venue_folder), std::string::npos)
            << second.error;
        EXPECT_NE(second.error.find("is at work on it"), std::string::npos);
        EXPECT_EQ(second.reports, std::vector<std::string>{}) << "it read the journal";
        EXPECT_FALSE(std::filesystem::exists(second.log));
    }
    EXPECT_FALSE(std::filesystem::exists(host.venue_folder + "/venue.journal.1"));
    ASSERT_EQ(link().send(limit_order(1)), OrderReason::kNone);
    EXPECT_EQ(next().exec_type, ExecType::kNew);
    host.close();
    host.open();
    ASSERT_EQ(host.error, "") << "the lock ends with its venue, and the journal is whole";
    host.close();
    EXPECT_TRUE(std::ranges::any_of(host.reports, [](const std::string& text) {
        return text.ends_with("1 market events, 1 orders open");
    })) << ::testing::PrintToString(host.reports);
}

/// The halts on record so far, and their ends: `value` 1 and 0.
std::vector<Entry> halts_of(const VenueHost& host) {
    const std::filesystem::path copy = host.folder / "copy";
    std::filesystem::create_directories(copy);
    const std::filesystem::path file = std::filesystem::path(host.venue_folder) / "venue.journal";
    if (!std::filesystem::exists(file)) return {};
    std::filesystem::copy_file(file, copy / "venue.journal",
                               std::filesystem::copy_options::overwrite_existing);
    std::vector<Entry> halts;
    PosixFileSystem files;
    VenueJournal journal(files, copy, [&](const Entry& e) {
        if (e.kind == EntryKind::kHalt) halts.push_back(e);
    });
    return halts;
}

Fault halt_of(Duration length) {
    Fault fault;
    fault.kind = FaultKind::kHalt;
    fault.at = Duration::milliseconds(1);
    fault.delay = length;
    fault.instrument = "SPY";
    return fault;
}

TEST(VenueHalts, GoOnWhereAVenueThatEndedInThemComesBack) {
    VenueHost host({quote(kOpen, "99.99", "100.01")});
    host.faults = {halt_of(Duration::minutes(1'440))};
    host.log = host.folder / "log.csv";
    host.open();
    ASSERT_TRUE(eventually([&] { return halts_of(host).size() == 1; })) << host.error;
    host.close();
    host.faults.clear();  // nothing begins another one
    host.open();
    host.close();
    ASSERT_EQ(host.error, "");
    const std::vector<Entry> halts = halts_of(host);
    ASSERT_EQ(halts.size(), 1U) << "it was ended";
    EXPECT_EQ(halts[0].value, 1);
    std::ifstream log(host.log);
    const std::string text((std::istreambuf_iterator<char>(log)), {});
    EXPECT_NE(text.find("the halt of SPY goes on for 86"), std::string::npos) << text;
}

TEST(VenueHalts, EndWhenTheyAreOverThoughTheVenueWasAwayMeanwhile) {
    constexpr Duration kLength = Duration::milliseconds(1'500);
    VenueHost host({quote(kOpen, "99.99", "100.01")});
    host.faults = {halt_of(kLength)};
    host.open();
    ASSERT_TRUE(eventually([&] { return !halts_of(host).empty(); })) << host.error;
    host.close();
    host.faults.clear();
    host.open();
    EXPECT_TRUE(eventually([&] { return halts_of(host).size() == 2; })) << host.error;
    host.close();
    const std::vector<Entry> halts = halts_of(host);
    ASSERT_EQ(halts.size(), 2U);
    EXPECT_EQ(halts[1].value, 0);
    EXPECT_GE(halts[1].ts - halts[0].ts, kLength);
}

/// A plain QuickFIX client, for what the trading side does not speak.
class PlainClient final : public FIX::Application {
public:
    PlainClient(const VenueHost& host, const std::string& comp_id)
        : id_("FIX.4.4", comp_id, "VENUE") {
        FIX::Dictionary d;
        d.setString("ConnectionType", "initiator");
        d.setString("SocketConnectHost", "127.0.0.1");
        d.setInt("SocketConnectPort", host.port);
        d.setInt("HeartBtInt", 30);
        d.setInt("ReconnectInterval", 1);
        d.setString("StartTime", "00:00:00");
        d.setString("EndTime", "00:00:00");
        d.setString("UseDataDictionary", "N");
        d.setString("FileStorePath", host.folder / ("plain-" + comp_id));
        FIX::SessionSettings all;
        all.set(id_, d);
        std::filesystem::create_directories(host.folder / ("plain-" + comp_id));
        stores_ = std::make_unique<FIX::FileStoreFactory>(all);
        initiator_ = std::make_unique<FIX::SocketInitiator>(*this, *stores_, all);
        fix::read_groups(*FIX::Session::lookupSession(id_));
        initiator_->start();
    }
    ~PlainClient() override { initiator_->stop(true); }
    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override { up = true; }
    void onLogout(const FIX::SessionID&) override { up = false; }
    void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
    void toApp(FIX::Message&, const FIX::SessionID&) override {}
    void fromAdmin(const FIX::Message& m, const FIX::SessionID&) override { keep(m); }
    void fromApp(const FIX::Message& m, const FIX::SessionID&) override { keep(m); }
    void send(FIX::Message m) { FIX::Session::lookupSession(id_)->send(m); }
    /// Messages of a type, as text with | between the fields.
    std::vector<std::string> got(const std::string& type) {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> wanted;
        for (const std::string& text : got_) {
            if (text.find("|35=" + type + "|") != std::string::npos) wanted.push_back(text);
        }
        return wanted;
    }
    std::atomic<bool> up{false};

private:
    void keep(const FIX::Message& m) {
        std::string text = m.toString();
        std::replace(text.begin(), text.end(), '\001', '|');
        const std::lock_guard lock(mutex_);
        got_.push_back(std::move(text));
    }
    const FIX::SessionID id_;
    std::mutex mutex_;
    std::vector<std::string> got_;
    std::unique_ptr<FIX::FileStoreFactory> stores_;
    std::unique_ptr<FIX::SocketInitiator> initiator_;
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_F(VenueRunTest, SpeaksMarketDataListsAndRejectsOnTheWire) {
    host.close();
    engine.reset();
    host.settings.members[2].market_data = true;
    host.open();
    PlainClient c(host, "C");
    ASSERT_TRUE(eventually([&] { return c.up.load(); }));
    FIX::Message v;
    v.getHeader().setField(FIX::MsgType("V"));
    v.setField(262, "v1");
    v.setField(263, "1");
    v.setField(264, "1");
    v.setField(265, "1");
    for (const char* type : {"0", "1"}) {
        FIX::Group entry(267, 269);
        entry.setField(269, type);
        v.addGroup(entry);
    }
    FIX::Group symbol(146, 55);
    symbol.setField(55, "SPY");
    v.addGroup(symbol);
    c.send(v);
    ASSERT_TRUE(eventually([&] { return !c.got("W").empty(); }));
    const std::string w = c.got("W")[0];
    EXPECT_TRUE(has(w, "|268=2|269=0|270=187.2|271=500|")) << w;
    EXPECT_TRUE(has(w, "|269=1|270=187.3|271=500|")) << w;
    FIX::Message x;
    x.getHeader().setField(FIX::MsgType("x"));
    x.setField(320, "x1");
    x.setField(559, "4");
    c.send(x);
    ASSERT_TRUE(eventually([&] { return !c.got("y").empty(); }));
    EXPECT_TRUE(has(c.got("y")[0], "|146=2|55=SPY|15=USD|")) << c.got("y")[0];
    FIX::Message bad;  // an order without a quantity
    bad.getHeader().setField(FIX::MsgType("D"));
    bad.setField(11, "b1");
    bad.setField(55, "SPY");
    bad.setField(54, "1");
    bad.setField(40, "1");
    c.send(bad);
    ASSERT_TRUE(eventually([&] { return !c.got("3").empty(); }));
    EXPECT_TRUE(has(c.got("3")[0], "|371=38|")) << c.got("3")[0];
    FIX::Message alien;
    alien.getHeader().setField(FIX::MsgType("R"));
    alien.setField(131, "q");
    c.send(alien);
    ASSERT_TRUE(eventually([&] { return !c.got("j").empty(); }));
    EXPECT_TRUE(has(c.got("j")[0], "|380=3|")) << "unsupported message type: " << c.got("j")[0];
}

}  // namespace
}  // namespace fermata::venue
