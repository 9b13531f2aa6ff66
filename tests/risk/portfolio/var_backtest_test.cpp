#include "risk/portfolio/var_backtest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "risk/portfolio/tail_loss.hpp"

namespace fermata::portfolio {
namespace {

/// `days` of which the first `hits` are exceptions; their order does not matter to Kupiec's test.
VarBacktest of(std::size_t days, std::size_t hits, double confidence) {
    const std::unique_ptr<bool[]> exceptions(new bool[days]());
    std::fill_n(exceptions.get(), hits, true);
    return backtest_exceptions({exceptions.get(), days}, confidence);
}

TEST(Kupiec, RejectsWhereHisTableDoes) {
    // P. Kupiec, "Techniques for Verifying the Accuracy of Risk Measurement Models", Journal of
    // Derivatives 3 (1995), table of non-rejection regions at 95% test confidence (also P. Jorion,
    // Value at Risk, 3rd edition, table 6-2): failures strictly between these are not rejected.
    struct Row {
        std::size_t days;
        double p;
        int above;  // -1: no lower bound
        std::size_t below;
    };
    for (const Row row : {Row{255, 0.025, 2, 12}, Row{255, 0.05, 6, 21}, Row{255, 0.1, 16, 36},
                          Row{510, 0.01, 1, 11}, Row{510, 0.025, 6, 21}, Row{510, 0.05, 16, 36},
                          Row{1000, 0.01, 4, 17}, Row{1000, 0.025, 15, 36}, Row{1000, 0.05, 37, 65},
                          Row{1000, 0.1, 81, 120}}) {
        for (std::size_t hits = 0; hits < row.below + 10; ++hits) {
            const bool inside = static_cast<int>(hits) > row.above && hits < row.below;
            EXPECT_EQ(of(row.days, hits, 1 - row.p).failures.p_value > 0.05, inside)
                << row.days << ' ' << row.p << ' ' << hits;
        }
    }
    EXPECT_LT(of(255, 7, 0.99).failures.p_value, 0.05) << "table: N < 7";
    EXPECT_GT(of(255, 6, 0.99).failures.p_value, 0.05);
}

TEST(Christoffersen, GivesTheWorkedExampleOfTheTextbook) {
    // P. Jorion, Value at Risk, 3rd edition, section 6.2 and table 6-4: 252 days, 20 exceptions at
    // 95%, of which 6 follow an exception: LR_uc 3.91, LR_ind 9.53, LR_cc 13.44.
    // Transitions 218, 14, 14, 6 are 252, so there are 253 days, the first and last without one.
    std::array<bool, 253> exceptions{};
    std::size_t at = 1;
    const auto run = [&](std::size_t length) {
        for (std::size_t k = 0; k < length; ++k) exceptions[at++] = true;
        ++at;
    };
    for (int k = 0; k < 4; ++k) run(2);  // 4 clusters of two: 4 of "after an exception"
    run(3);                              // and one of three: 2
    for (int k = 0; k < 9; ++k) run(1);
    const VarBacktest test = backtest_exceptions(exceptions, 0.95);
    EXPECT_EQ(test.exceptions, 20U);
    EXPECT_EQ(test.n00, 218U);
    EXPECT_EQ(test.n01, 14U);
    EXPECT_EQ(test.n10, 14U);
    EXPECT_EQ(test.n11, 6U);
    EXPECT_NEAR(test.independence.statistic, 9.53, 0.005);
    EXPECT_NEAR(of(252, 20, 0.95).failures.statistic, 3.91, 0.005);
    EXPECT_NEAR(of(252, 20, 0.95).failures.statistic + test.independence.statistic, 13.44, 0.005);
    EXPECT_NEAR(test.coverage.statistic, test.failures.statistic + test.independence.statistic,
                1e-12);
    EXPECT_NEAR(test.coverage.p_value, std::exp(-test.coverage.statistic / 2), 1e-15);
}

TEST(Christoffersen, IsDefinedWithoutExceptionsAndWithNothingElse) {
    // No exception in 250 days at 99%: LR = -2 x 250 ln 0.99 = 5.0252.
    const VarBacktest none = of(250, 0, 0.99);
    EXPECT_NEAR(none.failures.statistic, 5.025167926750722, 1e-12);
    EXPECT_EQ(none.independence.statistic, 0.0);
    EXPECT_EQ(none.independence.p_value, 1.0);
    // Two of two: -2 x 2 ln 0.01 = 18.42.
    const VarBacktest all = of(2, 2, 0.99);
    EXPECT_NEAR(all.failures.statistic, 18.420680743952367, 1e-11);
    EXPECT_EQ(all.independence.statistic, 0.0);
}

TEST(ChiSquare, SurvivalEqualsTheTables) {
    EXPECT_NEAR(chi_square_survival_1(3.841458820694124), 0.05, 1e-12);
    EXPECT_NEAR(chi_square_survival_1(6.634896601021213), 0.01, 1e-12);
    EXPECT_NEAR(chi_square_survival_2(5.991464547107979), 0.05, 1e-12);
    EXPECT_NEAR(chi_square_survival_2(9.210340371976182), 0.01, 1e-12);
    EXPECT_EQ(chi_square_survival_1(0), 1.0);
}

TEST(TrafficLight, HasTheBaselCommitteesZones) {
    // 1996 framework, table 2: 250 days at 99%.
    for (const std::size_t green : {0U, 4U}) {
        EXPECT_EQ(of(250, green, 0.99).light, TrafficLight::kGreen);
    }
    for (const std::size_t yellow : {5U, 9U}) {
        EXPECT_EQ(of(250, yellow, 0.99).light, TrafficLight::kYellow);
    }
    for (const std::size_t red : {10U, 30U}) {
        EXPECT_EQ(of(250, red, 0.99).light, TrafficLight::kRed);
    }
}

TEST(RollingVar, ForecastsADayFromTheDaysBeforeItOnly) {
    std::array<double, 8> outcomes{-1, 2, -3, 4, -5, 6, -100, 8};
    const auto historical = rolling_var(outcomes, 4, 0.75, VarMethod::kHistorical, 0);
    ASSERT_EQ(historical.size(), 4U);
    // Sorted -3 -1 2 4, rank 0.75: -3 + 0.75 x 2 = -1.5.
    EXPECT_NEAR(historical[0], 1.5, 1e-14);
    // Days 3 to 6: -5 -3 4 6: -3.5, still without the crash of day 7.
    EXPECT_NEAR(historical[2], 3.5, 1e-14);
    outcomes[6] = -200;
    EXPECT_EQ(rolling_var(outcomes, 4, 0.75, VarMethod::kHistorical, 0)[2], historical[2]);

    const auto parametric = rolling_var(outcomes, 4, 0.75, VarMethod::kParametric, 0);
    // Days 1 to 4: mean 0.5, squares 2.25 + 2.25 + 12.25 + 12.25 = 29, / 3.
    EXPECT_NEAR(parametric[0], normal_tail(0.5, std::sqrt(29.0 / 3), 0.75).var, 1e-12);
    const auto ewma = rolling_var(outcomes, 4, 0.75, VarMethod::kEwma, 0.5);
    // 1; 0.5 + 2 = 2.5; 1.25 + 4.5 = 5.75; 2.875 + 8 = 10.875.
    EXPECT_NEAR(ewma[0], normal_tail(0, std::sqrt(10.875), 0.75).var, 1e-12);
    EXPECT_TRUE(rolling_var(outcomes, 8, 0.75, VarMethod::kEwma, 0.5).empty());
}

TEST(VarBacktest, CountsALossBeyondTheForecastAndNotOneThatEqualsIt) {
    const std::array<double, 4> outcomes{-1.0, -1.1, 5, -2};
    const std::array<double, 4> forecasts{1, 1, 1, 3};
    const VarBacktest test = backtest_var(outcomes, forecasts, 0.95);
    EXPECT_EQ(test.exceptions, 1U);
    EXPECT_EQ(test.n01, 1U);
    EXPECT_EQ(test.n10, 1U);
    EXPECT_EQ(test.n00, 1U);
    EXPECT_NEAR(test.expected, 0.2, 1e-15);
}

}  // namespace
}  // namespace fermata::portfolio
