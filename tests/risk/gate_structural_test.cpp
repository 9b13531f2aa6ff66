// STATE, FIELD, INSTRUMENT, TICK_LOT, DUPLICATE, MESSAGE_RATE and cancels, through the gate.

#include <gtest/gtest.h>

#include "core/order/closing_tag.hpp"
#include "core/order/trading_stage.hpp"
#include "tests/risk/gate_fixture.hpp"

namespace fermata::testing {
namespace {

static_assert(TradingGate<Gate>, "the trading stage can host it");

RiskConfig unlimited() { return RiskConfig(RiskProfile::kUnlimited); }

ControlData control(ControlScope scope, std::uint64_t target, TradingState state) {
    ControlData c;
    c.scope = scope;
    c.target = target;
    c.state = state;
    return c;
}

TEST(Gate, ApprovesAnOrderThatBreaksNothing) {
    GateWorld w;
    w.trade(0, "100");
    const VerdictData v = w.judge(w.order(0, Side::kBuy, "10"));
    EXPECT_EQ(v.approved, 1);
    EXPECT_EQ(v.failed, 0U);
    EXPECT_EQ(v.checked, kAllControls & ~kNotTold);
    EXPECT_EQ(v.first_failed, 0xff);
    EXPECT_EQ(v.reference, price("100"));
    EXPECT_EQ(v.equity, money("100000"));
    EXPECT_EQ(render_verdict(v), "APPROVED 0123456789abcdef");
    EXPECT_EQ(w.gate().counts().approved, 1U);
}

TEST(Gate, PutsTheConfigurationsHashIntoEveryVerdict) {
    GateWorld w(unlimited());
    EXPECT_EQ(render_verdict(w.judge(w.order(0, Side::kBuy, "0.5"))),
              "TICK_LOT order 0.5 1 0123456789abcdef");
}

TEST(Gate, ProfileUnlimitedChecksTheStructureOnly) {
    GateWorld w(unlimited());
    // No mark, and a thousand times the equity.
    const VerdictData v = w.judge(w.limit(0, Side::kBuy, "1000000", "100"));
    EXPECT_EQ(v.approved, 1);
    EXPECT_EQ(v.checked, kStructuralControls & ~kNotTold);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "APPROVED");
}

TEST(GateState, HaltedLetsNothingNewThroughInAnyScope) {
    for (const auto& [scope, target, name] :
         {std::tuple{ControlScope::kFirm, 0U, "firm"},
          std::tuple{ControlScope::kAccount, 0U, "account"},
          std::tuple{ControlScope::kStrategy, 0U, "strategy"}}) {
        GateWorld w;
        w.trade(0, "100");
        w.hold(0, "10", "100");
        EXPECT_TRUE(w.gate().on_control(control(scope, target, TradingState::kHalted)));
        EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")),
                  std::string("STATE ") + name + " HALTED ACTIVE");
        EXPECT_TRUE(w.gate().on_control(control(scope, target, TradingState::kActive)));
        EXPECT_EQ(w.text(w.order(0, Side::kSell, "10")), "APPROVED");
    }
}

TEST(GateState, HaltedLetsThroughWhatTheTradingStageClosesAPositionWithAndNoMore) {
    for (const ControlScope scope :
         {ControlScope::kFirm, ControlScope::kAccount, ControlScope::kStrategy,
          ControlScope::kInstrument, ControlScope::kVenue}) {
        GateWorld w;
        w.trade(0, "100");
        w.hold(0, "10", "100");
        ASSERT_TRUE(w.gate().on_control(control(scope, 0, TradingState::kHalted)));
        const auto closing = [&](Side side, const char* size) {
            OrderEvent e = w.order(0, side, size);
            e.data.new_order.tag = make_closing_tag({0}, e.data.new_order.tag.value);
            return w.text(e).substr(0, 8);
        };
        EXPECT_EQ(closing(Side::kSell, "10"), "APPROVED") << static_cast<int>(scope);
        EXPECT_NE(closing(Side::kSell, "11"), "APPROVED") << "it would turn the position";
        EXPECT_NE(closing(Side::kBuy, "1"), "APPROVED");
    }
}

