#include "risk/portfolio/stress.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "risk/portfolio/tail_loss.hpp"
#include "tests/risk/portfolio/samples.hpp"

namespace fermata::portfolio {
namespace {

using test::matrix;
constexpr double kZ = 2.326347874040841;  // 99%
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// 1,000 long at 1% a day, 500 short at 2%, correlation 0.5.
class Stress : public ::testing::Test {
protected:
    std::array<double, 2> exposures_{1000, -500};
    std::array<double, 2> betas_{1.2, 0.8};
    std::array<std::string, 2> sectors_{"tech", "energy"};
    Matrix covariance_ = matrix({{1e-4, 1e-4}, {1e-4, 4e-4}});
    std::array<double, 2> daily_values_{4000, 0};
    StressBook book_{exposures_, betas_, sectors_, &covariance_, daily_values_};
};

TEST_F(Stress, OfTheIndexGoesThroughBeta) {
    const StressOutcome o = index_shock(book_, -0.10);
    EXPECT_EQ(o.scenario, "index -10%");
    EXPECT_NEAR(o.profit[0], -120, 1e-12);
    EXPECT_NEAR(o.profit[1], 40, 1e-12);
    EXPECT_NEAR(o.total, -80, 1e-12);
    EXPECT_TRUE(o.complete());
}

TEST_F(Stress, OfASectorLeavesTheOthersAlone) {
    const StressOutcome o = sector_shock(book_, "energy", -0.20);
    EXPECT_EQ(o.scenario, "sector energy -20%");
    EXPECT_EQ(o.profit[0], 0);
    EXPECT_NEAR(o.profit[1], 100, 1e-12);
}

TEST_F(Stress, OfVolatilityDoublesTheValueAtRisk) {
    // Variance: 100 + 100 - 2 x 0.5 x 10 x 10 = 100: deviation 10; half of it from each.
    const StressOutcome o = volatility_shock(book_, 2, 0.99);
    EXPECT_NEAR(o.total, -2 * kZ * 10, 1e-11);
    EXPECT_NEAR(o.profit[0], -kZ * 10, 1e-11);
    EXPECT_NEAR(o.profit[1], -kZ * 10, 1e-11);
}

TEST_F(Stress, OfCorrelationsMovesEverythingTogetherOrHedgesApart) {
    // z x (1000 x 1% - 500 x 2%): long and short cancel.
    EXPECT_NEAR(correlations_to_one(book_, 0.99).total, 0, 1e-12);
    EXPECT_NEAR(correlations_against(book_, 0.99).total, -kZ * 20, 1e-11);
    exposures_ = {1000, 500};
    EXPECT_NEAR(correlations_to_one(book_, 0.99).total, -kZ * 20, 1e-11);
    exposures_ = {-1000, -100};
    const StressOutcome shorts = correlations_to_one(book_, 0.99);
    EXPECT_NEAR(shorts.total, -kZ * 12, 1e-11) << "shorts lose when everything rises";
    EXPECT_NEAR(shorts.profit[1], -kZ * 2, 1e-11);
}

TEST_F(Stress, OfAFlashCrashGivesShortsNothing) {
    const StressOutcome o = flash_crash(book_, 0.10);
    EXPECT_NEAR(o.profit[0], -100, 1e-12);
    EXPECT_EQ(o.profit[1], 0);
}

TEST_F(Stress, OfLiquidityCostsSpreadAndImpactAndNamesWhatItCannotTell) {
    // 1000 x (5 bp x 10 + 1 x 1% x sqrt(1000 / 400)) = 1000 x (0.005 + 0.0158114).
    const StressOutcome o = liquidity_gone(book_, StressSettings{});
    EXPECT_NEAR(o.profit[0], -20.811388300841898, 1e-11);
    EXPECT_EQ(o.unknown, std::vector<std::size_t>{1});
    EXPECT_FALSE(o.complete());
    // A long position cannot cost more than it is worth.
    daily_values_ = {1e-6, 4000};
    EXPECT_EQ(liquidity_gone(book_, StressSettings{}).profit[0], -1000);
}

TEST_F(Stress, StandardScenariosNameEachOne) {
    std::vector<std::string> names;
    for (const StressOutcome& o : standard_scenarios(book_, StressSettings{})) {
        names.push_back(o.scenario);
        EXPECT_NEAR(std::accumulate(o.profit.begin(), o.profit.end(), 0.0), o.total, 1e-12);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"index -10%", "sector energy -20%",
                                               "sector tech -20%", "volatility x2",
                                               "correlations to 1", "correlations against",
                                               "flash crash -10%", "liquidity gone"}));
}

TEST_F(Stress, WithoutBetasHasNoScenarioOfTheIndex) {
    book_.betas = {};
    for (const StressOutcome& o : standard_scenarios(book_, StressSettings{})) {
        EXPECT_EQ(o.scenario.find("index"), std::string::npos) << o.scenario;
    }
}

TEST_F(Stress, OfAHistoricalWindowCompoundsItsDays) {
    ReturnHistory history(3, 10);
    const auto add = [&](std::int32_t day, std::array<double, 3> closes) {
        ASSERT_TRUE(history.add_day(Date{day}, closes).ok());
    };
    add(10, {100, 50, kNone});
    add(11, {100, 50, kNone});
    add(12, {90, kNone, 10});
    add(13, {81, 40, 10});
    add(14, {100, kNone, 10});
    const std::array<std::size_t, 2> columns{0, 1};
    const StressOutcome o = historical_window(book_, "crash", Date{12}, Date{13}, history, columns);
    EXPECT_EQ(o.scenario, "crash");
    EXPECT_TRUE(o.complete());
    EXPECT_NEAR(o.profit[0], -190, 1e-11) << "0.9 x 0.9 = 0.81";
    EXPECT_NEAR(o.profit[1], 100, 1e-11) << "50 to 40 over the missing day";

    const auto unknown = [&](std::int32_t from, std::int32_t to, std::array<std::size_t, 2> which) {
        return historical_window(book_, "w", Date{from}, Date{to}, history, which).unknown;
    };
    EXPECT_EQ(unknown(12, 13, {2, 1}), std::vector<std::size_t>{0}) << "not listed when it began";
    EXPECT_EQ(unknown(13, 14, {0, 1}), std::vector<std::size_t>{1}) << "no price when it ended";
    EXPECT_EQ(unknown(9, 13, {0, 1}).size(), 2U) << "begins before the history";
    EXPECT_EQ(unknown(15, 20, {0, 1}).size(), 2U) << "begins after it";
    EXPECT_EQ(unknown(11, 13, {0, 1}).size(), 0U) << "the first return there is";
}

}  // namespace
}  // namespace fermata::portfolio
