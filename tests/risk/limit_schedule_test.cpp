// Limits that change at dates.

#include "risk/limit_schedule.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

constexpr Timestamp kFrom{1'800'000'000'000'000'000};

RiskConfig scheduled(RiskConfig config, Timestamp from, const char* key, const char* value,
                     ControlScope scope = ControlScope::kFirm, std::uint32_t target = 0) {
    EXPECT_TRUE(config.schedule_limit(from, scope, target, key, value).ok());
    EXPECT_TRUE(config.validate().empty());
    return config;
}

/// 100,000 of equity; a share at 100.
struct Scheduled : GateWorld {
    explicit Scheduled(const RiskConfig& config) : GateWorld(config) { trade(0, "100"); }
    std::string buy(std::string_view size, std::uint16_t account = 1) {
        return text(in_account(account, limit(0, Side::kBuy, size, "100")));
    }
};

TEST(LimitSchedule, SetsALimitFromItsTimeOn) {
    Scheduled w(scheduled(scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "1.5"),
                          kFrom + Duration::seconds(10), "leverage", "0.5"));
    EXPECT_EQ(w.buy("1000"), "APPROVED");
    EXPECT_EQ(w.buy("1001"), "LEVERAGE account 100100 100000");
    w.now = Timestamp{kFrom.ns - 1};
    EXPECT_EQ(w.buy("1001"), "LEVERAGE account 100100 100000");
    w.now = kFrom;
    EXPECT_EQ(w.buy("1500"), "APPROVED");
    EXPECT_EQ(w.buy("1501"), "LEVERAGE account 150100 150000");
    w.now = kFrom + Duration::seconds(11);
    EXPECT_EQ(w.buy("501"), "LEVERAGE account 50100 50000");
}

TEST(LimitSchedule, SetsThatOfOneAccountAlone) {
    Scheduled w(
        scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "0.2", ControlScope::kAccount, 1));
    w.now = kFrom;
    EXPECT_EQ(w.buy("201", 1), "LEVERAGE account 20100 20000");
    EXPECT_EQ(w.buy("1000", 0), "APPROVED");
}

TEST(LimitSchedule, DoesNotLoosenWhatSomebodyTightened) {
    Scheduled w(scheduled(scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "1.5"),
                          kFrom + Duration::seconds(10), "leverage", "0.3"));
    RiskInputData input;
    input.kind = RiskInputKind::kLimit;
    input.limit = static_cast<std::uint8_t>(LimitId::kLeverage);
    input.values[0] = Ratio::kOne / 2;
    input.actors[0] = 7;
    ASSERT_EQ(tell(w.gate(), input, {0}, w.now)->code, AlertCode::kLimitChanged);
    w.now = kFrom;
    EXPECT_EQ(w.buy("501"), "LEVERAGE account 50100 50000");
    w.now = kFrom + Duration::seconds(10);
    EXPECT_EQ(w.buy("301"), "LEVERAGE account 30100 30000") << "tighter it becomes";
}

TEST(LimitSchedule, ComesBackToWhatSomebodySetAfterATighterDate) {
    Scheduled w(scheduled(scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "0.3"),
                          kFrom + Duration::seconds(10), "leverage", "1"));
    RiskInputData input;
    input.kind = RiskInputKind::kLimit;
    input.limit = static_cast<std::uint8_t>(LimitId::kLeverage);
    input.values[0] = Ratio::kOne / 2;
    input.actors[0] = 7;
    ASSERT_EQ(tell(w.gate(), input, {0}, w.now)->code, AlertCode::kLimitChanged);
    w.now = kFrom;
    EXPECT_EQ(w.buy("301"), "LEVERAGE account 30100 30000");
    w.now = kFrom + Duration::seconds(10);
    EXPECT_EQ(w.buy("500"), "APPROVED");
    EXPECT_EQ(w.buy("501"), "LEVERAGE account 50100 50000") << "no looser than was asked for";
}

TEST(LimitSchedule, DoesNotLoosenForOneAccountWhatSomebodyTightenedForAll) {
    Scheduled w(
        scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "0.8", ControlScope::kAccount, 1));
    RiskInputData input;
    input.kind = RiskInputKind::kLimit;
    input.limit = static_cast<std::uint8_t>(LimitId::kLeverage);
    input.values[0] = Ratio::kOne / 2;
    input.actors[0] = 7;
    ASSERT_EQ(tell(w.gate(), input, {0}, w.now)->code, AlertCode::kLimitChanged);
    w.now = kFrom;
    EXPECT_EQ(w.buy("501"), "LEVERAGE account 50100 50000");
}

TEST(LimitSchedule, HasRoomHoweverManyLimitsWereChanged) {
    RiskConfig config = scheduled(only({{"leverage", "1"}}), kFrom, "leverage", "0.3");
    // As many strategies as changes can be remembered, each with a limit of its own.
    constexpr auto kMany = static_cast<std::uint32_t>(LimitTable::kChangesMax);
    LimitTable limits(config, kMany + 1, 1, 1);
    for (std::uint32_t s = 0; s < kMany; ++s) {
        ASSERT_TRUE(limits.change(ControlScope::kStrategy, s, LimitId::kDuplicate, 1));
    }
    EXPECT_FALSE(limits.change(ControlScope::kStrategy, kMany, LimitId::kDuplicate, 1));
    LimitSchedule schedule(config);
    EXPECT_TRUE(schedule.apply(kFrom, limits));
    EXPECT_EQ(limits.in_force(ControlScope::kFirm, 0, LimitId::kLeverage), Ratio::kOne * 3 / 10);
}

TEST(LimitSchedule, ReachesControlsThatActBetweenRequests) {
    Scheduled w(scheduled(only({{"drawdown", "50%"}}), kFrom, "drawdown", "10%"));
    EXPECT_EQ(w.gate().on_equity({1}, money("100000"), w.now), std::nullopt);
    EXPECT_EQ(w.gate().on_equity({1}, money("80000"), w.now), std::nullopt);
    const auto trip = w.gate().on_equity({1}, money("80000"), kFrom);
    ASSERT_TRUE(trip.has_value());
    EXPECT_EQ(trip->control, static_cast<int>(ControlId::kDrawdown));
}

TEST(LimitSchedule, SaysWhatCannotBeScheduled) {
    RiskConfig config = only({{"position", "5%"}});
    const auto why = [&](const char* key, const char* value,
                         ControlScope scope = ControlScope::kFirm) {
        const auto outcome = config.schedule_limit(kFrom, scope, 0, key, value);
        return outcome.ok() ? std::string() : outcome.error();
    };
    EXPECT_EQ(why("position", "500%"), "position = 5 is above its hard maximum 4");
    EXPECT_EQ(why("positon", "5%"), "unknown limit 'positon'");
    EXPECT_EQ(why("message_rate_firm", "5", ControlScope::kStrategy),
              "message_rate_firm cannot be set by strategy");
    EXPECT_EQ(why("leverage", "1"),
              "leverage is switched off at the start, and cannot be switched on during a run");
    EXPECT_EQ(why("position", "4%"), "");
    EXPECT_EQ(why("position", "3%"), "position is set twice from the same time on");
}

}  // namespace
}  // namespace fermata::testing
