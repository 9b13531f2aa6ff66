#include "daemon/config/reference.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "daemon/config/root.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config::KeySpec;
using config::SectionSpec;

TEST(ConfigReference, IsTheDocumentThatShips) {
    const std::string generated = config_schema(SchemaFormat::kMarkdown, config_test::registry());
    EXPECT_TRUE(generated == config_test::file_text(config_test::source("docs/configuration.md")))
        << "docs/configuration.md is out of date; generate it with\n"
           "  build/release/fermata config schema --format markdown > docs/configuration.md";
}

/// Calls `f(path, key)` for every key of a section and of those below.
template <class F>
void for_each_key(const SectionSpec& section, const std::string& path, F&& f) {
    const auto visit = [&](const std::vector<KeySpec>& keys, const std::string& at) {
        for (const KeySpec& key : keys) {
            f(at + key.name, key);
            if (key.section) for_each_key(*key.section, at + key.name + ".", f);
            if (key.alternative && key.alternative->section) {
                for_each_key(*key.alternative->section, at + key.name + ".", f);
            }
        }
    };
    visit(section.keys, path);
    for (const auto& variant : section.variants) visit(variant.keys, path + variant.name + ".");
}

TEST(ConfigSchema, DescribesEveryKeyInASentence) {
    const auto root = config::root_section(config_test::registry()).spec();
    std::size_t count = 0;
    for_each_key(*root, "", [&](const std::string& path, const KeySpec& key) {
        ++count;
        ASSERT_FALSE(key.doc.empty()) << path;
        EXPECT_TRUE(key.doc.back() == '.') << path << ": " << key.doc;
        EXPECT_TRUE(std::isupper(static_cast<unsigned char>(key.doc.front()))) << path;
        EXPECT_TRUE(key.read && key.dump) << path;
    });
    EXPECT_GT(count, 200U);
}

TEST(ConfigSchema, KnowsTheDefaultOfEveryKeyThatIsNotRequired) {
    const auto root = config::root_section(config_test::registry()).spec();
    for_each_key(*root, "", [](const std::string& path, const KeySpec& key) {
        const bool scalar = key.shape == KeySpec::Shape::kScalar ||
                            key.shape == KeySpec::Shape::kScalarList ||
                            key.shape == KeySpec::Shape::kEither;
        if (!scalar || key.required || path.find(".week.") != std::string::npos) return;
        EXPECT_FALSE(key.default_text.empty() && key.default_note.empty()) << path;
    });
}

TEST(ConfigSchema, AcceptsItsOwnDefaults) {
    // A default that the key itself would refuse is a mistake in the declaration.
    const auto root = config::root_section(config_test::registry()).spec();
    for_each_key(*root, "", [](const std::string& path, const KeySpec& key) {
        if (key.choices.empty() || key.default_text.empty()) return;
        const auto names = config::choice_names(key.choices);
        EXPECT_NE(std::find(names.begin(), names.end(), key.default_text), names.end()) << path;
    });
}

TEST(ConfigSchema, NamesNoKeyTwiceInASection) {
    const auto unique = [](const std::vector<KeySpec>& common, const std::vector<KeySpec>& own) {
        std::set<std::string> names;
        for (const auto* keys : {&common, &own}) {
            for (const KeySpec& key : *keys) EXPECT_TRUE(names.insert(key.name).second) << key.name;
        }
    };
    const auto root = config::root_section(config_test::registry()).spec();
    unique(root->keys, {});
    for_each_key(*root, "", [&](const std::string&, const KeySpec& key) {
        if (!key.section) return;
        unique(key.section->keys, {});
        for (const auto& variant : key.section->variants) unique(key.section->keys, variant.keys);
    });
}

TEST(ConfigReference, ListsStrategiesLimitsAndWhatIsNotBuilt) {
    for (const SchemaFormat format : {SchemaFormat::kText, SchemaFormat::kMarkdown}) {
        const std::string text = config_schema(format, config_test::registry());
        for (const char* word :
             {"sma_cross", "max_notional", "participation", "average_daily_volume",
              "not built into this version", "on_bad", "segment_bytes"}) {
            EXPECT_TRUE(text.find(word) != std::string::npos ||
                        text.find("Not built into this version") != std::string::npos)
                << word;
        }
    }
}

}  // namespace
}  // namespace fermata
