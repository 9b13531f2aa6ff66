#include "core/account/account_book.hpp"

#include <gtest/gtest.h>

#include "tests/core/account/account_world.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0}, kMixed{1}, kEuro{2};
constexpr StrategyId kFirst{0}, kSecond{1};

struct Books : AccountWorld {
    AccountBook book = AccountWorld::book();

    FillBooking fill(AccountId a, InstrumentId i, Side side, Quantity q, Price p,
                     Money fee = Money::zero(), CurrencyId fee_currency = CurrencyId{0},
                     StrategyId s = kFirst) {
        return *book.book_fill({Timestamp{1}, i, a, s, side, p, q, fee, fee_currency});
    }
};

CorporateActionData split(std::int64_t numerator, std::int64_t denominator) {
    CorporateActionData d;
    d.kind = CorporateActionKind::kSplit;
    d.numerator = numerator;
    d.denominator = denominator;
    return d;
}
CorporateActionData dividend(Price cash) {
    CorporateActionData d;
    d.kind = CorporateActionKind::kDividend;
    d.cash = cash;
    return d;
}

TEST(AccountBook, MovesCashPositionAndFeeWithAFill) {
    Books w;
    const auto b = w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(100, 500), dollars(1));
    EXPECT_EQ(b.value, dollars(1'005));
    EXPECT_EQ(b.cash_after, dollars(98'994));
    EXPECT_EQ(b.position_after, units(10));
    EXPECT_EQ(b.strategy_position_after, units(10));
    EXPECT_EQ(b.realized, Money::zero());
    EXPECT_EQ(w.book.fees(kMain, w.usd), dollars(1));
    EXPECT_EQ(w.book.equity(kMain), dollars(99'999));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(1'005));
}

TEST(AccountBook, RealisesByAverageCostAndByFirstInFirstOut) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(10));
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(20));
    const auto b = w.fill(kMain, W::kSpy, Side::kSell, units(10), price(30));
    EXPECT_EQ(b.realized, dollars(150));       // 300 - 10 x 15
    EXPECT_EQ(b.realized_lots, dollars(200));  // 300 - 10 x 10
    w.book.on_mark(W::kSpy, price(40));
    EXPECT_EQ(w.book.unrealized(kMain, W::kSpy, CostMethod::kAverage), dollars(250));
    EXPECT_EQ(w.book.unrealized(kMain, W::kSpy, CostMethod::kLots), dollars(200));
}

TEST(AccountBook, ClosesALongAndOpensAShortWithOneFill) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(10));
    const auto b = w.fill(kMain, W::kSpy, Side::kSell, units(15), price(12));
    EXPECT_EQ(b.realized, dollars(20));
    EXPECT_EQ(b.position_after, units(-5));
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kAverage), dollars(-60));
    w.book.on_mark(W::kSpy, price(11));
    EXPECT_EQ(w.book.unrealized(kMain, W::kSpy, CostMethod::kAverage), dollars(5));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(55));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'025));
    const auto c = w.fill(kMain, W::kSpy, Side::kBuy, units(5), price(13));
    EXPECT_EQ(c.realized, dollars(-5));
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kAverage), Money::zero());
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kLots), Money::zero());
}

