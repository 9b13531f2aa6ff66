#include "daemon/control/run_view.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/order/stage_events.hpp"
#include "daemon/control/view_report.hpp"
#include "risk/controls.hpp"
#include "tests/daemon/rerun/recorded_run.hpp"

namespace fermata {
namespace {

using namespace std::chrono_literals;

/// The view of records that are handed in one by one.
class HandMade {
public:
    HandMade() : view(RiskConfig(RiskProfile::kUnlimited), {2, 2, 1, 1}) {}

    void record(OrderEvent e, bool input = false) {
        e.seq = ++seq_;
        e.ts = Timestamp{static_cast<std::int64_t>(seq_)};
        e.flags = input ? kFlagInput : 0;
        view.on_record(e);
    }
    void order(std::uint64_t id, std::uint16_t strategy) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, Timestamp{0}, InstrumentId{0});
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = ClientOrderId{id};
        e.data.new_order.strategy = StrategyId{strategy};
        e.data.new_order.quantity = Quantity::from_units(5);
        record(e, true);
        update(id, strategy, OrderState::kNew);
    }
    void update(std::uint64_t id, std::uint16_t strategy, OrderState state) {
        OrderEvent e =
            make_order_event(OrderEventType::kOrderUpdate, Timestamp{0}, InstrumentId{0});
        e.data.update = OrderUpdateData{};
        e.data.update.order_id = ClientOrderId{id};
        e.data.update.strategy = StrategyId{strategy};
        e.data.update.state = state;
        record(e);
    }
    void control(ControlScope scope, std::uint64_t target, TradingState state, CancelOrders cancels,
                 std::uint8_t by = 0xff) {
        OrderEvent e = make_order_event(OrderEventType::kControl, Timestamp{0}, InstrumentId{0});
        e.data.control = ControlData{};
        e.data.control.scope = scope;
        e.data.control.target = target;
        e.data.control.state = state;
        e.data.control.cancel_orders = static_cast<std::uint8_t>(cancels);
        e.data.control.control = by;
        record(e, by == 0xff);
    }
    void send_cancel(std::uint64_t id) {
        OrderEvent e = make_order_event(OrderEventType::kSendCancel, Timestamp{0}, InstrumentId{0});
        e.data.change = ChangeOrderData{};
        e.data.change.order_id = ClientOrderId{id};
        record(e);
    }
    std::shared_ptr<const ViewState> look() {
        std::shared_ptr<const ViewState> seen;
        std::thread reader([&] { seen = view.read(0ms, 20s); });
        std::atomic<bool> done{false};
        std::thread records([&] {
            while (!done) view.serve();
        });
        reader.join();
        done = true;
        records.join();
        return seen;
    }

    RunView view;

private:
    std::uint64_t seq_ = 0;
};

TEST(RunView, CountsWhatBecameOfTheOrdersOfAKill) {
    HandMade run;
    for (std::uint64_t id = 1; id <= 5; ++id) run.order(id, id <= 4 ? 0 : 1);
    run.control(ControlScope::kStrategy, 0, TradingState::kHalted, CancelOrders::kAll);
    for (std::uint64_t id = 1; id <= 4; ++id) run.send_cancel(id);
    run.update(1, 0, OrderState::kCanceled);
    run.update(2, 0, OrderState::kFilled);
    run.update(3, 0, OrderState::kUnknown);
    run.update(4, 0, OrderState::kPendingCancel);
    auto v = run.look();
    const CancelSweep* sweep = v->sweep(ControlScope::kStrategy, 0);
    ASSERT_NE(sweep, nullptr);
    EXPECT_EQ(sweep->asked, 4u);
    EXPECT_EQ(sweep->confirmed, 1u);
    EXPECT_EQ(sweep->filled, 1u);
    EXPECT_EQ(sweep->open(), 2u);
    EXPECT_EQ(v->live.size(), 3u);
    EXPECT_EQ(v->sweep(ControlScope::kFirm, 0), nullptr);
    run.update(3, 0, OrderState::kRejected);
    run.update(4, 0, OrderState::kCanceled);
    v = run.look();
    sweep = v->sweep(ControlScope::kStrategy, 0);
    EXPECT_EQ(sweep->confirmed, 2u);
    EXPECT_EQ(sweep->ended, 1u);
    EXPECT_EQ(sweep->open(), 0u);
}

