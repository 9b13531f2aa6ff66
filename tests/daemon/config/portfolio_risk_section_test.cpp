#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using config_test::problems;

TEST(PortfolioRiskSection, HasDefaults) {
    const PortfolioRiskConfig risk = parse(kMinimal).portfolio_risk;
    EXPECT_EQ(risk.window, 512U);
    EXPECT_EQ(risk.confidence, 0.99);
    EXPECT_EQ(risk.covariance, portfolio::CovarianceMethod::kShrunk);
    EXPECT_EQ(risk.every, Duration::seconds(86'400));
    EXPECT_EQ(risk.correlation_threshold, 0.7);
    EXPECT_FALSE(risk.benchmark.has_value());
    EXPECT_EQ(risk.stress.settings.index_shock, -0.10);
    EXPECT_TRUE(risk.stress.windows.empty());
}

TEST(PortfolioRiskSection, TakesScenariosFactorsAndWindowsOfHistory) {
    const PortfolioRiskConfig risk =
        parse(kMinimal,
              {"portfolio_risk={window: 100, covariance: ewma, lambda: 0.97, factors: [SPY], "
               "stress: {index_shock: -0.25, volume_left: 0.05, "
               "windows: [{name: crisis 2008, from: 2008-09-02, to: 2008-11-20}]}}"})
            .portfolio_risk;
    EXPECT_EQ(risk.window, 100U);
    EXPECT_EQ(risk.covariance, portfolio::CovarianceMethod::kEwma);
    EXPECT_EQ(risk.lambda, 0.97);
    EXPECT_EQ(risk.factors, std::vector<std::string>{"SPY"});
    EXPECT_EQ(risk.stress.settings.index_shock, -0.25);
    EXPECT_EQ(risk.stress.settings.volume_left, 0.05);
    ASSERT_EQ(risk.stress.windows.size(), 1U);
    EXPECT_EQ(risk.stress.windows[0].name, "crisis 2008");
    EXPECT_EQ(risk.stress.windows[0].from, to_date(2008, 9, 2));
    EXPECT_EQ(risk.stress.windows[0].to, to_date(2008, 11, 20));
}

TEST(PortfolioRiskSection, SaysHowOftenAndHowTheGateIsToldOfTheRisk) {
    const PortfolioRiskConfig risk =
        parse(kMinimal,
              {"portfolio_risk={every: 168h, correlation_threshold: 0.5, benchmark: SPY}"})
            .portfolio_risk;
    EXPECT_EQ(risk.every, Duration::seconds(7 * 86'400));
    EXPECT_EQ(risk.correlation_threshold, 0.5);
    EXPECT_EQ(risk.benchmark, "SPY");
    EXPECT_EQ(parse(kMinimal, {"portfolio_risk.every=30m"}).portfolio_risk.every,
              Duration::seconds(1800));
}

TEST(PortfolioRiskSection, RefusesWhatCannotBe) {
    const auto refused = [](const std::string& override_text, const char* part) {
        const auto found = problems(kMinimal, {override_text});
        ASSERT_EQ(found.size(), 1U) << override_text;
        EXPECT_THAT(found[0], testing::HasSubstr(part));
    };
    refused("portfolio_risk.confidence=1", "portfolio_risk.confidence");
    refused("portfolio_risk.covariance=guess", "one of sample, ewma, shrunk");
    refused("portfolio_risk.fat_tails=2", "portfolio_risk.fat_tails");
    refused("portfolio_risk.factors=[NONE]", "NONE");
    refused("portfolio_risk={window: 50, days_min: 60}", "days_min is more than window");
    refused("portfolio_risk.every=5h", "'every' is neither a whole part of a day");
    refused("portfolio_risk.every=36h", "'every' is neither a whole part of a day");
    refused("portfolio_risk.every=1s", "portfolio_risk.every");
    refused("portfolio_risk.benchmark=NONE", "NONE");
    refused("portfolio_risk.correlation_threshold=1.1", "portfolio_risk.correlation_threshold");
    refused("portfolio_risk.stress.windows=[{name: a, from: 2020-01-02, to: 2020-01-01}]",
            "'to' lies before 'from'");
    refused("portfolio_risk.stress.windows=[{name: a, from: 2020-01-02}]", "to");
}

}  // namespace
}  // namespace fermata