TEST(GateState, OnlyConcernsItsTarget) {
    GateWorld w;
    w.trade(0, "100");
    w.gate().on_control(control(ControlScope::kAccount, 1, TradingState::kHalted));
    w.gate().on_control(control(ControlScope::kStrategy, 1, TradingState::kHalted));
    w.gate().on_control(control(ControlScope::kInstrument, 1, TradingState::kHalted));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "10")), "APPROVED");
    OrderEvent e = w.order(0, Side::kBuy, "10");
    e.data.new_order.account = {1};
    EXPECT_EQ(w.text(e), "STATE account HALTED ACTIVE");
    EXPECT_FALSE(w.gate().on_control(control(ControlScope::kAccount, 9, TradingState::kHalted)));
    EXPECT_EQ(w.gate().state(ControlScope::kAccount, 9), TradingState::kHalted);
}

TEST(GateState, ReducingLetsOnlyReductionsThroughOpenOrdersIncluded) {
    GateWorld w(unlimited());
    w.hold(0, "10", "100");
    w.gate().on_control(control(ControlScope::kFirm, 0, TradingState::kReducing));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1")), "STATE firm REDUCING ACTIVE");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "11")), "STATE firm REDUCING ACTIVE");
    const OrderEvent sale = w.order(0, Side::kSell, "6");
    EXPECT_EQ(w.text(sale), "APPROVED");
    w.open(sale);
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "5")), "STATE firm REDUCING ACTIVE");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "4")), "APPROVED");
    EXPECT_EQ(w.text(w.order(1, Side::kSell, "1")), "STATE firm REDUCING ACTIVE") << "flat";
}

TEST(GateState, ReducingAShortPositionMeansBuying) {
    GateWorld w(unlimited());
    w.hold(0, "-10", "100", 1);
    w.gate().on_control(control(ControlScope::kInstrument, 0, TradingState::kReducing));
    const auto in_account_1 = [&](Side side, const char* size) {
        OrderEvent e = w.order(0, side, size);
        e.data.new_order.account = {1};
        return e;
    };
    EXPECT_EQ(w.text(in_account_1(Side::kBuy, "10")), "APPROVED");
    EXPECT_EQ(w.text(in_account_1(Side::kBuy, "11")), "STATE instrument REDUCING ACTIVE");
    EXPECT_EQ(w.text(in_account_1(Side::kSell, "1")), "STATE instrument REDUCING ACTIVE");
}

TEST(GateState, ReducingAllowsAReplaceToLess) {
    GateWorld w(unlimited());
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "10", "99"));
    w.gate().on_control(control(ControlScope::kFirm, 0, TradingState::kReducing));
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "9", "99"), live)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "10", "99.5"), live)),
              "STATE firm REDUCING ACTIVE");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "11", "99"), live)),
              "STATE firm REDUCING ACTIVE");
}

TEST(GateField, NamesWhatIsMissingOrWrong) {
    GateWorld w(unlimited());
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "0")), "FIELD order quantity_not_positive -");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "-5")), "FIELD order quantity_not_positive -");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "0")), "FIELD order price_missing -");
    OrderEvent e = w.order(0, Side::kBuy, "5");
    e.data.new_order.type = OrderType::kStop;
    EXPECT_EQ(w.text(e), "FIELD order stop_price_missing -");
    e = w.limit(0, Side::kBuy, "5", "10");
    e.data.new_order.type = OrderType::kStopLimit;
    EXPECT_EQ(w.text(e), "FIELD order stop_price_missing -");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.account = {7};
    EXPECT_EQ(w.text(e), "FIELD order unknown_account -");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.strategy = {7};
    EXPECT_EQ(w.text(e), "FIELD order unknown_strategy -");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.type = static_cast<OrderType>(kOrderTypeCount);
    EXPECT_EQ(w.text(e), "FIELD order bad_enumeration -");
}

TEST(GateField, RefusesAnExpiryThatHasPassed) {
    GateWorld w(unlimited());
    OrderEvent e = w.order(0, Side::kBuy, "5");
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now;
    EXPECT_EQ(w.text(e), "FIELD order expired -");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.tif = TimeInForce::kGtd;
    e.data.new_order.expire_time = w.now + Duration{1};
    EXPECT_EQ(w.text(e), "APPROVED");
}

