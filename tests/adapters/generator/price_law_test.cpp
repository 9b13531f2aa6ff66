/// The laws of the price model, seen from outside: in the bars that it gives.

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/indicator/to_double.hpp"
#include "tests/adapters/generator/generator_fixture.hpp"

namespace fermata::generator {
namespace {

class PriceLaw : public Generator {};

/// The value that a chi-square variable with n degrees of freedom exceeds when its normal
/// equivalent exceeds z (Wilson, Hilferty 1931).
double chi_square_at(double n, double z) {
    const double c = 2 / (9 * n);
    return n * std::pow(1 - c + z * std::sqrt(c), 3);
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size());
    double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ma += a[i] / n;
        mb += b[i] / n;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        aa += (a[i] - ma) * (a[i] - ma);
        bb += (b[i] - mb) * (b[i] - mb);
        ab += (a[i] - ma) * (b[i] - mb);
    }
    return ab / std::sqrt(aa * bb);
}

// A day's log return is normal with mean (mu - sigma^2 / 2) / 365 and variance sigma^2 / 365, so
// the sum of the squared standardised returns has the chi-square distribution.
TEST_F(PriceLaw, LogReturnsHaveTheVarianceAndTheDriftThatWereAskedFor) {
    add(1);
    days(5000);
    config_.drift = 0.1;
    config_.volatility = 0.3;
    const auto returns = log_returns(generate(), 0);
    ASSERT_EQ(returns.size(), 5000u);
    const double dt = 1 / 365.0;
    const double mean = (0.1 - 0.3 * 0.3 / 2) * dt;
    const double deviation = 0.3 * std::sqrt(dt);
    double chi2 = 0, sum = 0;
    for (const double r : returns) {
        chi2 += std::pow((r - mean) / deviation, 2);
        sum += (r - mean) / deviation;
    }
    EXPECT_GT(chi2, chi_square_at(5000, -kDeviations));
    EXPECT_LT(chi2, chi_square_at(5000, kDeviations));
    EXPECT_LT(std::abs(sum), kDeviations * std::sqrt(5000));
}

// With a calendar a session and the gap in front of it are 1 / 252 of a year; from open to close
// there is what overnight_share leaves.
TEST_F(PriceLaw, DividesADaysVarianceBetweenSessionAndGap) {
    calendar_ = weekday_calendar(4000);
    add(1, "weekdays");
    config_.from = calendar_->sessions().front().open;
    config_.to = calendar_->sessions().back().close;
    config_.volatility = 0.3;
    config_.drift = 0.3 * 0.3 / 2;  // the log return has no mean
    config_.overnight_share = 0.25;
    double inside = 0, between = 0, before = 0;
    int n = 0;
    for (const MarketEvent& e : generate()) {
        if (e.type == MarketEventType::kBarOpen) {
            const double open = std::log(to_double(e.data.bar_open.open));
            if (n++ > 0) between += std::pow(open - before, 2);
            before = open;
        } else {
            const double close = std::log(to_double(e.data.bar.close));
            inside += std::pow(close - before, 2);
            before = close;
        }
    }
    ASSERT_EQ(n, 4000);
    const double day = 0.3 * 0.3 / 252;
    EXPECT_GT(inside / (0.75 * day), chi_square_at(4000, -kDeviations));
    EXPECT_LT(inside / (0.75 * day), chi_square_at(4000, kDeviations));
    EXPECT_GT(between / (0.25 * day), chi_square_at(3999, -kDeviations));
    EXPECT_LT(between / (0.25 * day), chi_square_at(3999, kDeviations));
}

// Fisher: artanh of the sample's correlation is nearly normal around artanh(rho), deviation
// 1 / sqrt(n - 3).
TEST_F(PriceLaw, AnyTwoSymbolsHaveTheCorrelationThatWasAskedFor) {
    add(3);
    days(5000);
    config_.correlation = 0.6;
    const auto events = generate();
    const std::vector<double> r[] = {log_returns(events, 0), log_returns(events, 1),
                                     log_returns(events, 2)};
    for (const auto& [a, b] : {std::pair{0, 1}, std::pair{0, 2}, std::pair{1, 2}}) {
        EXPECT_NEAR(std::atanh(correlation(r[a], r[b])), std::atanh(0.6),
                    kDeviations / std::sqrt(5000.0 - 3));
    }
}

