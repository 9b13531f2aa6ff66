#include "daemon/cli/event_text.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/cli/event_instrument.hpp"
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
        std::fill(std::begin(d.spread), std::end(d.spread), std::uint8_t{0});
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

TEST_F(EventText, AnAnswerToAQuestionDoesNotReadAsADecision) {
    OrderEvent e = other_verdict();
    e.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
    EXPECT_EQ(text(e), "preview: would be APPROVED: 2 controls checked, equity 0");
    e = finding(ControlId::kState, Scope::kFirm, LimitUnit::kState, 2, 0);
    e.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
    EXPECT_EQ(text(e),
              "preview: would be DENIED by STATE: STATE of the firm is HALTED, equity 100000");
}

TEST_F(EventText, AVerdictShowsTheQuoteThatItSaw) {
    OrderEvent e = other_verdict();
    e.data.verdict.reference = Price::from_raw(100'000'000'000);
    set_quote(e.data.verdict, {Price::from_raw(99'990'000'000), Price::from_raw(100'010'000'000)});
    EXPECT_EQ(text(e),
              "new_order APPROVED: 2 controls checked, reference price 100, quote 99.99 to 100.01, "
              "equity 0");
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
    OrderEvent commanded = control();
    commanded.data.control.actor = 1000;
    EXPECT_EQ(text(commanded),
              "strategy rsi HALTED by the operator (user 1000), open orders are canceled");
    EXPECT_EQ(text(control()),
              "strategy rsi HALTED by the latch, which nobody signed, open orders are canceled");
    OrderEvent tripped = control();
    tripped.data.control.scope = ControlScope::kFirm;
    tripped.data.control.control = static_cast<std::uint8_t>(ControlId::kDrawdown);
    tripped.data.control.cancel_orders = 0;
    EXPECT_EQ(text(tripped), "firm HALTED by DRAWDOWN");
    EXPECT_EQ(text(alert()), "duplicate_execution: Trade, execution 9, order 0-0-42");
    // Half of all ExecIDs are numbers beyond what a signed one holds.
    OrderEvent unknown = alert();
    unknown.data.alert.code = AlertCode::kUnknownOrder;
    unknown.data.alert.order_id = {};
    unknown.data.alert.detail[1] = static_cast<std::int64_t>(0xfedc'ba98'7654'3210);
    EXPECT_EQ(text(unknown),
              "unknown_order: Trade, execution 18364758544493064720, an order that has no name of "
              "ours");
    OrderEvent nobody = alert();
    nobody.data.alert = AlertData{};
    nobody.data.alert.code = AlertCode::kHalt;
    nobody.data.alert.unit = static_cast<std::uint8_t>(LimitUnit::kDuration);
    nobody.data.alert.detail[1] = 300'000'000'000;
    EXPECT_EQ(text(nobody), "halt: dead-man switch, nobody said alive for 5m");
    EXPECT_FALSE(instrument_of(nobody));
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

TEST_F(EventText, AnOrderSaysWhatItFollowsAndWhomItBelongsTo) {
    OrderEvent e = new_order();
    NewOrderData& d = e.data.new_order;
    e.type = OrderEventType::kSendNew;
    d.tif = TimeInForce::kGtc;
    d.type = OrderType::kPegged;
    d.offset_kind = OffsetKind::kPegPrimary;
    d.offset = -10'000'000;
    d.display_quantity = Quantity::from_units(20);
    d.flags = kOrderPostOnly | kOrderExit;
    d.parent = kOtherTag;
    d.link = 7;
    d.link_role = LinkRole::kOuo;
    EXPECT_EQ(text(e),
              "to sim: SELL 100 PEGGED GTC, peg_primary -0.01, shows 20, post_only exit, child of "
              "rsi#1, ouo of group 7");
    d = NewOrderData{};
    d.quantity = Quantity::from_units(5);
    d.link = 8;
    d.flags = kOrderBasket;
    EXPECT_EQ(text(e), "to sim: BUY 5 MARKET DAY, basket, of group 8");
}

TEST_F(EventText, ACorrectionNamesTheExecutionThatItIsAbout) {
    OrderEvent e = make_order_event(OrderEventType::kCorrection, {}, InstrumentId{1});
    CorrectionData d;
    d.exec_id = ExecId{12};
    d.ref_exec_id = ExecId{9};
    d.leaves_quantity = Quantity::from_units(100);
    e.data.correction = d;
    EXPECT_EQ(text(e), "sim: bust of execution 9, 0 filled, 100 open, execution 12");
    d.kind = CorrectionKind::kCorrect;
    d.price = kLimitPrice;
    d.quantity = Quantity::from_units(30);
    d.cumulative_quantity = Quantity::from_units(30);
    d.leaves_quantity = Quantity::from_units(70);
    d.fee = Money::from_units(2);
    e.data.correction = d;
    EXPECT_EQ(text(e),
              "sim: correct of execution 9 to 30 @ 187.25, fee 2 USD, 30 filled, 70 open, "
              "execution 12");
}

TEST_F(EventText, ABasketSaysHowManyOrdersAreToCome) {
    OrderEvent e = make_order_event(OrderEventType::kBasket, {}, InstrumentId{0});
    e.data.basket = BasketData{};
    e.data.basket.link = 8;
    e.data.basket.count = 3;
    e.data.basket.strategy = StrategyId{1};
    EXPECT_EQ(text(e), "basket 8 of rsi, account main: the next 3 orders");
}

TEST_F(EventText, AnAlgorithmSaysItsTermsAndItsResult) {
    OrderEvent e = make_order_event(OrderEventType::kAlgo, {}, InstrumentId{1});
    AlgoData d;
    d.tag = kTag;
    d.kind = AlgoKind::kPov;
    d.action = AlgoAction::kBegin;
    d.quantity = Quantity::from_units(1'000);
    d.begin = Timestamp{kStart};
    d.end = Timestamp{kStart + 60 * kSecond};
    d.price = kLimitPrice;
    d.rate = Ratio::from_raw(100'000'000);
    d.slice = Quantity::from_units(10);
    d.randomness = Ratio::from_raw(200'000'000);
    d.seed = 42;
    e.data.algo = d;
    EXPECT_EQ(text(e),
              "pov of sma#3 begins: 1000 from 2024-01-02T14:30:00Z until 2024-01-02T14:31:00Z, not "
              "beyond 187.25, rate 0.1, slices of 10, randomness 0.2, seed 42");
    e.data.algo.action = AlgoAction::kPause;
    EXPECT_EQ(text(e), "pov of sma#3 is paused");

    e.type = OrderEventType::kAlgoReport;
    AlgoReportData report;
    report.tag = kTag;
    report.kind = AlgoKind::kTwap;
    report.quantity = Quantity::from_units(1'000);
    report.filled = Quantity::from_units(900);
    report.children = 12;
    report.arrival = Price::from_units(200);
    report.average = Price::from_raw(200'100'000'000);
    report.interval_vwap = Price::from_raw(200'200'000'000);
    report.interval_twap = Price::from_units(200);
    report.last = Price::from_raw(200'300'000'000);
    // 900 x 0.1 + 100 x 0.3 = 120, no fees.
    report.shortfall = Money::from_units(120);
    report.market_volume = Quantity::from_units(20'000);
    e.data.algo_report = report;
    // 0.1 / 200 = 5 bp; -0.1 / 200.2 = -4.995005 bp.
    EXPECT_EQ(text(e),
              "twap of sma#3: BUY 900 of 1000 in 12 children at 200.1, arrival 200 (5 bp), vwap "
              "200.2 (-4.995 bp), twap 200 (5 bp), last 200.3, shortfall 120, market volume 20000");
}

TEST_F(EventText, ARouteNamesTheChosenVenueAndTheNextBest) {
    OrderEvent e = make_order_event(OrderEventType::kRoute, {}, InstrumentId{1});
    RouteData d;
    d.parent = kTag;
    d.child = kOtherTag;
    d.price = kLimitPrice;
    d.displayed = Quantity::from_units(300);
    d.fee = Price::from_raw(3'000'000);
    d.cost = Price::from_raw(3'500'000);
    d.next_cost = Price::from_raw(4'000'000);
    d.latency = Duration{120'000};
    d.fill_rate = Ratio::from_raw(950'000'000);
    d.next_venue = VenueId{1};
    d.candidates = 2;
    e.data.route = d;
    EXPECT_EQ(
        text(e),
        "to sim: quoted 187.25 x 300, fee 0.003 a unit, expected cost 0.0035, next best #1 at "
        "0.004, latency 120000 ns, fill rate 0.95, of 2 venues, child rsi#1 of sma#3");
    e.data.route.next_venue = VenueId{0xffff};
    EXPECT_EQ(text(e).find("next best"), std::string::npos);
}

TEST_F(EventText, AlertsOfTheBooksSayTheirNumbers) {
    OrderEvent e = alert();
    AlertData& d = e.data.alert;
    d.code = AlertCode::kUnknownExecution;
    d.detail[0] = 9;
    EXPECT_EQ(text(e), "unknown_execution: execution 9, order 0-0-42");
    d.code = AlertCode::kDuplicateExecution;  // of a correction: what it names, and its own
    d.detail[0] = 1'234'567'890'123;
    d.detail[1] = 9;
    EXPECT_EQ(text(e),
              "duplicate_execution: correction of execution 1234567890123, execution 9, order "
              "0-0-42");
    d.code = AlertCode::kStaleMark;
    d.detail[0] = 90 * kSecond;
    EXPECT_EQ(text(e), "stale_mark: the price is 90 s old");
    d.code = AlertCode::kParentExceeded;
    d.detail[0] = Quantity::from_units(41).raw();
    d.detail[1] = Quantity::from_units(40).raw();
    EXPECT_EQ(text(e), "parent_exceeded: asks for 41, its parent has 40 left");
}

TEST_F(EventText, ADifferenceFromAVenueSaysWhatItIsAndHowMuchIsThere) {
    OrderEvent e = alert();
    AlertData& d = e.data.alert;
    d.code = AlertCode::kVenueDiffers;
    const auto kind = [&](std::int64_t value, std::int64_t there) {
        d.detail[0] = value;
        d.detail[1] = there;  // hundred-millionths
        return text(e);
    };
    const std::string order = "venue_differs: order 0-0-42: ";
    EXPECT_EQ(kind(1, 0), order + "open here, and nothing of it is open at the venue");
    EXPECT_EQ(kind(3, 70'000'000), order + "filled with 0.7 at the venue, and less is on record");
    EXPECT_EQ(kind(4, 1'200'000'000), order + "filled with 12 at the venue, and more is on record");
    EXPECT_EQ(kind(5, 125'000'000),
              order + "a quantity of 1.25 at the venue, and another one here");
    EXPECT_EQ(kind(6, 10'000'000'000), order + "accepted as filled with 100 at the venue");
    EXPECT_EQ(kind(7, 300'000'000),
              order + "no longer filled with 3 at the venue, which counts what is on record");
    EXPECT_EQ(kind(259, 200'000'000), order + "kind 259, 2 at the venue");  // of another build
    d.order_id = ClientOrderId{};
    EXPECT_EQ(
        kind(2, 10'000),
        "venue_differs: an order that has no name of ours: open at the venue with 0.0001, and "
        "nothing of it is open here");
}

}  // namespace
}  // namespace fermata
