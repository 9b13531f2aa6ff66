// Margin: worked examples of Regulation T and of FINRA Rule 4210, and the models' borders.

#include "core/account/margin.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/core/account/account_world.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0}, kMixed{1};

/// One account with so much cash, and what it trades.
struct Margin : ::testing::Test {
    AccountWorld world;
    std::unique_ptr<AccountBook> book;
    std::unique_ptr<MarginModel> model;

    void start(AccountConfig::Margin kind, std::int64_t cash,
               AccountConfig::Book positions = AccountConfig::Book::kNetting) {
        world.accounts[0].margin = kind;
        world.accounts[0].book = positions;
        world.accounts[0].cash = {{world.usd, dollars(cash)}};
        book = std::make_unique<AccountBook>(world.instruments, world.accounts, W::kStrategies);
        model = std::make_unique<MarginModel>(world.instruments, world.accounts);
    }
    void trade(Side side, std::int64_t quantity, Price at, InstrumentId i = W::kSpy,
               StrategyId s = StrategyId{0}) {
        ASSERT_TRUE(book->book_fill(
            {Timestamp{1}, i, kMain, s, side, at, units(quantity), Money::zero(), world.usd}));
        book->on_mark(i, at);
    }
    MarginState now() { return model->state(*book, kMain); }
    bool allows(Side side, std::int64_t quantity, Price at, InstrumentId i = W::kSpy,
                StrategyId s = StrategyId{0}) {
        return model->allows(*book, kMain, {i, s, side, units(quantity), at});
    }
};
using MarginRegulation = Margin;

constexpr auto kRegT = AccountConfig::Margin::kRegT;

