#include "core/account/lot_ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/core/account/ledger_world.hpp"

namespace fermata {
namespace {

using test::dollars;
using test::LedgerWorld;
using test::price;
using test::units;

constexpr Date kDay{19'900};

struct Ledger : ::testing::Test, LedgerWorld {
    std::vector<std::uint32_t> lots_sold(LotMethod method, std::uint32_t named = 0) {
        LedgerWorld w;
        w.world.accounts[0].lots = method;
        w.rules.wash_sales = false;
        w.buy(kDay, 10, 100);
        w.buy(kDay + 1, 5, 150);
        w.buy(kDay + 2, 20, 400);
        w.trade(Side::kSell, kDay + 3, 22, 660, AccountId{0}, {0}, StrategyId{0}, named);
        std::vector<std::uint32_t> lots;
        for (const ClosedLot& c : w.report().closed) lots.push_back(c.lot);
        return lots;
    }
};

TEST_F(Ledger, ClosesLotsByTheMethodOfTheAccount) {
    using Lots = std::vector<std::uint32_t>;
    EXPECT_EQ(lots_sold(LotMethod::kFifo), (Lots{1, 2, 3}));
    EXPECT_EQ(lots_sold(LotMethod::kLifo), (Lots{3, 2}));
    EXPECT_EQ(lots_sold(LotMethod::kHifo), (Lots{2, 3}));
    EXPECT_EQ(lots_sold(LotMethod::kSpecific), (Lots{1, 2, 3}));
    EXPECT_EQ(lots_sold(LotMethod::kSpecific, 3), (Lots{3, 1}));
    EXPECT_EQ(lots_sold(LotMethod::kSpecific, 9), (Lots{1, 2, 3}));  // there is none
}

// Fills 1 and 2 open lots at 10 and 12. Fill 3 names the second one, fill 4 one that was never
// there, fill 7 does not exist.
TEST_F(Ledger, ClosesTheLotThatIsIdentifiedForAFill) {
    world.accounts[0].lots = LotMethod::kSpecific;
    rules.wash_sales = false;
    rules.identified = {{3, 2}, {4, 9}, {7, 1}};
    buy(kDay, 10, 100);
    buy(kDay + 1, 10, 120);
    sell(kDay + 2, 4, 60);
    sell(kDay + 3, 1, 15);
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 2U);
    EXPECT_EQ(r.closed[0].lot, 2U);
    EXPECT_EQ(r.closed[0].gain(), dollars(12));  // 60 - 4 x 12
    EXPECT_EQ(r.closed[1].lot, 1U);
    EXPECT_EQ(r.unmet, (std::vector<std::uint32_t>{4, 7}));

    LedgerWorld fifo;
    fifo.rules = rules;
    fifo.buy(kDay, 10, 100);
    fifo.buy(kDay + 1, 10, 120);
    fifo.sell(kDay + 2, 4, 60);
    EXPECT_EQ(fifo.report().closed.at(0).lot, 1U) << "the account does not close by `specific`";
}

TEST_F(Ledger, SaysAllThatATaxFormAsksFor) {
    trade(Side::kBuy, kDay, 100, 1'000, AccountId{0}, {0}, StrategyId{1});
    trade(Side::kSell, kDay + 400, 40, 600, AccountId{0}, {0}, StrategyId{2});
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    const ClosedLot& c = r.closed[0];
    EXPECT_EQ(c.opened_by, StrategyId{1});
    EXPECT_EQ(c.closed_by, StrategyId{2});
    EXPECT_EQ(c.side, Side::kBuy);
    EXPECT_EQ(c.lot, 1U);
    EXPECT_EQ(c.fill, 2U);
    EXPECT_EQ(c.quantity, units(40));
    EXPECT_EQ(c.opened, at(kDay));
    EXPECT_EQ(c.closed, at(kDay + 400));
    EXPECT_EQ(c.opened_on, kDay);
    EXPECT_EQ(c.closed_on, kDay + 400);
    EXPECT_EQ(c.proceeds, dollars(600));
    EXPECT_EQ(c.basis, dollars(400));
    EXPECT_EQ(c.gain(), dollars(200));
    EXPECT_EQ(c.term, TaxTerm::kLong);
    ASSERT_EQ(r.open.size(), 1U);
    EXPECT_EQ(r.open[0].quantity, units(60));
    EXPECT_EQ(r.open[0].basis, dollars(600));
}

TEST_F(Ledger, PutsFeesIntoBasisAndProceeds) {
    const auto both = [&](Side side, std::int64_t total, std::int64_t quantity) {
        trade(side, kDay, quantity, total, AccountId{0}, {0}, StrategyId{0}, 0, dollars(3));
    };
    both(Side::kBuy, 100, 10);
    both(Side::kSell, 180, 15);  // 10 closed for 120, fee 2; 5 short for 60, fee 1
    both(Side::kBuy, 50, 5);
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 2U);
    EXPECT_EQ(r.closed[0].basis, dollars(103));
    EXPECT_EQ(r.closed[0].proceeds, dollars(118));
    EXPECT_EQ(r.closed[1].proceeds, dollars(59));
    EXPECT_EQ(r.closed[1].basis, dollars(53));
}

TEST_F(Ledger, KeepsLongAndShortSideBySideInAHedgingAccount) {
    world.accounts[0].book = AccountConfig::Book::kHedging;
    trade(Side::kBuy, kDay, 10, 100, AccountId{0}, {0}, StrategyId{1});
    trade(Side::kSell, kDay, 10, 120, AccountId{0}, {0}, StrategyId{2});
    LotReport r = report();
    EXPECT_TRUE(r.closed.empty());
    ASSERT_EQ(r.open.size(), 2U);
    EXPECT_EQ(r.open[0].side, Side::kBuy);
    EXPECT_EQ(r.open[1].side, Side::kSell);
    EXPECT_EQ(r.open[1].basis, dollars(120));
    trade(Side::kBuy, kDay, 10, 90, AccountId{0}, {0}, StrategyId{2});
    r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    EXPECT_EQ(r.closed[0].gain(), dollars(30));
    EXPECT_EQ(r.open.at(0).strategy, StrategyId{1});
}

TEST_F(Ledger, SellsTheFractionThatASplitLeaves) {
    buy(kDay, 10, 90);
    buy(kDay + 1, 5, 60);
    CorporateActionData tenth;
    tenth.denominator = 10;
    // 1.5 shares; one stays, 0.5 are paid with 60: half of the first lot, 0.5 of 1.0 for 90.
    ledger().split(AccountId{0}, {0}, at(kDay + 2), tenth, units(1), dollars(60));
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    EXPECT_EQ(r.closed[0].quantity, Quantity::from_raw(50'000'000));
    EXPECT_EQ(r.closed[0].fill, 0U);
    EXPECT_EQ(r.closed[0].gain(), dollars(15));
    ASSERT_EQ(r.open.size(), 2U);
    EXPECT_EQ(r.open[0].basis + r.open[1].basis, dollars(105));
}

OrderEvent fill_record(std::uint64_t exec, Side side, std::int64_t q, std::int64_t p) {
    OrderEvent e = make_order_event(OrderEventType::kFill, Timestamp{1}, InstrumentId{0});
    e.data.fill = FillData{};
    e.data.fill.order_id = ClientOrderId{77};
    e.data.fill.exec_id = ExecId{exec};
    e.data.fill.side = side;
    e.data.fill.quantity = units(q);
    e.data.fill.price = price(p);
    return e;
}
OrderEvent correction_record(CorrectionKind kind, std::uint64_t exec, std::uint64_t ref,
                             std::int64_t q = 0, std::int64_t p = 0) {
    OrderEvent e = make_order_event(OrderEventType::kCorrection, Timestamp{2}, InstrumentId{0});
    e.data.correction = CorrectionData{};
    CorrectionData& d = e.data.correction;
    d.order_id = ClientOrderId{77};
    d.exec_id = ExecId{exec};
    d.ref_exec_id = ExecId{ref};
    d.kind = kind;
    d.quantity = units(q);
    d.price = price(p);
    return e;
}

// 200 bought by one order at 100, 100 of them sold at 90: what is left was bought with what was
// sold and replaces nothing (Rev. Rul. 56-602), whether the order was filled at once or in two
// parts. Another order for 100 the same day does replace.
TEST_F(Ledger, TakesTheFillsOfAnOrderForOnePurchase) {
    const auto record = [](std::uint64_t exec, Side side, std::int64_t q, std::int64_t p,
                           std::uint64_t order) {
        OrderEvent e = fill_record(exec, side, q, p);
        e.data.fill.order_id = ClientOrderId{order};
        return e;
    };
    const auto disallowed = [&](std::vector<OrderEvent> records) {
        LedgerWorld w;
        for (const OrderEvent& e : records) w.ledger().on(e);
        w.ledger().on(record(9, Side::kSell, 100, 90, 5));
        return w.report().closed.at(0).disallowed;
    };
    EXPECT_EQ(disallowed({record(1, Side::kBuy, 200, 100, 4)}), Money::zero());
    EXPECT_EQ(disallowed({record(1, Side::kBuy, 100, 100, 4), record(2, Side::kBuy, 100, 100, 4)}),
              Money::zero());
    EXPECT_EQ(disallowed({record(1, Side::kBuy, 100, 100, 4), record(2, Side::kBuy, 100, 100, 6)}),
              dollars(1'000));
}

TEST_F(Ledger, FollowsTheRecordsOfARun) {
    LotLedger& l = ledger();
    l.on(fill_record(1, Side::kBuy, 10, 10));
    l.on(fill_record(2, Side::kSell, 10, 12));
    EXPECT_EQ(l.report().closed.at(0).gain(), dollars(20));
    l.on(correction_record(CorrectionKind::kCorrect, 3, 2, 4, 15));
    EXPECT_EQ(l.report().closed.at(0).gain(), dollars(20));  // 4 x (15 - 10)
    EXPECT_EQ(l.report().open.at(0).quantity, units(6));
    l.on(correction_record(CorrectionKind::kCorrect, 3, 2, 10, 99));  // the same report again
    EXPECT_EQ(l.report().open.at(0).quantity, units(6));
    OrderEvent bust = correction_record(CorrectionKind::kBust, 4, 3);  // by the correction's id
    bust.data.correction.order_id = ClientOrderId{};  // some venues do not name the order
    l.on(bust);
    EXPECT_TRUE(l.report().closed.empty());
    EXPECT_EQ(l.report().open.at(0).quantity, units(10));

    OrderEvent p = make_order_event(OrderEventType::kPosition, Timestamp{3}, InstrumentId{0});
    p.data.position = PositionData{};
    p.data.position.kind = CorporateActionKind::kSplit;
    p.data.position.numerator = 3;
    p.data.position.position = units(30);
    p.data.position.strategy = StrategyId{0xffff};
    l.on(p);
    p.data.position.strategy = StrategyId{0};  // of a strategy: the account has been told already
    l.on(p);
    EXPECT_EQ(l.report().open.at(0).quantity, units(30));
    EXPECT_EQ(l.report().open.at(0).basis, dollars(100));
}

/// Without wash sales and fees the ledger says what the book says, to the micro.
class LedgerFlow : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(LedgerFlow, AgreesWithTheBookThroughFillsSplitsAndCorrections) {
    std::mt19937_64 random(GetParam());
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return low +
               static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    test::AccountWorld world;
    for (auto& a : world.accounts) a.lots = static_cast<LotMethod>(pick(0, kLotMethodCount - 1));
    AccountBook book = world.book(100'000, 2'000);
    LotRules rules;
    rules.wash_sales = false;
    rules.fees_in_basis = false;
    LotLedger ledger(world.instruments, world.accounts, rules);
    for (std::uint32_t i = 0; i < 3; ++i) book.on_mark(InstrumentId{i}, price(50));
    std::vector<FillToBook> fills;
    for (std::uint64_t n = 1; n <= 1'000; ++n) {
        const InstrumentId i{static_cast<std::uint32_t>(pick(0, 2))};
        const std::int64_t kind = pick(0, 99);
        if (kind < 2) {
            CorporateActionData split;
            split.numerator = pick(1, 5);
            split.denominator = pick(1, 5);
            for (std::uint16_t a = 0; a < 3; ++a) {
                const bool held = !book.position(AccountId{a}, i).is_zero();
                const auto booked = book.book_action(AccountId{a}, i, split);
                ASSERT_TRUE(booked);
                if (held || a == 0) {
                    ledger.split(AccountId{a}, i, Timestamp{static_cast<std::int64_t>(n)}, split,
                                 booked->position, booked->amount);
                }
            }
            book.adjust_mark(i, split);
            fills.clear();  // what a reverse split paid is not on record for other positions
        } else if (kind < 10 && !fills.empty()) {
            const FillToBook& f = fills[static_cast<std::size_t>(
                pick(0, static_cast<std::int64_t>(fills.size()) - 1))];
            if (kind < 6) {
                ASSERT_EQ(book.cancel_fill(f.account, f.instrument, f.fill_id).ok(),
                          ledger.cancel(f.account, f.instrument, f.fill_id));
            } else {
                const Price p = Price::from_raw(pick(1, 300'000'000'000));
                const Quantity q = Quantity::from_raw(pick(1, 5'000'000'000));
                ASSERT_EQ(book.change_fill(f.account, f.instrument, f.fill_id, p, q, f.fee).ok(),
                          ledger.change(f.account, f.instrument, f.fill_id, p, q, f.fee));
            }
        } else {
            const FillToBook f{Timestamp{static_cast<std::int64_t>(n)},
                               i,
                               AccountId{static_cast<std::uint16_t>(pick(0, 2))},
                               StrategyId{static_cast<std::uint16_t>(pick(0, 3))},
                               pick(0, 1) == 0 ? Side::kBuy : Side::kSell,
                               Price::from_raw(pick(1, 300'000'000'000)),
                               Quantity::from_raw(pick(1, 5'000'000'000)),
                               Money::from_raw(pick(0, 1'000'000)),
                               world.usd,
                               n,
                               static_cast<std::uint32_t>(pick(0, 3) == 0 ? pick(1, 500) : 0)};
            ASSERT_TRUE(book.book_fill(f));
            ledger.fill(f);
            fills.push_back(f);
        }
        if (n % 50 != 0) continue;
        const LotReport r = ledger.report();
        std::map<std::pair<AccountId, InstrumentId>, std::pair<Money, Money>> sums;  // gain, cost
        for (const ClosedLot& c : r.closed) sums[{c.account, c.instrument}].first += c.gain();
        std::map<std::pair<AccountId, InstrumentId>, std::vector<std::uint32_t>> open;
        for (const OpenLot& o : r.open) {
            sums[{o.account, o.instrument}].second += o.side == Side::kBuy ? o.basis : -o.basis;
            open[{o.account, o.instrument}].push_back(o.lot);
        }
        for (std::uint16_t a = 0; a < 3; ++a) {
            for (std::uint32_t k = 0; k < 3; ++k) {
                const auto& [gain, cost] = sums[{AccountId{a}, InstrumentId{k}}];
                const AccountId account{a};
                ASSERT_EQ(gain, book.realized(account, {k}, CostMethod::kLots))
                    << "seed " << GetParam() << ", event " << n;
                ASSERT_EQ(cost, book.cost(account, {k}, CostMethod::kLots))
                    << "seed " << GetParam() << ", event " << n;
                std::vector<std::uint32_t> ids;
                for (std::uint32_t l = book.lot_list(account, {k}).head; l != LotList::kNone;
                     l = book.lots()[l].next) {
                    ids.push_back(book.lots()[l].id);
                }
                std::ranges::sort(ids);
                ASSERT_EQ(ids, (open[{account, InstrumentId{k}}]));
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LedgerFlow, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace fermata
