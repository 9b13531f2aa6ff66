// WASH_SALE: what is said about orders that may disallow a loss.

#include "risk/wash_sale_tag.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/risk/gate_fixture.hpp"
#include "tests/support/state_copy.hpp"
#include "tests/support/trading_world.hpp"

namespace fermata::testing {
namespace {

RiskConfig from(const char* amount) { return only({{"wash_sale", amount}}); }

/// Units and amount that something was said of; nullopt: nothing was.
using Said = std::optional<std::pair<std::int64_t, Money>>;
Said said(std::int64_t units, const char* amount) { return {{units, money(amount)}}; }

struct WashSaleTest : ::testing::Test {
    RiskConfig config = from("0");
    std::unique_ptr<GateWorld> world = std::make_unique<GateWorld>(config);

    void begin_again(const RiskConfig& other) {
        config = other;
        world = std::make_unique<GateWorld>(config);
    }
    /// A fill, in the books and told.
    void trade(const char* signed_quantity, const char* at, std::uint32_t i = 0,
               std::uint16_t account = 0) {
        const Quantity q = quantity(signed_quantity);
        FillToBook fill;
        fill.ts = world->now;
        fill.instrument = {i};
        fill.account = {account};
        fill.side = q.is_negative() ? Side::kSell : Side::kBuy;
        fill.price = price(at);
        fill.quantity = q.is_negative() ? -q : q;
        fill.fee_currency = world->instruments[{i}].currency;
        const auto booked = world->book().book_fill(fill);
        ASSERT_TRUE(booked.ok());
        OrderEvent e = make_order_event(OrderEventType::kFill, world->now, {i});
        e.data.fill = FillData{};
        FillData& d = e.data.fill;
        d.account = fill.account;
        d.side = fill.side;
        d.price = fill.price;
        d.quantity = fill.quantity;
        d.position_after = booked->position_after;
        d.realized = booked->realized;
        world->gate().on_order_event(e, nullptr);
    }
    void days(std::int64_t n) { world->now = world->now + Duration::seconds(86'400 * n); }
    Said asks(Side side, const char* size, const char* at, std::uint32_t i = 0,
              std::uint16_t account = 0) {
        world->trade(i, at);
        const VerdictData v = world->judge(in_account(account, world->limit(i, side, size, at)));
        EXPECT_EQ(v.failed, 0U) << "nothing is refused";
        const auto alert = world->gate().next_tag();
        EXPECT_FALSE(world->gate().next_tag()) << "once";
        if (!alert) return std::nullopt;
        EXPECT_EQ(alert->code, AlertCode::kWashSale);
        EXPECT_EQ(alert->order_id, v.order_id);
        EXPECT_EQ(alert->account, v.account);
        return {{alert->detail[0] / Quantity::kOne, Money::from_raw(alert->detail[1])}};
    }
    Said buys(const char* size, const char* at = "90") { return asks(Side::kBuy, size, at); }
    Said sells(const char* size, const char* at) { return asks(Side::kSell, size, at); }
};

TEST_F(WashSaleTest, APurchaseReplacesWhatWasSoldAtALossInThirtyDays) {
    trade("100", "100");
    days(40);
    trade("-100", "90");  // 1,000 lost
    EXPECT_EQ(buys("40"), said(40, "400"));
    EXPECT_EQ(buys("100"), said(100, "1000"));
    EXPECT_EQ(buys("150"), said(100, "1000")) << "no more than was sold";
    days(30);
    EXPECT_EQ(buys("40"), said(40, "400")) << "the thirtieth day";
    days(1);
    EXPECT_EQ(buys("40"), std::nullopt) << "the day after";
}

TEST_F(WashSaleTest, UnitsThatReplacedOnceAreUsed) {
    trade("100", "100");
    days(40);
    trade("-60", "90");  // 600 lost
    days(1);
    trade("-40", "80");  // 800 lost
    days(1);
    trade("70", "90");  // replaces 60 of the first day and 10 of the second: 30 are left, 600
    EXPECT_EQ(buys("100"), said(30, "600"));
    // These 70 replaced something: a later loss finds none of them.
    days(1);
    EXPECT_EQ(sells("10", "80"), std::nullopt);
}

TEST_F(WashSaleTest, ASaleAtALossIsReplacedByWhatWasBoughtBeforeAndIsKept) {
    trade("100", "100");
    days(40);
    trade("50", "100");
    days(30);
    EXPECT_EQ(sells("100", "100"), std::nullopt) << "no loss";
    EXPECT_EQ(sells("100", "90"), said(50, "500")) << "fifty of the hundred";
    EXPECT_EQ(sells("120", "90"), said(30, "300")) << "thirty are kept";
    EXPECT_EQ(sells("150", "90"), std::nullopt) << "all are sold: none replaces another";
    days(1);
    EXPECT_EQ(sells("100", "90"), std::nullopt) << "bought thirty-one days ago";
}

TEST_F(WashSaleTest, ASaleThatWasReplacedLeavesTheRestToLaterPurchases) {
    trade("100", "100");
    days(40);
    trade("50", "100");
    trade("-100", "90");  // 1,000 lost, half of it replaced by the fifty that are left
    EXPECT_EQ(buys("80"), said(50, "500"));
}

TEST_F(WashSaleTest, AGainOrAShortPositionSaysNothing) {
    trade("100", "100");
    trade("-100", "110");
    EXPECT_EQ(buys("100"), std::nullopt);
    trade("-100", "100", 0, 1);  // short, and bought back at a loss
    trade("100", "110", 0, 1);
    EXPECT_EQ(buys("100"), std::nullopt);
    trade("10", "100");
    days(40);
    trade("-60", "90");  // ten closed at a loss of 100, fifty short
    EXPECT_EQ(buys("50"), std::nullopt) << "it only buys back";
    EXPECT_EQ(buys("55"), said(5, "50"));
}

TEST_F(WashSaleTest, AccountsOfOneTaxpayerAreOne) {
    trade("100", "100");
    days(40);
    trade("-100", "90");
    EXPECT_EQ(asks(Side::kBuy, "40", "90", 0, 1), said(40, "400"));
    EXPECT_EQ(asks(Side::kBuy, "40", "90", 1, 1), std::nullopt) << "another instrument";
    RiskConfig two = from("0");
    two.set_taxpayers({0, 1});
    begin_again(two);
    trade("100", "100");
    days(40);
    trade("-100", "90");
    EXPECT_EQ(asks(Side::kBuy, "40", "90", 0, 1), std::nullopt);
    EXPECT_EQ(asks(Side::kBuy, "40", "90", 0, 0), said(40, "400"));
}

TEST_F(WashSaleTest, SaysNothingBelowTheAmountOrOfWhatTheRuleIsNotAbout) {
    begin_again(from("400"));
    world->instrument(1).asset_class = AssetClass::kFuture;
    for (const std::uint32_t i : {0U, 1U}) {
        trade("100", "100", i);
        trade("-100", "90", i);
    }
    EXPECT_EQ(buys("39"), std::nullopt);
    EXPECT_EQ(buys("40"), said(40, "400"));
    EXPECT_EQ(asks(Side::kBuy, "100", "90", 1), std::nullopt);
}

TEST_F(WashSaleTest, ASplitChangesUnitsAndNotAmounts) {
    trade("100", "100");
    days(40);
    trade("-100", "90");
    MarketEvent split = make_event(MarketEventType::kCorporateAction, world->now, {0}, {});
    split.data.corporate_action = CorporateActionData{};
    split.data.corporate_action.numerator = 2;
    world->market(split);
    EXPECT_EQ(buys("40", "45"), said(40, "200"));
    EXPECT_EQ(buys("500", "45"), said(200, "1000"));
}

TEST_F(WashSaleTest, OutlivesARestart) {
    trade("100", "100");
    days(40);
    trade("50", "100");
    trade("-50", "90");  // replaced by what is kept
    trade("-70", "80");  // fifty of what is left were used: seventy lost, 1,400
    days(3);
    test::restart(world->gate(), config, world->instruments, world->marks(), world->book(),
                  world->exposures(), kConfigHash);
    EXPECT_EQ(buys("100"), said(70, "1400"));
}

TEST_F(WashSaleTest, APreviewSaysNothing) {
    trade("100", "100");
    trade("-100", "90");
    world->trade(0, "90");
    OrderEvent question = world->limit(0, Side::kBuy, "10", "90");
    question.type = OrderEventType::kPreview;
    EXPECT_EQ(world->gate().preview(question).approved, 1);
    EXPECT_FALSE(world->gate().next_tag());
}

TEST(WashSale, StandsOnRecordRightBehindTheVerdict) {
    test::TradingWorld w(from("0"));
    const auto trade = [&](Side side, std::int64_t cents) {
        const OrderTag tag = w.submit(w.limit(0, 0, side, 10, cents));
        w.settle();
        OrderEvent e = make_order_event(OrderEventType::kExecution, w.tick(), {0});
        e.data.execution = ExecutionData{};
        ExecutionData& x = e.data.execution;
        x.order_id = w.order(tag).id;
        x.exec_id = {tag.value};
        x.exec_type = ExecType::kTrade;
        x.last_price = test::cents(cents);
        x.last_quantity = x.cumulative_quantity = test::units(10);
        w.tell(e);
    };
    trade(Side::kBuy, 100'00);
    trade(Side::kSell, 90'00);
    const std::size_t before = w.records.size();
    const OrderTag tag = w.submit(w.limit(0, 0, Side::kBuy, 10, 90'00));
    w.settle();
    ASSERT_GE(w.records.size(), before + 4);
    EXPECT_EQ(w.records[before].type, OrderEventType::kNewOrder);
    EXPECT_EQ(w.records[before + 1].type, OrderEventType::kVerdict);
    ASSERT_EQ(w.records[before + 2].type, OrderEventType::kAlert);
    const AlertData& alert = w.records[before + 2].data.alert;
    EXPECT_EQ(alert.code, AlertCode::kWashSale);
    EXPECT_EQ(alert.order_id, w.order(tag).id);
    EXPECT_EQ(alert.detail[0], 10 * Quantity::kOne);
    EXPECT_EQ(alert.detail[1], 100 * Money::kOne);
    EXPECT_EQ(w.records[before + 3].type, OrderEventType::kOrderUpdate);
}

}  // namespace
}  // namespace fermata::testing
