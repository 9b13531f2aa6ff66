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

/// The numbers of this file are part of the journal's format: never reuse one.
enum class OrderType : std::uint8_t {
    kMarket = 0,
    kLimit = 1,
    kStop = 2,
    kStopLimit = 3,
    kMarketToLimit = 4,      ///< Takes the best price; what is left rests there as a limit order.
    kMarketIfTouched = 5,    ///< A market order once the market touches the trigger from afar.
    kLimitIfTouched = 6,     ///< The same, a limit order.
    kTrailingStop = 7,       ///< A stop whose trigger follows the market at a distance.
    kTrailingStopLimit = 8,  ///< The same; the limit keeps its distance from the trigger.
    kPegged = 9,             ///< A limit order whose price follows the best bid and offer.
};
inline constexpr int kOrderTypeCount = 10;

/// `price` is the limit of such an order (a trailing or pegged one has a limit that moves).
[[nodiscard]] constexpr bool has_limit_price(OrderType t) noexcept {
    return t == OrderType::kLimit || t == OrderType::kStopLimit || t == OrderType::kLimitIfTouched;
}
/// `stop_price` is the trigger of such an order, and must be given.
[[nodiscard]] constexpr bool has_stop_price(OrderType t) noexcept {
    return t == OrderType::kStop || t == OrderType::kStopLimit ||
           t == OrderType::kMarketIfTouched || t == OrderType::kLimitIfTouched;
}
[[nodiscard]] constexpr bool is_trailing(OrderType t) noexcept {
    return t == OrderType::kTrailingStop || t == OrderType::kTrailingStopLimit;
}
[[nodiscard]] constexpr bool is_if_touched(OrderType t) noexcept {
    return t == OrderType::kMarketIfTouched || t == OrderType::kLimitIfTouched;
}

enum class TimeInForce : std::uint8_t {
    kDay = 0,
    kGtc = 1,
    kGtd = 2,
    kIoc = 3,
    kFok = 4,
    kAto = 5,  ///< At the opening of the session only.
    kAtc = 6,  ///< At its close only.
};
inline constexpr int kTimeInForceCount = 7;

/// What the `offset` of an order is measured in, and from where.
enum class OffsetKind : std::uint8_t {
    kNone = 0,
    kTrailPrice = 1,    ///< Trailing: a distance in price units.
    kTrailPercent = 2,  ///< Trailing: a fraction of the market price (1e-9 each).
    kPegMid = 3,        ///< Pegged: added to the middle of bid and offer.
    kPegPrimary = 4,    ///< Pegged: added to the best price of the order's own side.
    kPegMarket = 5,     ///< Pegged: added to the best price of the other side.
};
inline constexpr int kOffsetKindCount = 6;

/// What an order is within its group of linked orders.
enum class LinkRole : std::uint8_t {
    kNone = 0,
    kOco = 1,           ///< One cancels the others: the first fill of any cancels the rest.
    kOuo = 2,           ///< One updates the others: together they fill no more than the largest.
    kPrimary = 3,       ///< Its fills set the secondaries of the group free.
    kSecondary = 4,     ///< Held until the primary fills, and then for as much as it filled.
    kSecondaryOco = 5,  ///< The same, and OCO with the other secondaries of this kind.
    kSecondaryOuo = 6,  ///< The same, and OUO with them: the legs of a bracket.
};
inline constexpr int kLinkRoleCount = 7;
/// Held until a primary of its group fills.
[[nodiscard]] constexpr bool is_secondary(LinkRole role) noexcept {
    return role == LinkRole::kSecondary || role == LinkRole::kSecondaryOco ||
           role == LinkRole::kSecondaryOuo;
}

/// Bits of an order's flags.
enum OrderFlag : std::uint8_t {
    kOrderPostOnly = 0x01,    ///< Never takes liquidity: refused when it would.
    kOrderReduceOnly = 0x02,  ///< Never opens or turns a position.
    kOrderEmulated = 0x04,    ///< Set by the order manager: held here, the venue lacks the type.
    kOrderExit = 0x08,        ///< Placed by a managed exit.
    kOrderParent = 0x10,      ///< Worked by an algorithm in child orders; never sent itself.
    kOrderBasket = 0x20,      ///< Member of the basket that `link` names: all or none at the gate.
    // Set by the order manager for a sale (FIX 54 is 5 or 6): neither is a long sale.
    kOrderShort = 0x40,        ///< Sells more than is held: sell short.
    kOrderShortExempt = 0x80,  ///< The same, exempt from the price test of Rule 201: if asked for.
};

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
    kDenied,      ///< Refused by the gate: never sent.
    kUnknown,     ///< No answer in time: exposure stays reserved, nothing is resent.
    kReplaced,    ///< Live under new terms, nothing filled yet.
    kTriggered,   ///< Live, its trigger was touched, nothing filled yet.
    kSuspended,   ///< Live and not at work: held by the venue, or by the order manager until its
                  ///< condition comes true.
    kDoneForDay,  ///< Live and not at work until the next session.
};
inline constexpr int kOrderStateCount = 15;

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
    kTradeBusted,     ///< A fill of it was taken back.
    kTradeCorrected,  ///< The terms of a fill of it were changed.
    kLinked,          ///< Canceled, reduced, held or set free because of an order linked to it.
    kPostOnly,        ///< Would have taken liquidity.
    kReduceOnly,      ///< Would have opened or turned a position.
    kBasket,          ///< Another member of its basket was refused.
    kParent,          ///< Its parent order is over, or has no quantity left for it.
    kEmulated,        ///< Held by the order manager because its venue lacks the type.
    kConditionMet,    ///< The order manager sent it: its trigger was touched.
    kRepriced,        ///< Its price or trigger followed the market.
    kOverfill,        ///< Filled beyond its quantity.
    kDisconnected,    ///< The session to its venue is down.
};
inline constexpr int kOrderReasonCount = 29;

[[nodiscard]] std::string_view name(Side v) noexcept;         ///< "BUY", "SELL"
[[nodiscard]] std::string_view name(OrderType v) noexcept;    ///< "MARKET", ...
[[nodiscard]] std::string_view name(TimeInForce v) noexcept;  ///< "DAY", ...
[[nodiscard]] std::string_view name(OffsetKind v) noexcept;   ///< "none", "trail_price", ...
[[nodiscard]] std::string_view name(LinkRole v) noexcept;     ///< "none", "oco", ...
[[nodiscard]] std::string_view name(OrderState v) noexcept;   ///< "PendingNew", ...
[[nodiscard]] std::string_view name(OrderReason v) noexcept;  ///< "insufficient_funds", ...

}  // namespace fermata