TEST_F(PriceLaw, AtFullCorrelationAllSymbolsMoveAsOneAndAtNoneApart) {
    add(2);
    days(2000);
    config_.correlation = 1;
    auto events = generate();
    auto a = log_returns(events, 0);
    auto b = log_returns(events, 1);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-6);
    config_.correlation = 0;
    events = generate();
    a = log_returns(events, 0);
    b = log_returns(events, 1);
    EXPECT_NEAR(std::atanh(correlation(a, b)), 0, kDeviations / std::sqrt(2000.0 - 3));
}

// The correlation does not depend on how the symbols' times lie to each other: with quotes at
// random times, returns over hours are correlated as those of bars are.
TEST_F(PriceLaw, QuotesAtRandomTimesHaveTheSameCorrelation) {
    add(2);
    days(60);
    config_.kind = GeneratorKind::kQuotes;
    config_.rate = 0.02;
    config_.correlation = 0.5;
    config_.spread = 1;
    const Duration bin = Duration::hours(1);  // 72 quotes
    std::vector<double> prices[2];
    double last[2] = {0, 0};
    Timestamp edge = config_.from + bin;
    for (const MarketEvent& e : generate()) {
        while (e.ts >= edge) {
            for (int i : {0, 1}) prices[i].push_back(last[i]);
            edge = edge + bin;
        }
        last[e.instrument.value] =
            std::log((to_double(e.data.quote.bid) + to_double(e.data.quote.ask)) / 2);
    }
    for (auto& p : prices) {
        for (std::size_t i = 0; i + 1 < p.size(); ++i) p[i] = p[i + 1] - p[i];
        p.pop_back();
    }
    const auto n = static_cast<double>(prices[0].size());
    ASSERT_GT(n, 1400);
    // A bin's end is up to one gap old (1 / 72 of the bin on average): that costs about 2 x 1/72.
    EXPECT_NEAR(std::atanh(correlation(prices[0], prices[1])), std::atanh(0.5),
                kDeviations / std::sqrt(n - 3) + 2.0 / 72);
}

// Without diffusion every day's return is the drift plus whole jumps, so they can be counted; their
// number is Poisson with mean lambda T.
TEST_F(PriceLaw, JumpsComeAsOftenAndAsLargeAsAskedFor) {
    add(4);
    days(3650);
    config_.volatility = 0;
    config_.drift = 0;
    config_.jumps = {40, 0.01, 0};
    const double years = 10;
    const double drift = -40 * (std::exp(0.01) - 1) / 365;  // the compensator of the jumps
    const auto events = generate();
    double count = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
        for (const double r : log_returns(events, i)) {
            const double jumps = (r - drift) / 0.01;
            ASSERT_NEAR(jumps, std::round(jumps), 1e-2);
            count += std::round(jumps);
        }
    }
    EXPECT_NEAR(count, 4 * 40 * years, kDeviations * std::sqrt(4 * 40 * years));

    // With random sizes the day's return has variance lambda dt (mean^2 + deviation^2); a Poisson
    // sum's squared sum deviates by its fourth moment, here 3 deviation^4 a jump.
    config_.jumps = {40, 0, 0.02};
    double squares = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
        const double mean = -40 * (std::exp(0.02 * 0.02 / 2) - 1) / 365;
        for (const double r : log_returns(generate(), i)) squares += (r - mean) * (r - mean);
    }
    const double n = 4 * 40 * years;
    EXPECT_NEAR(squares, n * 0.0004, kDeviations * std::sqrt(n * 3 * 0.0004 * 0.0004 * 1.2));
}

// E[S_T] = S_0 e^(mu T): the growth factors' mean is e^(mu dt) whatever jumps and regimes do.
TEST_F(PriceLaw, TheExpectedPriceGrowsByTheDrift) {
    add(50);
    days(1500);
    config_.drift = 0.4;
    config_.volatility = 0.3;
    config_.correlation = 0;
    config_.jumps = {20, -0.03, 0.05};
    config_.regimes = {{0.5, {0.9, 0.1}}, {2, {0.2, 0.8}}};
    const auto events = generate();
    double sum = 0, squares = 0, n = 0;
    for (std::uint32_t i = 0; i < 50; ++i) {
        for (const double r : log_returns(events, i)) {
            const double excess = std::exp(r - 0.4 / 365) - 1;
            sum += excess;
            squares += excess * excess;
            ++n;
        }
    }
    EXPECT_LT(std::abs(sum), kDeviations * std::sqrt(squares)) << "mean " << sum / n;
}

