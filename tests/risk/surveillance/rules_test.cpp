#include "risk/surveillance/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace fermata::surveillance {
namespace {

using testing::HasSubstr;

TEST(SurveillanceRules, AreFoundByTheirNames) {
    for (const RuleInfo& rule : rules()) {
        EXPECT_EQ(rule_of(rule.name), rule.id);
        EXPECT_EQ(&info(rule.id), &rule);
        EXPECT_FALSE(rule.source.empty());
    }
    EXPECT_EQ(rule_of("front_running"), std::nullopt);
}

TEST(SurveillanceRules, NameEachParameterOnceAndSayWhereItsDefaultComesFrom) {
    std::set<std::string> names;
    for (const ParameterInfo& p : parameters()) {
        EXPECT_TRUE(names.insert(std::string(info(p.rule).name) + "." + std::string(p.key)).second)
            << p.key;
        EXPECT_FALSE(p.meaning.empty()) << p.key;
        EXPECT_FALSE(p.source.empty()) << p.key;
    }
}

TEST(SurveillanceRules, StandInTheDocumentationWithEveryDefault) {
    std::ifstream file(FERMATA_SOURCE_DIR "/docs/surveillance.md");
    ASSERT_TRUE(file) << "docs/surveillance.md";
    std::stringstream text;
    text << file.rdbuf();
    // The sections come in the order of the rules, each with one table of its parameters.
    std::string rest = text.str();
    for (const ParameterInfo& p : parameters()) {
        const std::string row = "| `" + std::string(p.key) + "` | " + text_of(p.normal, p.unit) +
                                " | " + std::string(p.meaning) + " | " + std::string(p.source) +
                                " |\n";
        const std::size_t found = rest.find(row);
        ASSERT_NE(found, std::string::npos) << info(p.rule).name << ": " << row;
        rest.erase(0, found + row.size());
    }
}

TEST(SurveillanceSettings, TakeEveryDefaultBackFromItsText) {
    const Settings normal;
    Settings settings;
    for (const ParameterInfo& p : parameters()) {
        const std::string text = std::string(info(p.rule).name) + "." + std::string(p.key) + "=" +
                                 text_of(p.normal, p.unit);
        ASSERT_TRUE(settings.set(text).ok()) << text;
        EXPECT_EQ(settings.count(p.id), normal.count(p.id)) << text;
        EXPECT_EQ(settings.count(p.id), p.normal) << text;
    }
}

TEST(SurveillanceSettings, ReadCountsRatiosAndDurations) {
    Settings s;
    ASSERT_TRUE(s.set("spoofing.count_min=7").ok());
    ASSERT_TRUE(s.set("spoofing.size_min=2.5").ok());
    ASSERT_TRUE(s.set("spoofing.requote=750us").ok());
    EXPECT_EQ(s.count(Parameter::kSpoofingCount), 7);
    EXPECT_EQ(s.ratio(Parameter::kSpoofingSize).raw(), 2'500'000'000);
    EXPECT_EQ(s.duration(Parameter::kSpoofingRequote).ns, 750'000);
    EXPECT_EQ(text_of(750'000, Unit::kDuration), "750us");
    EXPECT_EQ(text_of(3'600'000'000'000, Unit::kDuration), "1h");
    EXPECT_EQ(text_of(0, Unit::kDuration), "0");
    EXPECT_EQ(text_of(2'500'000'000, Unit::kRatio), "2.5");
}

TEST(SurveillanceSettings, RefuseWhatTheyDoNotKnowAndSayWhatThereIs) {
    Settings s;
    const auto error = [&s](const char* text) {
        const auto set = s.set(text);
        return set.ok() ? std::string("set") : set.error();
    };
    EXPECT_THAT(error("spoofing"), HasSubstr("RULE.KEY=VALUE"));
    EXPECT_THAT(error("spoof.size_min=3"), HasSubstr("layering"));
    EXPECT_THAT(error("spoofing.size=3"), HasSubstr("size_min"));
    EXPECT_THAT(error("spoofing.count_min=0"), HasSubstr("from 1 to"));
    EXPECT_THAT(error("spoofing.count_min=2.5"), HasSubstr("whole number"));
    EXPECT_THAT(error("spoofing.filled_max=1.1"), HasSubstr("from 0 to 1"));
    EXPECT_THAT(error("spoofing.requote=5"), HasSubstr("duration"));
    EXPECT_THAT(error("spoofing.requote=-5s"), HasSubstr("duration"));
    EXPECT_THAT(error("spoofing.requote=99999999999d"), HasSubstr("duration"));
    EXPECT_THAT(error("spoofing.requote="), HasSubstr("duration"));
}

}  // namespace
}  // namespace fermata::surveillance
