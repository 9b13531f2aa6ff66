// COLLAR_TIME.

#include "risk/fill_drift.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

struct Drift : GateWorld {
    Drift() : GateWorld(only({{"collar_time", "3%"}})) {
        now = Timestamp{1'700'000'000'000'000'000};  // a whole second
    }
    /// Whether a fill at that price trips the instrument.
    bool trips(std::string_view at, std::uint32_t instrument = 0) {
        tell_fill(instrument, "1", at);
        const auto trip = gate().next_trip();
        EXPECT_TRUE(!trip || trip->control == static_cast<std::uint8_t>(ControlId::kCollarTime));
        return trip.has_value();
    }
};

TEST(GateCollarTime, HaltsAnInstrumentWhoseFillsLieTooFarApart) {
    Drift w;
    EXPECT_FALSE(w.trips("100"));
    EXPECT_FALSE(w.trips("103")) << "exactly at the limit";
    EXPECT_FALSE(w.trips("200", 1)) << "another instrument";
    EXPECT_TRUE(w.trips("103.000000001"));
    EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed),
              "STATE INSTRUMENT COLLAR_TIME");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "APPROVED");
    EXPECT_FALSE(w.trips("150")) << "once";
}

TEST(GateCollarTime, LooksAtSixtyWholeSeconds) {
    Drift w;
    EXPECT_FALSE(w.trips("100"));
    w.now = w.now + Duration{59'999'999'999};
    EXPECT_TRUE(w.trips("104"));
    Drift later;
    EXPECT_FALSE(later.trips("100"));
    later.now = later.now + Duration::seconds(60);
    EXPECT_FALSE(later.trips("104"));
    later.now = later.now + Duration::seconds(59);
    EXPECT_FALSE(later.trips("107")) << "3 of 104";
    EXPECT_TRUE(later.trips("107.13"));
}

TEST(GateCollarTime, CatchesASlowDriftInSmallSteps) {
    Drift w;
    int fills = 0;
    for (std::int64_t cents = 10'000; fills < 100; cents += 10, ++fills) {  // 0.1% each
        if (w.trips(std::to_string(cents / 100) + "." + std::to_string(cents / 10 % 10) + "0"))
            break;
        w.now = w.now + Duration::milliseconds(500);
    }
    EXPECT_EQ(fills, 31) << "103.10 of 100";
}

TEST(GateCollarTime, TakesTheSmallerSizeOfNegativePrices) {
    Drift w;
    EXPECT_FALSE(w.trips("-40"));
    EXPECT_FALSE(w.trips("-41.2"));
    EXPECT_TRUE(w.trips("-41.21"));
    Drift around_zero;
    EXPECT_FALSE(around_zero.trips("0.01"));
    EXPECT_TRUE(around_zero.trips("-0.01"));
}

TEST(GateCollarTime, IsReleasedWithTheInstrument) {
    Drift w;
    EXPECT_FALSE(w.trips("100"));
    EXPECT_TRUE(w.trips("110"));
    ControlData release;
    release.scope = ControlScope::kInstrument;
    release.target = 0;
    EXPECT_TRUE(w.gate().on_control(release));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_FALSE(w.trips("110")) << "what came before is accepted";
    EXPECT_TRUE(w.trips("114"));
}

TEST(GateCollarTime, DoesNotTakeASplitForADrift) {
    Drift w;
    w.trade(0, "100");
    EXPECT_FALSE(w.trips("100"));
    MarketEvent split = make_event(MarketEventType::kCorporateAction, w.now, {0}, {});
    split.data.corporate_action = CorporateActionData{};
    split.data.corporate_action.numerator = 2;
    w.market(split);
    EXPECT_FALSE(w.trips("50"));
    EXPECT_TRUE(w.trips("52"));
}

}  // namespace
}  // namespace fermata::testing