TEST(GateField, AcceptsNegativePrices) {
    GateWorld w(unlimited());
    w.trade(0, "-37.63");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "-37.63")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kSell, "5", "-40")), "APPROVED");
}

TEST(GateField, RefusesWhatTheNumbersCannotHold) {
    GateWorld w(unlimited());
    // Money holds 9,223,372,036,854.775807: 9e9 x 1,000 fits, 9e9 x 1,025 does not.
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1000", "9000000000")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "1025", "9000000000")), "FIELD order overflow -");
    // A market order is valued at the collar: 1,800 x 5e9 fits, 1,800 x 5e9 x 1.05 does not.
    w.trade(0, "5000000000");
    EXPECT_EQ(w.text(w.order(0, Side::kSell, "1800")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "1800")), "FIELD order overflow -");
    // The largest Quantity is 92,233,720,368.54775807, positions and open orders included.
    w.trade(1, "0.01");
    w.hold(1, "92233720368", "0.01");
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "1")), "FIELD order overflow -");
    EXPECT_EQ(w.text(w.order(1, Side::kSell, "1")), "APPROVED");
}

TEST(GateInstrument, RefusesUnknownClosedAndHalted) {
    GateWorld w(unlimited());
    EXPECT_EQ(w.text(w.order(99, Side::kBuy, "5")), "INSTRUMENT instrument unknown_instrument -");
    w.session(0, false);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "INSTRUMENT instrument closed -");
    w.session(0, true);
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "APPROVED");
    w.gate().on_control(control(ControlScope::kInstrument, 0, TradingState::kHalted));
    const VerdictData v = w.judge(w.order(0, Side::kBuy, "5"));
    EXPECT_EQ(render_codes(v.failed), "STATE INSTRUMENT");
}

TEST(GateInstrument, RefusesWhereTheVenueHaltedTradingUntilItResumes) {
    GateWorld w;
    w.quote(0, "99", "101");
    const OrderEvent resting = w.limit(0, Side::kBuy, "5", "99");
    w.halt(0, true);
    // Of another quantity each, or it would be a duplicate.
    int asked = 0;
    const auto next = [&] { return w.order(0, Side::kBuy, std::to_string(++asked)); };
    constexpr const char* kHalted = "INSTRUMENT instrument trading_halt -";
    EXPECT_EQ(w.text(next()), kHalted);
    w.quote(0, "99", "101");
    w.trade(0, "100");
    EXPECT_EQ(w.text(next()), kHalted) << "prices end no halt";
    EXPECT_EQ(w.judge(next()).reference, price("100")) << "and are good";
    EXPECT_EQ(w.text(resting), kHalted);
    OrderEvent at_open = w.order(0, Side::kBuy, "5");
    at_open.data.new_order.tif = TimeInForce::kAto;
    EXPECT_EQ(w.text(at_open), kHalted);
    EXPECT_EQ(w.text(w.order(1, Side::kBuy, "0")).substr(0, 5), "FIELD") << "another instrument";
    w.session(0, false);
    EXPECT_EQ(w.text(next()), kHalted);
    w.session(0, true);
    EXPECT_EQ(w.text(next()), kHalted) << "a calendar ends no halt";
    w.halt(0, false);
    EXPECT_EQ(w.text(next()), "APPROVED");
}

TEST(GateInstrument, LetsNothingCloseAPositionInAHaltEither) {
    GateWorld w;
    w.trade(0, "100");
    w.hold(0, "10", "100");
    w.halt(0, true);
    OrderEvent e = w.order(0, Side::kSell, "10");
    e.data.new_order.tag = make_closing_tag({0}, e.data.new_order.tag.value);
    EXPECT_EQ(w.text(e), "INSTRUMENT instrument trading_halt -");
}

TEST(GateTickLot, RefusesPricesOffTheTickAndQuantitiesOffTheLot) {
    GateWorld w(unlimited());
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "10.01")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "10.011")), "TICK_LOT order 10.011 0.01");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "-10.01")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "-10.015")), "TICK_LOT order -10.015 0.01");
    OrderEvent e = w.order(0, Side::kBuy, "5");
    e.data.new_order.type = OrderType::kStop;
    e.data.new_order.stop_price = price("10.005");
    EXPECT_EQ(w.text(e), "TICK_LOT order 10.005 0.01");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5.5")), "TICK_LOT order 5.5 1");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.price = price("0.001");  // meaningless for a market order
    EXPECT_EQ(w.text(e), "APPROVED");
}

