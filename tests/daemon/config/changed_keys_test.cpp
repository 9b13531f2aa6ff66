#include "daemon/config/changed_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config/problem.hpp"

namespace fermata::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> changes(const std::string& before, const std::string& after) {
    std::vector<std::string> all;
    for (const ChangedKey& c : changed_keys(before, after)) {
        all.push_back(c.key + " " + c.before + " -> " + c.after);
    }
    return all;
}

TEST(ChangedKeys, AreNoneBetweenEqualConfigurations) {
    EXPECT_THAT(changes("a: {b: [1, 2]}\n", "a:\n  b:\n    - 1\n    - 2\n"), IsEmpty());
    EXPECT_THAT(changes("a: {}\n", "b: []\n"), ElementsAre("b none -> []"));
}

TEST(ChangedKeys, AreNamedByTheirWholePath) {
    EXPECT_THAT(changes("run: {seed: 7, out: x}\nmode: paper\n", "run: {seed: 8, out: x}\n"),
                ElementsAre("mode paper -> none", "run.seed 7 -> 8"));
    EXPECT_THAT(changes("risk: {limits: {a: 1}}\n", "risk: {limits: {b: 2}}\n"),
                ElementsAre("risk.limits.a 1 -> none", "risk.limits.b none -> 2"));
    // Of lists of values the whole list is the value.
    EXPECT_THAT(changes("a: [1, 2]\n", "a: [1, 2, 3]\n"), ElementsAre("a [1, 2] -> [1, 2, 3]"));
    EXPECT_THAT(changes("a: ''\n", "a: x\n"), ElementsAre("a '' -> x"));
}

TEST(ChangedKeys, TellItemsOfListsByTheirNames) {
    EXPECT_THAT(changes("s: [{name: a, p: {x: 1}}, {name: b, p: {x: 2}}]\n",
                        "s: [{name: b, p: {x: 3}}, {name: a, p: {x: 1}}]\n"),
                ElementsAre("s.b.p.x 2 -> 3"));
    EXPECT_THAT(changes("i: [{symbol: A}]\n", "i: [{symbol: A}, {symbol: B, lot: 1}]\n"),
                ElementsAre("i.B none -> {symbol: B, lot: 1}"));
    EXPECT_THAT(changes("i: [{symbol: A, lot: 1}]\n", "i: []\n"),
                ElementsAre("i.A {symbol: A, lot: 1} -> none"));
    EXPECT_THAT(changes("r: [{uid: 1, role: admin}]\n", "r: [{uid: 1, role: viewer}]\n"),
                ElementsAre("r.0.role admin -> viewer"));
}

TEST(ChangedKeys, AreRefusedForWhatIsNoConfiguration) {
    EXPECT_THROW((void)changed_keys("a: 1\n", "["), ConfigError);
}

}  // namespace
}  // namespace fermata::config
