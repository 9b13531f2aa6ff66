#include "core/strategy/sizing.hpp"

#include <cmath>

#include "tests/core/strategy/hosted_strategy.hpp"

namespace fermata {
namespace {

using test::HostedStrategy;
using test::price_of;
using test::units;
using Type = Sizing::Type;

Quantity size_at(HostedStrategy& h, const std::string& price, InstrumentId id = {}) {
    Quantity size;
    h.act([&](StrategyContext& c) { size = c.size(id, price_of(price)); });
    return size;
}

TEST(Sizing, RoundsAFixedQuantityDownToWholeLots) {
    Sizing sizing;
    sizing.quantity = *parse<Quantity>("7.9");
    HostedStrategy h(sizing);
    h.start();
    EXPECT_EQ(size_at(h, "100"), units(7));
}

// 1% of 1,000,000 is 10,000 at risk; two ATRs of 4 are 8 a share: 1,250 shares.
TEST(Sizing, RisksAFractionOfTheEquityOnAMoveInAtrs) {
    Sizing sizing;
    sizing.type = Type::kVolatility;
    sizing.fraction = *parse<Ratio>("0.01");
    sizing.multiple = 2;
    sizing.period = 2;
    HostedStrategy h(sizing);
    h.start();
    for (int n = 0; n < 2; ++n) h.bar("100", "102", "98", "100");
    EXPECT_TRUE(size_at(h, "100").is_zero()) << "two bars have one true range";
    h.bar("100", "102", "98", "100");
    EXPECT_EQ(size_at(h, "100"), units(1'250));
    h.split(2, 1);  // an ATR of 2
    EXPECT_EQ(size_at(h, "50"), units(2'500));
}

// Thorp (2006), "The Kelly criterion in blackjack, sports betting and the stock market", section
// 2: an even-money bet won with probability 0.53 is worth 2 x 0.53 - 1 = 6% of the capital.
TEST(Kelly, StakesTwoPMinusOneOnAnEvenBet) {
    EXPECT_NEAR(kelly_fraction(53, 47, 53, 47), 0.06, 1e-12);
}

// p = 0.4, wins of 3, losses of 1: 0.4 - 0.6 / 3 = 0.2.
TEST(Kelly, WeighsTheRatioOfWinsToLosses) {
    EXPECT_NEAR(kelly_fraction(4, 6, 12, 6), 0.2, 1e-12);
    EXPECT_EQ(kelly_fraction(3, 7, 3, 7), 0) << "a losing game is not played";
    EXPECT_EQ(kelly_fraction(0, 5, 0, 5), 0);
    EXPECT_EQ(kelly_fraction(5, 0, 5, 0), 1);
}

TEST(Kelly, IsTrustedAfterEnoughClosedTrades) {
    Sizing sizing;
    sizing.type = Type::kKelly;
    sizing.fraction = *parse<Ratio>("0.5");
    sizing.initial = *parse<Ratio>("0.02");
    sizing.period = 4;
    SizingModel model(sizing, std::vector{InstrumentId{0}});
    Instrument instrument;
    const Money equity = Money::from_units(100'000);
    const auto trade = [&](std::int64_t realized) {
        FillData open, close;
        open.quantity = close.quantity = units(1);
        open.price = price_of("100");
        close.price = open.price + Price::from_units(realized);
        close.side = Side::kSell;
        close.realized = Money::from_units(-1'000);  // of the account, which others trade in, too
        model.on_fill(instrument, open);
        model.on_fill(instrument, close);
    };
    // Three wins of 20 and a loss of 20: p = 3/4, b = 1, f = 1/2, half of it 1/4.
    for (const std::int64_t result : {20, 20, -20}) trade(result);
    EXPECT_EQ(model.size(instrument, price_of("10"), equity), units(200));
    trade(20);
    EXPECT_EQ(model.size(instrument, price_of("10"), equity), units(2'500));
}

// Two assets are at equal risk when they are weighted by their inverse volatilities, whatever the
// correlation (Maillard, Roncalli, Teiletche 2010, section 2.2).
TEST(RiskParity, WeighsTwoAssetsByTheirInverseVolatility) {
    for (const double correlation : {-0.5, 0.0, 0.9}) {
        const double covariance[] = {0.04, correlation * 0.02, correlation * 0.02, 0.01};
        double weights[2];
        ASSERT_TRUE(equal_risk_weights(covariance, weights));
        EXPECT_NEAR(weights[0], 1.0 / 3, 1e-9);
        EXPECT_NEAR(weights[1], 2.0 / 3, 1e-9);
    }
}

// The defining property, checked as such: w_i (S w)_i is the same for every asset.
TEST(RiskParity, GivesEveryAssetTheSameShareOfTheVariance) {
    const double s[] = {0.040,  0.018, 0.004, -0.006,  //
                        0.018,  0.090, 0.010, 0.002,   //
                        0.004,  0.010, 0.010, 0.001,   //
                        -0.006, 0.002, 0.001, 0.0225};
    double w[4];
    ASSERT_TRUE(equal_risk_weights(s, w));
    double sum = 0, first = 0;
    for (int i = 0; i < 4; ++i) {
        double row = 0;
        for (int j = 0; j < 4; ++j) row += s[i * 4 + j] * w[j];
        if (i == 0) first = w[0] * row;
        EXPECT_NEAR(w[i] * row, first, 1e-12);
        EXPECT_GT(w[i], 0);
        sum += w[i];
    }
    EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(RiskParity, RefusesAnAssetWithoutVariance) {
    const double s[] = {0.04, 0, 0, 0};
    double w[2];
    EXPECT_FALSE(equal_risk_weights(s, w));
}

// Returns of +-2% and +-1%, in step: volatilities 2:1, weights 1/3 and 2/3 of 900,000.
TEST(RiskParity, SpreadsTheBudgetOverTheInstruments) {
    Sizing sizing;
    sizing.type = Type::kRiskParity;
    sizing.fraction = *parse<Ratio>("0.9");
    sizing.period = 4;
    HostedStrategy h(sizing, 2);
    h.start();
    const char* wild[] = {"100", "102", "99.96", "101.9592", "99.920016"};
    const char* calm[] = {"100", "101", "99.99", "100.9899", "99.980001"};
    for (int n = 0; n < 5; ++n) {
        EXPECT_TRUE(size_at(h, "100").is_zero());
        h.bar(wild[n], wild[n], wild[n], wild[n]);
        h.bar(calm[n], calm[n], calm[n], calm[n], 0, InstrumentId{1});
    }
    EXPECT_NEAR(static_cast<double>(size_at(h, "100").raw()) / 1e8, 3'000, 1);
    EXPECT_NEAR(static_cast<double>(size_at(h, "100", InstrumentId{1}).raw()) / 1e8, 6'000, 1);
}

}  // namespace
}  // namespace fermata
