#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/config/reference.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using Json = nlohmann::json;

Json schema() { return Json::parse(config_schema(SchemaFormat::kJson, config_test::registry())); }

TEST(ConfigJsonSchema, DescribesTheFile) {
    const Json root = schema();
    EXPECT_EQ(root["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(root["type"], "object");
    EXPECT_EQ(root["additionalProperties"], false);
    EXPECT_EQ(root["required"], Json({"instruments", "feeds", "venues"}));
    EXPECT_EQ(root["properties"]["mode"]["enum"], Json({"replay", "paper", "shadow", "live"}));
    EXPECT_EQ(root["properties"]["engine"]["properties"]["shards"]["minimum"], 1.0);
    EXPECT_EQ(root["properties"]["account"]["properties"]["currency"]["type"],
              Json({"string", "number"}));
}

TEST(ConfigJsonSchema, TellsTheKindsOfASectionApart) {
    const Json feeds = schema()["properties"]["feeds"]["items"]["oneOf"];
    ASSERT_EQ(feeds.size(), 4U);
    EXPECT_EQ(feeds[0]["properties"]["type"]["const"], "csv");
    EXPECT_EQ(feeds[0]["required"], Json({"type", "path"}));
    EXPECT_TRUE(feeds[1]["properties"].contains("resolution"));
    EXPECT_FALSE(feeds[0]["properties"].contains("resolution"));
    const Json strategies = schema()["properties"]["strategies"]["items"]["oneOf"];
    EXPECT_EQ(strategies.size(), config_test::registry().all().size());
}

}  // namespace
}  // namespace fermata
