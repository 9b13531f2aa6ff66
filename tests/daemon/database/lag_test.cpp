#include "daemon/database/lag.hpp"

#include <gtest/gtest.h>

namespace fermata {
namespace {

using namespace std::chrono_literals;

LagLimits limits() {
    LagLimits limits;
    limits.alert_bytes = 100;
    limits.halt_bytes = 1'000;
    limits.alert_age = 10s;
    limits.halt_age = 60s;
    return limits;
}

TEST(LagGuard, EntersALevelAtEitherLimit) {
    EXPECT_EQ(LagGuard(limits()).evaluate(99, 9s), LagLevel::kOk);
    EXPECT_EQ(LagGuard(limits()).evaluate(100, 0s), LagLevel::kAlert);
    EXPECT_EQ(LagGuard(limits()).evaluate(0, 10s), LagLevel::kAlert);
    EXPECT_EQ(LagGuard(limits()).evaluate(999, 59s), LagLevel::kAlert);
    EXPECT_EQ(LagGuard(limits()).evaluate(1'000, 0s), LagLevel::kHalt);
    EXPECT_EQ(LagGuard(limits()).evaluate(0, 60s), LagLevel::kHalt);
}

TEST(LagGuard, LeavesALevelOnlyWhenBothMeasuresAreHalved) {
    LagGuard guard(limits());
    EXPECT_EQ(guard.evaluate(1'000, 1s), LagLevel::kHalt);
    EXPECT_EQ(guard.evaluate(501, 1s), LagLevel::kHalt);
    EXPECT_EQ(guard.evaluate(500, 31s), LagLevel::kHalt);
    EXPECT_EQ(guard.evaluate(500, 30s), LagLevel::kAlert);
    EXPECT_EQ(guard.evaluate(51, 5s), LagLevel::kAlert);
    EXPECT_EQ(guard.evaluate(50, 6s), LagLevel::kAlert);
    EXPECT_EQ(guard.evaluate(50, 5s), LagLevel::kOk);
    EXPECT_EQ(guard.evaluate(99, 9s), LagLevel::kOk);
}

TEST(LagMeter, KnowsSinceWhenTheOldestByteWaits) {
    const LagMeter::Time zero{};
    LagMeter meter;
    EXPECT_FALSE(meter.behind());
    meter.grown(100, zero + 1s);
    meter.grown(200, zero + 2s);
    meter.grown(200, zero + 3s);
    ASSERT_TRUE(meter.behind());
    EXPECT_EQ(meter.since(), zero + 1s);
    meter.loaded(99);
    EXPECT_EQ(meter.since(), zero + 1s);
    meter.loaded(100);
    EXPECT_EQ(meter.since(), zero + 2s);
    meter.loaded(200);
    EXPECT_FALSE(meter.behind());
    meter.grown(201, zero + 9s);
    EXPECT_EQ(meter.since(), zero + 9s);
}

TEST(LagMeter, NeverStatesAnAgeThatIsTooSmallHoweverMuchItForgets) {
    const LagMeter::Time zero{};
    LagMeter meter;
    constexpr int kTimes = 100'000;
    for (int i = 1; i <= kTimes; ++i) {
        meter.grown(static_cast<std::uint64_t>(i), zero + std::chrono::milliseconds(i));
    }
    for (int loaded = 0; loaded < kTimes; loaded += 777) {
        meter.loaded(static_cast<std::uint64_t>(loaded));
        ASSERT_TRUE(meter.behind());
        EXPECT_LE(meter.since(), zero + std::chrono::milliseconds(loaded + 1));
    }
}

}  // namespace
}  // namespace fermata
