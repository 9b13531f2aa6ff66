#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/types/number.hpp"

namespace fermata {

/// The one list of all risk and compliance controls, in the order of their numbers. A control's
/// number is its bit in a verdict and stands in journals: append, never reorder, never reuse.
///
/// Everything that names a control is generated from here: the table of docs/controls.md, the
/// configuration keys of limits, the metric names and the reject texts.

enum class ControlId : std::uint8_t {
    kState = 0,
    kRecovering,
    kField,
    kInstrument,
    kPermission,
    kRestricted,
    kBuild,
    kTickLot,
    kMaxQuantity,
    kMaxNotional,
    kBasket,
    kParent,
    kCollar,
    kCollarTime,
    kLuld,
    kStale,
    kCrossed,
    kClock,
    kDuplicate,
    kMessageRate,
    kOrderToTrade,
    kRepeat,
    kOpenOrders,
    kSelfMatch,
    kPosition,
    kTurnover,
    kSector,
    kCorrelated,
    kLeverage,
    kCash,
    kCredit,
    kTradeLoss,
    kDayLoss,
    kWeekLoss,
    kDrawdown,
    kVarParametric,
    kVarHistorical,
    kStress,
    kLiquidity,
    kShort,
    kDayTrade,
    kWashSale,
    kBestExecution,
    kInFlight,
    kRejectRate,
    kJournal,
    kDropCopy,
};
inline constexpr int kControlCount = 47;

[[nodiscard]] constexpr std::uint64_t bit(ControlId id) noexcept {
    return std::uint64_t{1} << static_cast<unsigned>(id);
}

/// What a control looks at and what its limit belongs to. Bits, because some have several.
enum class Scope : std::uint8_t {
    kNone = 0,
    kOrder = 1,
    kStrategy = 2,
    kInstrument = 4,
    kAccount = 8,
    kFirm = 16,
    kTaxpayer = 32,
    kVenue = 64,
};
[[nodiscard]] constexpr Scope operator|(Scope a, Scope b) noexcept {
    return static_cast<Scope>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool has(Scope set, Scope one) noexcept {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

/// What happens when it refuses.
enum class ControlAction : std::uint8_t {
    kReject,      ///< This request is refused.
    kReduceOnly,  ///< From now on only requests that reduce.
    kHalt,        ///< Nothing new until an operator releases it.
    kHaltCancel,  ///< Halt, and cancel what is open.
    kTag,         ///< Noted, never refused.
};

/// Fixed-point units; `raw` values are integers of core/types/number.hpp.
enum class LimitUnit : std::uint8_t {
    kNone = 0,       ///< No number: a fault or a state, see VerdictData::observed.
    kCount = 1,      ///< Whole number.
    kPerSecond = 2,  ///< Whole number of messages a second.
    kQuantity = 3,   ///< 1e-8 of a unit.
    kPrice = 4,      ///< 1e-9 of the quote currency.
    kMoney = 5,      ///< 1e-6 of the account's currency.
    kRatio = 6,      ///< 1e-9; in the configuration also "5%".
    kDuration = 7,   ///< Nanoseconds.
    kState = 8,      ///< A TradingState.
    kFault = 9,      ///< A Fault.
    kIdentifier = 10,
};

/// One control.
struct Control {
    ControlId id;
    std::string_view code;  ///< As it stands in reject texts.
    Scope scopes;
    ControlAction action;
    std::string_view rule;   ///< What must hold. Its numbers are in kLimits.
    std::string_view state;  ///< What is kept between requests.
};

namespace detail {
inline constexpr Scope kO = Scope::kOrder, kS = Scope::kStrategy, kI = Scope::kInstrument,
                       kA = Scope::kAccount, kF = Scope::kFirm;
inline constexpr ControlAction kR = ControlAction::kReject, kRO = ControlAction::kReduceOnly,
                               kH = ControlAction::kHalt, kK = ControlAction::kHaltCancel;
}  // namespace detail

// clang-format off
inline constexpr std::array<Control, kControlCount> kControls = [] {
    using namespace detail;
    using enum ControlId;
    return std::array<Control, kControlCount>{{
    {kState, "STATE", kF | kA | kS | kI, kR, "trading state is ACTIVE (HALTED: nothing new; REDUCING: only orders that reduce)", "flag"},
    {kRecovering, "RECOVERING", kF, kR, "start-up is reconciled with the venues, once it was said that it is not", "flag"},
    {kField, "FIELD", kO, kR, "fields are complete and in range: no overflow, quantity > 0, prices that the type needs, GTD not expired", "-"},
    {kInstrument, "INSTRUMENT", kI, kR, "instrument is known, open, not halted", "bits"},
    {kPermission, "PERMISSION", kO, kR, "strategy x account x instrument x venue is allowed, as soon as any permission is configured", "bitmap"},
    {kRestricted, "RESTRICTED", kF, kR, "instrument is not on the dated restricted list", "bitset"},
    {kBuild, "BUILD", kF, kH, "the hash of binary and configuration is the approved one, where one is given (live only)", "at boot"},
    {kTickLot, "TICK_LOT", kO, kR, "prices on the tick, quantity on the lot and not below the minimum; dated tick tables", "table"},
    {kMaxQuantity, "MAX_QUANTITY", kO, kR, "quantity <= min(configured, share of the average daily volume where it is known)", "table"},
    {kMaxNotional, "MAX_NOTIONAL", kO, kR, "value <= share of equity; market orders valued at the collar", "-"},
    {kBasket, "BASKET", kS, kR, "sum of a basket <= share of equity; all or none", "sum"},
    {kParent, "PARENT", kS, kK, "fills + live children <= parent quantity, or the child is refused; a strategy whose children ask for more again and again is halted and its orders canceled, until an operator releases it", "counter, window"},
    {kCollar, "COLLAR", kO, kR, "limit price not further through the mid (or last) price than the collar", "reference"},
    {kCollarTime, "COLLAR_TIME", kI, kH, "own fills of 60 s lie no further apart than the share of their price", "ring"},
    {kLuld, "LULD", kO, kR, "inside the published band (bands are consumed, never computed)", "bands"},
    {kStale, "STALE", kI, kR, "quotes and trades not older than the limit while the session is open, none lost", "timestamp"},
    {kCrossed, "CROSSED", kI, kR, "bid < ask, spread <= share of the mid, last change of the price <= share of the price before", "last"},
    {kClock, "CLOCK", kF, kH, "offset of the clock <= limit, until an operator releases the firm", "offset"},
    {kDuplicate, "DUPLICATE", kO, kR, "client order id never used before; not more than the limit of the same (strategy, instrument, side, prices, quantity) in the window", "last ids, ring"},
    {kMessageRate, "MESSAGE_RATE", kS | kF, kR, "messages follow the rate (GCRA); capacity is kept in reserve for cancels", "one time each"},
    {kOrderToTrade, "ORDER_TO_TRADE", kI, kR, "orders / trades - 1 <= limit a day; no trade counts as one", "two counters"},
    {kRepeat, "REPEAT", kS, kH, "fills in the window <= limit, until an operator releases the strategy", "window"},
    {kOpenOrders, "OPEN_ORDERS", kI, kR, "open orders of an instrument <= count, and their value <= share of equity", "counters"},
    {kSelfMatch, "SELF_MATCH", kF, kR, "does not cross an own resting order", "own top of book"},
    {kPosition, "POSITION", kI, kR, "worst-case position at its mark, max(W+, W-) <= share of equity", "three sums"},
    {kTurnover, "TURNOVER", kI | kF, kRO, "value bought and sold in a day, this order included, <= share of equity; beyond it only what reduces", "sums"},
    {kSector, "SECTOR", kA, kR, "gross W in a sector <= share of equity", "sum a sector"},
    {kCorrelated, "CORRELATED", kA, kR, "names held that are correlated above 0.7 with the candidate, itself included, <= limit; what was not measured counts as correlated", "bitset popcount"},
    {kLeverage, "LEVERAGE", kA, kR, "gross W <= multiple of equity", "sum"},
    {kCash, "CASH", kA, kR, "cash - reserved - cost of the order >= share of equity", "two sums"},
    {kCredit, "CREDIT", kA, kR, "what increases is within the buying power that the broker stated, less what was approved since; before the first poll within the excess equity of the account's margin model", "poll + reserve"},
    {kTradeLoss, "TRADE_LOSS", kO, kR, "value x (stressed move + slippage) <= share of equity; no stop is known before the entry", "-"},
    {kDayLoss, "DAY_LOSS", kA, kRO, "equity - start of day - flows > -share of the start; cancels increases, until the day ends", "equity"},
    {kWeekLoss, "WEEK_LOSS", kA, kRO, "equity - start of week - flows > -share of the start; cancels increases, until the week ends", "equity"},
    {kDrawdown, "DRAWDOWN", kF, kK, "equity above the flow-adjusted high-water mark less the drawdown", "maximum"},
    {kVarParametric, "VAR_PARAMETRIC", kA, kR, "z2 (s2 + 2d(Sw)i + d2 Sii) <= (share of equity)2: normal value at risk of one day at 99%", "cached Sw"},
    {kVarHistorical, "VAR_HISTORICAL", kA, kR, "days of the history on which it would have lost more than the share of equity <= 1% of them", "P&L vector"},
    {kStress, "STRESS", kA, kR, "every scenario loses <= share of equity", "scenario P&L"},
    {kLiquidity, "LIQUIDITY", kI, kR, "quantity of a day <= share of the average daily volume, exit from the worst position <= days at that share", "volume"},
    {kShort, "SHORT", kO, kR, "short sales within the locates given, and above the best bid while the circuit breaker of Rule 201 is in force, unless exempt; sales are marked long, short or exempt", "counters"},
    {kDayTrade, "DAY_TRADE", kA, kR, "by dated regimes, day trades of a margin account in five business days <= limit: of the house, while its equity is below the bound; legacy, of a pattern day trader none while its equity at the prior close was; intraday margin, what increases leaves equity - maintenance margin at no less than zero but for a deficit that does not count", "5-day ring"},
    {kWashSale, "WASH_SALE", Scope::kTaxpayer, ControlAction::kTag, "a purchase or sale that may disallow a loss of the last 30 days is followed by an alert", "31 days"},
    {kBestExecution, "BEST_EXECUTION", kO, kR, "limit not further through the best bid or offer than the tolerance; both in the verdict", "quote"},
    {kInFlight, "IN_FLIGHT", kI, kH, "requests are answered within the limit, else the order is Unknown and the instrument halted, until an operator releases it", "queue"},
    {kRejectRate, "REJECT_RATE", kS, kH, "venue rejects in the window <= limit, until an operator releases the strategy", "window"},
    {kJournal, "JOURNAL", kF, kK, "what reads the journal is behind it by no more than the time and the bytes, until an operator releases the firm; a run ends where the journal cannot be written, and by database.lag", "lag"},
    {kDropCopy, "DROP_COPY", kF, kH, "drop copy and own state differ for no longer than the limit, until an operator releases the firm", "diff"},
    }};
}();
// clang-format on

/// One number of a control that the configuration may set.
enum class LimitId : std::uint8_t {
    kMaxQuantity = 0,
    kMaxQuantityAdv,
    kMaxNotional,
    kCollar,
    kDuplicate,
    kDuplicateWindow,
    kMessageRate,
    kMessageRateFirm,
    kMessageRateBurst,
    kMessageRateReserve,
    kOpenOrders,
    kOpenOrdersNotional,
    kPosition,
    kLeverage,
    kCash,
    kDrawdown,
    kBasket,
    kStale,
    kCrossedSpread,
    kCrossedJump,
    kOrderToTrade,
    kRepeat,
    kRepeatWindow,
    kSelfMatch,
    kTurnover,
    kTurnoverFirm,
    kSector,
    kDayLoss,
    kWeekLoss,
    kBestExecution,
    kRejectRate,
    kRejectRateWindow,
    kCollarTime,
    kLiquidity,
    kLiquidityExit,
    kClock,
    kTradeLoss,
    kTradeLossMove,
    kTradeLossSlippage,
    kDayTrade,
    kDayTradeEquity,
    kShort,
    kClockAlert,
    kJournal,
    kJournalBytes,
    kDropCopy,
    kCorrelated,
    kVarParametric,
    kVarUnmeasured,
    kVarHistorical,
    kStress,
    kInFlight,
    kCredit,
    kWashSale,
    kParent,
    kParentWindow,
};
inline constexpr int kLimitCount = 56;

struct LimitDefinition {
    LimitId id;
    ControlId control;
    std::string_view suffix;  ///< Key = the control's code in lower case [+ "_" + suffix].
    LimitUnit unit;
    std::int64_t house;     ///< Default of profile `house`, raw.
    std::int64_t minimum;   ///< Smallest value that makes sense, raw.
    std::int64_t maximum;   ///< Largest value that makes sense, raw.
    std::int64_t hard;      ///< No limit and no override may be looser than this, raw.
    bool higher_is_looser;  ///< False: `hard` is a floor.
    Scope overrides;        ///< Scopes that may have a value of their own.
    std::string_view doc;
};

// clang-format off
inline constexpr std::array<LimitDefinition, kLimitCount> kLimits = [] {
    using namespace detail;
    using enum LimitId;
    using enum LimitUnit;
    using C = ControlId;
    constexpr std::int64_t r = Ratio::kOne, q = Quantity::kOne, m = Money::kOne, ms = 1'000'000, s = 1'000 * ms;
    constexpr Scope sia = kS | kI | kA;
    return std::array<LimitDefinition, kLimitCount>{{
    {kMaxQuantity,        C::kMaxQuantity, "",         kQuantity,  1'000'000 * q,  1,      90'000'000'000 * q, 10'000'000'000 * q, true,  sia, "Largest quantity of one order."},
    {kMaxQuantityAdv,     C::kMaxQuantity, "adv",      kRatio,     r / 100,        1,      r,                  r / 4,              true,  sia, "Largest quantity of one order as a share of the instrument's average daily volume; not applied where that is unknown."},
    {kMaxNotional,        C::kMaxNotional, "",         kRatio,     r / 50,         0,      100 * r,            4 * r,              true,  sia, "Largest value of one order as a share of the account's equity."},
    {kCollar,             C::kCollar,      "",         kRatio,     r / 20,         0,      r,                  r / 2,              true,  sia, "How far a limit price may lie through the mid (or last) price, as a share of it; also values market orders."},
    {kDuplicate,          C::kDuplicate,   "",         kCount,     3,              1,      16,                 16,                 true,  kS,  "Most equal orders of one strategy (instrument, side, prices, quantity) in duplicate_window."},
    {kDuplicateWindow,    C::kDuplicate,   "window",   kDuration,  s,              ms,     3'600 * s,          100 * ms,           false, Scope::kNone, "Length of the sliding window of duplicate."},
    {kMessageRate,        C::kMessageRate, "",         kPerSecond, 100,            1,      1'000'000,          10'000,             true,  kS,  "New and replace requests a second of one strategy; cancels count but are never refused."},
    {kMessageRateFirm,    C::kMessageRate, "firm",     kPerSecond, 250,            1,      1'000'000,          50'000,             true,  Scope::kNone, "The same for all strategies together."},
    {kMessageRateBurst,   C::kMessageRate, "burst",    kDuration,  s,              0,      60 * s,             10 * s,             true,  Scope::kNone, "Unused rate that may be saved up and spent at once: rate x burst messages (at least one)."},
    {kMessageRateReserve, C::kMessageRate, "reserve",  kRatio,     r / 10,         0,      r * 9 / 10,        r / 100,                             false, Scope::kNone, "Share of the burst that only cancels may use."},
    {kOpenOrders,         C::kOpenOrders,  "",         kCount,     50,             1,      1'000'000,          10'000,             true,  kI | kA,      "Most open orders of one account in one instrument."},
    {kOpenOrdersNotional, C::kOpenOrders,  "notional", kRatio,     r / 10,         0,      100 * r,            8 * r,              true,  kI | kA,      "Largest value of the open orders of one account in one instrument as a share of its equity."},
    {kPosition,           C::kPosition,    "",         kRatio,     r / 20,         0,      100 * r,            4 * r,              true,  sia, "Largest worst-case position in one instrument as a share of the account's equity."},
    {kLeverage,           C::kLeverage,    "",         kRatio,     r,              0,      100 * r,            4 * r,              true,  kA,  "Largest worst-case gross value of an account as a multiple of its equity."},
    {kCash,               C::kCash,        "",         kRatio,     r / 10,         0,      r,                  0,                  false, kA,  "Cash that must remain after the order and all reservations, as a share of the account's equity."},
    {kDrawdown,           C::kDrawdown,    "",         kRatio,     r * 15 / 100,   r / 1'000, r,               r / 2,              true,  kA,  "Loss from the flow-adjusted high-water mark of equity that halts the firm and cancels its orders."},
    {kBasket,             C::kBasket,      "",         kRatio,     r / 10,         0,      100 * r,            4 * r,              true,  kS | kA,      "Largest value of all orders of one basket together, bought and sold, as a share of the account's equity."},
    {kStale,              C::kStale,       "",         kDuration,  500 * ms,       ms,     86'400 * s,         3'600 * s,          true,  kI,           "Largest age of the newest quote or trade while the session is open; instruments that only have bars are not judged by age."},
    {kCrossedSpread,      C::kCrossed,     "spread",   kRatio,     r / 20,         0,      r,                  r / 2,              true,  kI,           "Largest spread of the quote as a share of its mid; bid and offer must not meet."},
    {kCrossedJump,        C::kCrossed,     "jump",     kRatio,     r / 10,         r / 1'000, 10 * r,          r,                  true,  kI,           "Largest change of the price by its newest event as a share of the price before; the next event that confirms it ends the refusals."},
    {kOrderToTrade,       C::kOrderToTrade, "",        kCount,     100,            1,      1'000'000,          10'000,             true,  kI,           "Most approved orders and replaces for each fill, less one, in one instrument and day (UTC)."},
    {kRepeat,             C::kRepeat,      "",         kCount,     50,             1,      10'000,             10'000,             true,  kS,           "Most fills of one strategy in repeat_window; more halt it until an operator releases it."},
    {kRepeatWindow,       C::kRepeat,      "window",   kDuration,  60 * s,         ms,     3'600 * s,          s,                  false, Scope::kNone, "Length of the sliding window of repeat."},
    {kSelfMatch,          C::kSelfMatch,   "",         kCount,     2,              1,      3,                  3,                  true,  Scope::kNone, "What happens to an order that would trade with an own resting order: 1 both go, 2 the new one is refused, 3 the resting one is canceled."},
    {kTurnover,           C::kTurnover,    "",         kRatio,     r / 2,          0,      1'000 * r,          100 * r,            true,  kI | kA,      "Largest value that one account buys and sells in one instrument in a day (UTC), as a share of its equity."},
    {kTurnoverFirm,       C::kTurnover,    "firm",     kRatio,     4 * r,          0,      1'000 * r,          100 * r,            true,  Scope::kNone, "The same of all instruments and of all accounts with the same base currency, as a share of their equity."},
    {kSector,             C::kSector,      "",         kRatio,     r / 4,          0,      100 * r,            4 * r,              true,  kA,           "Largest worst-case gross value of an account in one sector as a share of its equity; instruments without a sector are in none."},
    {kDayLoss,            C::kDayLoss,     "",         kRatio,     r / 50,         r / 1'000, r,               r / 4,              true,  kA,           "Loss of an account since the start of the day (UTC) from which on only what reduces is let through."},
    {kWeekLoss,           C::kWeekLoss,    "",         kRatio,     r / 20,         r / 1'000, r,               r / 2,              true,  kA,           "The same since the start of the week (Monday, UTC)."},
    {kBestExecution,      C::kBestExecution, "",       kRatio,     r / 50,         0,      r,                  r / 4,              true,  sia,          "How far a limit price may lie through the best price of the other side, as a share of it."},
    {kRejectRate,         C::kRejectRate,  "",         kCount,     10,             1,      10'000,             1'000,              true,  kS,           "Most orders of one strategy that venues reject in reject_rate_window; more halt it until an operator releases it."},
    {kRejectRateWindow,   C::kRejectRate,  "window",   kDuration,  10 * s,         ms,     3'600 * s,          s,                  false, Scope::kNone, "Length of the sliding window of reject_rate."},
    {kCollarTime,         C::kCollarTime,  "",         kRatio,     r * 3 / 100,    r / 10'000, r,              r / 4,              true,  kI,           "How far the prices of own fills of 60 seconds may lie apart, as a share of the smaller one; beyond it the instrument is halted until an operator releases it."},
    {kLiquidity,          C::kLiquidity,   "",         kRatio,     r / 10,         0,      r,                  r / 2,              true,  kI,           "Largest quantity that the firm trades of an instrument in a day (UTC), as a share of its average daily volume; not applied where that is unknown."},
    {kLiquidityExit,      C::kLiquidity,   "exit",     kRatio,     r,              0,      100 * r,            20 * r,             true,  kI | kA,      "Most days that it may take to leave an account's worst-case position at that share of the volume."},
    {kClock,              C::kClock,       "",         kDuration,  50 * ms,        1'000,  s,                  500 * ms,           true,  Scope::kNone, "Largest offset of the machine's clock; beyond it the firm is halted until an operator releases it."},
    {kTradeLoss,          C::kTradeLoss,   "",         kRatio,     r / 50,         r / 10'000, r,              r / 2,              true,  sia,          "Largest loss of one order that opens, after trade_loss_move and trade_loss_slippage against it, as a share of the account's equity."},
    {kTradeLossMove,      C::kTradeLoss,   "move",     kRatio,     r / 5,          r / 1'000, r,               r / 20,             false, kI,           "The move against an order for which no stop is known, as a share of its price."},
    {kTradeLossSlippage,  C::kTradeLoss,   "slippage", kRatio,     r / 1'000,      0,      r,                  0,                  false, kI,           "What is lost beside it in getting out."},
    {kDayTrade,           C::kDayTrade,    "",         kCount,     3,              0,      1'000,              1'000,              true,  kA,           "Most day trades of a margin account in five business days while its equity is below day_trade_equity."},
    {kDayTradeEquity,     C::kDayTrade,    "equity",   kMoney,     25'000 * m,     0,      1'000'000'000 * m,  0,                  false, kA,           "Equity, in the account's base currency, from which on day trades are not counted against it."},
    {kShort,              C::kShort,       "",         kRatio,     r / 10,         r / 1'000, r,               r / 10,             true,  kI,           "Decline from the prior session's close from which on short sales must be above the best bid, for that session and the next."},
    {kClockAlert,         C::kClock,       "alert",    kDuration,  100'000,        1'000,  s,                  50 * ms,            true,  Scope::kNone, "Largest offset of the machine's clock of which nothing is said; beyond it there is one alert until it is within it again."},
    {kJournal,            C::kJournal,     "",         kDuration,  3'600 * s,      ms,     86'400 * s,         86'400 * s,         true,  Scope::kNone, "Longest time that a reader of the journal may be behind it; beyond it the firm is halted until an operator releases it."},
    {kJournalBytes,       C::kJournal,     "bytes",    kCount,     std::int64_t{8} << 30, 0, std::int64_t{1} << 50, std::int64_t{1} << 40, true, Scope::kNone, "The same in bytes of the journal."},
    {kDropCopy,           C::kDropCopy,    "",         kDuration,  5 * s,          0,      600 * s,            60 * s,             true,  Scope::kNone, "Longest time for which a drop copy and the own state may differ; beyond it the firm is halted until an operator releases it."},
    {kCorrelated,         C::kCorrelated,  "",         kCount,     5,              1,      8'192,              8'192,              true,  kA,           "Most names that an account holds, or may come to hold by open orders, and that are correlated with each other."},
    {kVarParametric,      C::kVarParametric, "",       kRatio,     r / 50,         0,      r,                  r / 2,              true,  kA,           "Largest normal value at risk of an account, one day at 99%, as a share of its equity."},
    {kVarUnmeasured,      C::kVarParametric, "unmeasured", kRatio, r / 10,         r / 1'000, r,               r / 100,            false, kA,           "What an instrument that was not measured may lose in a day, as a share of its value; it is added to the value at risk of both kinds."},
    {kVarHistorical,      C::kVarHistorical, "",       kRatio,     r / 50,         0,      r,                  r / 2,              true,  kA,           "Loss of an account, as a share of its equity, that at most one in a hundred days of the history may exceed."},
    {kStress,             C::kStress,      "",         kRatio,     r / 10,         0,      r,                  r,                  true,  kA,           "Largest loss of an account in any scenario, as a share of its equity."},
    {kInFlight,           C::kInFlight,    "",         kDuration,  2 * s,          ms,     3'600 * s,          60 * s,             true,  Scope::kNone, "Longest wait for a venue's answer to a new order, a cancel or a replace, in the time of events; beyond it the order is Unknown and its instrument is halted until an operator releases it."},
    {kCredit,             C::kCredit,      "",         kDuration,  60 * s,         ms,     86'400 * s,         3'600 * s,          true,  kA,           "Largest age of the buying power that the broker stated; beyond it only what does not increase passes."},
    {kWashSale,           C::kWashSale,    "",         kMoney,     0,              0,      1'000'000'000 * m,  1'000'000 * m,      true,  kI | kA,      "Smallest loss that may be disallowed, in the instrument's currency, of which something is said; nothing is said of none."},
    {kParent,             C::kParent,      "",         kCount,     1,              1,      1'000,              100,                true,  kS,           "Most times in parent_window that children of one strategy ask for more than their parent has left; each is refused, and more of them halt the strategy and cancel its orders until an operator releases it."},
    {kParentWindow,       C::kParent,      "window",   kDuration,  60 * s,         ms,     3'600 * s,          s,                  false, Scope::kNone, "Length of the sliding window of parent."},
    }};
}();
// clang-format on

[[nodiscard]] constexpr const Control& control(ControlId id) noexcept {
    return kControls[static_cast<std::size_t>(id)];
}
[[nodiscard]] constexpr const LimitDefinition& limit_definition(LimitId id) noexcept {
    return kLimits[static_cast<std::size_t>(id)];
}

/// Bits of all controls.
inline constexpr std::uint64_t kAllControls = (std::uint64_t{1} << kControlCount) - 1;
/// What profile `unlimited` keeps: the checks without which an order has no meaning, what is
/// forbidden by name, bands that a market publishes, and what a live run is told of its own state.
inline constexpr std::uint64_t kStructuralControls =
    bit(ControlId::kState) | bit(ControlId::kField) | bit(ControlId::kInstrument) |
    bit(ControlId::kTickLot) | bit(ControlId::kDuplicate) | bit(ControlId::kPermission) |
    bit(ControlId::kRestricted) | bit(ControlId::kLuld) | bit(ControlId::kRecovering) |
    bit(ControlId::kBuild);

static_assert(
    [] {
        for (std::size_t i = 0; i < kControls.size(); ++i) {
            if (kControls[i].id != static_cast<ControlId>(i) || kControls[i].code.empty())
                return false;
        }
        return true;
    }(),
    "a control's place in the list is its number");
static_assert(
    [] {
        for (std::size_t i = 0; i < kLimits.size(); ++i) {
            const LimitDefinition& l = kLimits[i];
            if (l.id != static_cast<LimitId>(i)) return false;
            if (l.house < l.minimum || l.house > l.maximum) return false;
            if (l.hard < l.minimum || l.hard > l.maximum) return false;
            if (l.higher_is_looser ? l.house > l.hard : l.house < l.hard) return false;
        }
        return true;
    }(),
    "a limit's place in the list is its number, and house lies within range and hard limit");

/// The control of that code ("POSITION") or configuration key ("position"); nullptr when unknown.
[[nodiscard]] const Control* find_control(std::string_view code_or_key) noexcept;

/// The configuration key of a limit: "position", "message_rate_firm".
[[nodiscard]] std::string limit_key(LimitId id);

/// Name of a control's counter of refusals: "fermata_gate_refused_position_total".
[[nodiscard]] std::string metric_name(ControlId id);

[[nodiscard]] std::string_view name(ControlAction v) noexcept;  ///< "reject", "halt and cancel"
[[nodiscard]] std::string_view name(LimitUnit v) noexcept;      ///< "ratio", "money", ...
[[nodiscard]] std::string_view name(Scope one) noexcept;        ///< "order", "instrument", ...
[[nodiscard]] std::string names(Scope set);                     ///< "strategy, firm"

/// A raw number in its unit: "0.05", "100", "1s".
[[nodiscard]] std::string format_limit(LimitUnit unit, std::int64_t raw);

/// The table of docs/controls.md.
[[nodiscard]] std::string render_controls_markdown();

}  // namespace fermata
