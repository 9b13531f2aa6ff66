// LIQUIDITY.

#include "risk/liquidity_limit.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

/// Instrument 0 trades 1,000 a day; of the others nothing is known.
struct Thin : GateWorld {
    explicit Thin(RiskConfig config) : GateWorld(std::move(config)) {
        instrument(0).average_daily_volume = quantity("1000");
    }
};

TEST(GateLiquidity, LimitsWhatTheFirmTradesInADay) {
    Thin w(only({{"liquidity", "10%"}}));
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "100")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "101")), "LIQUIDITY instrument 101 100");
    w.tell_fill(0, "30", "100");
    w.tell_fill(0, "30", "100", 1, 1);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "40")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "41")), "LIQUIDITY instrument 101 100");
    w.now = w.now + Duration::seconds(86'400);
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "100")), "APPROVED") << "another day";
}

TEST(GateLiquidity, CountsTheOpenOrdersOfTheWholeFirm) {
    Thin w(only({{"liquidity", "10%"}}));
    w.trade(0, "100");
    Order first = w.open(w.limit(0, Side::kBuy, "60", "100"));
    w.open(in_account(1, w.limit(0, Side::kSell, "30", "101")));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "10")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "11")), "LIQUIDITY instrument 101 100");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(first, "70", "100"), first)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(first, "71", "100"), first)),
              "LIQUIDITY instrument 101 100");
    w.close(first);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "70")), "APPROVED");
}

TEST(GateLiquidity, LimitsTheDaysThatItTakesToGetOut) {
    Thin w(only({{"liquidity_exit", "1.5"}}));  // at the 10% of the house: 150
    w.hold(0, "100", "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "50")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "51")), "LIQUIDITY instrument 151 150");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "250")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "251")), "LIQUIDITY instrument 151 150");
}

TEST(GateLiquidity, DoesNotKeepAPositionFromBeingClosed) {
    Thin w(only({{"liquidity", "10%"}, {"liquidity_exit", "1"}}));
    w.hold(0, "500", "100");
    w.tell_fill(0, "500", "100");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "500")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "LIQUIDITY instrument 501 100");
}

TEST(GateLiquidity, IsNotAppliedWhereTheVolumeIsUnknown) {
    Thin w(only({{"liquidity", "10%"}, {"liquidity_exit", "1"}}));
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1000000")), "APPROVED");
}

TEST(GateLiquidity, DoesNotOverflow) {
    GateWorld w(only({{"liquidity", "50%"}, {"liquidity_exit", "20"}}));
    w.instrument(0).average_daily_volume = quantity("90000000000");
    w.trade(0, "0.01");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "45000000000", "0.01")), "APPROVED");
    for (int i = 0; i < 10; ++i) w.tell_fill(0, "90000000000", "0.01");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "0.01")),
              "LIQUIDITY instrument 92233720368.54775807 45000000000");
}

}  // namespace
}  // namespace fermata::testing
