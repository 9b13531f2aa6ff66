// Prices that the market says, under the controls of prices and values.

#include "risk/moving_limit.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {
namespace {

using enum OffsetKind;

/// Instrument 0 at 99.00 to 101.00, the middle at 100.
struct Quoted : GateWorld {
    explicit Quoted(std::initializer_list<std::pair<const char*, const char*>> limits)
        : GateWorld(only(limits)) {
        quote(0, "99", "101");
    }
    std::string pegged(Side side, OffsetKind kind, const char* offset, const char* worst = "0") {
        return text(peg(0, side, kind, offset, worst));
    }
    std::string trailed(Side side, const char* trail, const char* distance,
                        const char* trigger = "0") {
        return text(trailing_limit(0, side, trail, distance, trigger));
    }
    std::string replaced(const Order& live, const char* at, const char* offset) {
        OrderEvent e = replace(live, "1", at);
        e.data.change.offset = price(offset).raw();
        return text(gate().check_replace(e, live));
    }
    Price reserve(const OrderEvent& e) { return gate().reserve_price(e); }
    /// The worst price with which the order manager gets it.
    Price bound(OrderEvent e) {
        EXPECT_EQ(text(e), "APPROVED");
        gate().bind(e);
        return e.data.new_order.price;
    }
};

TEST(GateCollar, JudgesAPegWhereItWouldStand) {
    Quoted w({{"collar", "0.05"}});  // 95 to 105
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "5"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "5.01"), "COLLAR order 105.01 105");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "500"), "COLLAR order 600 105");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMarket, "4"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMarket, "1000"), "COLLAR order 1101 105");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegPrimary, "6.01"), "COLLAR order 105.01 105");
    EXPECT_EQ(w.pegged(Side::kSell, kPegMid, "-99"), "COLLAR order 1 95");
    EXPECT_EQ(w.pegged(Side::kSell, kPegMarket, "-4"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kSell, kPegPrimary, "-6.01"), "COLLAR order 94.99 95");
    EXPECT_EQ(w.pegged(Side::kSell, kPegMid, "500"), "APPROVED") << "the passive side";
}

TEST(GateCollar, JudgesTheWorstPriceOfAPegAsALimit) {
    Quoted w({{"collar", "0.05"}});
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "0", "105"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "0", "105.01"), "COLLAR order 105.01 105");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "500", "105"), "APPROVED") << "never above 105";
    EXPECT_EQ(w.pegged(Side::kSell, kPegMid, "0", "94.99"), "COLLAR order 94.99 95");
}

TEST(GateCollar, BindsAPegThatNamesNoWorstPriceToItsEdge) {
    Quoted w({{"collar", "0.05"}});
    EXPECT_EQ(w.bound(w.peg(0, Side::kBuy, kPegMid, "0")), price("105"));
    EXPECT_EQ(w.bound(w.peg(0, Side::kSell, kPegPrimary, "0")), price("95"));
    EXPECT_EQ(w.bound(w.peg(0, Side::kBuy, kPegMid, "0", "101")), price("101")) << "its own";
    EXPECT_EQ(w.bound(w.limit(0, Side::kBuy, "1", "98")), price("98"));
    w.quote(0, "99.01", "101.01");  // 100.01 x 1.05 = 105.0105, x 0.95 = 95.0095
    EXPECT_EQ(w.bound(w.peg(0, Side::kBuy, kPegMid, "0")), price("105.01"));
    EXPECT_EQ(w.bound(w.peg(0, Side::kSell, kPegMid, "0")), price("95.01"));

    const Order live = w.open(w.peg(0, Side::kBuy, kPegMid, "0", "101"));
    OrderEvent e = w.replace(live, "1", "0");
    EXPECT_EQ(w.text(w.gate().check_replace(e, live)), "APPROVED");
    w.gate().bind(e);
    EXPECT_EQ(e.data.change.price, price("105.01"));

    Quoted free({{"max_quantity", "10"}});  // no collar
    EXPECT_EQ(free.bound(free.peg(0, Side::kBuy, kPegMid, "0")), Price::zero());
}

TEST(PegBound, IsNeverZeroWhichWouldMeanNone) {
    constexpr Ratio kFivePercent = Ratio::from_raw(50'000'000);
    const Price cent = price("0.01");
    // 0.004 + 5% = 0.0042: to the tick, 0; and so one tick less to pay.
    EXPECT_EQ(peg_bound(Side::kBuy, price("0.004"), kFivePercent, cent), price("-0.01"));
    EXPECT_EQ(peg_bound(Side::kSell, price("-0.004"), kFivePercent, cent), price("0.01"));
    EXPECT_EQ(peg_bound(Side::kBuy, price("-40"), kFivePercent, cent), price("-38"));
    EXPECT_EQ(peg_bound(Side::kSell, price("-40"), kFivePercent, cent), price("-42"));
}

TEST(GateCollar, JudgesTheLimitOfATrailingStopLimitFromItsTrigger) {
    Quoted w({{"collar", "0.05"}});
    w.trade(0, "100");
    // Trigger 100 + 1 = 101; 101 x 1.05 = 106.05.
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.05"), "APPROVED");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.06"), "COLLAR order 106.06 106.05");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "500"), "COLLAR order 601 106.05");
    // Trigger 100 - 2 = 98; 98 x 0.95 = 93.1.
    EXPECT_EQ(w.trailed(Side::kSell, "2", "-4.90"), "APPROVED");
    EXPECT_EQ(w.trailed(Side::kSell, "2", "-4.91"), "COLLAR order 93.09 93.1");
    // A trigger that is given: 110 x 1.05 = 115.5.
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.50", "110"), "APPROVED");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.51", "110"), "COLLAR order 115.51 115.5");
}

