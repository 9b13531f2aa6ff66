#include "core/strategy/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace fermata {
namespace {

using Kind = ParamSpec::Kind;

StrategyType example() {
    return {"example",
            "For the tests.",
            {{"period", Kind::kInteger, "20", 2, 500, "Bars.", {}},
             {"level", Kind::kReal, "0.5", -1, 1, "Level.", {}},
             {"strict", Kind::kBoolean, "true", 0, 0, "Strict.", {}},
             {"source", Kind::kText, "quotes", 0, 0, "Source.", {"quotes", "trades"}}},
            [](const ParamValues&) { return std::make_unique<Strategy>(); }};
}

std::string message_of(const std::map<std::string, std::string>& given) {
    try {
        (void)complete_params(example(), given);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

TEST(ParamError, AcceptsTheBoundsAndRefusesWhatLiesBeyond) {
    const ParamSpec period = example().params[0];
    EXPECT_FALSE(param_error(period, "2"));
    EXPECT_FALSE(param_error(period, "500"));
    for (const char* text :
         {"1", "501", "2.5", "", " 2", "2 ", "+2", "two", "9223372036854775808"}) {
        EXPECT_EQ(param_error(period, text), "an integer from 2 to 500") << text;
    }
    const ParamSpec level = example().params[1];
    EXPECT_FALSE(param_error(level, "-1"));
    EXPECT_FALSE(param_error(level, "1e-3"));
    for (const char* text : {"1.0001", "nan", "inf", "1e400", "0.5x", ""}) {
        EXPECT_EQ(param_error(level, text), "a number from -1 to 1") << text;
    }
}

TEST(ParamError, KnowsBooleansAndChoices) {
    EXPECT_FALSE(param_error(example().params[2], "false"));
    EXPECT_EQ(param_error(example().params[2], "yes"), "true or false");
    EXPECT_FALSE(param_error(example().params[3], "trades"));
    EXPECT_EQ(param_error(example().params[3], "bars"), "one of quotes, trades");
    const ParamSpec free_text{"note", Kind::kText, "", 0, 0, "Anything.", {}};
    EXPECT_FALSE(param_error(free_text, "whatever"));
}

TEST(CompleteParams, FillsInTheDefaults) {
    const ParamValues values = complete_params(example(), {{"period", "50"}});
    EXPECT_EQ(values.integer("period"), 50);
    EXPECT_DOUBLE_EQ(values.real("level"), 0.5);
    EXPECT_TRUE(values.boolean("strict"));
    EXPECT_EQ(values.text("source"), "quotes");
    EXPECT_EQ(values.all().size(), 4U);
}

TEST(CompleteParams, NamesTheParameterThatIsWrong) {
    EXPECT_EQ(message_of({{"period", "1"}}),
              "parameter 'period': found '1', expected an integer from 2 to 500");
    EXPECT_EQ(
        message_of({{"perod", "5"}}),
        "strategy type 'example' has no parameter 'perod'; it has period, level, strict, source");
    EXPECT_EQ(message_of({{"period", "5"}}), "");
}

TEST(ParamValues, ThrowsOnTextOfAnotherKind) {
    ParamValues values;
    values.set("x", "abc");
    EXPECT_THROW((void)values.integer("x"), std::invalid_argument);
    EXPECT_THROW((void)values.real("x"), std::invalid_argument);
    EXPECT_THROW((void)values.boolean("x"), std::invalid_argument);
}

TEST(ParamValuesDeathTest, AbortsOnANameThatWasNeverSet) {
    EXPECT_DEATH((void)ParamValues().text("missing"), "registry.cpp");
}

TEST(StrategyRegistry, FindsWhatWasAdded) {
    StrategyRegistry registry;
    EXPECT_EQ(registry.find("example"), nullptr);
    registry.add(example());
    ASSERT_NE(registry.find("example"), nullptr);
    EXPECT_EQ(registry.find("example")->doc, "For the tests.");
    EXPECT_EQ(registry.all().size(), 1U);
}

TEST(StrategyRegistryDeathTest, RefusesASecondTypeOfOneNameAndABadDefault) {
    StrategyRegistry registry;
    registry.add(example());
    EXPECT_DEATH(registry.add(example()), "inserted");
    StrategyType bad = example();
    bad.name = "bad";
    bad.params[0].default_value = "1";
    EXPECT_DEATH(registry.add(bad), "default_value");
}

}  // namespace
}  // namespace fermata
