// Fills that are taken back or changed: the book must be what it would be had it never seen them.

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/account/account_book.hpp"
#include "tests/core/account/account_world.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata {
namespace {

using test::AccountWorld;
using test::dollars;
using test::price;
using test::units;
using W = AccountWorld;

constexpr AccountId kMain{0}, kMixed{1};
constexpr StrategyId kFirst{0}, kSecond{1};

struct Reversal : ::testing::Test {
    AccountWorld world;
    AccountBook book = world.book();

    FillBooking fill(std::uint64_t id, Side side, Quantity q, Price p, Money fee = Money::zero()) {
        return *book.book_fill({Timestamp{static_cast<std::int64_t>(id)}, W::kSpy, kMain, kFirst,
                                side, p, q, fee, world.usd, id});
    }
};

CorporateActionData action(CorporateActionKind kind, std::int64_t numerator,
                           std::int64_t denominator, Price cash) {
    CorporateActionData d;
    d.kind = kind;
    d.numerator = numerator;
    d.denominator = denominator;
    d.cash = cash;
    return d;
}

TEST_F(Reversal, RestoresEverythingThatABustedFillMoved) {
    fill(1, Side::kBuy, units(10), price(10));
    const std::uint64_t before = book.state_hash();
    fill(2, Side::kSell, units(15), price(12), dollars(1));
    ASSERT_TRUE(book.cancel_fill(kMain, W::kSpy, 2));
    EXPECT_EQ(book.position(kMain, W::kSpy), units(10));
    EXPECT_EQ(book.strategy_position(kFirst, W::kSpy), units(10));
    EXPECT_EQ(book.cash(kMain, world.usd), dollars(99'900));
    EXPECT_EQ(book.fees(kMain, world.usd), Money::zero());
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kAverage), Money::zero());
    EXPECT_EQ(book.state_hash(), before);
}

TEST_F(Reversal, BooksWhatCameAfterwardsAgain) {
    fill(1, Side::kBuy, units(10), price(10));
    fill(2, Side::kBuy, units(10), price(20));
    fill(3, Side::kSell, units(10), price(30));
    ASSERT_TRUE(book.cancel_fill(kMain, W::kSpy, 1));
    // 10 bought at 20 and sold at 30: 100 by either method, and flat.
    EXPECT_EQ(book.position(kMain, W::kSpy), Quantity::zero());
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kAverage), dollars(100));
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kLots), dollars(100));
    EXPECT_EQ(book.cash(kMain, world.usd), dollars(100'100));
    EXPECT_EQ(book.equity(kMain), dollars(100'100));
}

TEST_F(Reversal, ChangesTheTermsOfAFillAndSaysWhatItRealisesNow) {
    fill(1, Side::kBuy, units(10), price(10));
    fill(2, Side::kSell, units(5), price(12), dollars(1));
    fill(3, Side::kSell, units(1), price(12));
    const auto changed = book.change_fill(kMain, W::kSpy, 2, price(13), units(4), dollars(2));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->value, dollars(52));
    EXPECT_EQ(changed->realized, dollars(12));        // 4 x (13 - 10)
    EXPECT_EQ(changed->position_after, units(5));     // 10 - 4 - 1
    EXPECT_EQ(changed->cash_after, dollars(99'962));  // 100,000 - 100 + 52 - 2 + 12
    EXPECT_EQ(book.realized(kMain, W::kSpy, CostMethod::kAverage), dollars(14));
    EXPECT_EQ(book.fees(kMain, world.usd), dollars(2));
    // It is still known by the same id.
    ASSERT_TRUE(book.cancel_fill(kMain, W::kSpy, 2));
    EXPECT_EQ(book.position(kMain, W::kSpy), units(9));
    EXPECT_EQ(book.fees(kMain, world.usd), Money::zero());
}

TEST_F(Reversal, KnowsAFillOnlyOnceAndOnlyWhereItWasBooked) {
    fill(1, Side::kBuy, units(10), price(10));
    fill(0, Side::kBuy, units(1), price(10));
    const std::uint64_t before = book.state_hash();
    const auto unknown = [&](AccountId a, InstrumentId i, std::uint64_t id) {
        const auto x = book.cancel_fill(a, i, id);
        const auto y = book.change_fill(a, i, id, price(1), units(1), Money::zero());
        return !x && x.error() == ReversalError::kUnknownFill && !y &&
               y.error() == ReversalError::kUnknownFill;
    };
    EXPECT_TRUE(unknown(kMixed, W::kSpy, 1));
    EXPECT_TRUE(unknown(kMain, W::kEs, 1));
    EXPECT_TRUE(unknown(kMain, W::kSpy, 2));
    EXPECT_TRUE(unknown(kMain, W::kSpy, 0));  // a fill without an id cannot be named
    EXPECT_EQ(book.state_hash(), before);
    EXPECT_TRUE(book.cancel_fill(kMain, W::kSpy, 1));
    EXPECT_TRUE(unknown(kMain, W::kSpy, 1));
}

TEST_F(Reversal, LeavesAllAsItWasWhenTheChangeDoesNotFit) {
    fill(1, Side::kBuy, units(900), price(1));
    fill(2, Side::kSell, units(800), price(2));
    const auto bytes = test::state_of(book);
    const auto changed =
        book.change_fill(kMain, W::kSpy, 1, Price::max(), units(900'000), Money::zero());
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error(), ReversalError::kOverflow);
    EXPECT_EQ(test::state_of(book), bytes);
    // 9.2e9 x 900 = 8.3e12 fits Money (9.2e12), the short of 900 more at that price does not.
    ASSERT_TRUE(book.change_fill(kMain, W::kSpy, 1, Price::max(), units(900), Money::zero()));
    const auto again = test::state_of(book);
    EXPECT_FALSE(book.change_fill(kMain, W::kSpy, 2, Price::max(), units(999), Money::zero()));
    EXPECT_EQ(test::state_of(book), again);
}

TEST_F(Reversal, PaysBackADividendOnSharesThatWereNeverBought) {
    book.on_mark(W::kSpy, price(100));
    fill(1, Side::kBuy, units(10), price(100));
    const auto dividend = action(CorporateActionKind::kDividend, 1, 1, price(2));
    ASSERT_TRUE(book.book_action(kMain, W::kSpy, dividend));
    book.adjust_mark(W::kSpy, dividend);
    EXPECT_EQ(book.cash(kMain, world.usd), dollars(99'020));
    ASSERT_TRUE(book.cancel_fill(kMain, W::kSpy, 1));
    EXPECT_EQ(book.cash(kMain, world.usd), dollars(100'000));
}

TEST_F(Reversal, SplitsSharesThatTurnOutToHaveBeenHeld) {
    book.on_mark(W::kSpy, price(100));
    fill(1, Side::kBuy, units(10), price(100));
    fill(2, Side::kSell, units(10), price(110));
    const auto split = action(CorporateActionKind::kSplit, 4, 1, Price::zero());
    book.adjust_mark(W::kSpy, split);  // nobody holds it
    ASSERT_TRUE(book.cancel_fill(kMain, W::kSpy, 2));
    EXPECT_EQ(book.position(kMain, W::kSpy), units(40));
    EXPECT_EQ(book.strategy_position(kFirst, W::kSpy), units(40));
    EXPECT_EQ(book.cost(kMain, W::kSpy, CostMethod::kLots), dollars(1'000));
}

TEST_F(Reversal, ForgetsTheOldestFillsWhenTheJournalIsFull) {
    AccountBook small = world.book(1'024, 2);
    const auto buy = [&](std::uint64_t id) {
        ASSERT_TRUE(small.book_fill({Timestamp{1}, W::kSpy, kMain, kFirst, Side::kBuy, price(10),
                                     units(1), Money::zero(), world.usd, id}));
    };
    buy(1);
    buy(2);
    buy(3);
    EXPECT_FALSE(small.cancel_fill(kMain, W::kSpy, 1));
    EXPECT_TRUE(small.cancel_fill(kMain, W::kSpy, 2));
    EXPECT_TRUE(small.cancel_fill(kMain, W::kSpy, 3));
    EXPECT_EQ(small.position(kMain, W::kSpy), units(1));
    buy(4);
    EXPECT_TRUE(small.cancel_fill(kMain, W::kSpy, 4));
    EXPECT_EQ(small.cash(kMain, world.usd), dollars(99'990));
}

TEST_F(Reversal, IsExactByEveryLotMethod) {
    for (int m = 0; m < kLotMethodCount; ++m) {
        AccountWorld w;
        w.accounts[0].lots = static_cast<LotMethod>(m);
        AccountBook with = w.book(), without = w.book();
        const auto both = [&](std::uint64_t id, Side side, std::int64_t q, std::int64_t p) {
            const FillToBook f{Timestamp{1}, W::kSpy,  kMain,         kSecond, side,
                               price(p),     units(q), Money::zero(), w.usd,   id};
            ASSERT_TRUE(with.book_fill(f));
            if (id == 9) return;
            ASSERT_TRUE(without.book_fill(f));
        };
        both(1, Side::kBuy, 10, 10);
        both(2, Side::kBuy, 10, 30);
        both(3, Side::kBuy, 10, 20);
        both(9, Side::kSell, 15, 25);
        both(4, Side::kSell, 12, 26);
        ASSERT_TRUE(with.cancel_fill(kMain, W::kSpy, 9));
        EXPECT_EQ(with.state_hash(), without.state_hash()) << "method " << m;
    }
}

/// What happens to a book, as a list that can be changed and played again.
struct Happening {
    enum class Kind { kFill, kMark, kAction } kind;
    FillToBook fill;
    CorporateActionData action;
    bool canceled = false;
};

class ReversalFlow : public ::testing::TestWithParam<std::uint64_t> {
protected:
    AccountWorld world_;
    std::mt19937_64 random_{GetParam()};

    std::int64_t pick(std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }
    void play(AccountBook& book, const Happening& h) {
        const InstrumentId i = h.fill.instrument;
        switch (h.kind) {
            case Happening::Kind::kFill:
                if (h.canceled) return;
                ASSERT_TRUE(book.book_fill(h.fill));
                return;
            case Happening::Kind::kMark:
                return book.on_mark(i, h.fill.price);
            case Happening::Kind::kAction:
                for (std::uint16_t a = 0; a < 3; ++a) {
                    ASSERT_TRUE(book.book_action(AccountId{a}, i, h.action));
                }
                for (std::uint16_t s = 0; s < W::kStrategies; ++s) {
                    book.adjust_strategy(StrategyId{s}, i, h.action);
                }
                return book.adjust_mark(i, h.action);
        }
    }
    Happening draw(std::uint64_t id) {
        Happening h{Happening::Kind::kFill, {}, {}};
        const auto account = static_cast<std::uint16_t>(pick(0, 2));
        h.fill = {Timestamp{static_cast<std::int64_t>(id)},
                  InstrumentId{static_cast<std::uint32_t>(pick(0, 2))},
                  AccountId{account},
                  StrategyId{static_cast<std::uint16_t>(pick(0, 3))},
                  pick(0, 1) == 0 ? Side::kBuy : Side::kSell,
                  Price::from_raw(pick(1, 300'000'000'000)),
                  Quantity::from_raw(pick(1, 20) * (pick(0, 3) == 0 ? 7'654'321 : Quantity::kOne)),
                  Money::from_raw(pick(-500'000, 3'000'000)),
                  CurrencyId{static_cast<std::uint16_t>(pick(0, 3))},
                  id};
        const std::int64_t kind = pick(0, 19);
        if (kind < 5) h.kind = Happening::Kind::kMark;
        if (kind == 5) {
            h.kind = Happening::Kind::kAction;
            h.action =
                pick(0, 1) == 0
                    ? action(CorporateActionKind::kDividend, 1, 1, price(0, pick(1, 500)))
                    : action(CorporateActionKind::kSplit, pick(1, 4), pick(1, 4), Price::zero());
        }
        return h;
    }
};

TEST_P(ReversalFlow, LeavesTheBookAsIfTheFillsHadBeenOtherwise) {
    for (auto& a : world_.accounts) {
        a.lots = static_cast<LotMethod>(pick(0, kLotMethodCount - 1));
    }
    constexpr std::size_t kJournal = 120;
    AccountBook book = world_.book(50'000, kJournal);
    std::vector<Happening> all;
    for (std::uint32_t i = 0; i < world_.instruments.size(); ++i) {
        Happening h{Happening::Kind::kMark, {}, {}};
        h.fill.instrument = InstrumentId{i};
        h.fill.price = price(100);
        play(book, h);
        all.push_back(h);
    }
    int reversed = 0, forgotten = 0;
    for (std::uint64_t id = 1; id <= 600; ++id) {
        all.push_back(draw(id));
        play(book, all.back());
        if (pick(0, 9) == 0) {
            Happening& h =
                all[all.size() -
                    static_cast<std::size_t>(pick(
                        1, std::min<std::int64_t>(150, static_cast<std::int64_t>(all.size()))))];
            if (h.kind != Happening::Kind::kFill || h.canceled) continue;
            bool done = false;
            if (pick(0, 1) == 0) {
                const auto x = book.cancel_fill(h.fill.account, h.fill.instrument, h.fill.fill_id);
                done = x.ok();
                h.canceled = done;
            } else {
                const Price p = Price::from_raw(pick(1, 300'000'000'000));
                const Quantity q = Quantity::from_raw(pick(1, 3'000'000'000));
                const Money fee = Money::from_raw(pick(-500'000, 3'000'000));
                const auto x =
                    book.change_fill(h.fill.account, h.fill.instrument, h.fill.fill_id, p, q, fee);
                done = x.ok();
                if (done) {
                    h.fill.price = p;
                    h.fill.quantity = q;
                    h.fill.fee = fee;
                }
            }
            (done ? reversed : forgotten) += 1;
            // Fills, and actions of instruments with fills, take one place each in the journal.
            ASSERT_TRUE(done || id - h.fill.fill_id > kJournal / 2);
            AccountBook other = world_.book(50'000, 10'000);
            for (const Happening& x : all) play(other, x);
            ASSERT_EQ(book.state_hash(), other.state_hash())
                << "seed " << GetParam() << ", event " << id << ", fill " << h.fill.fill_id;
            for (std::uint16_t a = 0; a < 3; ++a) {
                ASSERT_EQ(book.equity(AccountId{a}), other.equity(AccountId{a}));
                ASSERT_EQ(book.gross_value(AccountId{a}), other.gross_value(AccountId{a}));
                for (std::uint16_t c = 0; c < 4; ++c) {
                    ASSERT_EQ(book.cash(AccountId{a}, CurrencyId{c}),
                              other.cash(AccountId{a}, CurrencyId{c}));
                }
            }
        }
        if (id % 50 == 0) test::restart(book, world_.book(50'000, kJournal));
    }
    EXPECT_GT(reversed, 10);
    EXPECT_EQ(book.lots().merged(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReversalFlow, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace fermata
