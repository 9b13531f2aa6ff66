#include "risk/portfolio/return_history.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "core/market/corporate_action.hpp"

namespace fermata::portfolio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Adds a day that must be taken.
template <std::size_t N>
void add(ReturnHistory& history, std::int32_t day, const std::array<double, N>& closes) {
    ASSERT_TRUE(history.add_day(Date{day}, closes).ok());
}

TEST(ReturnHistory, GivesSimpleReturnsFromCloseToClose) {
    ReturnHistory history(2, 10);
    add<2>(history, 1, {100, 50});
    EXPECT_EQ(history.days(), 0U) << "one close is no return";
    add<2>(history, 2, {110, 40});
    add<2>(history, 5, {99, 40});
    ASSERT_EQ(history.days(), 2U);
    EXPECT_EQ(history.date(0), Date{2});
    EXPECT_EQ(history.date(1), Date{5});
    EXPECT_NEAR(*history.value(0, 0), 0.1, 1e-15);
    EXPECT_NEAR(*history.value(0, 1), -0.2, 1e-15);
    EXPECT_NEAR(*history.value(1, 0), -0.1, 1e-15);
    EXPECT_EQ(*history.value(1, 1), 0.0);
}

TEST(ReturnHistory, CountsAMissingDayAndBridgesItWithTheNextClose) {
    ReturnHistory history(2, 10);
    add<2>(history, 1, {100, 100});
    add<2>(history, 2, {100, kNone});
    add<2>(history, 3, {100, kNone});
    add<2>(history, 4, {100, 70});
    add<2>(history, 5, {100, 77});
    EXPECT_EQ(history.state(0, 1), ReturnState::kMissing);
    EXPECT_EQ(history.state(1, 1), ReturnState::kMissing);
    EXPECT_FALSE(history.value(0, 1).has_value()) << "nothing is not a return of zero";
    EXPECT_EQ(history.state(2, 1), ReturnState::kBridged);
    EXPECT_NEAR(*history.value(2, 1), -0.3, 1e-15) << "the loss over the suspension is not lost";
    EXPECT_EQ(history.state(3, 1), ReturnState::kOneDay);
    EXPECT_NEAR(*history.value(3, 1), 0.1, 1e-15);
    EXPECT_EQ(history.counts(1), (ReturnCounts{1, 1, 2, 0, 0}));
    EXPECT_EQ(history.counts(0), (ReturnCounts{4, 0, 0, 0, 0}));
}

TEST(ReturnHistory, TellsAnInstrumentThatIsNotListedYetFromOneThatIsMissing) {
    ReturnHistory history(1, 10);
    add<1>(history, 1, {kNone});
    add<1>(history, 2, {kNone});
    add<1>(history, 3, {20});
    add<1>(history, 4, {22});
    EXPECT_EQ(history.counts(0), (ReturnCounts{1, 0, 0, 0, 2}));
    EXPECT_NEAR(*history.value(2, 0), 0.1, 1e-15);
}

TEST(ReturnHistory, MakesNoReturnOfAPriceThatIsNotPositive) {
    ReturnHistory history(1, 10);
    add<1>(history, 1, {10});
    add<1>(history, 2, {-37.63});  // oil, 2020-04-20
    add<1>(history, 3, {0});
    add<1>(history, 4, {12});
    EXPECT_EQ(history.state(0, 0), ReturnState::kUnusable);
    EXPECT_EQ(history.state(1, 0), ReturnState::kUnusable);
    EXPECT_EQ(history.state(2, 0), ReturnState::kBridged);
    EXPECT_NEAR(*history.value(2, 0), 0.2, 1e-15);
    EXPECT_EQ(history.counts(0), (ReturnCounts{0, 1, 0, 2, 0}));
}

TEST(ReturnHistory, SeesASplitAndADividendAsNoReturn) {
    ReturnHistory history(2, 10);
    add<2>(history, 1, {100, 50});
    history.apply(0, CorporateActionData{7, 1, Price::zero(), CorporateActionKind::kSplit, {}});
    history.apply(1, make_dividend(Price::from_units(2)));
    add<2>(history, 2, {15, 48});
    EXPECT_NEAR(*history.value(0, 0), 0.05, 1e-15) << "100 became 100 / 7; 15 x 7 = 105";
    EXPECT_NEAR(*history.value(0, 1), 0.0, 1e-15) << "50 - 2 = 48";
}

