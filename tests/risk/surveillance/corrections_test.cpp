#include "risk/surveillance/corrections.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/risk/surveillance/story.hpp"

namespace fermata::surveillance {
namespace {

constexpr VenueId kVenue{0};

struct Terms {
    std::uint64_t order = 1;
    std::uint64_t exec = 100;
    std::uint64_t ref = 1;
    CorrectionKind kind = CorrectionKind::kBust;
    std::int64_t units = 0;
    std::int64_t cents = 0;
    std::int64_t leaves = 0;
    VenueId venue = kVenue;
};

OrderEvent correction(const Terms& t) {
    OrderEvent e =
        make_order_event(OrderEventType::kCorrection, Timestamp{Story::kBegin}, Story::kInstrument);
    CorrectionData d;
    d.order_id = {t.order};
    d.exec_id = {t.exec};
    d.ref_exec_id = {t.ref};
    d.kind = t.kind;
    d.quantity = Quantity::from_units(t.units);
    d.price = Story::cents(t.cents);
    d.leaves_quantity = Quantity::from_units(t.leaves);
    d.venue = t.venue;
    e.data.correction = d;
    return e;
}

TEST(Corrections, NameTheFillByItsVenueAndExecution) {
    Corrections c;
    EXPECT_TRUE(c.empty());
    c.take(correction({.ref = 7}));
    ASSERT_NE(c.find(kVenue, {7}), nullptr);
    EXPECT_TRUE(c.find(kVenue, {7})->busted);
    EXPECT_EQ(c.find(VenueId{1}, {7}), nullptr);
    EXPECT_EQ(c.find(kVenue, {8}), nullptr);
    EXPECT_EQ(c.busted(), 1U);
}

TEST(Corrections, FollowACorrectionOfACorrectionToItsFill) {
    constexpr auto kCorrect = CorrectionKind::kCorrect;
    Corrections c;
    c.take(correction({.exec = 100, .ref = 7, .kind = kCorrect, .units = 5, .cents = 99}));
    EXPECT_EQ(c.find(kVenue, {7})->quantity, Quantity::from_units(5));
    EXPECT_EQ(c.find(kVenue, {7})->price, Story::cents(99));
    c.take(correction({.exec = 101, .ref = 100, .kind = kCorrect, .units = 4, .cents = 98}));
    EXPECT_EQ(c.find(kVenue, {7})->quantity, Quantity::from_units(4));
    c.take(correction({.exec = 100, .ref = 7, .kind = kCorrect, .units = 5, .cents = 99}));
    EXPECT_EQ(c.find(kVenue, {7})->quantity, Quantity::from_units(4)) << "it was said before";
    EXPECT_EQ(c.busted(), 0U);
    c.take(correction({.exec = 102, .ref = 101}));
    EXPECT_TRUE(c.find(kVenue, {7})->busted);
    c.take(correction({.exec = 103, .ref = 7, .kind = kCorrect, .units = 5, .cents = 99}));
    EXPECT_TRUE(c.find(kVenue, {7})->busted) << "what was taken back stays so";
    EXPECT_EQ(c.busted(), 1U);
}

TEST(Corrections, AreNoneWhenTheyNameNothingOrMeanNothing) {
    Corrections c;
    c.take(correction({.ref = 0}));
    c.take(correction({.ref = 7, .leaves = -1}));
    c.take(correction({.ref = 7, .kind = CorrectionKind::kCorrect, .units = 0, .cents = 99}));
    EXPECT_TRUE(c.empty());
}

/// An owner who buys from himself, told with what became of the first of the two fills.
std::vector<Finding> wash_trade(const std::optional<Terms>& later) {
    SurveillanceSetup setup = Story::setup_of({RuleId::kWashTrades});
    if (later) setup.corrections.take(correction(*later));
    Story story(setup);
    const std::uint64_t bid = story.buy(10'000, 100);
    const std::uint64_t offer = story.sell(10'000, 100);
    story.fill(bid, 100);  // execution 1
    story.fill(offer, 100, 10'000, Liquidity::kTaker);
    return story.findings();
}

TEST(CorrectedFills, DoNotCountWhenTheyWereTakenBack) {
    ASSERT_EQ(wash_trade(std::nullopt).size(), 1U);
    EXPECT_TRUE(wash_trade(Terms{}).empty());
    EXPECT_EQ(wash_trade(Terms{.venue = {1}}).size(), 1U) << "a fill of another venue";
}

TEST(CorrectedFills, CountWithTheNumbersThatTheyWereCorrectedTo) {
    const auto smaller = wash_trade(
        Terms{.kind = CorrectionKind::kCorrect, .units = 40, .cents = 10'000, .leaves = 60});
    ASSERT_EQ(smaller.size(), 1U);
    EXPECT_EQ(smaller.front().evidence.front().quantity, Quantity::from_units(40));
    EXPECT_TRUE(
        wash_trade(Terms{.kind = CorrectionKind::kCorrect, .units = 100, .cents = 10'001}).empty())
        << "price_max is zero";
}

}  // namespace
}  // namespace fermata::surveillance
