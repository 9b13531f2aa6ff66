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

TEST(VenueLimits, AreThoseOfItsStandInInEveryMode) {
    for (const char* mode : {"replay", "paper", "shadow"}) {
        SCOPED_TRACE(mode);
        EXPECT_FALSE(believed(mode, kSessions + "}\n").has(OrderType::kPegged));
        EXPECT_FALSE(believed(mode, kSessions + "}\n").has(kVenueLinks));
        EXPECT_TRUE(believed(mode, kSessions + "}\n").has(OrderType::kStop));
    }
}

TEST(VenueLimits, ComeFromOrderEntryAlone) {
    const std::string session =
        ", host: h, port: 1, sender_comp_id: A, target_comp_id: B, store: s";
    for (const char* mode : {"replay", "paper", "shadow"}) {
        SCOPED_TRACE(mode);
        EXPECT_TRUE(believed(mode, "").everything());
        for (const char* role : {"market_data", "drop_copy", "watchdog"}) {
            EXPECT_TRUE(believed(mode, std::string("sessions:\n  - {name: other, role: ") + role +
                                           session + "}\n")
                            .everything())
                << role;
        }
    }
}

}  // namespace
}  // namespace fermata