TEST(ReturnHistory, AppliesActionsThatTakeEffectOverAMissingDay) {
    ReturnHistory history(1, 10);
    add<1>(history, 1, {100});
    history.apply(0, CorporateActionData{2, 1, Price::zero(), CorporateActionKind::kSplit, {}});
    add<1>(history, 2, {kNone});
    add<1>(history, 3, {55});
    EXPECT_NEAR(*history.value(1, 0), 0.1, 1e-15);
}

TEST(ReturnHistory, MakesNoReturnBehindADividendOfTheWholePrice) {
    ReturnHistory history(1, 10);
    add<1>(history, 1, {5});
    history.apply(0, make_dividend(Price::from_units(5)));
    add<1>(history, 2, {1});
    EXPECT_EQ(history.state(0, 0), ReturnState::kUnusable);
    add<1>(history, 3, {2});
    EXPECT_NEAR(*history.value(1, 0), 1.0, 1e-15);
}

TEST(ReturnHistory, ForgetsTheOldestDayAndItsCounts) {
    ReturnHistory history(1, 3);
    // Missing on day 2: it leaves the window of three with day 5.
    const std::array<double, 6> closes{100, kNone, 120, 132, 66, 99};
    for (std::int32_t day = 0; day < 6; ++day) {
        const std::array<double, 1> close{closes[static_cast<std::size_t>(day)]};
        ASSERT_TRUE(history.add_day(Date{day + 1}, close).ok());
        if (day == 3) {
            EXPECT_EQ(history.counts(0), (ReturnCounts{1, 1, 1, 0, 0}));
        }
        if (day == 4) {
            EXPECT_EQ(history.counts(0), (ReturnCounts{2, 1, 0, 0, 0}));
        }
    }
    ASSERT_EQ(history.days(), 3U);
    EXPECT_EQ(history.counts(0), (ReturnCounts{3, 0, 0, 0, 0}));
    EXPECT_EQ(history.date(0), Date{4});
    EXPECT_NEAR(*history.value(0, 0), 0.1, 1e-15);
    EXPECT_NEAR(*history.value(1, 0), -0.5, 1e-15);
    EXPECT_NEAR(*history.value(2, 0), 0.5, 1e-15);
    EXPECT_EQ(*history.last_close(0), 99);
}

TEST(ReturnHistory, RefusesADayThatIsNotNewAndARowOfTheWrongSize) {
    ReturnHistory history(2, 4);
    add<2>(history, 5, {1, 1});
    EXPECT_EQ(history.add_day(Date{5}, std::array<double, 2>{2, 2}).error(),
              HistoryError::kDateNotAscending);
    EXPECT_EQ(history.add_day(Date{6}, std::array<double, 1>{2}).error(), HistoryError::kWrongSize);
    EXPECT_EQ(history.days(), 0U);
    add<2>(history, 6, {2, 3});
    EXPECT_EQ(*history.value(0, 0), 1.0) << "a refused day leaves no trace";
}

TEST(ReturnHistory, GivesTheDaysOnWhichAllHaveAReturnAndSaysHowManyItLeftOut) {
    ReturnHistory history(3, 10);
    add<3>(history, 1, {10, 10, kNone});
    add<3>(history, 2, {11, kNone, kNone});
    add<3>(history, 3, {11, 12, kNone});
    add<3>(history, 4, {22, 6, kNone});
    const std::array<std::size_t, 2> both{1, 0};
    const auto complete = history.complete(both, 2);
    ASSERT_TRUE(complete.ok());
    EXPECT_EQ(complete->dropped, 1U);
    EXPECT_EQ(complete->dates, (std::vector<Date>{{3}, {4}}));
    ASSERT_EQ(complete->returns.rows(), 2U);
    EXPECT_NEAR(complete->returns(0, 0), 0.2, 1e-15) << "columns in the order asked for";
    EXPECT_NEAR(complete->returns(0, 1), 0.0, 1e-15);
    EXPECT_NEAR(complete->returns(1, 0), -0.5, 1e-15);
    EXPECT_NEAR(complete->returns(1, 1), 1.0, 1e-15);

    const std::array<std::size_t, 3> all{0, 1, 2};
    EXPECT_EQ(history.complete(all, 1).error(), HistoryError::kTooFewDays);
    EXPECT_EQ(history.complete(both, 3).error(), HistoryError::kTooFewDays);
}

}  // namespace
}  // namespace fermata::portfolio
