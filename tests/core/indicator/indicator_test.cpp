// Hand-worked values, and the rules that hold for every indicator.

#include "core/indicator/indicator.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/indicator/atr.hpp"
#include "core/indicator/bbands.hpp"
#include "core/indicator/ema.hpp"
#include "core/indicator/macd.hpp"
#include "core/indicator/rsi.hpp"
#include "core/indicator/sma.hpp"
#include "core/indicator/variance.hpp"
#include "core/indicator/wma.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

template <class T>
void feed(T& indicator, const std::vector<double>& values) {
    for (const double x : values) indicator.update(x);
}

TEST(Sma, IsTheMeanOfTheWindow) {
    Sma sma(3);
    feed(sma, {1, 2});
    EXPECT_FALSE(sma.ready());
    sma.update(6);
    EXPECT_DOUBLE_EQ(sma.value(), 3);  // (1 + 2 + 6) / 3
    sma.update(4);
    EXPECT_DOUBLE_EQ(sma.value(), 4);  // (2 + 6 + 4) / 3
}

TEST(SmaDeathTest, HasNoValueBeforeTheLookBackIsFull) {
    Sma sma(2);
    sma.update(1);
    EXPECT_DEATH((void)sma.value(), "ready");
    EXPECT_DEATH(Sma(0), "size >= 1");
}

TEST(Wma, WeighsTheNewestMost) {
    Wma wma(3);
    feed(wma, {1, 2, 6});
    EXPECT_DOUBLE_EQ(wma.value(), 23.0 / 6);  // (1 + 2 x 2 + 3 x 6) / 6
    wma.update(4);
    EXPECT_DOUBLE_EQ(wma.value(), 26.0 / 6);  // (2 + 2 x 6 + 3 x 4) / 6
}

TEST(Ema, StartsFromTheMeanAndMovesByItsWeight) {
    Ema ema(3);  // weight 1/2
    feed(ema, {1, 2, 6});
    EXPECT_DOUBLE_EQ(ema.value(), 3);
    ema.update(4);
    EXPECT_DOUBLE_EQ(ema.value(), 3.5);
    ema.update(0);
    EXPECT_DOUBLE_EQ(ema.value(), 1.75);
}

TEST(Rsi, ComparesGainsWithLosses) {
    Rsi rsi(2);
    feed(rsi, {10, 13});
    EXPECT_FALSE(rsi.ready());
    rsi.update(12);  // gains 3, 0: mean 1.5; losses 0, 1: mean 0.5
    EXPECT_DOUBLE_EQ(rsi.value(), 75);
    rsi.update(12.5);  // gains (1.5 + 0.5) / 2 = 1; losses 0.5 / 2 = 0.25
    EXPECT_DOUBLE_EQ(rsi.value(), 80);
}

TEST(Rsi, IsZeroWhereNothingMovesAndFullWhereNothingFalls) {
    Rsi flat(2);
    feed(flat, {5, 5, 5});
    EXPECT_DOUBLE_EQ(flat.value(), 0);
    Rsi rising(2);
    feed(rising, {5, 6, 7});
    EXPECT_DOUBLE_EQ(rising.value(), 100);
}

TEST(Macd, SeedsTheFastAverageWhereItIsTold) {
    // Slow EMA(3), weight 1/2: 6 at the third value, then 9.
    // Own seed: EMA(2) weight 2/3: 6 -> 6 -> 10; MACD 0, 1; signal EMA(2) seeded with their mean.
    Macd own(2, 3, 2, MacdSeeding::kOwnSma);
    feed(own, {9, 3, 6});
    EXPECT_FALSE(own.ready());
    own.update(12);
    EXPECT_DOUBLE_EQ(own.macd(), 1);
    EXPECT_DOUBLE_EQ(own.signal(), 0.5);
    EXPECT_DOUBLE_EQ(own.histogram(), 0.5);
    // TA-Lib: the fast seed is the mean of the second and third value, 4.5; then 9.5. MACD -1.5,
    // 0.5.
    Macd talib(2, 3, 2);
    feed(talib, {9, 3, 6, 12});
    EXPECT_DOUBLE_EQ(talib.macd(), 0.5);
    EXPECT_DOUBLE_EQ(talib.signal(), -0.5);
    EXPECT_DOUBLE_EQ(talib.histogram(), 1);
}

