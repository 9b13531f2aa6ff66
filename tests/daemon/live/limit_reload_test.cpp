#include "daemon/live/limit_reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// One account, one strategy "sma", one instrument "SPY"; nothing but what `risk` says is limited.
Config with(const std::string& risk) {
    return parse(kMinimal, {"risk={profile: unlimited" + risk + "}"});
}

TEST(LimitReload, SendsWhatBecameTighterInTheNameOfWhoAsked) {
    LimitReload reload(with(", limits: {max_quantity: 100, open_orders: 9}"));
    const auto out = reload.ask(with(", limits: {max_quantity: 60, open_orders: 9}"), 1000);
    EXPECT_THAT(out.refused, IsEmpty());
    EXPECT_THAT(out.tightened, ElementsAre("max_quantity from 100 to 60"));
    ASSERT_EQ(out.tighten.size(), 1U);
    const OrderEvent& e = out.tighten[0];
    ASSERT_EQ(e.type, OrderEventType::kRiskInput);
    EXPECT_EQ(e.data.risk_input.kind, RiskInputKind::kLimit);
    EXPECT_EQ(e.data.risk_input.actors[0], 1000U);
    EXPECT_EQ(e.data.risk_input.actors[1], kNoActor);  // so the gate lets nothing loosen by it
    EXPECT_EQ(e.data.risk_input.scope, ControlScope::kFirm);
    EXPECT_EQ(e.data.risk_input.limit, static_cast<std::uint8_t>(LimitId::kMaxQuantity));
    EXPECT_EQ(e.data.risk_input.values[0], Quantity::from_units(60).raw());
}

TEST(LimitReload, RefusesWhatLoosensAlsoWhenTheFileOnceSaidSo) {
    LimitReload reload(with(", limits: {max_quantity: 100}"));
    EXPECT_THAT(reload.ask(with(", limits: {max_quantity: 150}"), 1).refused,
                ElementsAre(HasSubstr("max_quantity from 100 to 150 loosens")));
    EXPECT_THAT(reload.ask(with(""), 1).refused,
                ElementsAre(HasSubstr("max_quantity from 100 to off loosens")));
    EXPECT_EQ(reload.ask(with(", limits: {max_quantity: 60}"), 1).tighten.size(), 1U);
    // 100 was allowed in the beginning, and is not any more.
    const auto back = reload.ask(with(", limits: {max_quantity: 100}"), 1);
    EXPECT_THAT(back.tighten, IsEmpty());
    EXPECT_THAT(back.refused, ElementsAre(HasSubstr("from 60 to 100 loosens")));
}

TEST(LimitReload, TightensWhatWasOffIfItsControlNeedsNoHistory) {
    LimitReload reload(with(""));
    const auto out = reload.ask(with(", limits: {max_quantity: 60}"), 1);
    EXPECT_THAT(out.tightened, ElementsAre("max_quantity from off to 60"));
    EXPECT_THAT(reload.ask(with(", limits: {max_quantity: 60, turnover: 0.5}"), 1).refused,
                ElementsAre(HasSubstr("turnover from off to")));
}

TEST(LimitReload, ComparesATargetsOwnLimitWithWhatWasInForceThere) {
    LimitReload reload(
        with(", limits: {max_quantity: 100}, strategies: {sma: {max_quantity: 40}}"));
    // Its own goes away, and the common one is looser.
    EXPECT_THAT(reload.ask(with(", limits: {max_quantity: 100}"), 1).refused,
                ElementsAre(HasSubstr("max_quantity of strategy sma from 40 to 100 loosens")));
    // The common one becomes tighter than its own, which goes away.
    const auto out = reload.ask(with(", limits: {max_quantity: 30}"), 1);
    EXPECT_THAT(out.tightened, ElementsAre("max_quantity from 100 to 30",
                                           "max_quantity of strategy sma from 40 to 30"));
    ASSERT_EQ(out.tighten.size(), 2U);
    EXPECT_EQ(out.tighten[1].data.risk_input.scope, ControlScope::kStrategy);
    EXPECT_EQ(out.tighten[1].data.risk_input.target, 0U);
    // An instrument gets one of its own.
    const auto own =
        reload.ask(with(", limits: {max_quantity: 30}, instruments: {SPY: {max_quantity: 20}}"), 1);
    EXPECT_THAT(own.tightened, ElementsAre("max_quantity of SPY from 30 to 20"));
}

TEST(LimitReload, TakesNothingFromAConfigurationWithOtherNames) {
    LimitReload reload(with(", limits: {max_quantity: 100}"));
    const Config other = parse(config_test::replaced(kMinimal, "name: sma", "name: other"),
                               {"risk={profile: unlimited, limits: {max_quantity: 1}}"});
    const auto out = reload.ask(other, 1);
    EXPECT_THAT(out.tighten, IsEmpty());
    EXPECT_THAT(out.refused, ElementsAre(HasSubstr("other strategies")));
}

TEST(LimitReload, NamesWhatIsNoLimit) {
    LimitReload reload(with(""));
    EXPECT_THAT(reload.ask(with(""), 1).refused, IsEmpty());
    const Config other =
        parse(kMinimal, {"risk={profile: unlimited}", "strategies.sma.params={fast: 3, slow: 9}"});
    EXPECT_THAT(reload.ask(other, 1).refused, ElementsAre(HasSubstr("is no limit")));
    EXPECT_THAT(reload.ask(with(", hard: {max_quantity: 500}"), 1).refused,
                ElementsAre(HasSubstr("risk.hard")));
}

}  // namespace
}  // namespace fermata
