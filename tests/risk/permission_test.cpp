// PERMISSION, RESTRICTED: what is forbidden by name.

#include "risk/permission.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "tests/risk/gate_fixture.hpp"

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

TEST(Permissions, AllowEverythingToAStrategyThatNoneNames) {
    EXPECT_TRUE(allows(with({}), {2, 1, 69, 9}));
    const RiskConfig config = with({{.strategy = 1, .account = 0, .instrument = {}, .venue = {}}});
    EXPECT_TRUE(allows(config, {0, 1, 69, 9}));
    EXPECT_TRUE(allows(config, {2, 0, 0, 0}));
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

TEST(GateRestricted, DoesNotTakeATimeThatEndsBeforeItBegins) {
    const RiskConfig config =
        restricted({{.instrument = 3, .from = Timestamp{5}, .until = Timestamp{5}}});
    ASSERT_EQ(config.validate().size(), 1U);
    EXPECT_EQ(config.validate()[0], "the restriction of instrument 3 ends before it begins");
}

}  // namespace
}  // namespace fermata::testing