TEST(Var, DividesByTheNumberOfValues) {
    Var var(4);
    feed(var, {2, 4, 4, 6});
    EXPECT_DOUBLE_EQ(var.value(), 2);  // deviations -2, 0, 0, 2 from the mean 4
    EXPECT_DOUBLE_EQ(var.mean(), 4);
    Stddev twice(4, 2.0);
    feed(twice, {2, 4, 4, 6});
    EXPECT_DOUBLE_EQ(twice.value(), 2 * std::sqrt(2.0));
}

TEST(Var, SurvivesASmallVarianceOfLargeValues) {
    // Values 1e9 and 1e9 + 1e-3 in turn: variance (0.5e-3)^2. About zero, doubles would see noise
    // of 1e18 x 1e-16 = 100.
    Var var(20);
    for (int i = 0; i < 1000; ++i) var.update(1e9 + (i % 2) * 1e-3);
    EXPECT_NEAR(var.value(), 0.25e-6, 1e-4 * 0.25e-6);  // 1e9 + 1e-3 is itself rounded to 1e-7
}

TEST(Var, IsExactlyZeroOnAFlatSeries) {
    Var var(7);
    for (int i = 0; i < 100; ++i) var.update(0.1);
    EXPECT_EQ(var.value(), 0);
    EXPECT_EQ(var.mean(), 0.1);
}

TEST(Bbands, PutsTheBandsAroundTheMean) {
    Bbands bands(4, 2.0, 3.0);
    feed(bands, {2, 4, 4, 6});
    EXPECT_DOUBLE_EQ(bands.middle(), 4);
    EXPECT_DOUBLE_EQ(bands.upper(), 4 + 2 * std::sqrt(2.0));
    EXPECT_NEAR(bands.lower(), 4 - 3 * std::sqrt(2.0), 1e-14);
}

TEST(Trange, IncludesTheGapFromThePreviousClose) {
    Trange range;
    range.update(12, 10, 11);
    EXPECT_FALSE(range.ready());
    range.update(13, 12, 12);  // high - previous close = 2
    EXPECT_DOUBLE_EQ(range.value(), 2);
    range.update(9, 8, 9);  // previous close - low = 4
    EXPECT_DOUBLE_EQ(range.value(), 4);
}

TEST(Atr, SmoothsTheTrueRangeAsWilderDoes) {
    Atr atr(2);
    atr.update(12, 10, 11);
    atr.update(13, 12, 12);
    EXPECT_FALSE(atr.ready());
    atr.update(9, 8, 9);
    EXPECT_DOUBLE_EQ(atr.value(), 3);  // (2 + 4) / 2
    atr.update(10, 9, 10);
    EXPECT_DOUBLE_EQ(atr.value(), 2);  // (3 + 1) / 2
}

std::vector<double> walk(std::uint64_t seed, std::size_t n) {
    std::vector<double> values;
    double x = 100;
    for (std::size_t i = 0; i < n; ++i) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        const double u = static_cast<double>(seed >> 11) / 9007199254740992.0 - 0.5;
        x = std::max(1.0, x * (1 + 0.04 * u));
        values.push_back(x);
    }
    return values;
}

/// What a textbook does with the window values[end - period, end).
struct Naive {
    long double mean = 0, weighted = 0, variance = 0;
    Naive(const std::vector<double>& values, std::size_t end, int period) {
        const auto n = static_cast<std::size_t>(period);
        for (std::size_t i = 0; i < n; ++i) {
            mean += values[end - n + i];
            weighted += static_cast<long double>(i + 1) * values[end - n + i];
        }
        mean /= period;
        weighted /= static_cast<long double>(n * (n + 1) / 2);
        for (std::size_t i = end - n; i < end; ++i) {
            variance += (values[i] - mean) * (values[i] - mean);
        }
        variance /= period;
    }
};