TEST(GateTickLot, UsesTheTickInForceAndTheSmallestOrder) {
    GateWorld w(unlimited());
    w.instrument(0).ticks.push_back({w.now + Duration::seconds(1), price("0.05")});
    w.instrument(0).min_quantity = quantity("10");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "10.01")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "9", "10.01")), "TICK_LOT order 9 10");
    w.now = w.now + Duration::seconds(1);
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "10.01")), "TICK_LOT order 10.01 0.05");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "10", "10.05")), "APPROVED");
}

TEST(GateDuplicate, RefusesAClientOrderIdThatWasUsedWhateverTheProfile) {
    GateWorld w(unlimited());
    const OrderEvent first = w.order(0, Side::kBuy, "5");
    EXPECT_EQ(w.text(first), "APPROVED");
    const VerdictData v = w.judge(first);
    EXPECT_EQ(render_codes(v.failed), "DUPLICATE");
    EXPECT_EQ(static_cast<std::uint64_t>(v.observed), first.data.new_order.order_id.value);

    OrderEvent e = w.order(0, Side::kBuy, "5");
    e.data.new_order.tag = first.data.new_order.tag;  // a new number for an old tag
    EXPECT_EQ(render_codes(w.judge(e).failed), "DUPLICATE");
    e = w.order(0, Side::kBuy, "5");
    e.data.new_order.order_id = {};  // never numbered
    EXPECT_EQ(render_codes(w.judge(e).failed), "DUPLICATE");
}

