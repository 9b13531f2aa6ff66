#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/fix/engine.hpp"
#include "adapters/fix/order_text.hpp"
#include "tests/adapters/fix/loopback_venue.hpp"

namespace fermata::fix {
namespace {

using test::client_settings;
using test::eventually;
using test::Venue;

class DropCopySessionTest : public ::testing::Test {
protected:
    void begin(std::size_t lane = 64, std::optional<std::uint64_t> after = std::nullopt) {
        SessionSettings s = client_settings(port, folder / "client");
        s.kind = SessionKind::kDropCopy;
        s.reports_lane = lane;
        engine = std::make_unique<Engine>(std::vector{std::move(s)}, told);
        if (after) link().resume_after(*after);
        engine->start();
        ASSERT_TRUE(eventually([&] { return link().up() && venue->up; }));
    }
    void SetUp() override { venue = std::make_unique<Venue>(port, folder / "venue"); }
    void TearDown() override {
        engine.reset();
        venue.reset();
    }
    DropCopyLink& link() { return engine->drop_copy(0); }
    DropCopyReport next() {
        DropCopyReport r;
        EXPECT_TRUE(eventually([&] { return link().poll(r); }));
        return r;
    }
    static void fill(const std::string& exec_id) {
        Venue::send("8", "37=V1|11=20779-1-1|17=" + exec_id +
                             "|150=F|39=1|1=U2|55=SPY|54=2|38=100|32=10|31=187.25|14=10|151=90|6="
                             "187.25|797=Y|");
    }

    test::TemporaryFolder folder;
    const std::uint16_t port = test::free_port();
    test::Told told;
    std::unique_ptr<Venue> venue;
    std::unique_ptr<Engine> engine;
};

TEST_F(DropCopySessionTest, GivesFillsOfWhoeverTraded) {
    begin();
    fill("E1");
    DropCopyReport r = next();
    EXPECT_EQ(r.event.data.execution.exec_type, ExecType::kTrade);
    EXPECT_EQ(r.event.data.execution.exec_id.value, id_of("E1", "U2"));
    EXPECT_EQ(r.event.data.execution.order_id, make_client_order_id(20'779, 1, 1));
    EXPECT_EQ(std::string(r.exec_text.data()), "E1");
    EXPECT_EQ(r.account, AccountId{1});
    EXPECT_EQ(r.side, static_cast<std::uint8_t>(Side::kSell));
    EXPECT_EQ(r.lost, 0U);
    EXPECT_EQ(r.transacted.ns, 0) << "it did not say when";
    Venue::send("8",
                "37=V9|11=by hand|17=E2|150=F|39=2|1=U1|55=SPY|54=1|38=1|32=1|31=5|14=1|151=0|6=5|"
                "60=20260105-14:30:00.250|");
    r = next();
    EXPECT_TRUE(r.event.data.execution.order_id.value == 0) << "no order of ours";
    EXPECT_EQ(r.account, AccountId{0});
    EXPECT_EQ(r.transacted.ns, 1'767'623'400'250'000'000);
    const std::string fits(r.exec_text.size(), 'x');
    fill(fits);
    r = next();
    EXPECT_EQ(std::string(r.exec_text.begin(), r.exec_text.end()), fits);
    fill(fits + "x");
    EXPECT_EQ(next().exec_text[0], '\0') << "half a name is none";
}

TEST_F(DropCopySessionTest, WhatWasMissedComesWithTheNextLogon) {
    begin();
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    fill("E1");
    fill("E2");
    begin();
    EXPECT_EQ(next().event.data.execution.exec_id.value, id_of("E1", "U2"));
    EXPECT_EQ(next().event.data.execution.exec_id.value, id_of("E2", "U2"));
}

TEST_F(DropCopySessionTest, IsToldAgainWhatItHadNotCompared) {
    begin();
    for (const char* id : {"E1", "E2", "E3"}) fill(id);
    (void)next();
    const DropCopyReport second = next();
    EXPECT_TRUE(second.counts);
    EXPECT_EQ(cause_kind(second.event.cause), CauseKind::kMessage);
    (void)next();
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    begin(64, cause_seq(second.event.cause) - 1);
    EXPECT_EQ(next().event.data.execution.exec_id.value, id_of("E2", "U2"));
    EXPECT_EQ(next().event.data.execution.exec_id.value, id_of("E3", "U2"));
    // A number beyond what came is of an earlier count: nothing of this one was compared.
    engine.reset();
    ASSERT_TRUE(eventually([&] { return !venue->up; }));
    begin(64, 1'000);
    fill("E4");
    for (const char* id : {"E1", "E2", "E3", "E4"}) {
        EXPECT_EQ(next().event.data.execution.exec_id.value, id_of(id, "U2")) << id;
    }
}

TEST_F(DropCopySessionTest, CountsWhatItCouldNotKeepOrRead) {
    begin(2);
    for (const char* id : {"E1", "E2", "E3", "E4"}) fill(id);
    Venue::send("8", "37=V1|17=E5|150=F|39=1|1=U2|55=SPY|54=2|32=x|31=1|14=1|151=0|6=1|");
    ASSERT_TRUE(eventually([&] { return !told.events(LinkEventKind::kUnreadable).empty(); }));
    EXPECT_EQ(next().lost, 0U);
    EXPECT_EQ(next().lost, 0U);
    const DropCopyReport r = next();
    EXPECT_EQ(r.lost, 3U);
    EXPECT_EQ(r.event.type, OrderEventType::kNone);
}

}  // namespace
}  // namespace fermata::fix
