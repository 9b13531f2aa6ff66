// risk.permissions, risk.restricted, risk.day_trade_regime, risk.inputs.

#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata::config_test {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::string with_risk(const std::string& risk) {
    return replaced(replaced(kMinimal, "  - {symbol: SPY, tick: 0.01, calendar: us_equity}\n",
                             "  - {symbol: SPY, tick: 0.01, calendar: us_equity}\n"
                             "  - {symbol: BTC, tick: 0.01}\n"),
                    "venues:\n  - {name: sim}\n", "venues:\n  - {name: sim}\n  - {name: dark}\n") +
           risk;
}

TEST(Permissions, AreAllWhereNobodyWroteAny) {
    EXPECT_TRUE(parse(kMinimal).risk.permissions().empty());
    EXPECT_EQ(parse(kMinimal).effective.find("permissions"), std::string::npos);
}

TEST(Permissions, AreEveryCombinationOfWhatOneNames) {
    const Config c = parse(with_risk(R"(risk:
  permissions:
    - {strategy: sma, instruments: [BTC, SPY], venues: [dark]}
    - {strategy: sma, accounts: [main]}
)"));
    const auto& p = c.risk.permissions();
    ASSERT_EQ(p.size(), 3U);
    EXPECT_EQ(p[0].strategy, 0U);
    EXPECT_EQ(p[0].account, std::nullopt);
    EXPECT_EQ(p[0].instrument, 1U);
    EXPECT_EQ(p[0].venue, 1U);
    EXPECT_EQ(p[1].instrument, 0U);
    EXPECT_EQ(p[1].venue, 1U);
    EXPECT_EQ(p[2].account, 0U);
    EXPECT_EQ(p[2].instrument, std::nullopt);
    EXPECT_EQ(p[2].venue, std::nullopt);
    EXPECT_EQ(parse(c.effective).effective, c.effective) << "it can be read again";
    EXPECT_EQ(parse(c.effective).risk.permissions().size(), 3U);
}

TEST(Restrictions, LastFromTheFirstInstantOfADayToTheEndOfAnotherInTheExchangesZone) {
    const Config c = parse(with_risk(R"(risk:
  restricted:
    - {instrument: SPY, from: 2024-01-08, until: 2024-07-01, reason: merger}
    - {instrument: BTC, until: "2024-01-08T12:00:00Z"}
    - {instrument: BTC, from: 2024-03-01}
)"));
    const auto& r = c.risk.restrictions();
    ASSERT_EQ(r.size(), 3U);
    EXPECT_EQ(r[0].instrument, 0U);
    // New York: 2024-01-08T05:00Z, and the midnight after the first of July, 2024-07-02T04:00Z.
    EXPECT_EQ(r[0].from.ns, 1'704'690'000 * kSecond);
    EXPECT_EQ(r[0].until.ns, 1'719'892'800 * kSecond);
    EXPECT_EQ(r[1].instrument, 1U);
    EXPECT_EQ(r[1].from, Timestamp::min());
    EXPECT_EQ(r[1].until.ns, 1'704'715'200 * kSecond);
    EXPECT_EQ(r[2].from.ns, 1'709'251'200 * kSecond) << "no calendar: UTC";
    EXPECT_EQ(r[2].until, Timestamp::never());
    EXPECT_NE(c.effective.find("merger"), std::string::npos);
    EXPECT_EQ(parse(c.effective).effective, c.effective);
    EXPECT_NE(c.hash, parse(with_risk("")).hash);
}

TEST(DayTradeRegimes, BeginAtMidnightInNewYorkForAllAccountsOrSome) {
    const Config c = parse(with_risk(R"(risk:
  day_trade_regime:
    - {mode: legacy}
    - {from: 2026-06-04, mode: house, accounts: [main]}
)"));
    const auto& r = c.risk.day_trade_regimes();
    ASSERT_EQ(r.size(), 2U);
    EXPECT_EQ(r[0].from, Timestamp::min());
    EXPECT_EQ(r[0].mode, DayTradeMode::kLegacy);
    EXPECT_EQ(r[0].account, std::nullopt);
    EXPECT_EQ(r[1].from.ns, 1'780'545'600 * kSecond);  // 2026-06-04T04:00Z
    EXPECT_EQ(r[1].mode, DayTradeMode::kHouse);
    EXPECT_EQ(r[1].account, 0U);
    EXPECT_EQ(parse(c.effective).effective, c.effective);
}

TEST(DayTradeRegimes, AskForAMarginModelWhereIntradayMarginIsJudged) {
    const auto with = [](const std::string& type, const std::string& accounts) {
        return replaced(kMinimal, "type: cash", type) +
               "risk: {day_trade_regime: [{mode: intraday_margin" + accounts + "}]}\n";
    };
    EXPECT_EQ(parse(with("type: margin", "")).risk.day_trade_regimes()[0].mode,
              DayTradeMode::kIntradayMargin)
        << "reg_t is the default";
    EXPECT_TRUE(problems(with("type: margin, margin: house", ", accounts: [main]")).empty());
    EXPECT_TRUE(problems(with("type: cash", "")).empty()) << "a cash account is not judged";
    for (const std::string accounts : {"", ", accounts: [main]"}) {
        const auto wrong = problems(with("type: margin, margin: cash", accounts));
        ASSERT_EQ(wrong.size(), 1U);
        EXPECT_NE(wrong[0].find("which has no margin model"), std::string::npos) << wrong[0];
    }
}

TEST(ComplianceKeys, AreAsTheGuideShowsThem) {
    const std::string guide = file_text(source("docs/compliance.md"));
    const std::size_t begin = guide.find("```yaml\n") + 8;
    ASSERT_NE(guide.find("```yaml\n"), std::string::npos);
    const Config c = parse(with_risk(guide.substr(begin, guide.find("```", begin) - begin)));
    EXPECT_EQ(c.risk.permissions().size(), 1U);
    EXPECT_EQ(c.risk.restrictions().size(), 1U);
    EXPECT_EQ(c.risk.day_trade_regimes().size(), 2U);
    EXPECT_FALSE(c.risk_inputs.empty());
}

TEST(ComplianceKeys, SayWhatIsWrong) {
    const auto first = [](const std::string& risk) {
        const auto all = problems(with_risk(risk));
        return all.empty() ? std::string("nothing") : all.front();
    };
    const auto says = [&](const std::string& risk, const std::string& what) {
        EXPECT_NE(first(risk).find(what), std::string::npos) << first(risk);
    };
    says("risk: {permissions: []}", "risk.permissions: found an empty list");
    says("risk: {permissions: [{accounts: [main]}]}", "risk.permissions.0.strategy: missing");
    says("risk: {permissions: [{strategy: sam}]}", "found 'sam', expected the name of a strategy");
    says("risk: {permissions: [{strategy: sma, venues: [lit]}]}",
         "found 'lit', expected the name of a venue");
    says("risk: {permissions: [{strategy: sma, instruments: []}]}", "found an empty list");
    says("risk: {restricted: [{from: 2024-01-01}]}", "risk.restricted.0.instrument: missing");
    says("risk: {restricted: [{instrument: SPY, from: yesterday}]}",
         "found 'yesterday', expected a date");
    says("risk: {restricted: [{instrument: SPY, from: 2024-01-02, until: 2024-01-01}]}",
         "risk.restricted.0.until: found an end that is not after 'from'");
    says("risk: {day_trade_regime: [{from: 2026-06-04}]}", "risk.day_trade_regime.0.mode: missing");
    says("risk: {day_trade_regime: [{mode: lax}]}", "found 'lax', expected one of house, legacy");
    says("risk: {day_trade_regime: [{mode: legacy}, {mode: house}]}",
         "risk.day_trade_regime.1.from: found a second regime of the same accounts");
    says("risk: {day_trade_regime: [{mode: intraday_margin, accounts: [main]}]}",
         "risk.day_trade_regime.0.mode: found intraday_margin for account 'main', which has no "
         "margin model; expected one with type: margin, and margin: reg_t or house");
    says("risk: {profile: unlimited, day_trade_regime: [{mode: legacy}]}",
         "no limit day_trade is in force");
    // Daylight saving skips this hour in New York.
    says("risk: {restricted: [{instrument: SPY, from: \"2024-03-10T02:30:00\"}]}",
         "risk.restricted.0.from: found");
}

TEST(RiskInputs, AreAFileBesideTheConfigurationAndPartOfTheRunNotOfTheRules) {
    const Config c = parse(with_risk("risk: {inputs: told.csv}"));
    EXPECT_EQ(c.risk_inputs, "/srv/fermata/config/told.csv");
    const Config none = parse(with_risk(""));
    EXPECT_NE(c.hash, none.hash);
    EXPECT_EQ(c.rules_hash, none.rules_hash);
    EXPECT_TRUE(none.risk_inputs.empty());
    bool warned = false;
    for (const ConfigProblem& w : c.warnings) warned = warned || w.path == "risk.inputs";
    EXPECT_TRUE(warned) << "there is no such file";
}

}  // namespace
}  // namespace fermata::config_test
