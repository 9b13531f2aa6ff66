// What the operator of a session of mode live reads, while little or nothing happens in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/live/live_fixture.hpp"
#include "tests/daemon/live/operator_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

/// A daemon behind a control socket, whose venue is started when the test wants it.
class WatchedMarket : public LiveMarket, public Operator {
public:
    explicit WatchedMarket(unsigned seed) : LiveMarket(seed, shape()) { approve(); }
    [[nodiscard]] std::string socket() const override { return file("c.sock"); }
    void start() {
        start_daemon();
        ASSERT_TRUE(wait_until([&] { return call({"status"}).code == 0; })) << said();
    }
    [[nodiscard]] std::string said() const { return read_text(file("daemon.err")); }

private:
    static LiveShape shape() {
        LiveShape shape;
        shape.more = "control: {socket: c.sock, admins: 1}\n";
        return shape;
    }
};

TEST(LiveStatus, SaysRecoveringUntilItsVenueIsReconciledAndGoesOnMeanwhile) {
    WatchedMarket market(7);
    market.start();
    EXPECT_TRUE(market.becomes([](const Json& s) { return s["run"]["phase"] == "running"; }));
    // No venue: nothing is traded, no market data comes, and still the run's time goes on.
    const Json before = market.ask({"status"});
    EXPECT_EQ(before.begin().key(), "state");
    EXPECT_EQ(before["state"], "RECOVERING");
    EXPECT_EQ(before["firm"], "ACTIVE");
    EXPECT_TRUE(before["market_data"].is_null()) << before["market_data"];
    EXPECT_TRUE(market.becomes([&](const Json& s) {
        return s["time"] > before["time"] && s["market_events"] > before["market_events"];
    }));
    market.start_venue();
    EXPECT_TRUE(market.becomes(kActive)) << market.said();
    EXPECT_TRUE(market.becomes([](const Json& s) { return !s["market_data"].is_null(); }));
    EXPECT_TRUE(wait_until([&] { return market.fills_here() >= 1; })) << market.said();
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << market.said();
    EXPECT_THAT(market.said(), ContainsRegex("stopped; no orders are open, (no|[0-9]+) positions? "
                                             "(is|are) held; [0-9]+ records in "));
}

TEST(LiveStatus, AStopNamesTheVenuesThatAreNotSettled) {
    WatchedMarket market(8);
    market.start();
    EXPECT_TRUE(market.becomes([](const Json& s) { return s["run"]["phase"] == "running"; }));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << market.said();
    EXPECT_THAT(market.said(), HasSubstr("no orders are open, no positions are held, 1 difference "
                                         "with venues is not settled; "));
    EXPECT_THAT(market.said(), HasSubstr("warning: not settled: exchange: not reconciled (down)"));
}

}  // namespace
}  // namespace fermata::test
