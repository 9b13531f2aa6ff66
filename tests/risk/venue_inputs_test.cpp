// LULD, CLOCK: what others say and the gate obeys.

#include "risk/venue_inputs.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "risk/input_refusal.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

TEST(GateLuld, KeepsPurchasesBelowAndSalesAboveTheEdgesOfTheBand) {
    GateWorld w(only({}));
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "500")), "APPROVED") << "no band is known";
    tell_band(w.gate(), {0}, price("95"), price("105"));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "105")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "105.01")), "LULD order 105.01 105");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "95")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "94.99")), "LULD order 94.99 95");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "1")), "APPROVED") << "it only waits";
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "1", "500")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED") << "not outside it";
    EXPECT_EQ(w.text(w.limit(1, Side::kBuy, "1", "500")), "APPROVED");
    tell_band(w.gate(), {0}, price("-5"), price("-3"));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "-2.99")), "LULD order -2.99 -3");
    tell_no_band(w.gate(), {0});
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "500")), "APPROVED");
}

TEST(GateLuld, JudgesAMarketOrderByWhereItWouldBeginToTrade) {
    GateWorld w(only({}));
    tell_band(w.gate(), {0}, price("95"), price("99"));
    w.trade(0, "99.01");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "LULD order 99.01 99");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), "APPROVED");
    w.quote(0, "98.99", "99.01");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "LULD order 99.01 99") << "the offer";
    w.quote(0, "94.99", "99");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1")), "LULD order 94.99 95") << "the bid";
}

TEST(GateLuld, KeepsTheBandWhenItIsToldOneThatIsUpsideDown) {
    GateWorld w(only({}));
    const auto why = [&](std::uint32_t i, const char* lowest, const char* highest) {
        const auto alert =
            tell(w.gate(), RiskInputKind::kBand, {i}, price(lowest).raw(), price(highest).raw());
        return alert && alert->code == AlertCode::kInputRefused ? alert->detail[1] : -1;
    };
    EXPECT_EQ(why(0, "95", "105"), -1);
    EXPECT_EQ(why(0, "105", "95"), static_cast<int>(InputRefusal::kOutOfRange));
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "105.01")), "LULD order 105.01 105");
    EXPECT_EQ(why(77, "95", "105"), static_cast<int>(InputRefusal::kUnknownTarget));
    EXPECT_EQ(why(0, "100", "100"), -1) << "a band of one price";
}

TEST(GateClock, HaltsTheFirmBeyondTheOffsetInEitherDirection) {
    for (const std::int64_t off :
         {50'000'001L, -50'000'001L, -1'000'000'000L, std::numeric_limits<std::int64_t>::min()}) {
        GateWorld w(only({{"clock", "50ms"}}));
        tell_clock_offset(w.gate(), Duration{50'000'000});
        tell_clock_offset(w.gate(), Duration{-50'000'000});
        EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "exactly at the limit";
        tell_clock_offset(w.gate(), Duration{off});
        const auto trip = w.gate().next_trip();
        ASSERT_TRUE(trip) << off;
        EXPECT_EQ(trip->scope, ControlScope::kFirm);
        EXPECT_EQ(trip->state, TradingState::kHalted);
        EXPECT_EQ(trip->control, static_cast<std::uint8_t>(ControlId::kClock));
        tell_clock_offset(w.gate(), Duration{off});
        EXPECT_EQ(w.gate().next_trip(), std::nullopt) << "once";
        tell_clock_offset(w.gate(), Duration{0});
        EXPECT_EQ(render_codes(w.judge(w.order(0, Side::kBuy, "1")).failed), "STATE CLOCK")
            << "a clock that is right again releases nothing";
        EXPECT_TRUE(w.gate().on_control(ControlData{}));
        EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
        tell_clock_offset(w.gate(), Duration{off});
        EXPECT_TRUE(w.gate().next_trip());
    }
}

}  // namespace
}  // namespace fermata::testing
