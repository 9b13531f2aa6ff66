#include "risk/risk_config.hpp"

#include <gtest/gtest.h>

#include "risk/limit_table.hpp"

namespace fermata {
namespace {

std::string error(const RiskConfig::Outcome& outcome) {
    return outcome.ok() ? std::string() : outcome.error();
}

TEST(RiskConfig, HouseEnforcesEveryBuiltControl) {
    const RiskConfig config;
    EXPECT_EQ(config.enabled(), kAllControls);
    EXPECT_EQ(config.limits(), Limits::house());
    EXPECT_TRUE(config.validate().empty());
}

TEST(RiskConfig, UnlimitedKeepsTheStructuralChecksOnly) {
    const RiskConfig config(RiskProfile::kUnlimited);
    EXPECT_EQ(config.enabled(), kStructuralControls);
    for (const LimitDefinition& l : kLimits) EXPECT_FALSE(config.limits().on(l.id));
    EXPECT_TRUE(config.validate().empty());
}

TEST(RiskConfig, ALimitThatIsSetIsInForceInEveryProfile) {
    RiskConfig config(RiskProfile::kUnlimited);
    ASSERT_TRUE(config.set_limit("max_notional", "0.5"));
    EXPECT_EQ(config.enabled(), kStructuralControls | bit(ControlId::kMaxNotional));
    EXPECT_EQ(config.limits().ratio(LimitId::kMaxNotional).raw(), 500'000'000);
}

TEST(RiskConfig, ReadsEachUnit) {
    EXPECT_EQ(parse_limit(LimitUnit::kRatio, "0.05").value(), 50'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kRatio, "5%").value(), 50'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kRatio, "0.25%").value(), 2'500'000);
    EXPECT_EQ(parse_limit(LimitUnit::kQuantity, "1.5").value(), 150'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kCount, "50").value(), 50);
    EXPECT_EQ(parse_limit(LimitUnit::kDuration, "250ms").value(), 250'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kDuration, "1.5s").value(), 1'500'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kDuration, "2m").value(), 120'000'000'000);
    EXPECT_EQ(parse_limit(LimitUnit::kMoney, "1000.25").value(), 1'000'250'000);
}

TEST(RiskConfig, SaysWhatItExpected) {
    RiskConfig config;
    EXPECT_EQ(error(config.set_limit("position", "a lot")),
              "position: expected a ratio like 0.05 or 5%, found 'a lot' (not a decimal number)");
    EXPECT_EQ(error(config.set_limit("duplicate_window", "1")),
              "duplicate_window: expected a duration like 500ms, 1s or 5m, found '1'");
    EXPECT_NE(error(config.set_limit("open_orders", "1.5")).find("expected a whole number"),
              std::string::npos);
    EXPECT_EQ(error(config.set_limit("positron", "1")), "unknown limit 'positron'");
}

TEST(RiskConfig, NamesTheValueAndTheHardMaximum) {
    RiskConfig config;
    EXPECT_EQ(error(config.set_limit("position", "5")), "position = 5 is above its hard maximum 4");
    EXPECT_EQ(error(config.set_limit("duplicate_window", "50ms")),
              "duplicate_window = 50ms is below its hard minimum 100ms");
    EXPECT_EQ(error(config.set_limit("open_orders", "0")),
              "open_orders = 0 is out of range: expected 1 to 1000000");
    EXPECT_EQ(error(config.set_limit("cash", "-0.1")),
              "cash = -0.1 is out of range: expected 0 to 1");
    EXPECT_EQ(config.limits(), Limits::house()) << "a refused value changes nothing";
}

TEST(RiskConfig, AConfiguredHardLimitBindsLimitsAndOverrides) {
    RiskConfig config;
    ASSERT_TRUE(config.set_hard_limit("position", "10%"));
    EXPECT_TRUE(config.set_limit("position", "0.1"));
    EXPECT_EQ(error(config.set_limit("position", "0.11")),
              "position = 0.11 is above its hard maximum 0.1");
    EXPECT_EQ(error(config.set_override(Scope::kInstrument, 3, "position", "0.2")),
              "position = 0.2 is above its hard maximum 0.1");
    EXPECT_EQ(error(config.set_hard_limit("position", "8")),
              "position = 8 is above its hard maximum 4");
}

TEST(RiskConfig, FindsALimitThatAHardLimitSetLaterForbids) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "max_notional", "0.5"));
    ASSERT_TRUE(config.set_hard_limit("max_notional", "0.01"));
    const auto errors = config.validate();
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0], "max_notional = 0.02 is above its hard maximum 0.01");
    EXPECT_EQ(errors[1], "strategy 1: max_notional = 0.5 is above its hard maximum 0.01");
}

