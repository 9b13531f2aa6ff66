#include "core/types/order_enums.hpp"

namespace fermata {

std::string_view name(Side v) noexcept { return v == Side::kBuy ? "BUY" : "SELL"; }

std::string_view name(OrderType v) noexcept {
    switch (v) {
        case OrderType::kMarket:
            return "MARKET";
        case OrderType::kLimit:
            return "LIMIT";
        case OrderType::kStop:
            return "STOP";
        case OrderType::kStopLimit:
            return "STOP_LIMIT";
        case OrderType::kMarketToLimit:
            return "MARKET_TO_LIMIT";
        case OrderType::kMarketIfTouched:
            return "MARKET_IF_TOUCHED";
        case OrderType::kLimitIfTouched:
            return "LIMIT_IF_TOUCHED";
        case OrderType::kTrailingStop:
            return "TRAILING_STOP";
        case OrderType::kTrailingStopLimit:
            return "TRAILING_STOP_LIMIT";
        case OrderType::kPegged:
            return "PEGGED";
    }
    return "?";
}

std::string_view name(TimeInForce v) noexcept {
    switch (v) {
        case TimeInForce::kDay:
            return "DAY";
        case TimeInForce::kGtc:
            return "GTC";
        case TimeInForce::kGtd:
            return "GTD";
        case TimeInForce::kIoc:
            return "IOC";
        case TimeInForce::kFok:
            return "FOK";
        case TimeInForce::kAto:
            return "ATO";
        case TimeInForce::kAtc:
            return "ATC";
    }
    return "?";
}

std::string_view name(OffsetKind v) noexcept {
    switch (v) {
        case OffsetKind::kNone:
            return "none";
        case OffsetKind::kTrailPrice:
            return "trail_price";
        case OffsetKind::kTrailPercent:
            return "trail_percent";
        case OffsetKind::kPegMid:
            return "peg_mid";
        case OffsetKind::kPegPrimary:
            return "peg_primary";
        case OffsetKind::kPegMarket:
            return "peg_market";
    }
    return "?";
}

std::string_view name(LinkRole v) noexcept {
    switch (v) {
        case LinkRole::kNone:
            return "none";
        case LinkRole::kOco:
            return "oco";
        case LinkRole::kOuo:
            return "ouo";
        case LinkRole::kPrimary:
            return "primary";
        case LinkRole::kSecondary:
            return "secondary";
        case LinkRole::kSecondaryOco:
            return "secondary_oco";
        case LinkRole::kSecondaryOuo:
            return "secondary_ouo";
    }
    return "?";
}

std::string_view name(OrderState v) noexcept {
    switch (v) {
        case OrderState::kPendingNew:
            return "PendingNew";
        case OrderState::kNew:
            return "New";
        case OrderState::kPartiallyFilled:
            return "PartiallyFilled";
        case OrderState::kFilled:
            return "Filled";
        case OrderState::kPendingCancel:
            return "PendingCancel";
        case OrderState::kCanceled:
            return "Canceled";
        case OrderState::kPendingReplace:
            return "PendingReplace";
        case OrderState::kRejected:
            return "Rejected";
        case OrderState::kExpired:
            return "Expired";
        case OrderState::kDenied:
            return "Denied";
        case OrderState::kUnknown:
            return "Unknown";
        case OrderState::kReplaced:
            return "Replaced";
        case OrderState::kTriggered:
            return "Triggered";
        case OrderState::kSuspended:
            return "Suspended";
        case OrderState::kDoneForDay:
            return "DoneForDay";
    }
    return "?";
}

std::string_view name(OrderReason v) noexcept {
    switch (v) {
        case OrderReason::kNone:
            return "none";
        case OrderReason::kGate:
            return "gate";
        case OrderReason::kInsufficientFunds:
            return "insufficient_funds";
        case OrderReason::kInsufficientPosition:
            return "insufficient_position";
        case OrderReason::kUnknownOrder:
            return "unknown_order";
        case OrderReason::kUnknownInstrument:
            return "unknown_instrument";
        case OrderReason::kMarketClosed:
            return "market_closed";
        case OrderReason::kNoLiquidity:
            return "no_liquidity";
        case OrderReason::kSessionEnd:
            return "session_end";
        case OrderReason::kExpireTime:
            return "expire_time";
        case OrderReason::kTooLateToCancel:
            return "too_late_to_cancel";
        case OrderReason::kRequested:
            return "requested";
        case OrderReason::kCorporateAction:
            return "corporate_action";
        case OrderReason::kInvalidPrice:
            return "invalid_price";
        case OrderReason::kInvalidQuantity:
            return "invalid_quantity";
        case OrderReason::kUnsupported:
            return "unsupported";
        case OrderReason::kEndOfRun:
            return "end_of_run";
        case OrderReason::kTradeBusted:
            return "trade_busted";
        case OrderReason::kTradeCorrected:
            return "trade_corrected";
        case OrderReason::kLinked:
            return "linked";
        case OrderReason::kPostOnly:
            return "post_only";
        case OrderReason::kReduceOnly:
            return "reduce_only";
        case OrderReason::kBasket:
            return "basket";
        case OrderReason::kParent:
            return "parent";
        case OrderReason::kEmulated:
            return "emulated";
        case OrderReason::kConditionMet:
            return "condition_met";
        case OrderReason::kRepriced:
            return "repriced";
        case OrderReason::kOverfill:
            return "overfill";
        case OrderReason::kDisconnected:
            return "disconnected";
    }
    return "?";
}

}  // namespace fermata
