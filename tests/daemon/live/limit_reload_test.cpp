#include "daemon/live/limit_reload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/live/session_config.hpp"
#include "tests/daemon/config/fixture.hpp"

namespace fermata {
namespace {

using config_test::kMinimal;
using config_test::parse;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;
using testing::UnorderedElementsAre;

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
    // Every key that waits, the limit that cannot be compared among them.
    EXPECT_THAT(out.waits,
                AllOf(Contains("risk.limits.max_quantity from 100 to 1 waits for the next session"),
                      Contains(StartsWith("strategies.sma from {")),
                      Contains(StartsWith("strategies.other from none to {"))));
}

TEST(LimitReload, NamesWhatIsNoLimit) {
    LimitReload reload(with(""));
    const auto same = reload.ask(with(""), 1);
    EXPECT_THAT(same.refused, IsEmpty());
    EXPECT_THAT(same.waits, IsEmpty());
    const Config other =
        parse(kMinimal, {"risk={profile: unlimited}", "strategies.sma.params={fast: 3, slow: 9}",
                         "engine.orders_max=77", "journal.segment_bytes=8388608"});
    const auto out = reload.ask(other, 1);
    EXPECT_THAT(out.refused, IsEmpty());
    EXPECT_THAT(out.tighten, IsEmpty());
    EXPECT_THAT(out.waits, UnorderedElementsAre(
                               MatchesRegex("engine.orders_max from [0-9]+ to 77 waits for the "
                                            "next session"),
                               MatchesRegex("journal.segment_bytes from [0-9]+ to 8388608 waits "
                                            "for the next start"),
                               MatchesRegex("strategies.sma.params.fast from [0-9]+ to 3 waits "
                                            "for the next session"),
                               MatchesRegex("strategies.sma.params.slow from [0-9]+ to 9 waits "
                                            "for the next session")));
    EXPECT_THAT(reload.ask(with(", hard: {max_quantity: 500}"), 1).waits,
                Contains(MatchesRegex("risk.hard.max_quantity from .* to 500 waits for the next "
                                      "session")));
}

TEST(LimitReload, NamesEveryKeyBesideTheLimitsThatItTightens) {
    LimitReload reload(with(", limits: {max_quantity: 100, open_orders: 5}"));
    const Config mixed =
        parse(kMinimal, {"risk={profile: unlimited, limits: {max_quantity: 60, open_orders: 9}}",
                         "live.stop=keep"});
    const auto out = reload.ask(mixed, 1);
    EXPECT_THAT(out.tightened, ElementsAre("max_quantity from 100 to 60"));
    EXPECT_THAT(out.refused, ElementsAre(HasSubstr("open_orders from 5 to 9 loosens: refused")));
    EXPECT_THAT(out.waits, ElementsAre("live.stop from cancel to keep waits for the next start"));
}

TEST(LimitReload, ComparesWhatIsTheFilesWithTheFileAtTheStart) {
    // The session keeps rules from an earlier file; the rest is that of the start.
    const Config on_record = parse(kMinimal, {"live.stop=keep", "run.seed=1"});
    const Config started = parse(kMinimal, {"live.stop=cancel", "run.seed=2"});
    LimitReload reload(on_record, started);
    EXPECT_THAT(reload.ask(started, 1).waits,
                ElementsAre("run.seed from 1 to 2 waits for the next session"));
}

TEST(SessionConfig, KnowsWhatIsTheFilesAtEveryStart) {
    for (const char* key :
         {"control.socket", "control.roles.0.role", "live.stop", "run.out", "risk.latch",
          "sessions.broker.host", "sessions.broker.logon_tags", "sessions.broker.reset_on_logon"}) {
        EXPECT_TRUE(of_next_start(key)) << key;
    }
    for (const char* key : {"run.seed", "risk.limits.max_quantity", "sessions.broker",
                            "sessions.broker.symbols", "sessions.host", "strategies.live.params"}) {
        EXPECT_FALSE(of_next_start(key)) << key;
    }
}

}  // namespace
}  // namespace fermata