void expect_naive(const std::vector<double>& values, int period, std::size_t first_checked) {
    Sma sma(period);
    Wma wma(period);
    Var var(period);
    for (std::size_t i = 0; i < values.size(); ++i) {
        sma.update(values[i]);
        wma.update(values[i]);
        var.update(values[i]);
        ASSERT_EQ(sma.ready(), i + 1 >= static_cast<std::size_t>(period));
        if (!sma.ready() || i < first_checked) continue;
        const Naive naive(values, i + 1, period);
        const auto mean = static_cast<double>(naive.mean);
        ASSERT_NEAR(sma.value(), mean, 4e-16 * std::fabs(mean));
        ASSERT_NEAR(wma.value(), static_cast<double>(naive.weighted), 1e-13 * std::fabs(mean));
        ASSERT_NEAR(var.value(), static_cast<double>(naive.variance),
                    1e-10 * static_cast<double>(naive.variance) + 1e-18 * mean * mean);
        ASSERT_NEAR(var.mean(), mean, 1e-15 * std::fabs(mean));
    }
}

RC_GTEST_PROP(SlidingIndicators, AreWhatANaiveRecomputationGives, (std::uint64_t seed)) {
    const int period = *rc::gen::inRange(1, 60);
    const auto length = static_cast<std::size_t>(*rc::gen::inRange(1, 400));
    expect_naive(walk(seed, length), period, 0);
}

