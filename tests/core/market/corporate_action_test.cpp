#include "core/market/corporate_action.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/indicator/to_double.hpp"
#include "core/types/decimal.hpp"

namespace fermata {
namespace {

using Outcome = AdjustedTerms::Outcome;

constexpr Price kCent = Price::from_raw(10'000'000);
constexpr Quantity kShare = Quantity::from_units(1);
constexpr Multiplier kOne = Multiplier::from_units(1);

Price price(const char* text) { return parse<Price>(text).value(); }
CorporateActionData split(const char* ratio) { return *make_split(parse<Ratio>(ratio).value()); }
CorporateActionData dividend(const char* cash) { return make_dividend(price(cash)); }

AdjustedTerms adjust(const CorporateActionData& action, Side side, OrderType type,
                     const char* limit, const char* stop, std::int64_t shares) {
    return adjust_open_order(action,
                             {side, type, price(limit), price(stop), Quantity::from_units(shares)},
                             kCent, kShare);
}

TEST(CorporateAction, ASplitIsAnExactFraction) {
    EXPECT_EQ(split("2").numerator, 2);
    EXPECT_EQ(split("2").denominator, 1);
    EXPECT_EQ(split("0.05").numerator, 1);
    EXPECT_EQ(split("0.05").denominator, 20);
    EXPECT_EQ(split("2.00001").numerator, 200'001);
    EXPECT_EQ(split("2.00001").denominator, 100'000);
    EXPECT_EQ(make_split(Ratio::zero()), std::nullopt);
    EXPECT_EQ(make_split(Ratio::from_units(-2)), std::nullopt);
}

TEST(CorporateAction, DividendsComeBeforeSplitsOfTheSameDate) {
    std::vector<CorporateAction> actions = {
        {InstrumentId{1}, to_date(2012, 1, 3), split("2"), {}},
        {InstrumentId{1}, to_date(2012, 1, 3), dividend("1"), {}},
        {InstrumentId{0}, to_date(2012, 1, 3), split("3"), {}},
        {InstrumentId{2}, to_date(2012, 1, 2), dividend("2"), {}},
    };
    sort_actions(actions);
    EXPECT_EQ(actions[0].instrument, InstrumentId{2});
    EXPECT_EQ(actions[1].instrument, InstrumentId{0});
    EXPECT_EQ(actions[2].data.kind, CorporateActionKind::kDividend);
    EXPECT_EQ(actions[3].data.kind, CorporateActionKind::kSplit);
}

TEST(AdjustOpenOrder, ADividendLowersTheOrdersThatRestBelowTheMarket) {
    // 50.00 - 0.313385 = 49.686615, rounded down to the cent.
    const auto buy = adjust(dividend("0.313385"), Side::kBuy, OrderType::kLimit, "50", "0", 100);
    EXPECT_EQ(buy.outcome, Outcome::kChanged);
    EXPECT_EQ(buy.price, price("49.68"));
    EXPECT_EQ(buy.quantity, Quantity::from_units(100));
    const auto stop = adjust(dividend("0.25"), Side::kSell, OrderType::kStop, "0", "45", 100);
    EXPECT_EQ(stop.stop_price, price("44.75"));
    const auto both =
        adjust(dividend("0.25"), Side::kSell, OrderType::kStopLimit, "44.50", "45", 100);
    EXPECT_EQ(both.stop_price, price("44.75"));
    EXPECT_EQ(both.price, price("44.25"));
}

TEST(AdjustOpenOrder, ADividendLeavesTheOthers) {
    const auto untouched = [](Side side, OrderType type) {
        const auto out = adjust(dividend("0.25"), side, type, "50", "49", 100);
        return out.outcome == Outcome::kUnchanged && out.price == price("50") &&
               out.stop_price == price("49") && out.quantity == Quantity::from_units(100);
    };
    EXPECT_TRUE(untouched(Side::kSell, OrderType::kLimit));
    EXPECT_TRUE(untouched(Side::kBuy, OrderType::kStop));
    EXPECT_TRUE(untouched(Side::kBuy, OrderType::kStopLimit));
    EXPECT_TRUE(untouched(Side::kBuy, OrderType::kMarket));
    EXPECT_TRUE(untouched(Side::kSell, OrderType::kMarket));
}

TEST(AdjustOpenOrder, ADividendBelowOneCentIsTooSmall) {
    EXPECT_EQ(adjust(dividend("0.0099"), Side::kBuy, OrderType::kLimit, "50", "0", 1).outcome,
              Outcome::kUnchanged);
    EXPECT_EQ(adjust(dividend("0.01"), Side::kBuy, OrderType::kLimit, "50", "0", 1).price,
              price("49.99"));
}

TEST(AdjustOpenOrder, ADividendThatEatsThePriceCancels) {
    const auto out = adjust(dividend("5"), Side::kBuy, OrderType::kLimit, "5", "0", 100);
    EXPECT_EQ(out.outcome, Outcome::kCancel);
    EXPECT_EQ(out.price, price("5"));
}

TEST(AdjustOpenOrder, ASplitRescalesPriceAndQuantity) {
    // 3:2 on 50.01 x 101: 33.34 and 151.5 shares.
    const auto buy = adjust(split("1.5"), Side::kBuy, OrderType::kLimit, "50.01", "0", 101);
    EXPECT_EQ(buy.outcome, Outcome::kChanged);
    EXPECT_EQ(buy.price, price("33.34"));
    EXPECT_EQ(buy.quantity, Quantity::from_units(151));
    // 50.02 / 1.5 = 33.3466...: down for a buy limit and a sell stop, up for the others.
    EXPECT_EQ(adjust(split("1.5"), Side::kBuy, OrderType::kLimit, "50.02", "0", 1).price,
              price("33.34"));
    EXPECT_EQ(adjust(split("1.5"), Side::kSell, OrderType::kLimit, "50.02", "0", 1).price,
              price("33.35"));
    EXPECT_EQ(adjust(split("1.5"), Side::kSell, OrderType::kStop, "0", "50.02", 1).stop_price,
              price("33.34"));
    EXPECT_EQ(adjust(split("1.5"), Side::kBuy, OrderType::kStop, "0", "50.02", 1).stop_price,
              price("33.35"));
    // A market order that waits for the open keeps its value as well.
    EXPECT_EQ(adjust(split("2"), Side::kSell, OrderType::kMarket, "0", "0", 100).quantity,
              Quantity::from_units(200));
    // 2.00001 new shares: 100 become 200.001, whole shares stay.
    EXPECT_EQ(adjust(split("2.00001"), Side::kSell, OrderType::kMarket, "0", "0", 100).quantity,
              Quantity::from_units(200));
}

TEST(AdjustOpenOrder, AReverseSplitCancelsEverything) {
    for (const OrderType type :
         {OrderType::kMarket, OrderType::kLimit, OrderType::kStop, OrderType::kStopLimit}) {
        for (const Side side : {Side::kBuy, Side::kSell}) {
            EXPECT_EQ(adjust(split("0.05"), side, type, "5", "5", 1'000).outcome, Outcome::kCancel);
        }
    }
    EXPECT_EQ(adjust(split("1"), Side::kBuy, OrderType::kLimit, "5", "0", 1).outcome,
              Outcome::kUnchanged);
}

TEST(AdjustOpenOrder, APriceThatRoundsToNothingCancels) {
    EXPECT_EQ(adjust(split("3"), Side::kBuy, OrderType::kLimit, "0.01", "0", 1).outcome,
              Outcome::kCancel);
}

TEST(AdjustOpenOrder, AnIfTouchedPurchaseRestsBelowTheMarketAsABuyLimitDoes) {
    const auto touch =
        adjust(dividend("0.25"), Side::kBuy, OrderType::kLimitIfTouched, "44", "45", 100);
    EXPECT_EQ(touch.stop_price, price("44.75"));
    EXPECT_EQ(touch.price, price("43.75"));
    EXPECT_EQ(
        adjust(dividend("0.25"), Side::kSell, OrderType::kMarketIfTouched, "0", "55", 100).outcome,
        Outcome::kUnchanged);
    // 45 x 2 / 3 = 30; a sale's 55 x 2 / 3 = 36.666..., up.
    EXPECT_EQ(
        adjust(split("1.5"), Side::kBuy, OrderType::kMarketIfTouched, "0", "45", 100).stop_price,
        price("30"));
    EXPECT_EQ(
        adjust(split("1.5"), Side::kSell, OrderType::kMarketIfTouched, "0", "55", 100).stop_price,
        price("36.67"));
}

// 2:1. Trigger 98, distance 3, limit 0.50 below the trigger.
TEST(AdjustOpenOrder, ATrailingOrderKeepsItsDistancesInProportion) {
    OpenTerms terms{Side::kSell, OrderType::kTrailingStopLimit, price("-0.50"), price("98"),
                    Quantity::from_units(100)};
    terms.offset = price("3").raw();
    terms.offset_kind = OffsetKind::kTrailPrice;
    const AdjustedTerms halved = adjust_open_order(split("2"), terms, kCent, kShare);
    EXPECT_EQ(halved.outcome, Outcome::kChanged);
    EXPECT_EQ(halved.stop_price, price("49"));
    EXPECT_EQ(halved.price, price("-0.25"));
    EXPECT_EQ(halved.offset, price("1.5").raw());
    EXPECT_EQ(halved.quantity, Quantity::from_units(200));

    const AdjustedTerms paid = adjust_open_order(dividend("0.30"), terms, kCent, kShare);
    EXPECT_EQ(paid.stop_price, price("97.7"));
    EXPECT_EQ(paid.price, price("-0.50"));
    EXPECT_EQ(paid.offset, terms.offset);

    terms.offset = 50'000'000;  // 5%
    terms.offset_kind = OffsetKind::kTrailPercent;
    EXPECT_EQ(adjust_open_order(split("2"), terms, kCent, kShare).offset, 50'000'000);
    terms.stop_price = Price::zero();  // it has seen no market yet
    const AdjustedTerms unseen = adjust_open_order(dividend("0.30"), terms, kCent, kShare);
    EXPECT_NE(unseen.outcome, Outcome::kCancel);
    EXPECT_EQ(unseen.stop_price, Price::zero());
}

// 3:1. Two cents behind the bid, at most 90; one that has no worst price keeps having none.
TEST(AdjustOpenOrder, APeggedOrderKeepsItsOffsetInProportionAndItsWorstPriceAsALimit) {
    OpenTerms terms{Side::kBuy, OrderType::kPegged, price("90"), Price::zero(),
                    Quantity::from_units(10)};
    terms.offset = price("-0.06").raw();
    terms.offset_kind = OffsetKind::kPegPrimary;
    const AdjustedTerms out = adjust_open_order(split("3"), terms, kCent, kShare);
    EXPECT_EQ(out.price, price("30"));
    EXPECT_EQ(out.offset, price("-0.02").raw());
    EXPECT_EQ(adjust_open_order(dividend("0.50"), terms, kCent, kShare).price, price("89.5"));
    terms.price = Price::zero();
    EXPECT_EQ(adjust_open_order(split("3"), terms, kCent, kShare).price, Price::zero());
    EXPECT_EQ(adjust_open_order(dividend("0.50"), terms, kCent, kShare).outcome,
              Outcome::kUnchanged);
}

// 3:2: 100 become 150, 33 shown become 49; never more than there is, never nothing.
TEST(AdjustOpenOrder, AnIcebergShowsAsMuchMore) {
    OpenTerms terms{Side::kBuy, OrderType::kLimit, price("50"), Price::zero(),
                    Quantity::from_units(100)};
    terms.display_quantity = Quantity::from_units(33);
    EXPECT_EQ(adjust_open_order(split("1.5"), terms, kCent, kShare).display_quantity,
              Quantity::from_units(49));
    EXPECT_EQ(adjust_open_order(dividend("1"), terms, kCent, kShare).display_quantity,
              Quantity::from_units(33));
}

RC_GTEST_PROP(AdjustOpenOrder, TheResultIsOnTickAndLotAndKeepsItsValue, ()) {
    const auto numerator = *rc::gen::inRange<std::int64_t>(1, 1'000);
    const auto denominator = *rc::gen::inRange<std::int64_t>(1, numerator + 1);
    CorporateActionData action;
    action.numerator = numerator;
    action.denominator = denominator;
    const Price tick = Price::from_raw(*rc::gen::element<std::int64_t>(1'000, 10'000'000));
    const Quantity lot = Quantity::from_raw(*rc::gen::element<std::int64_t>(1, 100'000'000));
    const OpenTerms terms{
        *rc::gen::element(Side::kBuy, Side::kSell), OrderType::kLimit,
        Price::from_raw(tick.raw() * *rc::gen::inRange<std::int64_t>(1, 100'000'000)), Price{},
        Quantity::from_raw(lot.raw() * *rc::gen::inRange<std::int64_t>(1, 1'000'000))};
    const AdjustedTerms out = adjust_open_order(action, terms, tick, lot);
    if (out.outcome != Outcome::kChanged) return;
    RC_ASSERT(out.price.raw() % tick.raw() == 0);
    RC_ASSERT(out.quantity.raw() % lot.raw() == 0);
    // Off by less than one tick and one lot.
    const __int128 exact_price = static_cast<__int128>(terms.price.raw()) * denominator;
    const __int128 price_error = static_cast<__int128>(out.price.raw()) * numerator - exact_price;
    const __int128 tick_width = static_cast<__int128>(tick.raw()) * numerator;
    if (terms.side == Side::kBuy) RC_ASSERT(price_error <= 0 && price_error > -tick_width);
    if (terms.side == Side::kSell) RC_ASSERT(price_error >= 0 && price_error < tick_width);
    const __int128 exact_quantity = static_cast<__int128>(terms.quantity.raw()) * numerator;
    const __int128 lost = exact_quantity - static_cast<__int128>(out.quantity.raw()) * denominator;
    RC_ASSERT(lost >= 0 && lost < static_cast<__int128>(lot.raw()) * denominator);
}

RC_GTEST_PROP(AdjustOpenOrder, AnyTermsAreHandled, ()) {
    CorporateActionData action;
    action.kind = *rc::gen::element(CorporateActionKind::kSplit, CorporateActionKind::kDividend);
    action.numerator = *rc::gen::inRange<std::int64_t>(1, INT64_MAX);
    action.denominator = *rc::gen::inRange<std::int64_t>(1, INT64_MAX);
    action.cash = Price::from_raw(*rc::gen::arbitrary<std::int64_t>());
    const OpenTerms terms{*rc::gen::element(Side::kBuy, Side::kSell),
                          static_cast<OrderType>(*rc::gen::inRange(0, kOrderTypeCount)),
                          Price::from_raw(*rc::gen::arbitrary<std::int64_t>()),
                          Price::from_raw(*rc::gen::arbitrary<std::int64_t>()),
                          Quantity::from_raw(*rc::gen::inRange<std::int64_t>(0, INT64_MAX))};
    const Price tick = Price::from_raw(*rc::gen::inRange<std::int64_t>(1, INT64_MAX));
    const Quantity lot = Quantity::from_raw(*rc::gen::inRange<std::int64_t>(1, INT64_MAX));
    (void)adjust_open_order(action, terms, tick, lot);
    (void)adjust_position(action, Quantity::from_raw(*rc::gen::arbitrary<std::int64_t>()), lot,
                          Multiplier::from_raw(*rc::gen::inRange<std::int64_t>(1, INT64_MAX)),
                          terms.price);
    (void)rebase_price(action, terms.price);
}

TEST(AdjustPosition, ADividendPaysALongAndChargesAShort) {
    const auto held =
        adjust_position(dividend("0.313385"), Quantity::from_units(62), kShare, kOne, price("109"));
    EXPECT_EQ(held->quantity, Quantity::from_units(62));
    EXPECT_EQ(held->cash, parse<Money>("19.42987").value());  // 62 x 0.313385
    const auto owed =
        adjust_position(dividend("1.5"), Quantity::from_units(-10), kShare, kOne, price("1"));
    EXPECT_EQ(owed->cash, parse<Money>("-15").value());
}

TEST(AdjustPosition, ASplitKeepsWholeLotsAndPaysTheRest) {
    const auto doubled =
        adjust_position(split("2"), Quantity::from_units(151), kShare, kOne, price("50"));
    EXPECT_EQ(doubled->quantity, Quantity::from_units(302));
    EXPECT_EQ(doubled->cash, Money::zero());
    // 151 x 2.00001 = 302.00151: 0.00151 shares at 44.49 = 0.0671799.
    const auto odd =
        adjust_position(split("2.00001"), Quantity::from_units(151), kShare, kOne, price("44.49"));
    EXPECT_EQ(odd->quantity, Quantity::from_units(302));
    EXPECT_EQ(odd->cash, parse<Money>("0.06718").value());
    // 1:20 on 1,015 shares: 50.75, and on the same short position the mirror image.
    const auto merged =
        adjust_position(split("0.05"), Quantity::from_units(1'015), kShare, kOne, price("10"));
    EXPECT_EQ(merged->quantity, Quantity::from_units(50));
    EXPECT_EQ(merged->cash, parse<Money>("7.5").value());
    const auto shorted =
        adjust_position(split("0.05"), Quantity::from_units(-1'015), kShare, kOne, price("10"));
    EXPECT_EQ(shorted->quantity, Quantity::from_units(-50));
    EXPECT_EQ(shorted->cash, parse<Money>("-7.5").value());
}

TEST(AdjustPosition, ASplitKeepsOddLotsAndSmallFractionsThatTrade) {
    // 100 shares in lots of 100, 3:2: an odd lot of 150, no cash.
    const auto odd_lot = adjust_position(split("1.5"), Quantity::from_units(100),
                                         Quantity::from_units(100), kOne, price("10"));
    EXPECT_EQ(odd_lot->quantity, Quantity::from_units(150));
    EXPECT_EQ(odd_lot->cash, Money::zero());
    // Lots of 0.01: 1.01 x 1.5 = 1.515, of which 0.005 at 10 is paid.
    const auto fine = adjust_position(split("1.5"), parse<Quantity>("1.01").value(),
                                      parse<Quantity>("0.01").value(), kOne, price("10"));
    EXPECT_EQ(fine->quantity, parse<Quantity>("1.51").value());
    EXPECT_EQ(fine->cash, parse<Money>("0.05").value());
}

TEST(AdjustPosition, SaysWhenAResultDoesNotFit) {
    EXPECT_EQ(adjust_position(split("3"), Quantity::max(), kShare, kOne, price("1")).error(),
              NumberError::kOverflow);
    EXPECT_EQ(adjust_position(dividend("1000"), Quantity::max(), kShare, kOne, price("1")).error(),
              NumberError::kOverflow);
}

RC_GTEST_PROP(AdjustPosition, ValueBeforeEqualsValueAndCashAfter, ()) {
    // q old shares at p are worth what n/d q new shares at p d/n are: checked at the new price.
    const auto ratio = Ratio::from_raw(*rc::gen::inRange<std::int64_t>(1'000'000, 20'000'000'000));
    const CorporateActionData action = *make_split(ratio);
    const auto position =
        Quantity::from_units(*rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000));
    const auto at = Price::from_raw(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000));
    const AdjustedPosition out = *adjust_position(action, position, kShare, kOne, at);
    const double before = to_double(position) * to_double(ratio) * to_double(at);
    const double after = to_double(out.quantity) * to_double(at) + to_double(out.cash);
    RC_ASSERT(std::abs(before - after) <= 1e-6 + 1e-12 * std::abs(before));
}

TEST(RebasePrice, FollowsTheSplitAndIgnoresTheDividend) {
    EXPECT_EQ(*rebase_price(split("2"), price("101")), price("50.5"));
    EXPECT_EQ(*rebase_price(split("0.05"), price("1.5")), price("30"));
    EXPECT_EQ(*rebase_price(dividend("2"), price("101")), price("101"));
    EXPECT_EQ(rebase_price(split("0.05"), Price::max()).error(), NumberError::kOverflow);
}

}  // namespace
}  // namespace fermata
