// SECTOR, BASKET: sums over several instruments or orders.

#include "risk/sector.hpp"

#include <gtest/gtest.h>

#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

struct Sectors : GateWorld {
    explicit Sectors(RiskConfig config = only({{"sector", "25%"}})) : GateWorld(std::move(config)) {
        instrument(0).sector = instrument(1).sector = "technology";
        instrument(2).sector = "energy";
    }
};

TEST(GateSector, AddsUpTheWorstCasesOfASector) {  // 25,000
    Sectors w;
    w.hold(0, "100", "100", 1);   // 10,000
    w.hold(1, "-100", "100", 1);  // the same, short
    w.trade(2, "10");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "50"))), "APPROVED");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kBuy, "51"))), "SECTOR account 25100 25000");
    EXPECT_EQ(w.text(in_account(1, w.order(1, Side::kSell, "51"))), "SECTOR account 25100 25000");
    EXPECT_EQ(w.text(in_account(1, w.order(0, Side::kSell, "250"))), "APPROVED")
        << "150 short, if it fills: 15,000 and 10,000";
    EXPECT_EQ(w.text(in_account(1, w.order(2, Side::kBuy, "50"))), "APPROVED")
        << "25,000 of energy";
    EXPECT_EQ(w.text(in_account(1, w.order(2, Side::kBuy, "51"))), "SECTOR account 25500 25000");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "250")), "APPROVED") << "another account";
}

TEST(GateSector, CountsOpenOrdersOnTheirWorseSide) {
    Sectors w;
    w.trade(0, "100");
    w.trade(1, "100");
    Order open = w.open(w.limit(0, Side::kBuy, "200", "100"));
    w.open(w.limit(0, Side::kSell, "150", "110"));
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "50")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "51")), "SECTOR account 25100 25000");
    w.close(open);
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "100")), "APPROVED") << "150 could be sold";
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "101")), "SECTOR account 25100 25000");
}

TEST(GateSector, APassiveBreachStopsIncreasesOnly) {
    Sectors w;
    w.hold(0, "200", "100");
    w.trade(0, "200");  // 40,000 of 120,000
    w.trade(1, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "SECTOR account 40200 30000");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "SECTOR account 40100 30000");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "200")), "APPROVED");
}

TEST(GateSector, LeavesInstrumentsWithoutASectorAlone) {
    Sectors w;
    w.trade(4, "1.25");
    EXPECT_EQ(w.text(w.order(4, Side::kBuy, "1000000")), "APPROVED");
}

TEST(GateSector, RefusesIncreasesWhileAnotherPositionOfItHasNoPrice) {
    Sectors w;
    w.trade(0, "100");
    w.open(w.limit(1, Side::kBuy, "1", "100"));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "SECTOR account no_mark -");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "SECTOR account no_mark -");
}

TEST(GateSector, ValuesTheOthersAtTheirNewestMarks) {
    Sectors w;
    w.trade(0, "100");
    w.hold(1, "100", "100");                                     // 10,000
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");  // valued now
    w.trade(1, "50");                                            // 5,000
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "180")), "APPROVED") << "18,000 and 5,000 of 95,000";
    w.trade(1, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "151")), "SECTOR account 25100 25000");
}

TEST(GateSector, ZeroAndNegativeEquitySupportNothing) {
    Sectors w;
    w.opening_cash = Money::zero();
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "SECTOR account 100 0");
    w.hold(1, "10", "100");
    w.trade(1, "50");  // -500
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "SECTOR account 600 -125");
    EXPECT_EQ(w.text(w.order(1, Side::kSell, "10")), "APPROVED");
}

// --- BASKET ---

OrderEvent member(const OrderEvent& order) {
    OrderEvent e = order;
    e.data.new_order.flags = kOrderBasket;
    e.data.new_order.link = 7;
    return e;
}

