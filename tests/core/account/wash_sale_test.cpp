// The wash-sale rule: the examples of the regulations and of the IRS, and the borders of the rule.

#include <gtest/gtest.h>

#include "tests/core/account/ledger_world.hpp"

namespace fermata {
namespace {

using test::dollars;
using test::LedgerWorld;
using test::units;

Date on(std::int32_t year, std::int32_t month, std::int32_t day) {
    return to_date(year, month, day);
}

struct WashSale : ::testing::Test, LedgerWorld {};
using WashSaleRegulation = WashSale;

// 26 CFR 1.1091-1(h) Example 1: 100 shares bought on 1 December 1954 for 10,000, 100 more on 15
// December for 9,000; the first 100 sold on 3 January 1955 for 9,000. No loss is allowable.
TEST_F(WashSaleRegulation, Example1DisallowsTheLossBecauseOfAPurchaseBefore) {
    buy(on(1954, 12, 1), 100, 10'000);
    buy(on(1954, 12, 15), 100, 9'000);
    sell(on(1955, 1, 3), 100, 9'000);
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    EXPECT_EQ(r.closed[0].lot, 1U);
    EXPECT_EQ(r.closed[0].proceeds, dollars(9'000));
    EXPECT_EQ(r.closed[0].basis, dollars(10'000));
    EXPECT_EQ(r.closed[0].disallowed, dollars(1'000));
    EXPECT_EQ(r.closed[0].gain(), Money::zero());
    ASSERT_EQ(r.open.size(), 1U);
    // 9,000 + 1,000; and 33 days (1 December to 3 January) longer than since 15 December.
    EXPECT_EQ(r.open[0].basis, dollars(10'000));
    EXPECT_EQ(r.open[0].holding_start, on(1954, 11, 12));
}

// Example 2: 100 shares bought on 21 September 1954 for 5,000; 50 on 21 December for 2,750; 25 on
// 27 December for 1,125; the first 100 sold on 3 January 1955 for 4,000. 750 of the loss of 1,000
// is not deductible, 250 is; the 50 have a basis of 3,250, the 25 one of 1,375.
TEST_F(WashSaleRegulation, Example2AllowsTheLossOnSharesThatWereNotReplaced) {
    buy(on(1954, 9, 21), 100, 5'000);
    buy(on(1954, 12, 21), 50, 2'750);
    buy(on(1954, 12, 27), 25, 1'125);
    sell(on(1955, 1, 3), 100, 4'000);
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    EXPECT_EQ(r.closed[0].disallowed, dollars(750));
    EXPECT_EQ(r.closed[0].washed, units(75));
    EXPECT_EQ(r.closed[0].gain(), dollars(-250));
    EXPECT_EQ(r.closed[0].provisional_until, on(1955, 2, 2));
    ASSERT_EQ(r.open.size(), 2U);
    EXPECT_EQ(r.open[0].basis, dollars(3'250));
    EXPECT_EQ(r.open[1].basis, dollars(1'375));
}

// Example 3: 100 shares bought on 15 September 1954 for 5,000, sold on 1 February 1956 for 4,000;
// on each of the days from 15 to 18 February 1956, 50 shares bought for 2,000. No loss is
// deductible; the shares that cause this are those of 15 and 16 February, whose holding period
// includes that of the shares sold.
TEST_F(WashSaleRegulation, Example3TakesTheReplacementsInTheOrderOfAcquisition) {
    buy(on(1954, 9, 15), 100, 5'000);
    sell(on(1956, 2, 1), 100, 4'000);
    for (int day = 15; day <= 18; ++day) buy(on(1956, 2, day), 50, 2'000);
    const LotReport r = report();
    ASSERT_EQ(r.closed.size(), 1U);
    EXPECT_EQ(r.closed[0].disallowed, dollars(1'000));
    EXPECT_EQ(r.closed[0].provisional_until, on(1956, 2, 1));  // nothing is left to disallow
    ASSERT_EQ(r.open.size(), 4U);
    // The loss a share is 10: 2,000 + 50 x 10.
    EXPECT_EQ(r.open[0].basis, dollars(2'500));
    EXPECT_EQ(r.open[1].basis, dollars(2'500));
    EXPECT_EQ(r.open[2].basis, dollars(2'000));
    EXPECT_EQ(r.open[3].basis, dollars(2'000));
    // 15 September 1954 to 1 February 1956 is 365 + 139 = 504 days; 504 days before 15 February
    // 1956 (of which 410 lead back to 1 January 1955) is 29 September 1954.
    EXPECT_EQ(r.open[0].holding_start, on(1954, 9, 29));
    EXPECT_EQ(r.open[2].holding_start, on(1956, 2, 17));
}

// 26 CFR 1.1091-2(a) Example 1: bought for 100 in 1935, sold on 15 January 1955 for 80, bought
// again on 1 February 1955 for 90: no loss, and the basis is 110.
TEST_F(WashSaleRegulation, BasisExample1AddsTheExcessOfThePurchaseOverTheSale) {
    buy(on(1935, 7, 1), 1, 100);
    sell(on(1955, 1, 15), 1, 80);
    buy(on(1955, 2, 1), 1, 90);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).gain(), Money::zero());
    EXPECT_EQ(r.open.at(0).basis, dollars(110));
}

// Example 2: the same, bought again for 70: the basis is 90.
TEST_F(WashSaleRegulation, BasisExample2TakesOffTheExcessOfTheSaleOverThePurchase) {
    buy(on(1935, 7, 1), 1, 100);
    sell(on(1955, 1, 15), 1, 80);
    buy(on(1955, 2, 1), 1, 70);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).gain(), Money::zero());
    EXPECT_EQ(r.open.at(0).basis, dollars(90));
}

// IRS Publication 550, Wash Sales, Example 1: 100 shares of X bought for 1,000, sold for 750, and
// 100 bought for 800 within 30 days: the loss of 250 is not deductible, the new basis is 1,050.
TEST_F(WashSaleRegulation, Publication550Example1AddsTheLossToTheNewBasis) {
    buy(on(2024, 3, 1), 100, 1'000);
    sell(on(2024, 6, 3), 100, 750);
    buy(on(2024, 6, 20), 100, 800);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(250));
    EXPECT_EQ(r.open.at(0).basis, dollars(1'050));
    EXPECT_EQ(r.open.at(0).adjustment, dollars(250));
}

// IRS Publication 550, "More or less stock bought than sold": 100 shares bought on 24 September
// 2014 for 5,000, 50 on 21 December for 2,750, 25 on 28 December for 1,125; 100 sold on 4 January
// 2015 for 4,000. 750 is not deductible; the 50 have a basis of 3,250, the 25 one of 1,375.
TEST_F(WashSaleRegulation, Publication550SpreadsTheLossOverTheReplacements) {
    buy(on(2014, 9, 24), 100, 5'000);
    buy(on(2014, 12, 21), 50, 2'750);
    buy(on(2014, 12, 28), 25, 1'125);
    sell(on(2015, 1, 4), 100, 4'000);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(750));
    EXPECT_EQ(r.closed.at(0).gain(), dollars(-250));
    EXPECT_EQ(r.open.at(0).basis, dollars(3'250));
    EXPECT_EQ(r.open.at(1).basis, dollars(1'375));
}

TEST_F(WashSale, CountsTheThirtiethDayAndNotTheThirtyFirst) {
    const auto disallowed = [](Date purchase) {
        LedgerWorld w;
        const bool before = purchase < on(2024, 5, 31);
        w.buy(on(2024, 1, 2), 10, 1'000);
        if (before) w.buy(purchase, 10, 900);
        w.sell(on(2024, 5, 31), 10, 800);
        if (!before) w.buy(purchase, 10, 900);
        return w.report().closed.at(0).disallowed;
    };
    EXPECT_EQ(disallowed(on(2024, 4, 30)), Money::zero());  // 31 days before
    EXPECT_EQ(disallowed(on(2024, 5, 1)), dollars(200));    // 30
    EXPECT_EQ(disallowed(on(2024, 6, 30)), dollars(200));   // 30 after
    EXPECT_EQ(disallowed(on(2024, 7, 1)), Money::zero());   // 31
}

TEST_F(WashSale, ReckonsDaysInTheZoneThatItIsGiven) {
    rules.day = [](InstrumentId, Timestamp t) {  // five hours behind UTC
        return Date{
            static_cast<std::int32_t>((t.ns - Duration::hours(5).ns) / Duration::days(1).ns)};
    };
    const auto fill = [&](Side side, Timestamp t, std::int64_t p) {
        ledger().fill({t,
                       {0},
                       AccountId{0},
                       StrategyId{0},
                       side,
                       test::price(p),
                       units(1),
                       Money::zero(),
                       world.usd});
    };
    fill(Side::kBuy, at(on(2024, 1, 2)), 100);
    // 1 June 02:00 UTC is still 31 May, 30 days before 30 June.
    fill(Side::kSell, at(on(2024, 6, 1)) - Duration::hours(10), 80);
    fill(Side::kBuy, at(on(2024, 7, 1)) - Duration::hours(9), 90);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).closed_on, on(2024, 5, 31));
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(20));
}

// Rev. Rul. 56-602: what is left of the lot that is sold does not replace what was sold of it.
TEST_F(WashSale, DoesNotTakeTheRestOfTheLotThatWasSoldForAReplacement) {
    buy(on(2024, 5, 6), 100, 1'000);
    sell(on(2024, 5, 10), 40, 200);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).gain(), dollars(-200));
    EXPECT_EQ(r.closed.at(0).disallowed, Money::zero());
    EXPECT_EQ(r.closed.at(0).provisional_until, on(2024, 6, 9));
}

TEST_F(WashSale, DoesNotTakeWhatTheSameFillSellsForAReplacement) {
    buy(on(2024, 5, 6), 100, 1'000);
    buy(on(2024, 5, 7), 100, 1'100);
    sell(on(2024, 5, 10), 200, 1'600);  // both at a loss, and nothing is left
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).disallowed, Money::zero());
    EXPECT_EQ(r.closed.at(1).disallowed, Money::zero());
}

TEST_F(WashSale, UsesEachReplacementOnceAndServesLossesInTheOrderOfDisposal) {
    buy(on(2024, 1, 2), 20, 2'000);
    sell(on(2024, 5, 1), 10, 900);  // loss 100, 10 a share
    sell(on(2024, 5, 2), 10, 700);  // loss 300, 30 a share
    buy(on(2024, 5, 3), 15, 1'500);
    buy(on(2024, 5, 4), 15, 1'500);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(100));
    EXPECT_EQ(r.closed.at(1).disallowed, dollars(300));
    // The first purchase replaces 10 of the first and 5 of the second loss, the next one the rest.
    ASSERT_EQ(r.open.size(), 4U);
    EXPECT_EQ(r.open[0].quantity, units(10));
    EXPECT_EQ(r.open[0].adjustment, dollars(100));
    EXPECT_EQ(r.open[1].quantity, units(5));
    EXPECT_EQ(r.open[1].adjustment, dollars(150));
    EXPECT_EQ(r.open[2].quantity, units(5));
    EXPECT_EQ(r.open[2].adjustment, dollars(150));
    EXPECT_EQ(r.open[3].quantity, units(10));
    EXPECT_EQ(r.open[3].adjustment, Money::zero());
    EXPECT_EQ(r.open[3].basis, dollars(1'000));
}

TEST_F(WashSale, CarriesALossThroughAChainOfReplacements) {
    buy(on(2024, 1, 2), 10, 1'000);
    sell(on(2024, 5, 1), 10, 900);  // -100, disallowed
    buy(on(2024, 5, 2), 10, 900);   // basis 1,000
    sell(on(2024, 5, 10), 10,
         950);                      // 50 above what was paid, -50 with the loss carried: disallowed
    buy(on(2024, 5, 20), 10, 940);  // basis 990
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(1).basis, dollars(1'000));
    EXPECT_EQ(r.closed.at(1).disallowed, dollars(50));
    EXPECT_EQ(r.open.at(0).basis, dollars(990));
    // Sold for good: all that was lost in truth, -100 + 50 + (960 - 940), comes out in the end.
    sell(on(2024, 9, 1), 10, 960);
    Money total;
    for (const ClosedLot& c : report().closed) total += c.gain();
    EXPECT_EQ(total, dollars(-30));
}

TEST_F(WashSale, TacksTheHoldingPeriodSoThatAGainBecomesLongTerm) {
    buy(on(2023, 1, 10), 10, 1'000);
    sell(on(2023, 12, 20), 10, 900);  // held for 344 days
    buy(on(2023, 12, 28), 10, 950);
    sell(on(2024, 1, 25), 10, 1'200);  // 28 days later
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).term, TaxTerm::kShort);
    EXPECT_EQ(r.closed.at(1).holding_start, on(2023, 12, 28) - 344);
    EXPECT_EQ(r.closed.at(1).term, TaxTerm::kLong);
    EXPECT_EQ(r.closed.at(1).gain(), dollars(150));  // 1,200 - (950 + 100)
}

TEST_F(WashSale, LooksAtAllAccountsOfATaxpayer) {
    const auto disallowed = [](std::vector<std::uint16_t> taxpayers) {
        LedgerWorld w;
        w.rules.taxpayers = std::move(taxpayers);
        w.buy(on(2024, 1, 2), 10, 1'000);
        w.sell(on(2024, 5, 1), 10, 900);
        w.trade(Side::kBuy, on(2024, 5, 2), 10, 900, AccountId{1});
        return w.report().closed.at(0).disallowed;
    };
    EXPECT_EQ(disallowed({}), dollars(100));
    EXPECT_EQ(disallowed({7, 7, 8}), dollars(100));
    EXPECT_EQ(disallowed({7, 8, 8}), Money::zero());
}

TEST_F(WashSale, LeavesFuturesCurrenciesAndCoinsAlone) {
    for (const AssetClass c : {AssetClass::kFuture, AssetClass::kForex, AssetClass::kCrypto}) {
        LedgerWorld w;
        InstrumentTable table;
        table.currency("USD");
        Instrument i = w.world.instruments[{0}];
        i.asset_class = c;
        table.add(i);
        LotLedger ledger(table, w.world.accounts);
        for (const auto& [side, p] :
             {std::pair{Side::kBuy, 100}, {Side::kSell, 90}, {Side::kBuy, 95}}) {
            ledger.fill({Timestamp{1},
                         {0},
                         AccountId{0},
                         StrategyId{0},
                         side,
                         test::price(p),
                         units(1),
                         Money::zero(),
                         CurrencyId{0}});
        }
        EXPECT_EQ(ledger.report().closed.at(0).gain(), dollars(-10));
    }
}

// IRC 1091(e): a loss on closing a short sale, and another short sale within the 61 days.
TEST_F(WashSale, DisallowsALossOnAShortSaleThatIsEnteredAgain) {
    sell(on(2024, 5, 1), 10, 1'000);
    buy(on(2024, 5, 6), 10, 1'200);  // -200
    sell(on(2024, 5, 8), 10, 1'100);
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).side, Side::kSell);
    EXPECT_EQ(r.closed.at(0).proceeds, dollars(1'000));
    EXPECT_EQ(r.closed.at(0).basis, dollars(1'200));
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(200));
    EXPECT_EQ(r.open.at(0).basis, dollars(900));  // received 1,100, less 200
    buy(on(2024, 6, 20), 10, 1'000);
    EXPECT_EQ(report().closed.at(1).gain(), dollars(-100));
    EXPECT_EQ(report().closed.at(1).term, TaxTerm::kShort);
}

TEST_F(WashSale, RescalesALossWhenSharesSplitBeforeTheReplacement) {
    buy(on(2024, 1, 2), 11, 1'100);
    sell(on(2024, 5, 1), 10, 900);  // -100
    CorporateActionData two;
    two.numerator = 2;
    ledger().split(AccountId{0}, {0}, at(on(2024, 5, 2)), two, units(2), Money::zero());
    buy(on(2024, 5, 3), 15, 750);  // 7.5 shares of old
    const LotReport r = report();
    EXPECT_EQ(r.closed.at(0).disallowed, dollars(75));
    EXPECT_EQ(r.closed.at(0).washed, Quantity::from_raw(750'000'000));  // of the 10 sold
    ASSERT_EQ(r.open.size(), 2U);
    EXPECT_EQ(r.open[0].quantity, units(2));
    EXPECT_EQ(r.open[1].adjustment, dollars(75));
}

TEST_F(WashSale, ChangesWithAFillThatIsTakenBack) {
    buy(on(2024, 1, 2), 10, 1'000);
    sell(on(2024, 5, 1), 10, 900);
    const std::uint64_t again = buy(on(2024, 5, 2), 10, 950);
    EXPECT_EQ(report().closed.at(0).disallowed, dollars(100));
    ASSERT_TRUE(
        ledger().change(AccountId{0}, {0}, again, test::price(95), units(4), Money::zero()));
    EXPECT_EQ(report().closed.at(0).disallowed, dollars(40));
    ASSERT_TRUE(ledger().cancel(AccountId{0}, {0}, again));
    EXPECT_FALSE(ledger().cancel(AccountId{0}, {0}, again));
    EXPECT_EQ(report().closed.at(0).gain(), dollars(-100));
    EXPECT_TRUE(report().open.empty());
}

TEST_F(WashSale, CanBeSwitchedOff) {
    rules.wash_sales = false;
    buy(on(2024, 1, 2), 10, 1'000);
    sell(on(2024, 5, 1), 10, 900);
    buy(on(2024, 5, 2), 10, 950);
    EXPECT_EQ(report().closed.at(0).gain(), dollars(-100));
    EXPECT_EQ(report().closed.at(0).provisional_until, on(2024, 5, 1));
}

TEST(TaxTerm, IsLongFromTheDayAfterTheAnniversary) {
    EXPECT_EQ(term_of(on(2023, 3, 15), on(2024, 3, 15)), TaxTerm::kShort);
    EXPECT_EQ(term_of(on(2023, 3, 15), on(2024, 3, 16)), TaxTerm::kLong);
    // Rev. Rul. 66-7: bought on the last day of a month, long from the first of the 13th month on.
    EXPECT_EQ(term_of(on(2023, 2, 28), on(2024, 2, 29)), TaxTerm::kShort);
    EXPECT_EQ(term_of(on(2023, 2, 28), on(2024, 3, 1)), TaxTerm::kLong);
    EXPECT_EQ(term_of(on(2024, 2, 28), on(2025, 2, 28)), TaxTerm::kShort);
    EXPECT_EQ(term_of(on(2024, 2, 28), on(2025, 3, 1)), TaxTerm::kLong);
    EXPECT_EQ(term_of(on(2024, 2, 29), on(2025, 3, 1)), TaxTerm::kLong);
}

}  // namespace
}  // namespace fermata
