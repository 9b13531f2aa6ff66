// CREDIT: the broker's buying power, and the account's own margin model before it is known.

#include "risk/credit.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "risk/input_refusal.hpp"
#include "tests/risk/gate_fixture.hpp"
#include "tests/risk/gate_inputs.hpp"
#include "tests/support/state_copy.hpp"

namespace fermata::testing {
namespace {

RiskConfig minute() { return only({{"credit", "60s"}}); }

/// AAA at 100, so that an order of n at the limit 100 costs n x 100. Account 0.
struct GateCredit : ::testing::Test {
    GateWorld w{minute()};

    GateCredit() { w.trade(0, "100"); }
    std::optional<AlertData> poll(const char* granted, std::int64_t age_ns = 0,
                                  std::uint64_t account = 0) {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, w.now, {});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kBuyingPower;
        e.data.risk_input.target = account;
        e.data.risk_input.values[0] = money(granted).raw();
        e.data.risk_input.values[1] = age_ns;
        return w.gate().on_input(e);
    }
    OrderEvent buy(const char* size) { return w.limit(0, Side::kBuy, size, "100"); }
    OrderEvent sell(const char* size) { return w.limit(0, Side::kSell, size, "100"); }
    void end(Order order, OrderState state) {
        order.state = state;
        w.tell(order);
    }
    void tell_fill(const Order& order, const char* size) {
        OrderEvent e = make_order_event(OrderEventType::kFill, w.now, order.instrument);
        e.data.fill = FillData{};
        e.data.fill.tag = order.tag;
        e.data.fill.account = order.account;
        e.data.fill.side = order.side;
        e.data.fill.price = price("100");
        e.data.fill.quantity = quantity(size);
        w.gate().on_order_event(e, nullptr);
    }
};

TEST_F(GateCredit, IsNotJudgedWithoutAPollOrAModel) {
    const VerdictData v = w.judge(buy("500000"));
    EXPECT_EQ(v.approved, 1);
    EXPECT_EQ(v.checked & bit(ControlId::kCredit), 0U);
}

TEST_F(GateCredit, LetsThroughWhatTheBrokerGrants) {
    poll("1000");
    EXPECT_EQ(w.text(buy("11")), "CREDIT account 1100 1000");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "100.01")), "CREDIT account 1000.1 1000");
    EXPECT_EQ(w.text(buy("10")), "APPROVED") << "exactly all of it";
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 100 0");
}

TEST_F(GateCredit, GrantsNothingAtZeroAndBelow) {
    for (const char* granted : {"0", "-500"}) {
        poll(granted);
        EXPECT_EQ(w.text(buy("1")), std::string("CREDIT account 100 ") + granted);
        EXPECT_EQ(w.text(sell("1")), std::string("CREDIT account 100 ") + granted)
            << "a short sale needs it, too";
    }
    w.hold(0, "10", "100");
    EXPECT_EQ(w.text(sell("10")), "APPROVED") << "what only reduces needs none";
    EXPECT_EQ(w.text(sell("20")), "APPROVED") << "ten short instead of ten long";
    EXPECT_EQ(w.text(sell("21")), "CREDIT account 2100 -500");
}

TEST_F(GateCredit, WithstandsTheLargestNumbers) {
    poll("9000000000000");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "90000000000", "100")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1", "100.01")), "CREDIT account 100.01 0");
}

TEST_F(GateCredit, GivesBackWhatAnOrderThatEndsDidNotUse) {
    poll("1000");
    const OrderEvent first = buy("10");
    ASSERT_EQ(w.text(first), "APPROVED");
    Order live = w.open(first);
    end(live, OrderState::kCanceled);
    w.close(live);
    EXPECT_EQ(w.text(buy("11")), "CREDIT account 1100 1000");

    const OrderEvent second = buy("10");
    ASSERT_EQ(w.text(second), "APPROVED");
    live = w.open(second);
    tell_fill(live, "4");
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 100 0") << "the rest is still at work";
    end(live, OrderState::kExpired);
    w.close(live);
    EXPECT_EQ(w.text(buy("7")), "CREDIT account 700 600");
    poll("600");
    EXPECT_EQ(w.text(buy("7")), "CREDIT account 700 600") << "the fill is in the new poll";
    EXPECT_EQ(w.text(buy("6")), "APPROVED");
}

