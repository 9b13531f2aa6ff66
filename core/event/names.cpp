#include <string_view>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

std::string_view name(MarketEventType v) noexcept {
    switch (v) {
        case MarketEventType::kNone:
            return "none";
        case MarketEventType::kQuote:
            return "quote";
        case MarketEventType::kTrade:
            return "trade";
        case MarketEventType::kBar:
            return "bar";
        case MarketEventType::kBarOpen:
            return "bar_open";
        case MarketEventType::kDepth:
            return "depth";
        case MarketEventType::kCorporateAction:
            return "corporate_action";
        case MarketEventType::kSession:
            return "session";
        case MarketEventType::kGap:
            return "gap";
        case MarketEventType::kSkipped:
            return "skipped";
        case MarketEventType::kClock:
            return "clock";
    }
    return "?";
}

std::string_view name(SkipReason v) noexcept {
    switch (v) {
        case SkipReason::kNone:
            return "none";
        case SkipReason::kMalformed:
            return "malformed";
        case SkipReason::kTimeStepsBack:
            return "time_steps_back";
        case SkipReason::kDuplicate:
            return "duplicate";
        case SkipReason::kCrossed:
            return "crossed";
        case SkipReason::kPriceOutOfRange:
            return "price_out_of_range";
        case SkipReason::kNegative:
            return "negative";
        case SkipReason::kUnknownInstrument:
            return "unknown_instrument";
        case SkipReason::kEncoding:
            return "encoding";
        case SkipReason::kLineTooLong:
            return "line_too_long";
        case SkipReason::kInconsistentBar:
            return "inconsistent_bar";
        case SkipReason::kOutOfSession:
            return "out_of_session";
        case SkipReason::kQuantityOutOfRange:
            return "quantity_out_of_range";
        case SkipReason::kFlagged:
            return "flagged";
        case SkipReason::kMissing:
            return "missing";
    }
    return "?";
}

std::string_view name(OrderEventType v) noexcept {
    switch (v) {
        case OrderEventType::kNone:
            return "none";
        case OrderEventType::kNewOrder:
            return "new_order";
        case OrderEventType::kCancel:
            return "cancel";
        case OrderEventType::kReplace:
            return "replace";
        case OrderEventType::kTimerSet:
            return "timer_set";
        case OrderEventType::kBasket:
            return "basket";
        case OrderEventType::kAlgo:
            return "algo";
        case OrderEventType::kAlgoReport:
            return "algo_report";
        case OrderEventType::kRoute:
            return "route";
        case OrderEventType::kCorrection:
            return "correction";
        case OrderEventType::kVerdict:
            return "verdict";
        case OrderEventType::kSendNew:
            return "send_new";
        case OrderEventType::kSendCancel:
            return "send_cancel";
        case OrderEventType::kSendReplace:
            return "send_replace";
        case OrderEventType::kExecution:
            return "execution";
        case OrderEventType::kOrderUpdate:
            return "order_update";
        case OrderEventType::kFill:
            return "fill";
        case OrderEventType::kAccount:
            return "account";
        case OrderEventType::kTimer:
            return "timer";
        case OrderEventType::kControl:
            return "control";
        case OrderEventType::kAlert:
            return "alert";
        case OrderEventType::kPosition:
            return "position";
        case OrderEventType::kMark:
            return "mark";
        case OrderEventType::kConsumed:
            return "consumed";
        case OrderEventType::kEquity:
            return "equity";
        case OrderEventType::kPreview:
            return "preview";
        case OrderEventType::kRiskInput:
            return "risk_input";
        case OrderEventType::kRiskSnapshot:
            return "risk_snapshot";
    }
    return "?";
}

std::string_view name(ExecType v) noexcept {
    switch (v) {
        case ExecType::kNew:
            return "New";
        case ExecType::kTrade:
            return "Trade";
        case ExecType::kCanceled:
            return "Canceled";
        case ExecType::kReplaced:
            return "Replaced";
        case ExecType::kRejected:
            return "Rejected";
        case ExecType::kExpired:
            return "Expired";
        case ExecType::kTriggered:
            return "Triggered";
        case ExecType::kCancelRejected:
            return "CancelRejected";
        case ExecType::kReplaceRejected:
            return "ReplaceRejected";
        case ExecType::kSuspended:
            return "Suspended";
        case ExecType::kDoneForDay:
            return "DoneForDay";
        case ExecType::kRestated:
            return "Restated";
    }
    return "?";
}

std::string_view name(ControlScope v) noexcept {
    switch (v) {
        case ControlScope::kFirm:
            return "firm";
        case ControlScope::kAccount:
            return "account";
        case ControlScope::kStrategy:
            return "strategy";
        case ControlScope::kInstrument:
            return "instrument";
        case ControlScope::kVenue:
            return "venue";
    }
    return "?";
}