TEST(GateBasket, LimitsTheSumOfItsOrders) {  // 10,000
    GateWorld w(only({{"basket", "10%"}}));
    w.hold(1, "100", "100");
    w.trade(0, "100");
    w.gate().begin_basket({0});
    EXPECT_EQ(w.text(member(w.limit(0, Side::kBuy, "60", "100"))), "APPROVED");
    EXPECT_EQ(w.text(member(w.limit(1, Side::kSell, "40", "100"))), "APPROVED") << "sales count";
    EXPECT_EQ(w.text(member(w.limit(0, Side::kBuy, "1", "50"))), "BASKET strategy 10050 10000");
    EXPECT_EQ(w.text(member(w.limit(0, Side::kBuy, "1", "50"))), "BASKET strategy 10100 10000")
        << "all of them belong to it";
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1000", "100")), "APPROVED") << "not a member";
    w.gate().begin_basket({1});
    EXPECT_NE(w.text(member(w.limit(0, Side::kBuy, "1", "50"))), "APPROVED");
    w.gate().begin_basket({0});
    EXPECT_EQ(w.text(member(w.limit(0, Side::kBuy, "100", "100"))), "APPROVED");
}

TEST(GateBasket, MakesNoMemberWorthMoreLater) {
    GateWorld w(only({{"basket", "10%"}}));
    w.trade(0, "100");
    w.gate().begin_basket({0});
    const OrderEvent e = member(w.limit(0, Side::kBuy, "10", "100"));
    ASSERT_EQ(w.text(e), "APPROVED");
    Order live = w.open(e);
    live.flags = kOrderBasket;
    live.link = e.data.new_order.link;
    const auto change = [&](const char* size, const char* at) {
        return w.text(w.gate().check_replace(w.replace(live, size, at), live));
    };
    EXPECT_EQ(change("20", "100"), "BASKET strategy 2000 1000") << "ten such would be 20%";
    EXPECT_EQ(change("10", "100.01"), "BASKET strategy 1000.1 1000");
    EXPECT_EQ(change("10", "100"), "APPROVED");
    EXPECT_EQ(change("20", "50"), "APPROVED");
    live.flags = 0;
    live.link = 0;
    EXPECT_EQ(change("20", "100"), "APPROVED") << "not a member";
}

TEST(GateBasket, WithAUnitErrorInItIsRefused) {
    // 58 million were meant and 444 billion typed: each order looks small beside the error.
    GateWorld w(only({{"basket", "10%"}}));
    w.opening_cash = Money::from_units(1'000'000'000);
    w.trade(0, "100");
    w.gate().begin_basket({0});
    int refused = 0;
    for (int n = 0; n < 349; ++n) {
        refused += w.text(member(w.limit(0, Side::kSell, "12722063", "100"))) != "APPROVED" ? 1 : 0;
    }
    EXPECT_EQ(refused, 349) << "1.27 billion each, 100 million allowed";
}

TEST(GateBasket, IsRefusedWhenAMemberCannotBeValued) {
    GateWorld w(only({{"basket", "10%"}}));
    w.trade(0, "100");
    w.gate().begin_basket({0});
    EXPECT_EQ(w.text(member(w.order(1, Side::kBuy, "1"))), "BASKET strategy no_mark -");
    EXPECT_NE(w.text(member(w.order(0, Side::kBuy, "1"))), "APPROVED") << "and all after it";
    w.gate().begin_basket({0});
    EXPECT_EQ(w.text(member(w.order(0, Side::kBuy, "1"))), "APPROVED");
}

TEST(GateBasket, ZeroEquitySupportsNothing) {
    GateWorld w(only({{"basket", "10%"}}));
    w.opening_cash = Money::zero();
    w.trade(0, "-40");
    w.gate().begin_basket({0});
    EXPECT_EQ(w.text(member(w.limit(0, Side::kBuy, "1", "-40"))), "BASKET strategy 40 0");
}

}  // namespace
}  // namespace fermata::testing