// A regime with multiplier 0 shows: its days move by the drift alone. For a chain with
// probabilities a (0 to 1) and b (1 to 0), the share of state 1 tends to a / (a + b), and the
// sample's share has variance pi0 pi1 / n x (1 + l) / (1 - l), l = 1 - a - b.
TEST_F(PriceLaw, RegimesHaveTheirStationaryShareAndTheirSteps) {
    add(1, "", Price::from_raw(1));  // so fine that a quiet day is told from a busy one
    days(8000);
    config_.price = 1000;
    config_.drift = 0;
    config_.volatility = 0.5;
    const double a = 0.1, b = 0.3;
    config_.regimes = {{1, {1 - a, a}}, {0, {b, 1 - b}}};
    const auto returns = log_returns(generate(), 0);
    double quiet = 0, entered = 0, busy = 0;
    bool was_quiet = false;
    for (std::size_t i = 0; i < returns.size(); ++i) {
        const bool is_quiet = std::abs(returns[i]) < 1e-9;
        quiet += is_quiet ? 1 : 0;
        if (i > 0 && !was_quiet) {
            busy += 1;
            entered += is_quiet ? 1 : 0;
        }
        was_quiet = is_quiet;
    }
    const double n = 8000, share = a / (a + b), l = 1 - a - b;
    EXPECT_NEAR(quiet / n, share,
                kDeviations * std::sqrt(share * (1 - share) / n * (1 + l) / (1 - l)));
    EXPECT_NEAR(entered / busy, a, kDeviations * std::sqrt(a * (1 - a) / busy));
}

TEST_F(PriceLaw, RegimesStepWithinASessionWhereTheirIntervalIsShort) {
    calendar_ = weekday_calendar(40);
    add(1, "weekdays", Price::from_raw(1));
    config_.from = calendar_->sessions().front().open;
    config_.to = calendar_->sessions().back().close;
    config_.interval = Duration::minutes(30);
    config_.overnight_share = 0;
    config_.drift = 0;
    // Each step goes to the other state: busy, quiet, busy, ... every hour from the open on.
    config_.regimes = {{1, {0, 1}}, {0, {1, 0}}};
    config_.regime_interval = Duration::hours(1);
    const auto returns = log_returns(generate(), 0);
    ASSERT_EQ(returns.size(), 40u * 13);
    // 6.5 hours hold steps at hours 1 to 6; the next session's open is the 7th, and so on: session
    // s begins in state s mod 2 (7 steps each), its half hour h is in state (s + h / 2) mod 2.
    for (std::size_t i = 0; i < returns.size(); ++i) {
        const bool quiet = (i / 13 + i % 13 / 2) % 2 == 1;
        EXPECT_EQ(std::abs(returns[i]) < 1e-9, quiet) << i;
    }
}

// Lognormal with mean m and deviation s of the logarithm: ln V has mean ln m - s^2 / 2.
TEST_F(PriceLaw, VolumeIsLognormalWithItsMean) {
    add(1, "", Price::from_raw(1'000), Quantity::from_raw(1));
    days(5000);
    config_.volume = 2e6;
    config_.volume_deviation = 0.7;
    double sum = 0, squares = 0;
    for (const MarketEvent& e : generate()) {
        if (e.type != MarketEventType::kBar) continue;
        const double z =
            (std::log(to_double(e.data.bar.volume)) - (std::log(2e6) - 0.7 * 0.7 / 2)) / 0.7;
        sum += z;
        squares += z * z;
    }
    EXPECT_LT(std::abs(sum), kDeviations * std::sqrt(5000));
    EXPECT_GT(squares, chi_square_at(5000, -kDeviations));
    EXPECT_LT(squares, chi_square_at(5000, kDeviations));
}

}  // namespace
}  // namespace fermata::generator