// 12 CFR 220.12(a): 50% of the market value. Shares for 20,000 need 10,000; the other half is lent.
TEST_F(MarginRegulation, RegulationTAsksForHalfOfWhatIsBought) {
    start(kRegT, 10'000);
    EXPECT_EQ(now().buying_power, dollars(20'000));
    EXPECT_TRUE(allows(Side::kBuy, 200, price(100)));
    EXPECT_FALSE(allows(Side::kBuy, 201, price(100)));
    trade(Side::kBuy, 200, price(100));
    EXPECT_EQ(now().initial, dollars(10'000));
    EXPECT_EQ(now().maintenance, dollars(5'000));  // FINRA 4210(c)(1): 25%
    EXPECT_EQ(now().excess, Money::zero());
    EXPECT_EQ(now().buying_power, Money::zero());
}

// FINRA 4210(c)(1): with a loan D the call comes when the value falls below D / (1 - 0.25):
// 10,000 / 0.75 = 13,333.33, a price of 66.67.
TEST_F(MarginRegulation, Finra4210CallsForMarginBelowAQuarterOfTheValue) {
    start(kRegT, 10'000);
    trade(Side::kBuy, 200, price(100));
    book->on_mark(W::kSpy, price(66, 670));
    EXPECT_FALSE(now().cushion.is_negative());
    book->on_mark(W::kSpy, price(66, 660));
    EXPECT_TRUE(now().cushion.is_negative());
    book->on_mark(W::kSpy, price(60));
    // Equity 2,000, 25% of 12,000 is 3,000.
    EXPECT_EQ(now().equity, dollars(2'000));
    EXPECT_EQ(now().cushion, dollars(-1'000));
    EXPECT_FALSE(allows(Side::kBuy, 1, price(60)));
    EXPECT_TRUE(allows(Side::kSell, 100, price(60)));  // it lowers what is needed
}

// 12 CFR 220.12(c)(1): 150% of the market value, of which the proceeds are 100%. 1,000 shares sold
// short at 50 with 25,000: the credit is 75,000 = 150% of 50,000.
TEST_F(MarginRegulation, RegulationTAsksForOneAndAHalfOfWhatIsSoldShort) {
    start(kRegT, 25'000);
    EXPECT_TRUE(allows(Side::kSell, 1'000, price(50)));
    EXPECT_FALSE(allows(Side::kSell, 1'001, price(50)));
    trade(Side::kSell, 1'000, price(50));
    EXPECT_EQ(book->cash(kMain, world.usd), dollars(75'000));
    EXPECT_EQ(now().short_value, dollars(50'000));
    EXPECT_EQ(now().initial, dollars(25'000));
    EXPECT_EQ(now().excess, Money::zero());
    // The call comes above C / 1.3 = 57,692.31, a price of 57.69.
    book->on_mark(W::kSpy, price(57, 690));
    EXPECT_FALSE(now().cushion.is_negative());
    book->on_mark(W::kSpy, price(57, 700));
    EXPECT_TRUE(now().cushion.is_negative());
}

// FINRA 4210(c)(2), (3), the examples that brokers give for it: 1,000 at 50: 30% = 15,000; 10,000
// at 5: 5 a share = 50,000; 10,000 at 4.50: 100% = 45,000; 50,000 at 1: 2.50 a share = 125,000.
TEST_F(MarginRegulation, Finra4210AsksForMoreOnLowPricedShorts) {
    const auto maintenance = [&](std::int64_t quantity, Price at) {
        start(kRegT, 1'000'000);
        trade(Side::kSell, quantity, at);
        return now().maintenance;
    };
    EXPECT_EQ(maintenance(1'000, price(50)), dollars(15'000));
    EXPECT_EQ(maintenance(10'000, price(5)), dollars(50'000));
    EXPECT_EQ(maintenance(10'000, price(4, 500)), dollars(45'000));
    EXPECT_EQ(maintenance(50'000, price(1)), dollars(125'000));
    // From 16.67 on 30% is more than 5 a share.
    EXPECT_EQ(maintenance(100, price(16)), dollars(500));
    EXPECT_EQ(maintenance(100, price(17)), dollars(510));
    // What must be kept must be there at the beginning: 100 a 4.50 need 450, not the 225 of 150%.
    EXPECT_EQ(now().initial, dollars(2'000));  // and never less than the minimum equity
    start(kRegT, 1'000'000);
    trade(Side::kSell, 10'000, price(4, 500));
    EXPECT_EQ(now().initial, dollars(45'000));
}

// FINRA 4210(b): 2,000, but not more than the cost of what is bought.
TEST_F(MarginRegulation, Finra4210AsksForTwoThousandOfWhoBorrows) {
    start(kRegT, 1'500);
    EXPECT_TRUE(allows(Side::kBuy, 15, price(100)));   // paid in full
    EXPECT_FALSE(allows(Side::kBuy, 16, price(100)));  // 50% would be 800
    EXPECT_FALSE(allows(Side::kSell, 1, price(100)));
    start(kRegT, 2'000);
    EXPECT_TRUE(allows(Side::kBuy, 40, price(100)));
    EXPECT_TRUE(allows(Side::kSell, 40, price(100)));
}

TEST_F(Margin, PaysForEverythingInACashAccount) {
    start(AccountConfig::Margin::kCash, 1'000);
    EXPECT_EQ(now().buying_power, dollars(1'000));
    EXPECT_TRUE(allows(Side::kBuy, 10, price(100)));
    EXPECT_FALSE(allows(Side::kBuy, 11, price(100)));
    EXPECT_FALSE(allows(Side::kSell, 1, price(100)));
    trade(Side::kBuy, 4, price(100));
    book->on_mark(W::kSpy, price(150));
    // A profit that is open buys nothing: the cash is 600.
    EXPECT_EQ(now().buying_power, dollars(600));
    EXPECT_TRUE(allows(Side::kSell, 4, price(150)));
    EXPECT_FALSE(allows(Side::kSell, 5, price(150)));
}

TEST_F(Margin, LosesAtOnceWhatAnOrderPaysAboveTheMark) {
    start(kRegT, 10'000);
    book->on_mark(W::kSpy, price(100));
    const MarginState s =
        model->after(*book, kMain, {W::kSpy, StrategyId{0}, Side::kBuy, units(100), price(110)});
    EXPECT_EQ(s.equity, dollars(9'000));
    EXPECT_EQ(s.long_value, dollars(10'000));
    EXPECT_EQ(s.excess, dollars(4'000));
    EXPECT_EQ(now().equity, dollars(10'000));  // nothing was booked
}

TEST_F(Margin, TakesHaircutsByAssetClass) {
    start(AccountConfig::Margin::kHouse, 10'000);
    EXPECT_EQ(now().buying_power, dollars(20'000));
    trade(Side::kBuy, 100, price(100));
    EXPECT_EQ(now().initial, dollars(5'000));
    EXPECT_EQ(now().maintenance, dollars(3'000));
    trade(Side::kSell, 300, price(100));
    EXPECT_EQ(now().initial, dollars(10'000));  // short 20,000: 50%
    EXPECT_EQ(now().maintenance, dollars(8'000));
}

TEST_F(Margin, ChargesBothSidesOfAHedgingAccount) {
    start(kRegT, 100'000, AccountConfig::Book::kHedging);
    trade(Side::kBuy, 100, price(100), W::kSpy, StrategyId{0});
    trade(Side::kSell, 100, price(100), W::kSpy, StrategyId{1});
    EXPECT_EQ(book->position(kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(book->gross_position(kMain, W::kSpy), units(200));
    EXPECT_EQ(now().long_value, dollars(10'000));
    EXPECT_EQ(now().short_value, dollars(10'000));
    EXPECT_EQ(now().maintenance, dollars(5'500));  // 25% + 30%
    const MarginState s =
        model->after(*book, kMain, {W::kSpy, StrategyId{1}, Side::kBuy, units(100), price(100)});
    EXPECT_EQ(s.maintenance, dollars(2'500));
}

TEST_F(Margin, ValuesForeignSharesInTheBaseCurrencyOrSaysThatItCannot) {
    world.accounts[1].margin = kRegT;
    start(kRegT, 0);
    book->on_mark(W::kSap, price(100));
    const MarginOrder buy{W::kSap, StrategyId{0}, Side::kBuy, units(10), price(100)};
    EXPECT_FALSE(model->after(*book, kMixed, buy).known);
    EXPECT_FALSE(model->allows(*book, kMixed, buy));
    book->on_mark(W::kEurUsd, price(1, 200));
    const MarginState s = model->after(*book, kMixed, buy);
    EXPECT_TRUE(s.known);
    EXPECT_EQ(s.long_value, dollars(1'200));
    EXPECT_EQ(s.initial, dollars(600));
}

TEST_F(Margin, DoesNotTakeANegativePriceForAnAsset) {
    start(AccountConfig::Margin::kHouse, 10'000);
    trade(Side::kBuy, 100, price(1));
    book->on_mark(W::kSpy, price(-37));
    EXPECT_EQ(now().long_value, dollars(-3'700));
    EXPECT_EQ(now().maintenance, dollars(1'110));  // 30% of the size
}

}  // namespace
}  // namespace fermata
