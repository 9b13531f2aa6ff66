// Positions that accounts hold before anything is traded.

#include <gtest/gtest.h>

#include <random>

#include "core/account/account_book.hpp"
#include "core/account/lot_ledger.hpp"
#include "tests/core/account/account_world.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0};
constexpr StrategyId kFirst{0}, kSecond{1};
constexpr Timestamp kOpened{1'000};

OpeningPosition held(InstrumentId instrument, StrategyId strategy, Quantity quantity, Price cost,
                     Price mark) {
    return {instrument, strategy, quantity, cost, mark, kOpened};
}

TEST(Opening, IsHeldAtItsCostWithoutMovingCash) {
    AccountWorld world;
    world.accounts[0].positions = {held(W::kSpy, kFirst, units(100), price(400), price(450)),
                                   held(W::kEs, kSecond, -units(2), price(5000), price(5100))};
    const AccountBook book = world.book();
    EXPECT_EQ(book.cash(kMain, world.usd), dollars(100'000));
    EXPECT_EQ(book.position(kMain, W::kSpy), units(100));
    EXPECT_EQ(book.strategy_position(kFirst, W::kSpy), units(100));
    EXPECT_EQ(book.strategy_position(kSecond, W::kSpy), Quantity::zero());
    EXPECT_EQ(book.strategy_position(kSecond, W::kEs), -units(2));
    EXPECT_EQ(book.strategy_cost(kSecond, W::kEs), -dollars(500'000));
    EXPECT_EQ(book.unrealized(kMain, W::kSpy, CostMethod::kAverage), dollars(5'000));
    EXPECT_EQ(book.unrealized(kMain, W::kSpy, CostMethod::kLots), dollars(5'000));
    EXPECT_EQ(book.unrealized(kMain, W::kEs, CostMethod::kAverage), -dollars(10'000));
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kAverage), Money::zero());
    EXPECT_EQ(book.fees(kMain, world.usd), Money::zero());
    ASSERT_TRUE(book.equity_known(kMain));
    EXPECT_EQ(book.equity(kMain), dollars(100'000 + 45'000 - 510'000));
    ASSERT_EQ(book.openings().size(), 2U);
    EXPECT_EQ(book.openings()[1].held.strategy, kSecond);
}

TEST(Opening, IsWorthItsMarkUntilTheMarketSaysOtherwise) {
    AccountWorld world;
    world.accounts[0].positions = {held(W::kSpy, kFirst, units(10), price(400), price(450))};
    AccountBook book = world.book();
    EXPECT_EQ(book.mark_source(W::kSpy), MarkSource::kFill);
    book.on_mark(W::kSpy, price(300), Timestamp{2'000});
    EXPECT_EQ(book.equity(kMain), dollars(103'000));
}

TEST(Opening, InACurrencyWithoutARateLeavesTheEquityUnknown) {
    AccountWorld world;
    world.accounts[0].positions = {held(W::kSap, kFirst, units(10), price(100), price(100))};
    AccountBook book = world.book();
    EXPECT_FALSE(book.equity_known(kMain));
    EXPECT_EQ(book.cash(kMain, world.eur), Money::zero());
    book.on_mark(W::kEurUsd, price(1, 100), Timestamp{2'000});
    ASSERT_TRUE(book.equity_known(kMain));
    EXPECT_EQ(book.equity(kMain), dollars(101'100));
}

// From there on everything is as in an account that bought the same at the same prices, and that
// began with so much more cash: whatever is filled, taken back, split or paid.
TEST(Opening, IsFollowedAsABoughtPositionIs) {
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        AccountWorld given, bought;
        const bool is_long = seed % 2 == 0;
        for (int n = 1; n <= 3; ++n) {
            const Quantity q = is_long ? units(10 * n) : -units(10 * n);
            given.accounts[0].positions.push_back(
                held(W::kSpy, kFirst, q, price(100 + n), price(101)));
        }
        AccountBook with = given.book();
        bought.accounts[0].cash[0].second +=
            is_long ? dollars(1'010 + 2'040 + 3'090) : -dollars(1'010 + 2'040 + 3'090);
        AccountBook without = bought.book();
        for (int n = 1; n <= 3; ++n) {
            ASSERT_TRUE(without.book_fill({kOpened, W::kSpy, kMain, kFirst,
                                           is_long ? Side::kBuy : Side::kSell, price(100 + n),
                                           units(10 * n), Money::zero(), given.usd, 0}));
        }
        std::vector<std::uint64_t> fills;
        for (std::uint64_t n = 1; n <= 200; ++n) {
            const auto pick = random() % 8;
            const Timestamp now{static_cast<std::int64_t>(2'000 + n)};
            const Price p = price(80 + static_cast<std::int64_t>(random() % 50));
            if (pick < 5) {
                const FillToBook fill{now,
                                      W::kSpy,
                                      kMain,
                                      random() % 2 == 0 ? kFirst : kSecond,
                                      random() % 2 == 0 ? Side::kBuy : Side::kSell,
                                      p,
                                      units(1 + static_cast<std::int64_t>(random() % 40)),
                                      dollars(1),
                                      given.usd,
                                      n};
                ASSERT_TRUE(with.book_fill(fill));
                ASSERT_TRUE(without.book_fill(fill));
                fills.push_back(n);
            } else if (pick == 5 && !fills.empty()) {
                const std::size_t at = random() % fills.size();
                ASSERT_TRUE(with.cancel_fill(kMain, W::kSpy, fills[at]));
                ASSERT_TRUE(without.cancel_fill(kMain, W::kSpy, fills[at]));
                fills.erase(fills.begin() + static_cast<std::ptrdiff_t>(at));
            } else {
                with.on_mark(W::kSpy, p, now);
                without.on_mark(W::kSpy, p, now);
            }
            ASSERT_EQ(with.cash(kMain, given.usd), without.cash(kMain, given.usd));
            ASSERT_EQ(with.equity(kMain), without.equity(kMain));
            ASSERT_EQ(with.position(kMain, W::kSpy), without.position(kMain, W::kSpy));
            for (const StrategyId s : {kFirst, kSecond}) {
                ASSERT_EQ(with.strategy_position(s, W::kSpy),
                          without.strategy_position(s, W::kSpy));
                ASSERT_EQ(with.strategy_cost(s, W::kSpy), without.strategy_cost(s, W::kSpy));
            }
            for (const CostMethod method : {CostMethod::kAverage, CostMethod::kLots}) {
                ASSERT_EQ(with.cost(kMain, W::kSpy, method), without.cost(kMain, W::kSpy, method));
                ASSERT_EQ(with.realized(kMain, W::kSpy, method),
                          without.realized(kMain, W::kSpy, method));
            }
        }
    }
}

OrderEvent opening_record(InstrumentId instrument, Quantity lot, Price cost, Timestamp opened) {
    OrderEvent e = make_order_event(OrderEventType::kPosition, Timestamp{5'000}, instrument);
    e.data.position = PositionData{};
    PositionData& d = e.data.position;
    d.account = kMain;
    d.strategy = kFirst;
    d.currency = CurrencyId{0};
    d.change = PositionChange::kOpening;
    d.lot = lot;
    d.cost = cost;
    d.opened = opened;
    return e;
}

TEST(Opening, IsATaxLotOfTheDayOnWhichItWasBought) {
    AccountWorld world;
    LotRules rules;
    rules.wash_sales = false;
    LotLedger ledger(world.instruments, world.accounts, rules);
    constexpr std::int64_t kDay = 86'400'000'000'000;
    ledger.on(opening_record(W::kSpy, units(10), price(400), Timestamp{19'000 * kDay}));
    ledger.on(opening_record(W::kSpy, units(20), price(500), Timestamp{19'400 * kDay}));
    ledger.fill({Timestamp{19'500 * kDay}, W::kSpy, kMain, kFirst, Side::kSell, price(600),
                 units(15), Money::zero(), world.usd, 1});
    const LotReport report = ledger.report();
    ASSERT_EQ(report.closed.size(), 2U);
    EXPECT_EQ(report.closed[0].lot, kOpeningLots + 1);
    EXPECT_EQ(report.closed[0].fill, 1U);  // numbered as if there had been no opening
    EXPECT_EQ(report.closed[0].gain(), dollars(2'000));
    EXPECT_EQ(report.closed[0].term, TaxTerm::kLong);
    EXPECT_EQ(report.closed[1].gain(), dollars(500));
    EXPECT_EQ(report.closed[1].term, TaxTerm::kShort);
    ASSERT_EQ(report.open.size(), 1U);
    EXPECT_EQ(report.open[0].lot, kOpeningLots + 2);
    EXPECT_EQ(report.open[0].quantity, units(15));
    EXPECT_EQ(report.open[0].basis, dollars(7'500));
}

}  // namespace
}  // namespace fermata
