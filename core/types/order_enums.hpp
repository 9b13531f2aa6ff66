#pragma once

#include <cstdint>
#include <string_view>

namespace fermata {

enum class Side : std::uint8_t { kBuy = 0, kSell = 1 };
[[nodiscard]] constexpr Side opposite(Side s) noexcept {
    return s == Side::kBuy ? Side::kSell : Side::kBuy;
}
/// +1 for a buy, -1 for a sale.
[[nodiscard]] constexpr int sign(Side s) noexcept { return s == Side::kBuy ? 1 : -1; }

enum class OrderType : std::uint8_t { kMarket = 0, kLimit = 1, kStop = 2, kStopLimit = 3 };
inline constexpr int kOrderTypeCount = 4;

enum class TimeInForce : std::uint8_t { kDay = 0, kGtc = 1, kGtd = 2, kIoc = 3, kFok = 4 };
inline constexpr int kTimeInForceCount = 5;

/// FIX OrdStatus (39) and the two states of an order whose fate Fermata alone knows.
enum class OrderState : std::uint8_t {
    kPendingNew = 0,
    kNew,
    kPartiallyFilled,
    kFilled,
    kPendingCancel,
    kCanceled,
    kPendingReplace,
    kRejected,
    kExpired,
    kDenied,   ///< Refused by the gate: never sent.
    kUnknown,  ///< No answer in time: exposure stays reserved, nothing is resent.
};
inline constexpr int kOrderStateCount = 11;

[[nodiscard]] constexpr bool is_terminal(OrderState s) noexcept {
    return s == OrderState::kFilled || s == OrderState::kCanceled || s == OrderState::kRejected ||
           s == OrderState::kExpired || s == OrderState::kDenied;
}

/// Why an order was rejected, canceled or expired by the venue, or denied by the gate.
enum class OrderReason : std::uint16_t {
    kNone = 0,
    kGate,                  ///< The verdict says which controls.
    kInsufficientFunds,     ///< The broker's buying power did not suffice at the fill.
    kInsufficientPosition,  ///< A sale beyond the position where short selling is not allowed.
    kUnknownOrder,
    kUnknownInstrument,
    kMarketClosed,
    kNoLiquidity,      ///< IOC or FOK remainder, or a market order without a market.
    kSessionEnd,       ///< A DAY order at the close.
    kExpireTime,       ///< A GTD order at its time.
    kTooLateToCancel,  ///< The order is already terminal.
    kRequested,        ///< Canceled because its owner asked.
    kCorporateAction,  ///< Canceled because a corporate action made its terms meaningless.
    kInvalidPrice,
    kInvalidQuantity,
    kUnsupported,
    kEndOfRun,
};
inline constexpr int kOrderReasonCount = 17;

[[nodiscard]] std::string_view name(Side v) noexcept;         ///< "BUY", "SELL"
[[nodiscard]] std::string_view name(OrderType v) noexcept;    ///< "MARKET", ...
[[nodiscard]] std::string_view name(TimeInForce v) noexcept;  ///< "DAY", ...
[[nodiscard]] std::string_view name(OrderState v) noexcept;   ///< "PendingNew", ...
[[nodiscard]] std::string_view name(OrderReason v) noexcept;  ///< "insufficient_funds", ...

}  // namespace fermata