TEST(SlidingIndicators, DoNotDriftOverMillionsOfUpdates) {
    expect_naive(walk(7, 3'000'000), 20, 2'999'900);
    expect_naive(walk(8, 1'000'000), 199, 999'700);
}

TEST(SlidingIndicators, ForgetAnOutlierOnceItHasLeftTheWindow) {
    std::vector<double> values = walk(3, 200);
    values[50] = 1e14;
    expect_naive(values, 20, 50 + 2 * 20);
}

/// The outputs of all indicators after `values`, each times what a scale of prices does to it.
std::vector<double> outputs(const std::vector<double>& before, double factor,
                            const std::vector<double>& after) {
    Sma sma(5);
    Wma wma(5);
    Ema ema(5);
    Rsi rsi(5);
    Macd macd(3, 6, 4);
    Var var(5);
    Stddev stddev(5);
    Bbands bands(5, 2, 2);
    Atr atr(5);
    const auto for_each = [&](const auto& act) {
        act(sma), act(wma), act(ema), act(rsi), act(macd), act(var), act(stddev), act(bands);
    };
    const auto feed_all = [&](const std::vector<double>& values) {
        for (const double x : values) {
            for_each([x](auto& indicator) { indicator.update(x); });
            atr.update(x * 1.01, x * 0.99, x);
        }
    };
    feed_all(before);
    for_each([factor](auto& indicator) { indicator.rescale(factor); });
    atr.rescale(factor);
    feed_all(after);
    return {sma.value(), wma.value(),    ema.value(),   rsi.value(),   macd.macd(), macd.signal(),
            var.value(), stddev.value(), bands.upper(), bands.lower(), atr.value()};
}

RC_GTEST_PROP(Indicators, RescaleAsIfAllInputsHadBeenMultiplied, (std::uint64_t seed)) {
    const std::vector<double> values = walk(seed, 40);
    const auto split = static_cast<std::ptrdiff_t>(*rc::gen::inRange(0, 40));
    const double factor = 1.0 / *rc::gen::inRange(2, 10);
    std::vector<double> before(values.begin(), values.begin() + split);
    std::vector<double> after;
    std::vector<double> scaled;
    for (const double x : values) scaled.push_back(x * factor);
    after.assign(scaled.begin() + split, scaled.end());

    const std::vector<double> actual = outputs(before, factor, after);
    const std::vector<double> expected = outputs({}, 1.0, scaled);
    for (std::size_t i = 0; i < actual.size(); ++i) {
        RC_ASSERT(std::fabs(actual[i] - expected[i]) <=
                  1e-11 * 100 * factor + 1e-9 * std::fabs(expected[i]));
    }
}

template <class T>
class EveryScalarIndicator : public ::testing::Test {};
using ScalarIndicators = ::testing::Types<Sma, Wma, Ema, Rsi, Var, Stddev>;
TYPED_TEST_SUITE(EveryScalarIndicator, ScalarIndicators);

TYPED_TEST(EveryScalarIndicator, IsReadyAfterItsLookBackAndAgainAfterAReset) {
    TypeParam indicator(5);
    const std::vector<double> values = walk(11, 30);
    for (int i = 0; i < indicator.lookback(); ++i) {
        indicator.update(values[static_cast<std::size_t>(i)]);
        EXPECT_FALSE(indicator.ready());
    }
    indicator.update(1);
    EXPECT_TRUE(indicator.ready());

    indicator.reset();
    EXPECT_FALSE(indicator.ready());
    feed(indicator, values);
    TypeParam fresh(5);
    feed(fresh, values);
    EXPECT_EQ(indicator.value(), fresh.value());
}

/// Restarts after every input: nothing that decides about the future may be missing.
TYPED_TEST(EveryScalarIndicator, GoesOnAfterARestartAsIfNothingHadHappened) {
    TypeParam original(5);
    TypeParam restarted(5);
    int n = 0;
    for (const double x : walk(11, 30)) {
        original.update(x);
        restarted.update(x);
        test::restart(restarted, 5);
        ASSERT_EQ(original.ready(), restarted.ready());
        if (original.ready()) {
            ASSERT_EQ(original.value(), restarted.value()) << ++n;
        }
    }
}

TEST(MacdBbandsAndAtr, GoOnAfterARestartAsIfNothingHadHappened) {
    Macd macd(3, 6, 4), macd_restarted(3, 6, 4);
    Bbands bands(5, 2, 2), bands_restarted(5, 2, 2);
    Atr atr(4), atr_restarted(4);
    for (const double x : walk(13, 40)) {
        macd.update(x);
        macd_restarted.update(x);
        test::restart(macd_restarted, 3, 6, 4);
        bands.update(x);
        bands_restarted.update(x);
        test::restart(bands_restarted, 5, 2.0, 2.0);
        atr.update(x + 1, x - 1, x);
        atr_restarted.update(x + 1, x - 1, x);
        test::restart(atr_restarted, 4);
        if (macd.ready()) {
            ASSERT_EQ(macd.histogram(), macd_restarted.histogram());
        }
        if (bands.ready()) {
            ASSERT_EQ(bands.upper(), bands_restarted.upper());
        }
        if (atr.ready()) {
            ASSERT_EQ(atr.value(), atr_restarted.value());
        }
    }
    EXPECT_TRUE(macd.ready() && bands.ready() && atr.ready());
}

/// A new member must be listed in `persist`, then counted here.
static_assert(sizeof(Window) == 40 && sizeof(CompensatedSum) == 16 && sizeof(Sma) == 72);
static_assert(sizeof(Wma) == 112 && sizeof(Ema) == 24 && sizeof(Rsi) == 32 && sizeof(Var) == 120);
static_assert(sizeof(Stddev) == 128 && sizeof(Bbands) == 136 && sizeof(Trange) == 24);
static_assert(sizeof(Atr) == 40 && sizeof(Macd) == 88);

TEST(Macd, ForgetsEverythingOnReset) {
    const std::vector<double> values = walk(11, 30);
    Macd used(3, 6, 4);
    feed(used, walk(12, 17));
    used.reset();
    EXPECT_FALSE(used.ready());
    feed(used, values);
    Macd fresh(3, 6, 4);
    feed(fresh, values);
    EXPECT_EQ(used.histogram(), fresh.histogram());
    EXPECT_EQ(fresh.lookback(), 6 - 1 + 4 - 1);
}

}  // namespace
}  // namespace fermata
