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
    }
    return "?";
}

}  // namespace fermata