TEST(RiskConfig, RefusesAStrategyRateAboveTheFirms) {
    RiskConfig config;
    ASSERT_TRUE(config.set_limit("message_rate", "300"));
    ASSERT_EQ(config.validate().size(), 1U);
    EXPECT_EQ(config.validate()[0],
              "message_rate = 300 of a strategy is above message_rate_firm = 250");
}

TEST(RiskConfig, OverridesOnlyWhereALimitHasThatScope) {
    RiskConfig config;
    EXPECT_EQ(error(config.set_override(Scope::kInstrument, 0, "message_rate", "10")),
              "message_rate cannot be set by instrument, only by strategy");
    EXPECT_EQ(error(config.set_override(Scope::kStrategy, 0, "message_rate_firm", "10")),
              "message_rate_firm cannot be set by strategy, only for all");
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 0, "message_rate", "10"));
    EXPECT_EQ(error(config.set_override(Scope::kStrategy, 0, "message_rate", "20")),
              "message_rate is set twice for the same strategy");
}

TEST(RiskConfig, DescribesEveryKey) {
    const auto keys = limit_keys();
    ASSERT_EQ(keys.size(), static_cast<std::size_t>(kLimitCount));
    for (const LimitKey& key : keys) {
        EXPECT_FALSE(key.doc.empty()) << key.key;
        RiskConfig config;
        EXPECT_TRUE(config.set_limit(key.key, key.default_value)) << key.key;
        EXPECT_EQ(config.limits(), Limits::house()) << key.key;
        if (key.id == LimitId::kMessageRate) continue;  // bound by the firm's rate as well
        EXPECT_TRUE(config.set_limit(key.key, key.hard)) << key.key;
        EXPECT_TRUE(config.validate().empty()) << key.key;
    }
}

TEST(LimitTable, TheTightestOverrideReplacesTheCommonValue) {
    RiskConfig config;
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "position", "0.5"));
    ASSERT_TRUE(config.set_override(Scope::kInstrument, 2, "position", "0.3"));
    ASSERT_TRUE(config.set_override(Scope::kAccount, 0, "cash", "0.2"));
    ASSERT_TRUE(config.set_override(Scope::kAccount, 1, "cash", "0.05"));
    LimitTable table(config, 2, 3, 2);
    const auto position = [&](std::uint16_t s, std::uint32_t i) {
        return table.resolve({s}, {i}, {0}).raw(LimitId::kPosition);
    };
    EXPECT_EQ(position(0, 0), 50'000'000);   // the common 5%
    EXPECT_EQ(position(1, 0), 500'000'000);  // looser for this strategy
    EXPECT_EQ(position(0, 2), 300'000'000);
    EXPECT_EQ(position(1, 2), 300'000'000);  // both apply: the tighter
    EXPECT_EQ(table.resolve({0}, {0}, {0}).raw(LimitId::kCash), 200'000'000);
    EXPECT_EQ(table.resolve({0}, {0}, {1}).raw(LimitId::kCash), 50'000'000);
}

TEST(LimitTable, AnOverridePutsALimitInForceForItsTargetAlone) {
    RiskConfig config(RiskProfile::kUnlimited);
    ASSERT_TRUE(config.set_override(Scope::kStrategy, 1, "position", "0.5"));
    LimitTable table(config, 2, 1, 1);
    EXPECT_FALSE(table.resolve({0}, {0}, {0}).on(LimitId::kPosition));
    EXPECT_TRUE(table.resolve({1}, {0}, {0}).on(LimitId::kPosition));
    EXPECT_FALSE(table.resolve({1}, {0}, {0}).on(LimitId::kCash));
}

}  // namespace
}  // namespace fermata