std::string_view name(RiskInputKind v) noexcept {
    switch (v) {
        case RiskInputKind::kNone:
            return "none";
        case RiskInputKind::kBand:
            return "band";
        case RiskInputKind::kNoBand:
            return "no_band";
        case RiskInputKind::kLocate:
            return "locate";
        case RiskInputKind::kClockOffset:
            return "clock_offset";
        case RiskInputKind::kBuyingPower:
            return "buying_power";
        case RiskInputKind::kJournalLag:
            return "journal_lag";
        case RiskInputKind::kDropCopy:
            return "drop_copy";
        case RiskInputKind::kRecovering:
            return "recovering";
        case RiskInputKind::kBuild:
            return "build";
        case RiskInputKind::kLimit:
            return "limit";
        case RiskInputKind::kRestrict:
            return "restrict";
        case RiskInputKind::kAcknowledge:
            return "acknowledge";
    }
    return "?";
}

std::string_view name(AlertCode v) noexcept {
    switch (v) {
        case AlertCode::kNone:
            return "none";
        case AlertCode::kIllegalTransition:
            return "illegal_transition";
        case AlertCode::kUnknownOrder:
            return "unknown_order";
        case AlertCode::kDuplicateExecution:
            return "duplicate_execution";
        case AlertCode::kOverfill:
            return "overfill";
        case AlertCode::kLaneFull:
            return "lane_full";
        case AlertCode::kHalt:
            return "halt";
        case AlertCode::kStateChanged:
            return "state_changed";
        case AlertCode::kNumberOverflow:
            return "number_overflow";
        case AlertCode::kFeedSkipped:
            return "feed_skipped";
        case AlertCode::kGap:
            return "gap";
        case AlertCode::kRecordLag:
            return "record_lag";
        case AlertCode::kRecordLost:
            return "record_lost";
        case AlertCode::kUnknownExecution:
            return "unknown_execution";
        case AlertCode::kCorrectionFailed:
            return "correction_failed";
        case AlertCode::kMarginDeficit:
            return "margin_deficit";
        case AlertCode::kStaleMark:
            return "stale_mark";
        case AlertCode::kParentExceeded:
            return "parent_exceeded";
        case AlertCode::kClockOffset:
            return "clock_offset";
        case AlertCode::kUnanswered:
            return "unanswered";
        case AlertCode::kWashSale:
            return "wash_sale";
        case AlertCode::kLimitChanged:
            return "limit_changed";
        case AlertCode::kLimitRefused:
            return "limit_refused";
        case AlertCode::kSnapshotRefused:
            return "snapshot_refused";
        case AlertCode::kInputRefused:
            return "input_refused";
        case AlertCode::kLatchFailed:
            return "latch_failed";
        case AlertCode::kVenueDiffers:
            return "venue_differs";
        case AlertCode::kVenueAgrees:
            return "venue_agrees";
        case AlertCode::kFlattenStopped:
            return "flatten_stopped";
        case AlertCode::kFlattened:
            return "flattened";
        case AlertCode::kTradingHalt:
            return "trading_halt";
    }
    return "?";
}

std::string_view name(AlgoKind v) noexcept {
    switch (v) {
        case AlgoKind::kNone:
            return "none";
        case AlgoKind::kTwap:
            return "twap";
        case AlgoKind::kVwap:
            return "vwap";
        case AlgoKind::kPov:
            return "pov";
        case AlgoKind::kShortfall:
            return "shortfall";
        case AlgoKind::kIceberg:
            return "iceberg";
        case AlgoKind::kPeg:
            return "peg";
        case AlgoKind::kRouter:
            return "router";
    }
    return "?";
}

std::string_view name(AlgoAction v) noexcept {
    switch (v) {
        case AlgoAction::kNone:
            return "none";
        case AlgoAction::kBegin:
            return "begin";
        case AlgoAction::kPause:
            return "pause";
        case AlgoAction::kGoOn:
            return "go_on";
        case AlgoAction::kAmend:
            return "amend";
        case AlgoAction::kCancel:
            return "cancel";
        case AlgoAction::kEnd:
            return "end";
    }
    return "?";
}

std::string_view name(CorrectionKind v) noexcept {
    switch (v) {
        case CorrectionKind::kBust:
            return "bust";
        case CorrectionKind::kCorrect:
            return "correct";
    }
    return "?";
}

std::string_view name(PositionChange v) noexcept {
    switch (v) {
        case PositionChange::kCorporateAction:
            return "corporate_action";
        case PositionChange::kCorrection:
            return "correction";
        case PositionChange::kFinancing:
            return "financing";
        case PositionChange::kBorrow:
            return "borrow";
        case PositionChange::kSettlement:
            return "settlement";
        case PositionChange::kOpening:
            return "opening";
    }
    return "?";
}

std::string_view name(TradingState v) noexcept {
    switch (v) {
        case TradingState::kActive:
            return "ACTIVE";
        case TradingState::kReducing:
            return "REDUCING";
        case TradingState::kHalted:
            return "HALTED";
    }
    return "?";
}

}  // namespace fermata
