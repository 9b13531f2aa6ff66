#include "daemon/cli/event_instrument.hpp"

#include <gtest/gtest.h>

#include "core/order/overfill.hpp"
#include "core/order/stage_events.hpp"
#include "daemon/cli/event_names.hpp"
#include "daemon/live/reconciliation.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

constexpr InstrumentId kFirst{0}, kThird{2};

OrderEvent event(OrderEventType type, InstrumentId instrument = kFirst) {
    return make_order_event(type, Timestamp{1}, instrument);
}
OrderEvent alert(AlertCode code, std::int64_t first = 0, std::uint64_t order = 0) {
    AlertData data = alert_data(code, first, 0);
    data.order_id = ClientOrderId{order};
    return make_alert(Timestamp{1}, kFirst, data);
}
OrderEvent tripped(const ControlData& control) {
    return make_alert(Timestamp{1}, about(control), trip_alert(control));
}
OrderEvent tripped(ControlId id, ControlScope scope, TradingState state) {
    ControlData control;
    control.control = static_cast<std::uint8_t>(id);
    control.scope = scope;
    control.state = state;
    return tripped(control);
}
OrderEvent input(RiskInputKind kind) {
    OrderEvent e = event(OrderEventType::kRiskInput);
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = kind;
    return e;
}

TEST(EventInstrument, AnAlertAboutTheFirstInstrumentNamesIt) {
    for (const AlertCode code :
         {AlertCode::kTradingHalt, AlertCode::kGap, AlertCode::kFeedSkipped, AlertCode::kStaleMark,
          AlertCode::kFlattenStopped, AlertCode::kUnanswered, AlertCode::kOverfill}) {
        EXPECT_EQ(instrument_of(alert(code)), kFirst) << name(code);
    }
    EXPECT_EQ(instrument_of(alert(AlertCode::kVenueDiffers,
                                  static_cast<std::int64_t>(DifferenceKind::kNotThere), 7)),
              kFirst);
}

TEST(EventInstrument, AnAlertAboutNoInstrumentNamesNone) {
    for (const AlertCode code :
         {AlertCode::kVenueAgrees, AlertCode::kRecordLag, AlertCode::kMarginDeficit,
          AlertCode::kClockOffset, AlertCode::kLatchFailed, AlertCode::kFlattened,
          AlertCode::kSnapshotRefused, AlertCode::kLimitChanged}) {
        EXPECT_FALSE(instrument_of(alert(code))) << name(code);
    }
    EXPECT_EQ(instrument_text(alert(AlertCode::kVenueAgrees), JournalManifest{}), "");
}

TEST(EventInstrument, AControlThatTripsNamesTheInstrumentThatItHalts) {
    using enum ControlScope;
    using enum TradingState;
    EXPECT_EQ(instrument_of(tripped(ControlId::kCollarTime, kInstrument, kHalted)), kFirst);
    EXPECT_EQ(instrument_of(tripped(ControlId::kInFlight, kInstrument, kHalted)), kFirst);
    EXPECT_FALSE(instrument_of(tripped(ControlId::kDrawdown, kFirm, kHalted)));
    EXPECT_FALSE(instrument_of(tripped(ControlId::kRepeat, kStrategy, kHalted)));
    EXPECT_FALSE(instrument_of(tripped(ControlId::kDayLoss, kAccount, kReducing)));
    for (const ControlData& halt : overfill_halts(Order{})) {
        EXPECT_EQ(instrument_of(tripped(halt)), kFirst) << "of the order that was overfilled";
    }
}

TEST(EventInstrument, ACommandIsAboutTheInstrumentOfItsScope) {
    OrderEvent e = event(OrderEventType::kControl);
    e.data.control = ControlData{};
    EXPECT_FALSE(instrument_of(e));
    e.data.control.scope = ControlScope::kVenue;
    e.data.control.target = kThird.value;
    EXPECT_FALSE(instrument_of(e));
    e.data.control.scope = ControlScope::kInstrument;
    EXPECT_EQ(instrument_of(e), kThird);
}

TEST(EventInstrument, AnInputIsAboutAnInstrumentByItsKind) {
    EXPECT_EQ(instrument_of(input(RiskInputKind::kBand)), kFirst);
    EXPECT_EQ(instrument_of(input(RiskInputKind::kRestrict)), kFirst);
    EXPECT_FALSE(instrument_of(input(RiskInputKind::kRecovering)));
    EXPECT_FALSE(instrument_of(input(RiskInputKind::kBuyingPower)));
    OrderEvent limit = input(RiskInputKind::kLimit);
    EXPECT_FALSE(instrument_of(limit));
    limit.data.risk_input.scope = ControlScope::kInstrument;
    limit.data.risk_input.target = kThird.value;
    EXPECT_EQ(instrument_of(limit), kThird);
    EXPECT_EQ(instrument_of(alert(AlertCode::kInputRefused,
                                  static_cast<std::int64_t>(RiskInputKind::kLocate))),
              kFirst);
    EXPECT_FALSE(instrument_of(
        alert(AlertCode::kInputRefused, static_cast<std::int64_t>(RiskInputKind::kAcknowledge))));
}

TEST(EventInstrument, AZeroIsNotTheFirstInstrumentWhereTheVenueMeansAnOrderThatIsNotOurs) {
    const auto trade = static_cast<std::int64_t>(ExecType::kTrade);
    EXPECT_FALSE(instrument_of(alert(AlertCode::kUnknownOrder, trade)));
    EXPECT_EQ(instrument_of(alert(AlertCode::kUnknownOrder, trade, 7)), kFirst);
    EXPECT_FALSE(instrument_of(
        alert(AlertCode::kUnknownOrder, static_cast<std::int64_t>(ExecType::kCancelRejected), 7)));
    EXPECT_FALSE(instrument_of(
        alert(AlertCode::kVenueDiffers, static_cast<std::int64_t>(DifferenceKind::kNotOurs))));
    OrderEvent report = event(OrderEventType::kExecution);
    report.data.execution = ExecutionData{};
    EXPECT_FALSE(instrument_of(report));
    report.instrument = kThird;
    EXPECT_EQ(instrument_of(report), kThird) << "its symbol is one of ours";
    report.instrument = kFirst;
    report.data.execution.order_id = ClientOrderId{7};
    EXPECT_EQ(instrument_of(report), kFirst);
}

TEST(EventInstrument, ACancelNamesItsInstrumentOnceItsOrderIsFound) {
    OrderEvent e = event(OrderEventType::kCancel);
    e.data.change = ChangeOrderData{};
    EXPECT_FALSE(instrument_of(e));
    e.data.change.order_id = ClientOrderId{7};
    EXPECT_EQ(instrument_of(e), kFirst);
}

TEST(EventInstrument, InterestIsOfNoInstrumentAndABorrowFeeIs) {
    OrderEvent e = event(OrderEventType::kPosition);
    e.data.position = PositionData{};
    e.data.position.change = PositionChange::kFinancing;
    EXPECT_FALSE(instrument_of(e));
    e.data.position.change = PositionChange::kBorrow;
    EXPECT_EQ(instrument_of(e), kFirst);
}

}  // namespace
}  // namespace fermata
