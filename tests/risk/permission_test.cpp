// PERMISSION, RESTRICTED: what is forbidden by name.

#include "risk/permission.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "risk/input_refusal.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

struct Ids {
    std::uint16_t strategy = 0, account = 0;
    std::uint32_t instrument = 0;
    std::uint16_t venue = 0;
};

RiskConfig with(std::initializer_list<Permission> permissions) {
    RiskConfig config(RiskProfile::kUnlimited);
    for (const Permission& p : permissions) config.permit(p);
    return config;
}
bool allows(const RiskConfig& config, const Ids& ids) {
    const Permissions permissions(config, 3, 2, 70);
    return permissions.allows({ids.strategy}, {ids.account}, {ids.instrument}, {ids.venue});
}

TEST(Permissions, AllowEverythingWithoutAnyAndElseWhatTheyName) {
    EXPECT_TRUE(allows(with({}), {2, 1, 69, 9}));
    const RiskConfig config = with({{.strategy = 1, .account = 0, .instrument = {}, .venue = {}}});
    EXPECT_FALSE(allows(config, {0, 1, 69, 9})) << "a strategy that none names";
    EXPECT_FALSE(allows(config, {2, 0, 0, 0}));
    EXPECT_TRUE(allows(config, {1, 0, 69, 9}));
    EXPECT_FALSE(allows(config, {1, 1, 69, 9}));
}

TEST(Permissions, AllowWhatOneOfThemAllowsAndNotWhatTwoWouldTogether) {
    const RiskConfig config = with({
        {.strategy = 0, .account = 0, .instrument = 5, .venue = 1},
        {.strategy = 0, .account = 1, .instrument = 64, .venue = {}},
    });
    EXPECT_TRUE(allows(config, {0, 0, 5, 1}));
    EXPECT_TRUE(allows(config, {0, 1, 64, 0}));
    EXPECT_TRUE(allows(config, {0, 1, 64, 500})) << "a venue that none names";
    EXPECT_FALSE(allows(config, {0, 0, 64, 1}));
    EXPECT_FALSE(allows(config, {0, 1, 5, 1}));
    EXPECT_FALSE(allows(config, {0, 0, 5, 0}));
    EXPECT_FALSE(allows(config, {0, 0, 5, 2}));
}

TEST(GatePermission, RefusesNewOrdersAndReplaces) {
    GateWorld w(with({{.strategy = 0, .account = {}, .instrument = 1, .venue = {}}}));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "PERMISSION order not_permitted -");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "APPROVED");
    const Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "4", "99"), live)),
              "PERMISSION order not_permitted -");
}

RiskConfig restricted(std::initializer_list<Restriction> restrictions) {
    RiskConfig config(RiskProfile::kUnlimited);
    for (const Restriction& r : restrictions) config.restrict_trading(r);
    return config;
}

TEST(GateRestricted, RefusesEverythingFromItsBeginningToBeforeItsEnd) {
    const Timestamp from{1'000}, until{2'000}, again{3'000};
    GateWorld w(restricted({{.instrument = 1, .from = again},
                            {.instrument = 1, .from = from, .until = until},
                            {.instrument = 0, .from = until, .until = again}}));
    w.hold(1, "10", "100");
    const auto at = [&](std::int64_t ns, std::uint32_t instrument) {
        w.now = Timestamp{ns};
        return w.text(w.order(instrument, Side::kSell, "1"));
    };
    EXPECT_EQ(at(999, 1), "APPROVED");
    EXPECT_EQ(at(1'000, 1), "RESTRICTED firm restricted -") << "reductions too";
    EXPECT_EQ(at(1'000, 0), "APPROVED");
    EXPECT_EQ(at(1'999, 1), "RESTRICTED firm restricted -");
    EXPECT_EQ(at(2'000, 1), "APPROVED");
    EXPECT_EQ(at(2'000, 0), "RESTRICTED firm restricted -");
    EXPECT_EQ(at(3'000, 1), "RESTRICTED firm restricted -");
    EXPECT_EQ(at(4'000'000'000'000'000'000, 1), "RESTRICTED firm restricted -") << "without an end";
    EXPECT_EQ(at(3'000'000, 2), "APPROVED");
}

/// A restriction of instrument 1 at run time, by these people.
std::optional<AlertData> restrict_one(GateWorld& w, std::int64_t from, std::int64_t until,
                                      std::uint32_t who = kNoActor,
                                      std::uint32_t and_who = kNoActor, std::uint32_t what = 1) {
    RiskInputData input;
    input.kind = RiskInputKind::kRestrict;
    input.values[0] = from;
    input.values[1] = until;
    input.actors[0] = who;
    input.actors[1] = and_who;
    return tell(w.gate(), input, {what}, w.now);
}

TEST(GateRestricted, TakesARestrictionAtRunTimeFromAnybodyAndFreesNothingWithoutTwoPeople) {
    GateWorld w(restricted({{.instrument = 1, .from = Timestamp{9'000}}}));
    w.hold(1, "10", "100");
    const auto passes = [&](std::int64_t ns) {
        const Timestamp before = std::exchange(w.now, Timestamp{ns});
        const std::string text = w.text(w.order(1, Side::kSell, "1"));
        w.now = before;
        return text == "APPROVED";
    };
    w.now = Timestamp{1'500};
    EXPECT_EQ(restrict_one(w, 1'000, 2'000), std::nullopt);
    EXPECT_FALSE(passes(1'999));
    EXPECT_TRUE(passes(2'000));
    EXPECT_EQ(restrict_one(w, 1'500, 2'001), std::nullopt) << "what is over was not freed by it";
    struct Case {
        std::int64_t from, until;
        const char* what;
    };
    for (const Case& c : {Case{1'501, 2'001, "a nanosecond less at the beginning"},
                          Case{1'500, 2'000, "a nanosecond less at the end"},
                          Case{5'000, 6'000, "another time"}, Case{1'500, 1'500, "no more"}}) {
        for (const auto& [a, b] : {std::pair{kNoActor, kNoActor}, {7U, kNoActor}, {7U, 7U}}) {
            const auto alert = restrict_one(w, c.from, c.until, a, b);
            ASSERT_TRUE(alert.has_value()) << c.what;
            EXPECT_EQ(alert->code, AlertCode::kInputRefused);
            EXPECT_EQ(alert->detail[0], static_cast<int>(RiskInputKind::kRestrict));
            EXPECT_EQ(alert->detail[1], static_cast<int>(InputRefusal::kNeedsTwo));
            EXPECT_FALSE(passes(2'000)) << "it holds as before";
        }
    }
    EXPECT_EQ(restrict_one(w, 1'500, 1'500, 7, 8), std::nullopt);
    EXPECT_TRUE(passes(1'600));
    EXPECT_FALSE(passes(9'000)) << "the configuration's own stays";
    EXPECT_EQ(restrict_one(w, 1'600, 1'700), std::nullopt);
    w.now = Timestamp{1'700};
    EXPECT_EQ(restrict_one(w, 0, 0), std::nullopt) << "it is over";
    EXPECT_EQ(restrict_one(w, 0, 1, 7, 8, 5)->detail[1],
              static_cast<int>(InputRefusal::kUnknownTarget));
}

TEST(GateRestricted, DoesNotTakeATimeThatEndsBeforeItBegins) {
    const RiskConfig config =
        restricted({{.instrument = 3, .from = Timestamp{5}, .until = Timestamp{5}}});
    ASSERT_EQ(config.validate().size(), 1U);
    EXPECT_EQ(config.validate()[0], "the restriction of instrument 3 ends before it begins");
}

}  // namespace
}  // namespace fermata::testing
