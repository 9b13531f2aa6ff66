// Whose profit it is, how old the marks are, and what a hedging account is worth.

#include <gtest/gtest.h>

#include <random>

#include "core/account/account_book.hpp"
#include "tests/core/account/account_world.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0};
constexpr StrategyId kFirst{0}, kSecond{1}, kNobody{0xffff};

struct Reports : ::testing::Test {
    AccountWorld world;
    AccountBook book = world.book();

    void fill(StrategyId s, Side side, std::int64_t quantity, Price at, InstrumentId i = W::kSpy) {
        ASSERT_TRUE(book.book_fill(
            {Timestamp{500}, i, kMain, s, side, at, units(quantity), Money::zero(), world.usd}));
    }
};

TEST_F(Reports, GivesEachStrategyItsOwnPartOfANettedPosition) {
    fill(kFirst, Side::kBuy, 10, price(10));
    fill(kSecond, Side::kSell, 4, price(12));
    book.on_mark(W::kSpy, price(11));
    // The account: 6 left at 10, 4 closed at 12: 8 realised, 6 open. The first: 10 open, the second
    // 4 short from 12: 4 open.
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kAverage), dollars(8));
    const auto shares = book.attribute(kMain, W::kSpy);
    ASSERT_EQ(shares.size(), 2U);
    EXPECT_EQ(shares[0].strategy, kFirst);
    EXPECT_EQ(shares[0].quantity, units(10));
    EXPECT_EQ(shares[0].cost, dollars(100));
    EXPECT_EQ(shares[0].realized, Money::zero());
    EXPECT_EQ(shares[0].unrealized, dollars(10));
    EXPECT_EQ(shares[1].strategy, kSecond);
    EXPECT_EQ(shares[1].quantity, units(-4));
    EXPECT_EQ(shares[1].unrealized, dollars(4));
}

TEST_F(Reports, NamesTheFractionThatNoStrategyHasAfterASplit) {
    fill(kFirst, Side::kBuy, 15, price(10));
    fill(kSecond, Side::kBuy, 15, price(10));
    CorporateActionData tenth;
    tenth.denominator = 10;
    ASSERT_TRUE(book.book_action(kMain, W::kSpy, tenth));
    book.adjust_strategy(kFirst, W::kSpy, tenth);
    book.adjust_strategy(kSecond, W::kSpy, tenth);
    book.adjust_mark(W::kSpy, tenth);
    const auto shares = book.attribute(kMain, W::kSpy);
    ASSERT_EQ(shares.size(), 3U);  // 3 shares, of which each strategy has one
    EXPECT_EQ(shares[2].strategy, kNobody);
    EXPECT_EQ(shares[2].quantity, units(1));
    Money total;
    for (const Attribution& a : shares) total += a.realized + a.unrealized;
    EXPECT_EQ(total, book.realized(kMain, W::kSpy, CostMethod::kAverage) +
                         book.unrealized(kMain, W::kSpy, CostMethod::kAverage));
}