TEST(RunView, CountsOnlyTheOrdersThatReduceOnlyCancels) {
    HandMade run;
    run.order(1, 0);
    run.order(2, 0);
    run.control(ControlScope::kFirm, 0, TradingState::kReducing, CancelOrders::kIncreasing);
    run.send_cancel(2);
    run.order(3, 0);     // an input: what follows belongs to it
    run.send_cancel(1);  // by its strategy
    const auto v = run.look();
    ASSERT_NE(v->sweep(ControlScope::kFirm, 0), nullptr);
    EXPECT_EQ(v->sweep(ControlScope::kFirm, 0)->asked, 1u);
}

TEST(RunView, EndsADaysLossWithItsDay) {
    HandMade run;
    run.control(ControlScope::kAccount, 0, TradingState::kReducing, CancelOrders::kNone,
                static_cast<std::uint8_t>(ControlId::kDayLoss));
    const auto v = run.look();
    // The state that an operator set is another matter.
    EXPECT_EQ(v->state(ControlScope::kAccount, 0).state, TradingState::kActive);
    EXPECT_EQ(v->periods[0].state.state, TradingState::kReducing);
    EXPECT_EQ(v->periods[0].ends_ns, 86'400'000'000'000);
    // 1970-01-01 was a Thursday: its week ends behind Sunday, the 4th.
    run.control(ControlScope::kAccount, 0, TradingState::kReducing, CancelOrders::kNone,
                static_cast<std::uint8_t>(ControlId::kWeekLoss));
    EXPECT_EQ(run.look()->periods[1].ends_ns, 4 * 86'400'000'000'000);
    run.control(ControlScope::kAccount, 0, TradingState::kActive, CancelOrders::kNone);
    EXPECT_EQ(run.look()->periods[0].ends_ns, 0);
}

TEST(RunView, ShowsNoHaltForTheCancelsByWhichAProcessStops) {
    HandMade run;
    run.order(1, 0);
    run.control(ControlScope::kFirm, 0, TradingState::kHalted, CancelOrders::kAll,
                static_cast<std::uint8_t>(ControlId::kRecovering));
    run.send_cancel(1);
    run.update(1, 0, OrderState::kCanceled);
    const auto v = run.look();
    EXPECT_EQ(v->state(ControlScope::kFirm, 0).state, TradingState::kActive);
    const CancelSweep* sweep = v->sweep(ControlScope::kFirm, 0);
    ASSERT_NE(sweep, nullptr);
    EXPECT_EQ(sweep->confirmed, 1u);
}

TEST(RunView, ChangesItsVersionWithEveryControl) {
    HandMade run;
    const std::uint64_t before = run.view.changes();
    run.order(1, 0);
    EXPECT_EQ(run.view.changes(), before);
    run.control(ControlScope::kVenue, 0, TradingState::kHalted, CancelOrders::kNone);
    EXPECT_EQ(run.view.changes(), before + 1);
}

TEST(RunView, KeepsTheNewestAlerts) {
    HandMade run;
    for (std::size_t n = 0; n < kAlertsMax + 5; ++n) {
        OrderEvent e = make_order_event(OrderEventType::kAlert, Timestamp{0}, InstrumentId{0});
        e.data.alert = AlertData{};
        run.record(e);
    }
    const auto v = run.look();
    EXPECT_EQ(v->alert_count, kAlertsMax + 5);
    ASSERT_EQ(v->alerts.size(), kAlertsMax);
    EXPECT_EQ(v->alerts[v->first_alert].number, 6u);
}

TEST(ViewReport, AnAlertNamesTheFirstInstrumentWhereItIsAboutOne) {
    InstrumentTable instruments;
    for (const char* symbol : {"FIRST", "SECOND"}) {
        Instrument instrument;
        instrument.symbol = symbol;
        instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
        (void)instruments.add(std::move(instrument));
    }
    RunNames names;
    names.instruments = &instruments;
    HandMade run;
    run.record(
        make_alert(Timestamp{0}, InstrumentId{0}, alert_data(AlertCode::kTradingHalt, 1, 0)));
    run.record(
        make_alert(Timestamp{0}, InstrumentId{0}, alert_data(AlertCode::kVenueAgrees, 0, 3)));
    const std::vector<AccountId> accounts;
    const std::vector<VenueId> venues;
    const ViewReport report(names, accounts, venues);
    const Report rows = report.alerts(*run.look(), {0, 10}, {})["rows"];
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["text"], "venue_agrees: reconciled, 3 open orders");
    EXPECT_EQ(rows[0]["instrument"], "");
    EXPECT_EQ(rows[1]["text"], "trading_halt: its venue halted trading");
    EXPECT_EQ(rows[1]["instrument"], "FIRST");
}