TEST(GateCollar, MeasuresATrailFromTheQuoteBeforeAnyTrade) {
    Quoted w({{"collar", "0.05"}});
    // A purchase's trigger is 101 + 1 = 102; 102 x 1.05 = 107.1.
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.10"), "APPROVED");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "5.11"), "COLLAR order 107.11 107.1");
}

TEST(GateCollar, JudgesTheNewOffsetAndPriceOfAReplace) {
    Quoted w({{"collar", "0.05"}});
    w.trade(0, "100");
    const Order peg = w.open(w.peg(0, Side::kBuy, kPegMid, "0", "101"));
    EXPECT_EQ(w.replaced(peg, "101", "500"), "APPROVED") << "never above 101";
    EXPECT_EQ(w.replaced(peg, "0", "500"), "COLLAR order 600 105");
    EXPECT_EQ(w.replaced(peg, "110", "0"), "COLLAR order 110 105");
    const Order wide = w.open(w.peg(0, Side::kSell, kPegMid, "-5", "0"));
    EXPECT_EQ(w.replaced(wide, "0", "0"), "APPROVED") << "zero is an offset";
    const Order stop = w.open(w.trailing_limit(0, Side::kBuy, "1", "0.50", "101"));
    EXPECT_EQ(w.replaced(stop, "5.05", "0"), "APPROVED") << "the trigger stays at 101";
    EXPECT_EQ(w.replaced(stop, "5.06", "0"), "COLLAR order 106.06 106.05");
    EXPECT_EQ(w.replaced(stop, "500", "0"), "COLLAR order 601 106.05");

    // What was sent as a limit order names its limit.
    Order sent = stop;
    sent.triggered = true;
    sent.flags = kOrderEmulated;
    sent.price = price("101.50");
    sent.repriced_at = w.now;
    EXPECT_EQ(w.replaced(sent, "106.05", "0"), "APPROVED");
    EXPECT_EQ(w.replaced(sent, "106.06", "0"), "COLLAR order 106.06 106.05");

    OrderEvent e = w.order(0, Side::kBuy, "1");
    e.data.new_order.type = OrderType::kMarketToLimit;
    const Order rest = w.open(e);
    EXPECT_EQ(w.replaced(rest, "105", "0"), "APPROVED");
    EXPECT_EQ(w.replaced(rest, "105.01", "0"), "COLLAR order 105.01 105");
}

TEST(GateBestExecution, JudgesAPegWhereItWouldStand) {
    Quoted w({{"best_execution", "0.02"}});  // 101 x 1.02 = 103.02, 99 x 0.98 = 97.02
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMarket, "2.02"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMarket, "2.03"), "BEST_EXECUTION order 103.03 103.02");
    EXPECT_EQ(w.pegged(Side::kSell, kPegMid, "-2.99"), "BEST_EXECUTION order 97.01 97.02");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMarket, "2.03", "103"), "APPROVED");
}

TEST(GateLuld, JudgesLimitsThatMove) {
    Quoted w({});
    w.trade(0, "100");
    tell_band(w.gate(), {0}, price("95"), price("105"));
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "5"), "APPROVED");
    EXPECT_EQ(w.pegged(Side::kBuy, kPegMid, "5.01"), "LULD order 105.01 105");
    EXPECT_EQ(w.pegged(Side::kSell, kPegMid, "-5.01"), "LULD order 94.99 95");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "4"), "APPROVED");
    EXPECT_EQ(w.trailed(Side::kBuy, "1", "4.01"), "LULD order 105.01 105");
}

TEST(ReservePrice, ValuesOrdersThatFollowTheMarketAtTheWorstThatTheyMayPay) {
    Quoted w({{"collar", "0.05"}});
    w.trade(0, "100");
    EXPECT_EQ(w.reserve(w.peg(0, Side::kBuy, kPegMid, "0")), price("105"));
    EXPECT_EQ(w.reserve(w.peg(0, Side::kBuy, kPegMid, "500")), price("600"));
    EXPECT_EQ(w.reserve(w.peg(0, Side::kBuy, kPegMid, "0", "102")), price("102"));
    EXPECT_EQ(w.reserve(w.peg(0, Side::kSell, kPegMid, "0")), price("100"));
    EXPECT_EQ(w.reserve(w.peg(0, Side::kSell, kPegMid, "10")), price("110"));
    EXPECT_EQ(w.reserve(w.trailing_limit(0, Side::kBuy, "1", "500")), price("601"));
    EXPECT_EQ(w.reserve(w.trailing_limit(0, Side::kBuy, "1", "0.50")), price("101.50"));
    EXPECT_EQ(w.reserve(w.trailing_limit(0, Side::kSell, "1", "-0.50")), price("100"));
    OrderEvent trail = w.trailing_limit(0, Side::kBuy, "20", "0");
    trail.data.new_order.type = OrderType::kTrailingStop;
    EXPECT_EQ(w.reserve(trail), price("126")) << "a stop at 120";
}

TEST(GateMaxNotional, CountsAPegAtThePriceThatItMayPay) {
    // 2% of 100,000.
    Quoted w({{"max_notional", "0.02"}});
    OrderEvent e = w.peg(0, Side::kBuy, kPegMid, "100");  // 200
    e.data.new_order.quantity = quantity("10");
    EXPECT_EQ(w.text(e), "APPROVED");
    e = w.peg(0, Side::kBuy, kPegMid, "100.01");
    e.data.new_order.quantity = quantity("10");
    EXPECT_EQ(w.text(e), "MAX_NOTIONAL order 2000.1 2000");
}

}  // namespace
}  // namespace fermata::testing
