#include "daemon/cli/event_text.hpp"

#include "tests/daemon/cli/journal_fixture.hpp"

namespace fermata {
namespace {

class EventText : public JournalFixture {
protected:
    static std::string text(const OrderEvent& event) { return text_of(event, manifest()); }
    static OrderEvent finding(ControlId control, Scope scope, LimitUnit unit, std::int64_t observed,
                              std::int64_t limit) {
        OrderEvent e = verdict();
        VerdictData& d = e.data.verdict;
        d.failed = bit(control);
        d.first_failed = static_cast<std::uint8_t>(control);
        d.scope = static_cast<std::uint8_t>(scope);
        d.unit = static_cast<std::uint8_t>(unit);
        d.observed = observed;
        d.limit = limit;
        d.reference = Price{};
        return e;
    }
};

TEST_F(EventText, AVerdictSaysWhatItSawAndTheLimitInTheirUnit) {
    EXPECT_EQ(
        text(finding(ControlId::kPosition, Scope::kInstrument, LimitUnit::kQuantity,
                     512'050'000'000, 500'000'000'000)),
        "new_order DENIED by POSITION: POSITION of the instrument observed 5120.5, limit 5000 "
        "(quantity), equity 100000");
    EXPECT_EQ(
        text(finding(ControlId::kLeverage, Scope::kAccount, LimitUnit::kRatio, 2'500'000'000,
                     2'000'000'000)),
        "new_order DENIED by LEVERAGE: LEVERAGE of the account observed 2.5, limit 2 (ratio), "
        "equity 100000");
    EXPECT_EQ(
        text(finding(ControlId::kMessageRate, Scope::kStrategy, LimitUnit::kPerSecond, 51, 50)),
        "new_order DENIED by MESSAGE_RATE: MESSAGE_RATE of the strategy observed 51, limit 50 "
        "(per second), equity 100000");
    EXPECT_EQ(text(finding(ControlId::kField, Scope::kOrder, LimitUnit::kFault, 2, 0)),
              "new_order DENIED by FIELD: FIELD of the order found price_missing, equity 100000");
    EXPECT_EQ(text(finding(ControlId::kState, Scope::kFirm, LimitUnit::kState, 2, 0)),
              "new_order DENIED by STATE: STATE of the firm is HALTED, equity 100000");
    EXPECT_EQ(text(other_verdict()), "new_order APPROVED: 2 controls checked, equity 0");
}

TEST_F(EventText, AReportSaysWhatTheVenueDidAndWhatIsLeft) {
    EXPECT_EQ(text(execution()),
              "sim: Trade 40 @ 187.5, fee -1.5 USD, maker, 40 filled, 60 open, execution 9");
    OrderEvent e = execution();
    e.data.execution = ExecutionData{};
    e.data.execution.exec_type = ExecType::kRejected;
    e.data.execution.reason = OrderReason::kMarketClosed;
    EXPECT_EQ(text(e), "sim: Rejected, market_closed, 0 filled, 0 open");
}

TEST_F(EventText, ARequestSaysWhatIsWantedAndASendToWhom) {
    OrderEvent e = new_order();
    e.type = OrderEventType::kSendNew;
    EXPECT_EQ(text(e), "to sim: SELL 100 LIMIT 187.25 GTD until 2024-01-02T14:31:00Z");
    ChangeOrderData d;
    d.quantity = Quantity::from_units(50);
    d.price = kLimitPrice;
    d.change_id = 2;
    e.data.change = d;
    e.type = OrderEventType::kReplace;
    EXPECT_EQ(text(e), "replace by quantity 50 price 187.25, request 2");
    e.type = OrderEventType::kSendCancel;
    EXPECT_EQ(text(e), "to sim: cancel, request 2");
}

TEST_F(EventText, AnUpdateNamesTheControlsThatRefused) {
    OrderEvent e = update();
    e.data.update.previous = OrderState::kPendingNew;
    e.data.update.state = OrderState::kDenied;
    e.data.update.reason = OrderReason::kGate;
    e.data.update.failed = bit(ControlId::kCash);
    e.data.update.cumulative_quantity = Quantity{};
    EXPECT_EQ(text(e), "PendingNew -> Denied, gate (CASH), 0 of 100 filled, 0 open");
}

TEST_F(EventText, AFillSaysWhatIsHeldAfterIt) {
    EXPECT_EQ(text(fill()), "SELL 40 @ 187.5; position -40, of the strategy 0, cash 0, realized 0");
}

TEST_F(EventText, ControlsAndAlertsNameTheirTarget) {
    EXPECT_EQ(text(control()), "strategy rsi HALTED by the operator, open orders are canceled");
    OrderEvent tripped = control();
    tripped.data.control.scope = ControlScope::kFirm;
    tripped.data.control.control = static_cast<std::uint8_t>(ControlId::kDrawdown);
    tripped.data.control.cancel_orders = 0;
    EXPECT_EQ(text(tripped), "firm HALTED by DRAWDOWN");
    EXPECT_EQ(text(alert()), "duplicate_execution: Trade, execution 9, order 42");
    OrderEvent overfill = alert();
    overfill.data.alert.code = AlertCode::kOverfill;
    overfill.data.alert.detail[0] = Quantity::from_units(110).raw();
    overfill.data.alert.detail[1] = Quantity::from_units(100).raw();
    EXPECT_EQ(text(overfill), "overfill: filled 110 of at most 100");
}

TEST_F(EventText, EquityIsGivenWithItsParts) {
    EXPECT_EQ(text(equity()),
              "account second is worth 1250 USD: cash 1000, positions gross 250, realized 0, "
              "unrealized 50, fees 1.5");
}

TEST_F(EventText, ADividendAndASplitSayWhatMoved) {
    OrderEvent e = make_order_event(OrderEventType::kAccount, {}, InstrumentId{1});
    PositionData d;
    d.amount = Money::from_units(12);
    d.cash = Money::from_units(512);
    d.position = Quantity::from_units(10);
    d.strategy = StrategyId{0xffff};
    e.data.position = d;
    EXPECT_EQ(text(e), "dividend 12; account main holds 10, cash 512 USD");
    e.data.position.kind = CorporateActionKind::kSplit;
    e.data.position.numerator = 3;
    e.data.position.denominator = 2;
    e.data.position.strategy = StrategyId{1};
    e.data.position.strategy_position = Quantity::from_units(15);
    EXPECT_EQ(text(e), "split 3:2, cash in lieu 12; strategy rsi holds 15, cash 512 USD");
}

TEST_F(EventText, TheEndOfARunCarriesTheStateHash) {
    OrderEvent e = make_order_event(OrderEventType::kMark, {}, InstrumentId{0});
    MarkData d;
    d.equity = Money::from_units(7);
    d.state_hash = 0x2a;
    d.market_events = 5;
    e.data.mark = d;
    EXPECT_EQ(text(e), "end of the run: equity 7, state hash 000000000000002a, market events 5");
}

}  // namespace
}  // namespace fermata
