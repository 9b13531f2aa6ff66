#include "daemon/cli/event_instrument.hpp"

#include "daemon/live/reconciliation.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

using Found = std::optional<InstrumentId>;

/// Of a record that has an instrument only if it says so by a number that is not zero.
Found unless_zero(InstrumentId field) noexcept {
    return field.value == 0 ? std::nullopt : Found(field);
}

/// Of a venue's report: its instrument is known by its order. Without one it is that of its symbol,
/// or zero when the symbol is none of ours.
Found reported(ClientOrderId order, InstrumentId field) noexcept {
    return order.value == 0 ? unless_zero(field) : field;
}

/// Of a control that tripped. Those without a number follow from an order (an overfill).
Found tripped(const AlertData& d, InstrumentId field) noexcept {
    if (d.control == 0 && d.unit != 0) return std::nullopt;  // the dead-man switch
    if (d.control == 0 || d.control > kControlCount) return field;
    const Scope scopes = control(static_cast<ControlId>(d.control - 1)).scopes;
    return scopes == Scope::kInstrument ? field : unless_zero(field);
}

bool is_of_instrument(RiskInputKind kind) noexcept {
    return kind == RiskInputKind::kBand || kind == RiskInputKind::kNoBand ||
           kind == RiskInputKind::kLocate || kind == RiskInputKind::kRestrict;
}

Found of_input(const RiskInputData& d, InstrumentId field) noexcept {
    if (d.kind == RiskInputKind::kLimit && d.scope == ControlScope::kInstrument) {
        return InstrumentId{static_cast<std::uint32_t>(d.target)};
    }
    return is_of_instrument(d.kind) ? Found(field) : unless_zero(field);
}

Found of_control(const ControlData& d) noexcept {
    if (d.scope != ControlScope::kInstrument) return std::nullopt;
    return InstrumentId{static_cast<std::uint32_t>(d.target)};
}

}  // namespace

std::optional<InstrumentId> instrument_of(const AlertData& d, InstrumentId field) noexcept {
    switch (d.code) {
        case AlertCode::kIllegalTransition:
        case AlertCode::kOverfill:
        case AlertCode::kLaneFull:
        case AlertCode::kNumberOverflow:
        case AlertCode::kFeedSkipped:
        case AlertCode::kGap:
        case AlertCode::kCorrectionFailed:
        case AlertCode::kStaleMark:
        case AlertCode::kParentExceeded:
        case AlertCode::kUnanswered:
        case AlertCode::kWashSale:
        case AlertCode::kFlattenStopped:
        case AlertCode::kTradingHalt:
            return field;
        case AlertCode::kUnknownOrder:
            // The answer to a cancel or a replace has no symbol (FIX 35=9).
            if (d.detail[0] == static_cast<std::int64_t>(ExecType::kCancelRejected) ||
                d.detail[0] == static_cast<std::int64_t>(ExecType::kReplaceRejected)) {
                return unless_zero(field);
            }
            return reported(d.order_id, field);
        case AlertCode::kDuplicateExecution:
        case AlertCode::kUnknownExecution:
            return reported(d.order_id, field);
        case AlertCode::kVenueDiffers:
            if (d.detail[0] != static_cast<std::int64_t>(DifferenceKind::kNotOurs) &&
                d.detail[0] != static_cast<std::int64_t>(DifferenceKind::kFillNotOurs)) {
                return field;
            }
            return reported(d.order_id, field);
        case AlertCode::kHalt:
        case AlertCode::kStateChanged:
            return tripped(d, field);
        case AlertCode::kInputRefused:
            return is_of_instrument(static_cast<RiskInputKind>(d.detail[0])) ? field
                                                                             : unless_zero(field);
        case AlertCode::kLimitChanged:
        case AlertCode::kLimitRefused:
            return unless_zero(field);
        case AlertCode::kNone:
        case AlertCode::kRecordLag:
        case AlertCode::kRecordLost:
        case AlertCode::kMarginDeficit:
        case AlertCode::kClockOffset:
        case AlertCode::kSnapshotRefused:
        case AlertCode::kLatchFailed:
        case AlertCode::kVenueAgrees:
        case AlertCode::kFlattened:
            return std::nullopt;
    }
    return unless_zero(field);
}

std::optional<InstrumentId> instrument_of(const OrderEvent& event) noexcept {
    const auto& d = event.data;
    switch (event.type) {
        case OrderEventType::kNone:
        case OrderEventType::kTimerSet:
        case OrderEventType::kTimer:
        case OrderEventType::kBasket:
        case OrderEventType::kConsumed:
        case OrderEventType::kMark:
        case OrderEventType::kEquity:
        case OrderEventType::kRiskSnapshot:
            return std::nullopt;
        case OrderEventType::kCancel:
        case OrderEventType::kReplace:
            // A strategy names the order alone; the trading stage completes what it finds.
            return reported(d.change.order_id, event.instrument);
        case OrderEventType::kExecution:
            return reported(d.execution.order_id, event.instrument);
        case OrderEventType::kCorrection:
            return reported(d.correction.order_id, event.instrument);
        case OrderEventType::kPosition:
        case OrderEventType::kAccount:
            if (d.position.change == PositionChange::kFinancing) return std::nullopt;
            return event.instrument;
        case OrderEventType::kControl:
            return of_control(d.control);
        case OrderEventType::kAlert:
            return instrument_of(d.alert, event.instrument);
        case OrderEventType::kRiskInput:
            return of_input(d.risk_input, event.instrument);
        case OrderEventType::kNewOrder:
        case OrderEventType::kPreview:
        case OrderEventType::kVerdict:
        case OrderEventType::kAlgo:
        case OrderEventType::kAlgoReport:
        case OrderEventType::kRoute:
        case OrderEventType::kSendNew:
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
        case OrderEventType::kOrderUpdate:
        case OrderEventType::kFill:
            return event.instrument;
    }
    return unless_zero(event.instrument);
}

}  // namespace fermata
