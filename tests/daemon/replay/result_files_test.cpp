// What the files of a run say about records made by hand.

#include "daemon/replay/result_files.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/account/lot_ledger.hpp"
#include "daemon/replay/lot_rows.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

constexpr StrategyId kSma{0};
constexpr OrderTag kParent = make_order_tag(kSma, 3);
constexpr OrderTag kChild = make_order_tag(kSma, 4);
constexpr ClientOrderId kParentId{77};
constexpr ClientOrderId kChildId{78};

Price price(std::int64_t thousandths) { return Price::from_raw(thousandths * 1'000'000); }
Quantity units(std::int64_t n) { return Quantity::from_units(n); }

class ResultFilesTest : public testing::Test {
protected:
    ResultFilesTest() {
        Instrument spy;
        spy.symbol = "SPY";
        spy.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
        spy.currency = instruments_.currency("USD");
        instruments_.add(spy);
        Instrument mini = spy;
        mini.symbol = "ES";
        mini.multiplier = Multiplier::from_units(50);
        instruments_.add(mini);
        names_.instruments = &instruments_;
        names_.strategies = {"sma", "rsi"};
        names_.accounts = {"main"};
        names_.venues = {"sim", "ARCA"};
    }

    /// Puts an event into the stream; an input is what everything after it follows from.
    void put(OrderEvent e, bool input) {
        e.ts = Timestamp{1'000 + static_cast<std::int64_t>(seq_)};
        e.seq = ++seq_;
        e.cause = make_cause(CauseKind::kTrading, cause_);
        if (input) {
            e.flags = kFlagInput;
            e.cause = make_cause(CauseKind::kMarket, 1);
            cause_ = seq_;
        }
        events_.push_back(e);
    }
    void input(const OrderEvent& e) { put(e, true); }
    void follows(const OrderEvent& e) { put(e, false); }

    std::vector<std::string> lines(const std::string& file) {
        {
            ResultFiles files(folder_.path(), names_, {});
            for (const OrderEvent& e : events_) files.on_record(e);
            (void)files.close();
        }
        std::vector<std::string> lines;
        std::string line;
        for (const char c : read_text(folder_ / file)) {
            if (c != '\n') {
                line.push_back(c);
            } else {
                lines.push_back(std::exchange(line, {}));
            }
        }
        EXPECT_TRUE(line.empty()) << "the last row does not end";
        return lines;
    }

    static OrderEvent event(OrderEventType type, std::uint32_t instrument = 0) {
        return make_order_event(type, {}, InstrumentId{instrument});
    }
    static OrderEvent child() {
        OrderEvent e = event(OrderEventType::kNewOrder);
        NewOrderData d;
        d.tag = kChild;
        d.order_id = kChildId;
        d.parent = kParent;
        d.link = 9;
        d.link_role = LinkRole::kSecondaryOuo;
        d.venue = VenueId{1};
        d.side = Side::kSell;
        d.type = OrderType::kTrailingStop;
        d.tif = TimeInForce::kGtc;
        d.flags = kOrderExit | kOrderReduceOnly;
        d.offset_kind = OffsetKind::kTrailPercent;
        d.offset = 25'000'000;  // 2.5%
        d.quantity = units(100);
        e.data.new_order = d;
        return e;
    }
    static OrderUpdateData update_data(OrderState previous, OrderState state) {
        OrderUpdateData d;
        d.tag = kChild;
        d.order_id = kChildId;
        d.side = Side::kSell;
        d.type = OrderType::kTrailingStop;
        d.tif = TimeInForce::kGtc;
        d.quantity = units(100);
        d.leaves_quantity = units(100);
        d.previous = previous;
        d.state = state;
        return d;
    }
    static OrderEvent update(const OrderUpdateData& d, std::uint32_t instrument = 0) {
        OrderEvent e = event(OrderEventType::kOrderUpdate, instrument);
        e.data.update = d;
        return e;
    }
    static OrderEvent report(ExecType type, std::uint64_t exec) {
        OrderEvent e = event(OrderEventType::kExecution);
        ExecutionData d;
        d.order_id = kChildId;
        d.venue_order_id = VenueOrderId{500};
        d.exec_id = ExecId{exec};
        d.venue = VenueId{1};
        d.exec_type = type;
        d.leaves_quantity = units(100);
        e.data.execution = d;
        return e;
    }
    static OrderEvent trade(std::uint64_t exec) {
        OrderEvent e = report(ExecType::kTrade, exec);
        e.data.execution.last_quantity = units(40);
        e.data.execution.last_price = price(187'500);
        e.data.execution.leaves_quantity = units(60);
        e.data.execution.cumulative_quantity = units(40);
        e.data.execution.fee = Money::from_raw(1'250'000);
        e.data.execution.liquidity = Liquidity::kTaker;
        return e;
    }
    static OrderEvent fill() {
        OrderEvent e = event(OrderEventType::kFill);
        e.data.fill = FillData();
        return e;
    }
    static OrderEvent alert(AlertCode code) {
        OrderEvent e = event(OrderEventType::kAlert);
        e.data.alert = AlertData{};
        e.data.alert.code = code;
        return e;
    }

    TemporaryFolder folder_;
    InstrumentTable instruments_;
    RunNames names_;
    std::vector<OrderEvent> events_;
    std::uint64_t seq_ = 0;
    std::uint64_t cause_ = 0;
};

TEST_F(ResultFilesTest, OrdersShowEveryTransitionWithTheTermsOfTheOrder) {
    input(child());
    follows(update(update_data(OrderState::kPendingNew, OrderState::kPendingNew)));
    input(report(ExecType::kTriggered, 1));
    follows(update(update_data(OrderState::kPendingNew, OrderState::kTriggered)));
    input(trade(2));
    follows(fill());
    OrderUpdateData partial = update_data(OrderState::kTriggered, OrderState::kPartiallyFilled);
    partial.cumulative_quantity = units(40);
    partial.leaves_quantity = units(60);
    partial.average_value = Money::from_units(7'500);  // 40 x 187.5
    follows(update(partial));
    const auto rows = lines("orders.csv");
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_EQ(rows[0],
              "ts_ns,order_id,tag,parent,link,link_role,strategy,account,venue,instrument,side,"
              "type,tif,flags,quantity,price,stop_price,offset_kind,offset,display_quantity,"
              "previous,state,reason,cumulative_quantity,leaves_quantity,average_price,"
              "failed_controls,reject_text");
    const std::string who =
        ",78,sma#4,sma#3,9,secondary_ouo,sma,main,ARCA,SPY,SELL,TRAILING_STOP,GTC,"
        "reduce_only exit,100,,,trail_percent,0.025,,";
    EXPECT_EQ(rows[1], "1001" + who + "PendingNew,PendingNew,,0,100,,,");
    EXPECT_EQ(rows[2], "1003" + who + "PendingNew,Triggered,,0,100,,,");
    EXPECT_EQ(rows[3], "1006" + who + "Triggered,PartiallyFilled,,40,60,187.5,,");
}

TEST_F(ResultFilesTest, OrdersSayWhyTheGateRefusedThem) {
    input(child());
    OrderEvent verdict = event(OrderEventType::kVerdict);
    verdict.data.verdict = VerdictData();
    VerdictData& v = verdict.data.verdict;
    v.tag = kChild;
    v.failed = bit(ControlId::kMaxNotional) | bit(ControlId::kPosition);
    v.first_failed = static_cast<std::uint8_t>(ControlId::kMaxNotional);
    v.scope = static_cast<std::uint8_t>(Scope::kOrder);
    v.unit = static_cast<std::uint8_t>(LimitUnit::kMoney);
    v.observed = 2'100'000'000;
    v.limit = 2'000'000'000;
    v.config_hash = 0x9f3a'0c11'd2e4'b576;
    v.action = static_cast<std::uint8_t>(OrderEventType::kNewOrder);
    follows(verdict);
    // What a strategy hears to a question is not what became of its order.
    OrderEvent answer = verdict;
    answer.data.verdict.observed = 1;
    answer.data.verdict.action = static_cast<std::uint8_t>(OrderEventType::kPreview);
    follows(answer);
    OrderUpdateData denied = update_data(OrderState::kPendingNew, OrderState::kDenied);
    denied.failed = v.failed;
    denied.reason = OrderReason::kGate;
    follows(update(denied));
    follows(update(update_data(OrderState::kNew, OrderState::kNew)));
    const auto rows = lines("orders.csv");
    ASSERT_EQ(rows.size(), 3u);
    const std::string why = ",MAX_NOTIONAL POSITION,MAX_NOTIONAL order 2100 2000 9f3a0c11d2e4b576";
    ASSERT_GT(rows[1].size(), why.size());
    EXPECT_EQ(rows[1].substr(rows[1].size() - why.size()), why);
    EXPECT_EQ(rows[2].substr(rows[2].size() - 2), ",,") << "no refusal, no text";
}

TEST_F(ResultFilesTest, AverageThePriceOfAFutureThroughItsMultiplier) {
    OrderUpdateData d = update_data(OrderState::kNew, OrderState::kFilled);
    d.type = OrderType::kLimit;
    d.price = price(5'000'250);
    d.cumulative_quantity = units(3);
    d.leaves_quantity = units(0);
    // 1 at 5000.25 and 2 at 5000.00, 50 a point: 250012.5 + 500000 = 750012.5;
    // 750012.5 / 150 = 5000.083333333...
    d.average_value = Money::from_raw(750'012'500'000);
    follows(update(d, 1));
    const auto rows = lines("orders.csv");
    ASSERT_EQ(rows.size(), 2u);
    // No record of the order itself: what only that one says stays empty.
    EXPECT_EQ(rows[1],
              "1000,78,sma#4,,,,sma,main,,ES,SELL,LIMIT,GTC,,100,5000.25,,,,,New,Filled,,3,0,"
              "5000.083333333,,");
}

TEST_F(ResultFilesTest, ADistanceThatWasReplacedCountsFromTheVenuesAnswerOn) {
    input(child());
    OrderEvent send = event(OrderEventType::kSendReplace);
    send.data.change = ChangeOrderData();
    send.data.change.tag = kChild;
    send.data.change.offset = 50'000'000;  // 5%
    follows(send);
    follows(update(update_data(OrderState::kNew, OrderState::kPendingReplace)));
    input(report(ExecType::kReplaceRejected, 3));
    follows(update(update_data(OrderState::kPendingReplace, OrderState::kNew)));
    follows(send);
    input(report(ExecType::kReplaced, 4));
    follows(update(update_data(OrderState::kPendingReplace, OrderState::kReplaced)));
    const auto rows = lines("orders.csv");
    ASSERT_EQ(rows.size(), 4u);
    EXPECT_NE(rows[1].find(",trail_percent,0.025,,New,PendingReplace"), std::string::npos);
    EXPECT_NE(rows[2].find(",trail_percent,0.025,,PendingReplace,New"), std::string::npos);
    EXPECT_NE(rows[3].find(",trail_percent,0.05,,PendingReplace,Replaced"), std::string::npos);
}

TEST_F(ResultFilesTest, ExecutionsShowEveryReportAndWhatCameOfIt) {
    input(trade(2));
    follows(fill());
    follows(update(update_data(OrderState::kNew, OrderState::kPartiallyFilled)));
    input(trade(2));
    follows(alert(AlertCode::kDuplicateExecution));
    input(report(ExecType::kCanceled, 5));
    follows(update(update_data(OrderState::kPartiallyFilled, OrderState::kCanceled)));
    input(trade(6));
    follows(fill());
    follows(update(update_data(OrderState::kCanceled, OrderState::kFilled)));
    follows(alert(AlertCode::kOverfill));
    input(report(ExecType::kNew, 0));
    follows(alert(AlertCode::kUnknownOrder));
    OrderEvent timer = event(OrderEventType::kTimer);
    timer.data.timer = TimerData();
    input(timer);
    const auto rows = lines("executions.csv");
    ASSERT_EQ(rows.size(), 6u);
    EXPECT_EQ(rows[0],
              "ts_ns,venue,instrument,order_id,venue_order_id,exec_id,ref_exec_id,type,reason,"
              "last_quantity,last_price,cumulative_quantity,leaves_quantity,fee,fee_currency,"
              "liquidity,price,stop_price,outcome,alerts");
    const std::string sold = "Trade,,40,187.5,40,60,1.25,USD,taker,,,";
    EXPECT_EQ(rows[1], "1000,ARCA,SPY,78,500,2,," + sold + "booked,");
    EXPECT_EQ(rows[2], "1003,ARCA,SPY,78,500,2,," + sold + "duplicate,duplicate_execution");
    EXPECT_EQ(rows[3], "1005,ARCA,SPY,78,500,5,,Canceled,,,,0,100,,,,,,taken,");
    EXPECT_EQ(rows[4], "1007,ARCA,SPY,78,500,6,," + sold + "booked,overfill");
    EXPECT_EQ(rows[5], "1011,ARCA,SPY,78,500,,,New,,,,0,100,,,,,,refused,unknown_order");
}

TEST_F(ResultFilesTest, BustsAndCorrectionsNameTheFillThatTheyAreAbout) {
    OrderEvent bust = event(OrderEventType::kCorrection);
    CorrectionData d;
    d.order_id = kChildId;
    d.exec_id = ExecId{8};
    d.ref_exec_id = ExecId{2};
    d.venue = VenueId{1};
    d.leaves_quantity = units(100);
    bust.data.correction = d;
    input(bust);
    OrderEvent held = event(OrderEventType::kPosition);
    held.data.position = PositionData();
    held.data.position.change = PositionChange::kCorrection;
    follows(held);
    d.kind = CorrectionKind::kCorrect;
    d.exec_id = ExecId{9};
    d.ref_exec_id = ExecId{44};
    d.price = price(187'400);
    d.quantity = units(30);
    d.cumulative_quantity = units(30);
    d.leaves_quantity = units(70);
    bust.data.correction = d;
    input(bust);
    follows(alert(AlertCode::kUnknownExecution));
    const auto rows = lines("executions.csv");
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[1], "1000,ARCA,SPY,78,,8,2,Bust,,,,0,100,,,,,,booked,");
    EXPECT_EQ(rows[2],
              "1002,ARCA,SPY,78,,9,44,Correct,,30,187.4,30,70,0,,,,,refused,unknown_execution");
}

TEST_F(ResultFilesTest, AlgorithmsAreMeasuredAgainstTheirBenchmarks) {
    OrderEvent parent = child();
    parent.data.new_order.tag = kParent;
    parent.data.new_order.order_id = kParentId;
    input(parent);
    OrderEvent e = event(OrderEventType::kAlgoReport, 1);
    AlgoReportData d;
    d.tag = kParent;
    d.kind = AlgoKind::kVwap;
    d.side = Side::kSell;
    d.quantity = units(10);
    d.filled = units(8);
    d.children = 4;
    d.arrival = price(5'000'000);
    d.average = price(4'990'000);
    d.interval_vwap = price(4'992'000);
    d.interval_twap = price(4'980'000);
    d.last = price(4'970'000);
    d.market_volume = units(200);
    // Sale, 50 a point: [8 x (4990 - 5000) + 2 x (4970 - 5000)] x -50 = 7000, and 20 of fees.
    d.shortfall = Money::from_units(7'020);
    e.data.algo_report = d;
    follows(e);
    d.filled = units(0);
    d.market_volume = units(0);
    d.shortfall = Money::from_units(0);
    e.data.algo_report = d;
    follows(e);
    const auto rows = lines("algos.csv");
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0],
              "ts_ns,order_id,tag,strategy,instrument,algorithm,side,quantity,filled,children,"
              "arrival,average,interval_vwap,interval_twap,last,market_volume,participation,"
              "shortfall,shortfall_bp,arrival_slippage_bp,vwap_slippage_bp,twap_slippage_bp");
    // 7020 / (10 x 5000 x 50 = 2500000) = 28.08 bp. Arrival: 10 / 5000 = 20 bp worse; VWAP:
    // 2 / 4992 = 4.00641 bp worse; TWAP: 10 / 4980 = 20.08032 bp better.
    EXPECT_EQ(rows[1],
              "1001,77,sma#3,sma,ES,vwap,SELL,10,8,4,5000,4990,4992,4980,4970,200,0.04,7020,28.08,"
              "20,4.0064,-20.0803");
    EXPECT_EQ(rows[2], "1002,77,sma#3,sma,ES,vwap,SELL,10,0,4,5000,,,4980,4970,0,,0,0,,,");
}

TEST_F(ResultFilesTest, LotsShowWhatIsTaxableAndWhatIsStillOpen) {
    const std::vector<AccountConfig> accounts(1);
    LotLedger ledger(instruments_, accounts);
    const auto trade = [&](CivilDate day, Side side, std::int64_t quantity, std::int64_t at) {
        OrderEvent e = fill();
        e.ts = Timestamp{std::int64_t{to_date(day).days} * 86'400'000'000'000};
        e.data.fill.side = side;
        e.data.fill.quantity = units(quantity);
        e.data.fill.price = Price::from_units(at);
        ledger.on(e);
    };
    // 100 shares are sold at a loss of 200 after nine days and bought back within 30: the loss is
    // disallowed, goes to the basis of the new lot (900 + 200), and so do the nine days. Half of it
    // is sold more than a year later.
    trade({2024, 1, 1}, Side::kBuy, 100, 10);
    trade({2024, 1, 10}, Side::kSell, 100, 8);
    trade({2024, 1, 20}, Side::kBuy, 100, 9);
    trade({2025, 3, 1}, Side::kSell, 50, 12);
    write_lots(folder_.path(), names_, ledger.report());
    EXPECT_EQ(
        read_text(folder_ / "lots.csv"),
        "status,account,instrument,side,lot,quantity,opened_by,opened_ns,opened_on,holding_start,"
        "closed_by,closed_ns,closed_on,term,proceeds,basis,adjustment,disallowed,washed_quantity,"
        "provisional_until,gain\n"
        "closed,main,SPY,long,1,100,sma,1704067200000000000,2024-01-01,2024-01-01,sma,"
        "1704844800000000000,2024-01-10,short,800,1000,0,200,100,,0\n"
        "closed,main,SPY,long,3,50,sma,1705708800000000000,2024-01-20,2024-01-11,sma,"
        "1740787200000000000,2025-03-01,long,600,550,100,0,0,,50\n"
        "open,main,SPY,long,3,50,sma,1705708800000000000,2024-01-20,2024-01-11,,,,,,550,100,,,,\n");
}

}  // namespace
}  // namespace fermata::test