TEST(ViewReport, AnOrderSaysWhetherItIsAParentOrAChildOfWhich) {
    InstrumentTable instruments;
    Instrument instrument;
    instrument.symbol = "SPY";
    instrument.ticks = {{Timestamp::min(), Price::from_raw(10'000'000)}};
    (void)instruments.add(std::move(instrument));
    RunNames names;
    names.instruments = &instruments;
    names.strategies = {"work"};
    names.accounts = {"main"};
    names.venues = {"sim"};
    HandMade run;
    const auto order = [&](std::uint64_t id, std::uint8_t flags, OrderTag parent) {
        OrderEvent e = make_order_event(OrderEventType::kNewOrder, Timestamp{0}, InstrumentId{0});
        e.data.new_order = NewOrderData{};
        e.data.new_order.order_id = ClientOrderId{id};
        e.data.new_order.tag = make_order_tag(StrategyId{0}, id);
        e.data.new_order.flags = flags;
        e.data.new_order.parent = parent;
        run.record(e, true);
    };
    order(1, kOrderParent, {});
    order(2, 0, make_order_tag(StrategyId{0}, 1));
    order(3, 0, {});
    const std::vector<AccountId> accounts;
    const std::vector<VenueId> venues;
    const ViewReport report(names, accounts, venues);
    const Report rows = report.orders(*run.look(), {0, 10})["rows"];
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0]["role"], "parent, not sent");
    EXPECT_EQ(rows[1]["role"], "child of work#1");
    EXPECT_EQ(rows[2]["role"], "");
}

TEST(RunView, KnowsWhetherTheRunIsReconciledWithItsVenues) {
    HandMade run;
    EXPECT_FALSE(run.look()->recovering);
    for (const bool recovering : {true, false}) {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, Timestamp{0}, InstrumentId{0});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kRecovering;
        e.data.risk_input.values[0] = recovering ? 1 : 0;
        run.record(e, true);
        EXPECT_EQ(run.look()->recovering, recovering);
    }
}

TEST(RunView, GivesAnOldCopyWhenTheRecordsStandStill) {
    HandMade run;
    run.order(1, 0);
    const auto v = run.view.read(0ms, 1ms);
    ASSERT_NE(v, nullptr);
    EXPECT_TRUE(v->live.empty());
}

// What the view makes of a run's records is what the run's own books say in the end.
TEST(RunView, AgreesWithTheBooksOfARun) {
    testing::SmallMarket market(4, 7);
    ThreadBackpressure backpressure(30s);
    PipelineSetup setup = market.setup(6, 2, nullptr);
    RunView view(setup.risk, {6, 4, 1, 1});
    setup.limits.order_lane = 8192;
    PipelineStages stages(std::move(setup), {&backpressure, true, testing::kProgressEvery});
    testing::MemoryJournal journal(stages);
    const std::vector<MarketEvent> events = testing::market_of(market, 20'000);
    testing::run_on_threads(stages, backpressure, journal, events, testing::kFromTheBeginning);
    std::uint64_t fills = 0;
    for (const JournalRecord& r : journal.records) {
        if (r.stream != JournalStream::kTrading) continue;
        view.on_record(r.event);
        fills += r.event.type == OrderEventType::kFill ? 1 : 0;
    }
    std::shared_ptr<const ViewState> v;
    std::thread reader([&] { v = view.read(0ms, 20s); });
    std::atomic<bool> done{false};
    std::thread records([&] {
        while (!done) view.serve();
    });
    reader.join();
    done = true;
    records.join();
    EXPECT_GT(fills, 100u);
    EXPECT_EQ(v->fills, fills);
    EXPECT_TRUE(v->ended);
    EXPECT_EQ(v->live.size(), stages.orders().open_count());
    for (std::uint32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(v->position(AccountId{0}, InstrumentId{i}),
                  stages.accounts().position(AccountId{0}, InstrumentId{i}));
    }
}

}  // namespace
}  // namespace fermata