TEST_F(GateCredit, GivesBackWhatTheOrderManagerRefusedAfterAll) {
    poll("1000");
    const OrderEvent e = buy("10");
    ASSERT_EQ(w.text(e), "APPROVED");
    OrderEvent update = make_order_event(OrderEventType::kOrderUpdate, w.now, {0});
    update.data.update = OrderUpdateData{};
    update.data.update.tag = e.data.new_order.tag;
    update.data.update.state = OrderState::kDenied;
    w.gate().on_order_event(update, nullptr);
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 100 0")
        << "another order of the same tag was refused: it has no number";
    update.data.update.order_id = e.data.new_order.order_id;
    w.gate().on_order_event(update, nullptr);
    EXPECT_EQ(w.text(buy("11")), "CREDIT account 1100 1000");
}

TEST_F(GateCredit, TakesAReplaceByWhatItAdds) {
    poll("1000");
    const OrderEvent e = buy("6");
    ASSERT_EQ(w.text(e), "APPROVED");
    const Order live = w.open(e);
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "11", "100"), live)),
              "CREDIT account 500 400");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "5", "100"), live)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "10", "100"), live)), "APPROVED");
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 100 0");
    end(live, OrderState::kRejected);
    w.close(live);
    EXPECT_EQ(w.text(buy("11")), "CREDIT account 1100 1000") << "all of it at once";
}

