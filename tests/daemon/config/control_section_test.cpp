#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;

TEST(ControlSection, HasNoSocketUnlessItIsAskedFor) {
    const Config c = parse(kMinimal);
    EXPECT_TRUE(c.control.socket.empty());
    EXPECT_TRUE(c.control.roles.empty());
    EXPECT_EQ(c.control.admins, 2);
}

TEST(ControlSection, TakesASocketAndRoles) {
    const Config c = parse(kMinimal, {"control={socket: /run/fermata/control.sock, admins: 1, "
                                      "roles: [{uid: 1000, role: admin}, {group: ops, role: "
                                      "viewer}]}"});
    EXPECT_EQ(c.control.socket, "/run/fermata/control.sock");
    EXPECT_EQ(c.control.admins, 1);
    ASSERT_EQ(c.control.roles.size(), 2U);
    EXPECT_EQ(c.control.roles[0].uid, 1000U);
    EXPECT_EQ(c.control.roles[0].role, console::Role::kAdmin);
    EXPECT_EQ(c.control.roles[1].group, "ops");
    // It decides about no result.
    EXPECT_EQ(c.hash, parse(kMinimal).hash);
}

TEST(ControlSection, HasADeadManSwitchWhereItIsAskedForAndSomebodyCanAnswerIt) {
    EXPECT_EQ(parse(kMinimal).control.dead_man, Duration{});
    const Config c = parse(kMinimal, {"control={socket: c.sock, dead_man: 5m, dead_man_level: "
                                      "reduce-only}"});
    EXPECT_EQ(c.control.dead_man, Duration::minutes(5));
    EXPECT_EQ(c.control.dead_man_level, latch::Level::kReduceOnly);
    EXPECT_FALSE(problems(kMinimal, {"control={dead_man: 5m}"}).empty());
    EXPECT_FALSE(problems(kMinimal, {"control={socket: c.sock, dead_man: 1ms}"}).empty());
}

TEST(ControlSection, RefusesARuleThatSaysNobodyOrTwo) {
    for (const std::string rule :
         {"{role: viewer}", "{uid: 1, user: a}", "{uid: 1, role: trader}",
          "{uid: 1, role: risk, strategies: [nobody]}", "{uid: 1, role: king}", "{uid: -1}"}) {
        EXPECT_FALSE(
            problems(kMinimal, {"control={socket: c.sock, roles: [" + rule + "]}"}).empty())
            << rule;
    }
    EXPECT_FALSE(problems(kMinimal, {"control.admins=3"}).empty());
}

}  // namespace
}  // namespace fermata
