// Interest, borrow fees and variation margin at the end of a day.

#include <gtest/gtest.h>

#include "core/account/accrual_record.hpp"
#include "tests/core/account/account_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0}, kEuro{2};

Ratio percent(std::int64_t p) { return Ratio::from_raw(p * 10'000'000); }

struct EndOfDay : ::testing::Test {
    AccountWorld world;
    AccountBook book = world.book();
    FinancingRates rates;
    std::int64_t day = 20'000;

    EndOfDay() {
        rates.interest = {{percent(9), percent(4)}, {percent(6), percent(2)}};  // USD, EUR
        rates.borrow = {percent(3)};                                            // SPY
        rates.borrow_default = percent(18);
    }
    void fill(Side side, std::int64_t quantity, Price at, InstrumentId i = W::kSpy,
              std::uint64_t id = 0) {
        ASSERT_TRUE(book.book_fill({Timestamp{1}, i, kMain, StrategyId{0}, side, at,
                                    units(quantity), Money::zero(), world.usd, id}));
    }
    [[nodiscard]] Timestamp evening() const { return Timestamp{} + Duration::hours(24 * day + 21); }
    /// The end of the day so many days later.
    std::vector<Accrual> end(std::int64_t days_later, AccountId a = kMain) {
        day += days_later;
        std::vector<Accrual> all;
        book.end_of_day(a, evening(), evening(), rates,
                        [&](const Accrual& x) { all.push_back(x); });
        return all;
    }
};