TEST_F(Reports, AddsUpToTheAccountToTheMicroWhateverIsTraded) {
    std::mt19937_64 random(7);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    std::vector<std::uint64_t> ids;
    for (std::uint64_t n = 1; n <= 20'000; ++n) {
        const InstrumentId i{static_cast<std::uint32_t>(pick(0, 1) * 6)};  // SPY, BTC
        const Price at = Price::from_raw(pick(1, 300'000'000'000));
        if (pick(0, 2) == 0) {
            book.on_mark(i, at);
        } else if (pick(0, 9) == 0 && n > 20) {
            static_cast<void>(
                book.cancel_fill(kMain, i, n - static_cast<std::uint64_t>(pick(1, 20))));
        } else {
            ASSERT_TRUE(book.book_fill(
                {Timestamp{1}, i, kMain, StrategyId{static_cast<std::uint16_t>(pick(0, 3))},
                 pick(0, 1) == 0 ? Side::kBuy : Side::kSell, at,
                 Quantity::from_raw(pick(1, 1'000'000'007)), Money::zero(), world.usd, n}));
        }
        Money total;
        Quantity quantity;
        for (const Attribution& a : book.attribute(kMain, i)) {
            ASSERT_NE(a.strategy, kNobody) << "event " << n;
            total += a.realized + a.unrealized;
            quantity += a.quantity;
        }
        ASSERT_EQ(total, book.realized(kMain, i, CostMethod::kAverage) +
                             book.unrealized(kMain, i, CostMethod::kAverage))
            << "event " << n;
        ASSERT_EQ(quantity, book.position(kMain, i));
    }
}

TEST_F(Reports, CountsAHedgingAccountsProfitByItsStrategies) {
    world.accounts[0].book = AccountConfig::Book::kHedging;
    AccountBook hedging = world.book();
    const auto trade = [&](StrategyId s, Side side, std::int64_t q, Price at) {
        ASSERT_TRUE(hedging.book_fill(
            {Timestamp{1}, W::kSpy, kMain, s, side, at, units(q), Money::zero(), world.usd}));
    };
    trade(kFirst, Side::kBuy, 10, price(10));
    trade(kSecond, Side::kSell, 10, price(12));
    hedging.on_mark(W::kSpy, price(13));
    EXPECT_EQ(hedging.gross_position(kMain, W::kSpy), units(20));
    // Nothing is closed: +30 of the long, -10 of the short. Netted, 20 would be realised.
    EXPECT_EQ(hedging.summary(kMain).realized, Money::zero());
    EXPECT_EQ(hedging.summary(kMain).unrealized, dollars(20));
    EXPECT_EQ(hedging.summary(kMain).equity, dollars(100'020));
    trade(kSecond, Side::kBuy, 10, price(13));
    EXPECT_EQ(hedging.summary(kMain).realized, dollars(-10));
    EXPECT_EQ(hedging.summary(kMain).unrealized, dollars(30));
}

TEST_F(Reports, SaysHowOldTheMarksAreAndWhereTheyComeFrom) {
    fill(kFirst, Side::kBuy, 1, price(10));  // valued at its own fill
    fill(kFirst, Side::kBuy, 1, price(10), W::kBtc);
    book.on_mark(W::kBtc, price(11), Timestamp{900});
    book.on_mark(W::kBtc, price(11), Timestamp{950});  // the same price, later
    book.on_mark(W::kEs, price(11), Timestamp{1});     // nobody holds it
    EXPECT_EQ(book.mark_source(W::kSpy), MarkSource::kFill);
    EXPECT_EQ(book.mark_source(W::kBtc), MarkSource::kMarket);
    EXPECT_EQ(book.mark_source(W::kHsba), MarkSource::kNone);
    EXPECT_EQ(book.mark_time(W::kBtc), Timestamp{950});
    MarkReport r = book.mark_report(kMain, Timestamp{1'000}, Duration::nanoseconds(100));
    EXPECT_EQ(r.positions, 2U);
    EXPECT_EQ(r.stale, 1U);
    EXPECT_EQ(r.from_fills, 1U);
    EXPECT_EQ(r.oldest, W::kSpy);
    EXPECT_EQ(r.oldest_ts, Timestamp{500});
    book.on_mark(W::kSpy, price(10));  // of unknown age
    r = book.mark_report(kMain, Timestamp{1'000}, Duration::nanoseconds(500));
    EXPECT_EQ(r.stale, 1U);
    EXPECT_EQ(r.from_fills, 0U);
    CorporateActionData dividend;
    dividend.kind = CorporateActionKind::kDividend;
    dividend.cash = price(1);
    book.adjust_mark(W::kBtc, dividend);
    EXPECT_EQ(book.mark_source(W::kBtc), MarkSource::kAdjusted);
    EXPECT_EQ(book.mark_time(W::kBtc), Timestamp{950});
}

}  // namespace
}  // namespace fermata
