#include "daemon/config/problem.hpp"

#include <gtest/gtest.h>

namespace fermata::config {
namespace {

TEST(Suggestion, NamesTheNearestWord) {
    const std::vector<std::string> keys{"fast", "slow", "signal", "seeding"};
    EXPECT_EQ(nearest("fats", keys), "fast");  // neighbours swapped: one edit
    EXPECT_EQ(nearest("slwo", keys), "slow");
    EXPECT_EQ(nearest("sinal", keys), "signal");
    EXPECT_EQ(nearest("FAST", keys), "fast");
    EXPECT_EQ(nearest("singals", keys), "signal");  // 7 letters: two edits
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
    const std::vector<std::string> keys{"fast", "slow", "x"};
    EXPECT_EQ(nearest("volume", keys), "");
    EXPECT_EQ(nearest("", keys), "");
    EXPECT_EQ(nearest("y", keys), "");  // one edit would replace the whole word
    EXPECT_EQ(nearest(std::string(100'000, 'a'), keys), "");
    EXPECT_EQ(nearest("fast", {}), "");
}

TEST(Problem, ShowsPlacePathAndMessage) {
    const Place place{std::make_shared<const std::string>("a.yaml"), 3, 7};
    EXPECT_EQ(to_string(ConfigProblem{place, "run.seed", "found 'x', expected an integer"}),
              "a.yaml:3:7: run.seed: found 'x', expected an integer");
    const Place set{std::make_shared<const std::string>("--set run.seed=x"), 0, 0};
    EXPECT_EQ(to_string(ConfigProblem{set, "run.seed", "m"}), "--set run.seed=x: run.seed: m");
}

TEST(Problem, MakesTextSafeForATerminal) {
    EXPECT_EQ(in_quotes("a\x1b[31m"), "'a\\x1b[31m'");
    EXPECT_EQ(in_quotes(std::string(100, 'a')), "'" + std::string(60, 'a') + "...'");
    // A character of two bytes over the cut is left out as a whole.
    EXPECT_EQ(in_quotes(std::string(59, 'a') + "éé"), "'" + std::string(59, 'a') + "...'");
}

TEST(ConfigError, IsAllProblemsOneALine) {
    const Place place{std::make_shared<const std::string>("f"), 1, 1};
    const ConfigError e({{place, "a", "x"}, {place, "b", "y"}});
    EXPECT_STREQ(e.what(), "f:1:1: a: x\nf:1:1: b: y");
}

}  // namespace
}  // namespace fermata::config