TEST_F(EndOfDay, PaysCreditInterestForCalendarDaysOver360) {
    EXPECT_TRUE(end(0).empty());  // the first time there is nothing to count from
    const auto x = end(1);
    ASSERT_EQ(x.size(), 1U);
    EXPECT_EQ(x[0].change, PositionChange::kFinancing);
    EXPECT_EQ(x[0].account, kMain);
    EXPECT_EQ(x[0].currency, world.usd);
    EXPECT_EQ(x[0].amount, dollars(11, 111'111));  // 100,000 x 4% / 360 = 11.1111...
    EXPECT_EQ(x[0].cash_after, dollars(100'011, 111'111));
    EXPECT_TRUE(end(0).empty());                           // the same day again
    EXPECT_EQ(end(3).at(0).amount, dollars(33, 337'037));  // over a weekend, on 100,011.111111
    EXPECT_EQ(book.interest(kMain, world.usd), dollars(44, 448'148));
    EXPECT_EQ(book.equity(kMain), dollars(100'044, 448'148));
}

TEST_F(EndOfDay, ChargesDebitInterestOnWhatIsBorrowed) {
    fill(Side::kBuy, 2'000, price(90));  // cash -80,000
    end(0);
    EXPECT_EQ(end(1).at(0).amount, dollars(-20));  // 80,000 x 9% / 360
}

TEST_F(EndOfDay, PaysNothingForTheProceedsOfShortSalesAndChargesTheBorrow) {
    fill(Side::kSell, 1'000, price(60));
    book.on_mark(W::kSpy, price(72));
    end(0);
    const auto x = end(1);
    ASSERT_EQ(x.size(), 2U);
    // 160,000 - 72,000 = 88,000 x 4% / 360; 72,000 x 3% / 360.
    EXPECT_EQ(x[0].amount, dollars(9, 777'778));
    EXPECT_EQ(x[1].change, PositionChange::kBorrow);
    EXPECT_EQ(x[1].instrument, W::kSpy);
    EXPECT_EQ(x[1].amount, dollars(-6));
    EXPECT_EQ(book.borrow_fees(kMain, world.usd), dollars(6));
    EXPECT_EQ(x[1].cash_after, book.cash(kMain, world.usd));
}

TEST_F(EndOfDay, TakesTheDefaultRateWhereNoneIsGiven) {
    ASSERT_TRUE(book.book_fill({Timestamp{1}, W::kSap, kEuro, StrategyId{0}, Side::kSell, price(20),
                                units(10), Money::zero(), world.eur}));
    end(0, kEuro);
    const auto x = end(1, kEuro);
    ASSERT_EQ(x.size(), 2U);
    EXPECT_EQ(x[0].amount, dollars(0, 55'556));    // 1,000 EUR x 2% / 360
    EXPECT_EQ(x[1].amount, dollars(0, -100'000));  // 200 x 18% / 360
    EXPECT_EQ(x[1].currency, world.eur);
}

TEST_F(EndOfDay, SettlesFuturesAndStatesCashAsTheBrokerDoes) {
    fill(Side::kBuy, 2, price(5'000), W::kEs);
    EXPECT_EQ(book.settled_cash(kMain, world.usd), dollars(100'000));
    book.on_mark(W::kEs, price(5'010));
    const auto x = end(0);
    ASSERT_EQ(x.size(), 1U);
    EXPECT_EQ(x[0].change, PositionChange::kSettlement);
    EXPECT_EQ(x[0].instrument, W::kEs);
    EXPECT_EQ(x[0].amount, dollars(1'000));  // 2 x 10 x 50
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kAverage), dollars(1'000));
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kLots), dollars(1'000));
    EXPECT_EQ(book.unrealized(kMain, W::kEs, CostMethod::kLots), Money::zero());
    EXPECT_EQ(book.settled_cash(kMain, world.usd), dollars(101'000));
    EXPECT_EQ(book.equity(kMain), dollars(101'000));
    book.on_mark(W::kEs, price(5'004));
    const auto y = end(1);
    // Interest on what is settled, 101,000 - 600, before the next settlement of -600.
    ASSERT_EQ(y.size(), 2U);
    EXPECT_EQ(y[0].amount, dollars(11, 155'556));
    EXPECT_EQ(y[1].amount, dollars(-600));
    fill(Side::kSell, 2, price(5'004), W::kEs);
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kAverage), dollars(400));
}

TEST_F(EndOfDay, TakesBackAFillThatWasSettledSince) {
    fill(Side::kBuy, 2, price(5'000), W::kEs, 1);
    fill(Side::kBuy, 1, price(5'001), W::kEs, 2);
    book.on_mark(W::kEs, price(5'010));
    end(0);
    book.on_mark(W::kEs, price(5'020));
    ASSERT_TRUE(book.cancel_fill(kMain, W::kEs, 1));
    // One contract from 5,001: 450 settled at 5,010, 500 open since.
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kAverage), dollars(450));
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kLots), dollars(450));
    EXPECT_EQ(book.unrealized(kMain, W::kEs, CostMethod::kAverage), dollars(500));
    EXPECT_EQ(book.settled_cash(kMain, world.usd), dollars(100'950));
    ASSERT_TRUE(book.cancel_fill(kMain, W::kEs, 2));
    EXPECT_EQ(book.settled_cash(kMain, world.usd), dollars(100'000));
    EXPECT_EQ(book.realized(kMain, W::kEs, CostMethod::kAverage), Money::zero());
}

TEST_F(EndOfDay, GoesOnRecordWithCashAndPositionAsTheyStand) {
    fill(Side::kSell, 10, price(60));
    end(0);
    const auto x = end(1);
    ASSERT_EQ(x.size(), 2U);
    const OrderEvent e = to_record(x[1], book, Timestamp{5});
    EXPECT_EQ(e.type, OrderEventType::kPosition);
    EXPECT_EQ(e.ts, Timestamp{5});
    EXPECT_EQ(e.instrument, W::kSpy);
    EXPECT_EQ(e.data.position.change, PositionChange::kBorrow);
    EXPECT_EQ(e.data.position.position, units(-10));
    EXPECT_EQ(e.data.position.strategy, StrategyId{0xffff});
    EXPECT_EQ(e.data.position.cash, book.cash(kMain, world.usd));
    EXPECT_EQ(e.data.position.amount, x[1].amount);
    EXPECT_EQ(to_record(x[0], book, Timestamp{5}).data.position.position, units(-10));
}

TEST_F(EndOfDay, KnowsAfterARestartUpToWhenInterestWasPaid) {
    end(0);
    fill(Side::kBuy, 1, price(5'000), W::kEs, 1);
    end(1);
    test::restart(book, world.book());
    EXPECT_EQ(end(2).at(0).amount, dollars(22, 224'691));  // 100,011.111111 x 4% x 2 / 360
    ASSERT_TRUE(book.cancel_fill(kMain, W::kEs, 1));
}

}  // namespace
}  // namespace fermata
