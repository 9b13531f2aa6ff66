// What the order manager believes of a venue that is reached over FIX.

#include <gtest/gtest.h>

#include <string>

#include "daemon/assembly/assembly.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

const std::string kSessions =
    "sessions:\n  - {name: broker, role: orders, host: h, port: 1, sender_comp_id: A, "
    "target_comp_id: B, store: s";

VenueCapabilities believed(const std::string& mode, const std::string& sessions) {
    const std::string yaml =
        config_test::replaced(std::string(config_test::kMinimal), "mode: replay", "mode: " + mode);
    const Config config = config_test::parse(yaml + sessions);
    Assembly assembly(config, config_test::registry());
    return assembly.make_setup().venues.at(0).supports;
}

TEST(VenueLimits, LeaveToTheOrderManagerWhatASessionCannotSay) {
    const VenueCapabilities over_fix = believed("shadow", kSessions + "}\n");
    EXPECT_FALSE(over_fix.has(kVenueLinks));
    EXPECT_FALSE(over_fix.has(OrderType::kTrailingStop));
    EXPECT_FALSE(over_fix.has(OrderType::kPegged));
    EXPECT_TRUE(over_fix.has(OrderType::kStop));
    EXPECT_TRUE(over_fix.has(TimeInForce::kGtd));
    const VenueCapabilities brokers =
        believed("shadow", kSessions + ", dialect: interactive_brokers}\n");
    EXPECT_FALSE(brokers.has(TimeInForce::kGtd));
}

TEST(VenueLimits, DoNotConcernTheSimulatedExchange) {
    EXPECT_TRUE(believed("shadow", "").everything());
    EXPECT_TRUE(believed("paper", kSessions + "}\n").everything());
    EXPECT_TRUE(believed("replay", kSessions + "}\n").everything());
}

}  // namespace
}  // namespace fermata