TEST(GateDuplicate, AStrategyGoesOnWithItsOwnTagsAfterItsPositionsWereClosed) {
    GateWorld w(unlimited());
    const auto with_tag = [&](OrderTag tag) {
        OrderEvent e = w.order(0, Side::kBuy, "5");
        e.data.new_order.tag = tag;
        return render_codes(w.judge(e).failed);
    };
    const StrategyId strategy = w.order(0, Side::kBuy, "5").data.new_order.strategy;
    EXPECT_EQ(with_tag(make_order_tag(strategy, 1'000)), "");
    EXPECT_EQ(with_tag(make_closing_tag(strategy, 1)), "");
    EXPECT_EQ(with_tag(make_closing_tag(strategy, 1)), "DUPLICATE");
    EXPECT_EQ(with_tag(make_order_tag(strategy, 1'001)), "");
    EXPECT_EQ(with_tag(make_order_tag(strategy, 1'001)), "DUPLICATE");
    EXPECT_EQ(with_tag(make_closing_tag(strategy, 2)), "");
}

TEST(GateDuplicate, LetsSlicesOfAPositionThatIsClosedBeAlike) {
    GateWorld w;
    w.trade(0, "100");
    for (std::uint32_t n = 1; n <= 12; ++n) {
        OrderEvent e = w.order(0, Side::kBuy, "5");
        e.data.new_order.tag = make_closing_tag(e.data.new_order.strategy, n);
        EXPECT_EQ(w.judge(e).failed & bit(ControlId::kDuplicate), 0U) << n;
    }
}

TEST(GateDuplicate, AnIdOfARefusedOrderIsUsedToo) {
    GateWorld w(unlimited());
    const OrderEvent refused = w.order(0, Side::kBuy, "0.5");
    EXPECT_EQ(render_codes(w.judge(refused).failed), "TICK_LOT");
    EXPECT_EQ(render_codes(w.judge(refused).failed), "TICK_LOT DUPLICATE");
}

TEST(GateDuplicate, IdsAscendAcrossDaysAndEpochs) {
    GateWorld w(unlimited());
    const auto with_id = [&](ClientOrderId id) {
        OrderEvent e = w.order(0, Side::kBuy, "5");
        e.data.new_order.order_id = id;
        return w.text(e);
    };
    EXPECT_EQ(with_id(make_client_order_id(65'535, 0, 7)), "APPROVED");  // the last day before 1970
    EXPECT_EQ(with_id(make_client_order_id(0, 0, 1)), "APPROVED");
    EXPECT_EQ(with_id(make_client_order_id(0, 1, 1)), "APPROVED");
    EXPECT_EQ(with_id(make_client_order_id(1, 0, 1)), "APPROVED");
    EXPECT_NE(with_id(make_client_order_id(0, 1, 2)), "APPROVED");
}

TEST(GateDuplicate, RefusesTheFourthEqualOrderInASecond) {
    GateWorld w;
    w.trade(0, "100");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "APPROVED");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "DUPLICATE order 4 3");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "6")), "APPROVED");
    EXPECT_EQ(w.text(w.limit(0, Side::kBuy, "5", "100")), "APPROVED");
    w.now = w.now + Duration::milliseconds(999);
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "DUPLICATE order 4 3");
    w.now = w.now + Duration::milliseconds(1'000);
    w.trade(0, "100");
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "APPROVED");
}

TEST(GateMessageRate, BindsAStrategyAndThenTheFirm) {
    RiskConfig config;
    ASSERT_TRUE(config.set_limit("message_rate_firm", "150"));
    ASSERT_TRUE(config.set_limit("order_to_trade", "1000"));
    GateWorld w(config);
    w.trade(0, "100");
    std::uint16_t strategy = 0;
    std::uint32_t count = 1'000;
    const auto different_order = [&] {  // not a duplicate
        OrderEvent e = w.limit(0, Side::kBuy, "1", "50");
        e.data.new_order.price = Price::from_raw(50'000'000'000 + std::int64_t{count} * 10'000'000);
        e.data.new_order.strategy = {strategy};
        e.data.new_order.tag = make_order_tag({strategy}, ++count);
        return w.text(e);
    };
    // 100 a second with a burst of one second, a tenth of it kept for cancels: 90 at once.
    for (int i = 0; i < 90; ++i) ASSERT_EQ(different_order(), "APPROVED") << i;
    EXPECT_EQ(different_order(), "MESSAGE_RATE strategy 91 90");
    strategy = 1;  // the firm has 135 at once
    for (int i = 0; i < 45; ++i) ASSERT_EQ(different_order(), "APPROVED") << i;
    EXPECT_EQ(different_order(), "MESSAGE_RATE firm 136 135");
    w.now = w.now + Duration::milliseconds(10);
    EXPECT_EQ(different_order(), "APPROVED");
}

TEST(GateCancels, AreCountedButNeverBlocked) {
    GateWorld w;
    w.trade(0, "100");
    const Order live = w.open(w.limit(0, Side::kBuy, "5", "99"));
    w.gate().on_control(control(ControlScope::kFirm, 0, TradingState::kHalted));
    OrderEvent cancel = w.replace(live, "5", "99");
    cancel.type = OrderEventType::kCancel;
    // There is no verdict to refuse it by: the gate is only told.
    static_assert(std::is_void_v<decltype(w.gate().count_cancel(cancel))>);
    for (int i = 0; i < 100; ++i) w.gate().count_cancel(cancel);
    EXPECT_EQ(w.gate().counts().cancels, 100U);
    EXPECT_EQ(w.gate().counts().refused, 0U);
    // They used up the rate, so new orders wait.
    w.gate().on_control(control(ControlScope::kFirm, 0, TradingState::kActive));
    EXPECT_EQ(w.text(w.order(0, Side::kBuy, "5")), "MESSAGE_RATE strategy 101 90");
}

TEST(GateReplace, IsTheOwnersOnlyAndMustExceedWhatIsFilled) {
    GateWorld w(unlimited());
    w.trade(0, "100");
    Order live = w.open(w.limit(0, Side::kBuy, "10", "99"));
    OrderEvent e = w.replace(live, "12", "99");
    e.data.change.strategy = {1};
    EXPECT_EQ(w.text(w.gate().check_replace(e, live)), "FIELD order not_owner -");
    live.cumulative_quantity = quantity("4");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "4", "99"), live)),
              "FIELD order not_above_filled -");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "5", "99"), live)), "APPROVED");
    EXPECT_EQ(w.text(w.gate().check_replace(w.replace(live, "5", "99.999"), live)),
              "TICK_LOT order 99.999 0.01");
}

}  // namespace
}  // namespace fermata::testing