TEST_F(GateCredit, APollKnowsOfWhatWasApprovedBeforeItWasAsked) {
    poll("1000");
    const OrderEvent before = buy("4");
    ASSERT_EQ(w.text(before), "APPROVED");
    const Order live = w.open(before);
    w.now = w.now + Duration::seconds(1);
    ASSERT_EQ(w.text(buy("3")), "APPROVED");
    // Asked half a second ago: after the first order, before the second one.
    poll("600", 500'000'000);
    EXPECT_EQ(w.text(buy("4")), "CREDIT account 400 300");
    end(live, OrderState::kCanceled);
    w.close(live);
    EXPECT_EQ(w.text(buy("4")), "CREDIT account 400 300") << "the broker said it without it";
    poll("5000", 10'000'000'000);
    EXPECT_EQ(w.text(buy("4")), "CREDIT account 400 300") << "an older answer says nothing";
    EXPECT_EQ(w.text(buy("3")), "APPROVED");
}

TEST_F(GateCredit, APollThatIsTooOldRefusesWhatIncreases) {
    poll("100000");
    w.now = w.now + Duration::seconds(60);
    EXPECT_EQ(w.text(buy("1")), "APPROVED");
    w.now = w.now + Duration::nanoseconds(1);
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 60000000001ns 60s");
    w.hold(0, "10", "100");
    EXPECT_EQ(w.text(sell("10")), "APPROVED");
    poll("100000", 59'000'000'000);
    EXPECT_EQ(w.text(buy("1")), "APPROVED");
    w.now = w.now + Duration::seconds(2);
    EXPECT_EQ(w.text(buy("1")), "CREDIT account 61s 60s") << "it was asked a minute before";
}

TEST_F(GateCredit, RefusesAnInputThatMakesNoSense) {
    const auto age = poll("1000", -1);
    ASSERT_TRUE(age);
    EXPECT_EQ(age->detail[1], static_cast<std::int64_t>(InputRefusal::kOutOfRange));
    const auto account = poll("1000", 0, 2);
    ASSERT_TRUE(account);
    EXPECT_EQ(account->detail[1], static_cast<std::int64_t>(InputRefusal::kUnknownTarget));
    EXPECT_FALSE(poll("1000", 0, 1)) << "of account 1";
    EXPECT_EQ(w.text(buy("11")), "APPROVED");
    EXPECT_EQ(w.text(in_account(1, buy("11"))), "CREDIT account 1100 1000");
}

TEST_F(GateCredit, OutlivesARestart) {
    poll("1000");
    const OrderEvent e = buy("4");
    ASSERT_EQ(w.text(e), "APPROVED");
    const Order live = w.open(e);
    tell_fill(live, "1");
    test::restart(w.gate(), minute(), w.instruments, w.marks(), w.book(), w.exposures(),
                  kConfigHash);
    EXPECT_EQ(w.text(buy("7")), "CREDIT account 700 600");
    end(live, OrderState::kCanceled);
    w.close(live);
    EXPECT_EQ(w.text(buy("10")), "CREDIT account 1000 900");
}

/// Account 1 is a Regulation T account with 100,000: what it opens needs half of its value.
struct GateCreditModel : GateCredit {
    std::vector<AccountConfig> accounts = std::vector<AccountConfig>(2);
    std::unique_ptr<MarginModel> model;

    GateCreditModel() {
        accounts[1].margin = AccountConfig::Margin::kRegT;
        model = std::make_unique<MarginModel>(w.instruments, accounts);
        w.gate().use_margin(*model);
    }
    std::string ask(const OrderEvent& e) { return w.text(in_account(1, e)); }
};

TEST_F(GateCreditModel, RefusesBeforeTheExcessIsKnown) {
    EXPECT_EQ(ask(buy("1")), "CREDIT account unknown_equity -");
    EXPECT_EQ(w.text(buy("1")), "APPROVED") << "account 0 has no model";
}

TEST_F(GateCreditModel, LetsThroughWhatTheExcessEquityCarries) {
    w.trade(0, "100");
    EXPECT_EQ(ask(buy("2001")), "CREDIT account 100050 100000");
    EXPECT_EQ(ask(sell("2001")), "CREDIT account 100050 100000");
    const OrderEvent e = in_account(1, buy("2000"));
    EXPECT_EQ(w.text(e), "APPROVED");
    EXPECT_EQ(ask(buy("1")), "CREDIT account 50 0");
    Order live = w.open(e);
    w.now = w.now + Duration::seconds(2);
    w.trade(0, "100");  // the excess is taken anew: the order is open, and not in it
    EXPECT_EQ(ask(buy("1")), "CREDIT account 50 0");
    end(live, OrderState::kCanceled);
    w.close(live);
    EXPECT_EQ(ask(buy("2000")), "APPROVED");
}

TEST_F(GateCreditModel, CountsAFillUntilTheExcessShowsIt) {
    w.trade(0, "100");
    const OrderEvent e = in_account(1, buy("1000"));
    ASSERT_EQ(w.text(e), "APPROVED");
    Order live = w.open(e);
    tell_fill(live, "1000");
    w.fill(live, "1000");
    end(live, OrderState::kFilled);
    w.close(live);
    EXPECT_EQ(ask(buy("1001")), "CREDIT account 50050 50000");
    w.now = w.now + Duration::seconds(1);
    // 1,000 at 100 need 50,000 of 100,000. At 110 equity is 110,000, and 55,000 are needed.
    w.trade(0, "100");
    EXPECT_EQ(ask(buy("1001")), "CREDIT account 50050 50000");
    w.trade(0, "110");
    EXPECT_EQ(ask(w.limit(0, Side::kBuy, "1001", "110")), "CREDIT account 55055 50000")
        << "within a second it is what it was";
    w.now = w.now + Duration::seconds(1);
    w.trade(0, "110");
    EXPECT_EQ(ask(w.limit(0, Side::kBuy, "1001", "110")), "CREDIT account 55055 55000");
    EXPECT_EQ(ask(w.limit(0, Side::kBuy, "1000", "110")), "APPROVED");
}

TEST_F(GateCreditModel, GivesWayToTheFirstPoll) {
    w.trade(0, "100");
    EXPECT_FALSE(poll("1000", 0, 1));
    EXPECT_EQ(ask(buy("11")), "CREDIT account 1100 1000");
    w.now = w.now + Duration::seconds(2);
    w.trade(0, "100");
    EXPECT_EQ(ask(buy("11")), "CREDIT account 1100 1000");
}

}  // namespace
}  // namespace fermata::testing
