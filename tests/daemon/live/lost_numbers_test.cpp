#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/assembly/start_refusal.hpp"
#include "tests/daemon/live/live_fixture.hpp"

namespace fermata::test {
namespace {

using ::testing::HasSubstr;

/// A session that goes on does not ask its venue to take 1 where it expects hundreds.
TEST(LostSequenceNumbers, AreARefusalToGoOnUntilTheFileIsThereAgain) {
    LiveMarket market(9);
    market.approve();
    market.start_venue();
    const std::string file = market.file("store/FIX.4.4-FERMATA-VENUE.sequence");
    const std::string copy = market.file("copy");
    const auto said = [&] { return read_text(market.file("daemon.err")); };
    for (const std::size_t fills : {4U, 12U}) {
        market.start_daemon();
        ASSERT_TRUE(wait_until([&] { return market.fills_here() >= fills; })) << said();
        market.daemon->kill(SIGKILL);
        (void)market.daemon->wait();
        if (fills == 4U) std::filesystem::copy_file(file, copy);
    }
    const std::size_t orders = market.orders_there().size();
    std::filesystem::remove(file);
    market.start_daemon();
    EXPECT_EQ(market.daemon->wait(), kExitRefused) << said();
    EXPECT_THAT(said(), HasSubstr("store/FIX.4.4-FERMATA-VENUE.sequence: the file"));
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_EQ(market.orders_there().size(), orders);

    // With an old copy of it, it goes on with what is on record.
    std::filesystem::copy_file(copy, file);
    market.start_daemon();
    EXPECT_TRUE(wait_until([&] { return market.fills_here() >= 20; })) << said();
    EXPECT_THAT(said(), HasSubstr("behind the messages on record; it goes on with"));
    market.daemon->kill(SIGTERM);
    EXPECT_EQ(market.daemon->wait(), 0) << said();
    market.venue->kill(SIGTERM);
    EXPECT_EQ(market.venue->wait(), 0) << read_text(market.file("venue.out"));
    EXPECT_EQ(market.executions_here(), market.executions_there());
    for (const LogLine& line : venue_log(market.file("venue.csv"))) {
        EXPECT_THAT(line.text, ::testing::Not(HasSubstr("MsgSeqNum too low")));
    }
}

}  // namespace
}  // namespace fermata::test