TEST(AccountBook, LeavesNoCostBehindWhenALongRowOfPartsCloses) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(7), Price::from_raw(1'000'000'143));
    Money realized;
    for (int n = 0; n < 7; ++n) {
        realized += w.fill(kMain, W::kSpy, Side::kSell, units(1), price(1)).realized;
    }
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kAverage), Money::zero());
    EXPECT_EQ(realized.raw(), -1);  // 7.000001001 bought, 7 sold
    EXPECT_EQ(w.book.equity(kMain), dollars(100'000) + realized);
}

TEST(AccountBook, AppliesTheMultiplierToValueAndProfit) {
    Books w;
    w.fill(kMain, W::kEs, Side::kSell, units(2), price(5'000));
    w.book.on_mark(W::kEs, price(4'990));
    EXPECT_EQ(w.book.position_value(kMain, W::kEs), dollars(-499'000));
    EXPECT_EQ(w.book.equity(kMain), dollars(101'000));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(499'000));
}

TEST(AccountBook, TakesNegativePricesAsTheyAre) {
    Books w;
    const auto b = w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(-37));
    EXPECT_EQ(b.cash_after, dollars(100'370));
    w.book.on_mark(W::kSpy, price(-40));
    EXPECT_EQ(w.book.unrealized(kMain, W::kSpy, CostMethod::kLots), dollars(-30));
    EXPECT_EQ(w.book.equity(kMain), dollars(99'970));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(400));
}

TEST(AccountBook, KnowsTheEquityOnlyWhenEveryBalanceCanBeValued) {
    Books w;
    EXPECT_TRUE(w.book.equity_known(kMain));
    EXPECT_FALSE(w.book.equity_known(kMixed));  // 10,000 EUR, and no EURUSD yet
    EXPECT_EQ(w.book.equity(kMixed), dollars(50'000));
    w.book.on_mark(W::kEurUsd, price(1, 100));
    EXPECT_TRUE(w.book.equity_known(kMixed));
    EXPECT_EQ(w.book.equity(kMixed), dollars(61'000));
    w.book.on_mark(W::kEurUsd, price(1, 200));
    EXPECT_EQ(w.book.equity(kMixed), dollars(62'000));
    w.book.on_mark(W::kEurUsd, price(0));
    EXPECT_FALSE(w.book.equity_known(kMixed));
}

TEST(AccountBook, ValuesABalanceByTheInversePair) {
    Books w;
    w.book.on_mark(W::kUsdJpy, price(150));
    w.fill(kMain, W::kSony, Side::kBuy, units(100), price(3'000));
    EXPECT_TRUE(w.book.equity_known(kMain));
    EXPECT_EQ(w.book.cash(kMain, w.jpy), dollars(-300'000));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'000));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(2'000));
    w.book.on_mark(W::kSony, price(3'300));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'200));  // 30,000 / 150
    w.book.on_mark(W::kUsdJpy, price(100));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'300));
    EXPECT_EQ(w.book.gross_value(kMain), dollars(3'300));
    // An account in euros has no pair for yen at all.
    w.fill(kEuro, W::kSony, Side::kBuy, units(1), price(3'300));
    EXPECT_FALSE(w.book.equity_known(kEuro));
    EXPECT_EQ(w.book.equity(kEuro), dollars(1'000));
}

TEST(AccountBook, ValuesDollarsOfAEuroAccountByTheSamePair) {
    Books w;
    w.book.on_mark(W::kEurUsd, price(1, 250));
    w.fill(kEuro, W::kSpy, Side::kSell, units(10), price(100));
    w.book.on_mark(W::kSpy, price(75));
    EXPECT_EQ(w.book.equity(kEuro), dollars(1'200));  // 250 USD gained = 200 EUR
    EXPECT_EQ(w.book.in_base(kEuro, w.usd, dollars(5)), dollars(4));
    EXPECT_EQ(w.book.in_base(kEuro, w.gbp, dollars(5)), std::nullopt);
    EXPECT_EQ(w.book.in_base(kEuro, w.gbp, Money::zero()), Money::zero());
}

TEST(AccountBook, TakesFeesInAnyCurrency) {
    Books w;
    w.book.on_mark(W::kEurUsd, price(1, 100));
    w.fill(kMixed, W::kSpy, Side::kBuy, units(1), price(100), dollars(10), w.eur);
    EXPECT_EQ(w.book.cash(kMixed, w.usd), dollars(49'900));
    EXPECT_EQ(w.book.cash(kMixed, w.eur), dollars(9'990));
    EXPECT_EQ(w.book.equity(kMixed), dollars(60'989));
    w.fill(kMain, W::kSpy, Side::kBuy, units(1), price(100), dollars(-1), w.gbp);  // a rebate
    EXPECT_EQ(w.book.fees(kMain, w.gbp), dollars(-1));
    EXPECT_FALSE(w.book.equity_known(kMain));
}

TEST(AccountBook, BooksNothingOfAFillThatDoesNotFit) {
    Books w;
    const std::uint64_t before = w.book.state_hash();
    const auto huge = w.book.book_fill({Timestamp{1}, W::kSpy, kMain, kFirst, Side::kBuy,
                                        Price::max(), units(10'000), Money::zero(), w.usd});
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error(), NumberError::kOverflow);
    EXPECT_EQ(w.book.state_hash(), before);
    // 9.2e9 x 900 fits, but not twice.
    const FillToBook big{Timestamp{1}, W::kSpy,    kMain,         kFirst, Side::kBuy,
                         Price::max(), units(900), Money::zero(), w.usd};
    ASSERT_TRUE(w.book.book_fill(big));
    EXPECT_FALSE(w.book.book_fill(big));
    EXPECT_EQ(w.book.position(kMain, W::kSpy), units(900));
}

TEST(AccountBook, SaysThatAPositionBeyondMoneyIsNotValued) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10'000), price(1));
    w.book.on_mark(W::kSpy, Price::max());
    EXPECT_FALSE(w.book.equity_known(kMain));
    EXPECT_EQ(w.book.equity(kMain), dollars(90'000));
    w.book.on_mark(W::kSpy, price(2));
    EXPECT_TRUE(w.book.equity_known(kMain));
    EXPECT_EQ(w.book.equity(kMain), dollars(110'000));
}

TEST(AccountBook, KeepsPositionsOfStrategiesApart) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(1));
    w.fill(kMain, W::kSpy, Side::kSell, units(4), price(1), Money::zero(), w.usd, kSecond);
    EXPECT_EQ(w.book.position(kMain, W::kSpy), units(6));
    EXPECT_EQ(w.book.strategy_position(kFirst, W::kSpy), units(10));
    EXPECT_EQ(w.book.strategy_position(kSecond, W::kSpy), units(-4));
}

TEST(AccountBook, SplitsPositionCostAndMarkWithoutChangingEquity) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(100));
    w.book.on_mark(W::kSpy, price(120));
    const auto b = w.book.book_action(kMain, W::kSpy, split(4, 1));
    w.book.adjust_strategy(kFirst, W::kSpy, split(4, 1));
    w.book.adjust_mark(W::kSpy, split(4, 1));
    EXPECT_EQ(b->position, units(40));
    EXPECT_EQ(b->amount, Money::zero());
    EXPECT_EQ(w.book.mark(W::kSpy), price(30));
    EXPECT_EQ(w.book.strategy_position(kFirst, W::kSpy), units(40));
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kAverage), dollars(1'000));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'200));
}

TEST(AccountBook, PaysCashForTheFractionThatASplitLeaves) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(9));
    w.fill(kMain, W::kSpy, Side::kBuy, units(5), price(12));
    w.book.on_mark(W::kSpy, price(12));
    // 15 shares at 12, 1 for 10: 1.5 shares at 120: one share is kept, 0.5 x 120 paid.
    const auto b = w.book.book_action(kMain, W::kSpy, split(1, 10));
    w.book.adjust_mark(W::kSpy, split(1, 10));
    EXPECT_EQ(b->position, units(1));
    EXPECT_EQ(b->amount, dollars(60));
    EXPECT_EQ(b->cash, dollars(99'910));
    // Cost 150: average gives up a third, FIFO half of the first lot (1.0 shares for 90).
    EXPECT_EQ(w.book.realized(kMain, W::kSpy, CostMethod::kAverage), dollars(10));
    EXPECT_EQ(w.book.realized(kMain, W::kSpy, CostMethod::kLots), dollars(15));
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kAverage), dollars(100));
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kLots), dollars(105));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'030));
}

TEST(AccountBook, ClosesAPositionThatASplitDissolves) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kSell, units(3), price(10));
    const auto b = w.book.book_action(kMain, W::kSpy, split(1, 4));
    EXPECT_EQ(b->position, Quantity::zero());
    EXPECT_EQ(b->amount, dollars(-30));  // 0.75 shares bought back at 40
    EXPECT_EQ(w.book.cost(kMain, W::kSpy, CostMethod::kLots), Money::zero());
    EXPECT_EQ(w.book.equity(kMain), dollars(100'000));
    EXPECT_EQ(w.book.gross_value(kMain), Money::zero());
}

TEST(AccountBook, PaysDividendsToHoldersAndTakesThemFromShorts) {
    Books w;
    w.fill(kMain, W::kSpy, Side::kBuy, units(10), price(100));
    w.fill(kMixed, W::kSpy, Side::kSell, units(4), price(100));
    const auto d = dividend(price(1, 500));
    EXPECT_EQ(w.book.book_action(kMain, W::kSpy, d)->amount, dollars(15));
    EXPECT_EQ(w.book.book_action(kMixed, W::kSpy, d)->amount, dollars(-6));
    w.book.adjust_mark(W::kSpy, d);
    EXPECT_EQ(w.book.mark(W::kSpy), price(98, 500));
    EXPECT_EQ(w.book.equity(kMain), dollars(100'000));
    EXPECT_EQ(w.book.cash(kMixed, w.usd), dollars(50'394));
}

}  // namespace
}  // namespace fermata
