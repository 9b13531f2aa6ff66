#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "core/event/algo_data.hpp"
#include "core/event/market_event.hpp"
#include "core/event/risk_data.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Everything that is not market data: what strategies want, what the gate decides, what the order
/// manager sends, what venues answer, and what follows from it. At most two cache lines. The
/// numbers are part of the journal's format: never reuse one.
enum class OrderEventType : std::uint8_t {
    kNone = 0,
    // strategy -> trading
    kNewOrder = 1,
    kCancel = 2,
    kReplace = 3,
    kTimerSet = 4,
    kBasket = 5,      ///< Announces a basket: how many orders follow under its link.
    kAlgo = 6,        ///< An execution algorithm begins, is paused, goes on, is changed, ends.
    kAlgoReport = 7,  ///< What an algorithm achieved against its benchmarks.
    kRoute = 8,       ///< Why a child order goes to its venue.
    kPreview = 9,     ///< Asks what the gate would say to this order; nothing is sent.
    // trading -> journal
    kVerdict = 10,
    // trading -> venue
    kSendNew = 20,
    kSendCancel = 21,
    kSendReplace = 22,
    // venue -> trading
    kExecution = 30,
    kCorrection = 31,  ///< A fill is taken back or changed.
    // trading -> strategies
    kOrderUpdate = 40,
    kFill = 41,
    kAccount = 42,
    // anyone
    kTimer = 50,
    kConsumed = 51,  ///< A shard or venue consumed what `cause` names. No payload.
    kControl = 60,
    kAlert = 61,
    kPosition = 62,  ///< A position or cash changed without a fill (PositionChange says why).
    kMark = 63,      ///< End of a run: equity and state hash.
    kEquity = 64,    ///< What an account is worth, once a day of event time.
    // outside -> trading
    kRiskInput = 65,     ///< Something that the gate must know (RiskInputKind says what).
    kRiskSnapshot = 66,  ///< A snapshot of portfolio risk is in force.
};

/// From a strategy `order_id` is zero; the trading stage numbers it.
struct NewOrderData {
    OrderTag tag;
    ClientOrderId order_id;
    /// Limit (zero where the type has none); trailing stop-limit: signed distance from the trigger;
    /// pegged: the worst price that it may follow to, zero for none.
    Price price;
    /// Trigger (zero where the type has none); trailing: the first one, zero: `offset` from now.
    Price stop_price;
    Quantity quantity;
    Timestamp expire_time;      ///< GTD only, else zero.
    Quantity display_quantity;  ///< Iceberg: shown at a time; zero: all of it.
    std::int64_t offset = 0;    ///< Raw Price or Ratio, as `offset_kind` says.
    OrderTag parent;            ///< The order that this one is a child of; zero for none.
    std::uint32_t link = 0;  ///< Group of linked orders or basket, chosen by the strategy; 0: none.
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    OffsetKind offset_kind = OffsetKind::kNone;
    LinkRole link_role = LinkRole::kNone;
};

/// Cancel or replace of a live order. Replace gives new absolute terms.
struct ChangeOrderData {
    OrderTag tag;
    ClientOrderId order_id;       ///< Filled by the trading stage.
    Price price;                  ///< Replace: new limit price.
    Price stop_price;             ///< Replace: new trigger.
    Quantity quantity;            ///< Replace: new total quantity.
    std::uint64_t change_id = 0;  ///< Numbers the requests of one order, from 1.
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    std::uint16_t reserved = 0;
    Quantity display_quantity;  ///< Replace: iceberg, new shown quantity.
    std::int64_t offset = 0;    ///< Replace: new distance of a trailing or pegged order.
    std::uint64_t reserved2[2] = {};
};

/// The gate's decision with everything needed to explain it.
struct VerdictData {
    OrderTag tag;
    ClientOrderId order_id;
    std::uint64_t failed = 0;       ///< Bit i set: control number i refused (risk/controls.hpp).
    std::uint64_t checked = 0;      ///< Bit i set: control number i was evaluated.
    std::int64_t observed = 0;      ///< Of the first control that refused, in its own unit.
    std::int64_t limit = 0;         ///< Of the same control.
    std::uint64_t config_hash = 0;  ///< First 8 bytes of the configuration's hash.
    Price reference;                ///< Mid or last price that the decision used.
    Money equity;                   ///< Equity of the account that the decision used.
    StrategyId strategy;
    AccountId account;
    std::uint8_t first_failed = 0xff;  ///< Control number, 0xff when approved.
    std::uint8_t approved = 0;
    std::uint8_t action = 0;  ///< OrderEventType of the request that was judged.
    std::uint8_t scope = 0;   ///< Scope (risk/controls.hpp) in which the first control refused.
    std::uint8_t unit = 0;    ///< LimitUnit (risk/controls.hpp) of `observed` and `limit`.
    /// The offer less the bid that the decision saw, plus one, in 1e-9, little-endian; zero: no
    /// quote (or a crossed one). With `reference`, their middle, it gives both: see quote_of.
    std::uint8_t spread[7] = {};
};

/// Best bid and offer.
struct QuotePrices {
    Price bid, ask;
    friend bool operator==(const QuotePrices&, const QuotePrices&) = default;
};
/// Puts the quote that a decision saw beside its `reference`, their middle as Mark::price rounds
/// it. A spread of 72 million or more does not fit, and is left out.
constexpr void set_quote(VerdictData& verdict, QuotePrices quote) noexcept {
    const auto spread = static_cast<unsigned __int128>(static_cast<__int128>(quote.ask.raw()) -
                                                       quote.bid.raw() + 1);
    if (quote.ask < quote.bid || spread >> 56 != 0) return;
    for (std::size_t n = 0; n < 7; ++n) {
        verdict.spread[n] = static_cast<std::uint8_t>(spread >> (8 * n));
    }
}
/// The quote that a decision saw; nullopt when there was none.
[[nodiscard]] constexpr std::optional<QuotePrices> quote_of(const VerdictData& verdict) noexcept {
    std::int64_t spread = 0;
    for (std::size_t n = 0; n < 7; ++n) spread |= std::int64_t{verdict.spread[n]} << (8 * n);
    if (spread-- == 0) return std::nullopt;
    const Price bid = Price::from_raw(verdict.reference.raw() - spread / 2);
    return QuotePrices{bid, Price::from_raw(bid.raw() + spread)};
}

/// FIX ExecType (150).
enum class ExecType : std::uint8_t {
    kNew = 0,
    kTrade = 1,
    kCanceled = 2,
    kReplaced = 3,
    kRejected = 4,
    kExpired = 5,
    kTriggered = 6,
    kCancelRejected = 7,   ///< FIX 35=9 answering a cancel.
    kReplaceRejected = 8,  ///< FIX 35=9 answering a replace.
    kSuspended = 9,
    kDoneForDay = 10,
    kRestated = 11,  ///< The venue changed price or trigger by itself: pegged and trailing orders.
};
inline constexpr int kExecTypeCount = 12;

enum class Liquidity : std::uint8_t { kUnknown = 0, kMaker = 1, kTaker = 2 };

/// A venue's report about an order.
struct ExecutionData {
    ClientOrderId order_id;
    VenueOrderId venue_order_id;
    ExecId exec_id;
    Price last_price;        ///< Of this fill.
    Quantity last_quantity;  ///< Of this fill.
    Quantity leaves_quantity;
    Quantity cumulative_quantity;
    Money fee;  ///< Commission of this fill; positive is a cost, negative a rebate.
    VenueId venue;
    OrderReason reason = OrderReason::kNone;
    CurrencyId fee_currency;
    ExecType exec_type = ExecType::kNew;
    Liquidity liquidity = Liquidity::kUnknown;
    /// kReplaced, kRestated: the limit price now in force (quantity = cumulative + leaves).
    Price price;
    Price stop_price;  ///< The same: the trigger now in force.
};

/// FIX ExecType H and G.
enum class CorrectionKind : std::uint8_t { kBust = 0, kCorrect = 1 };

/// A venue takes a fill back, or changes its terms.
struct CorrectionData {
    ClientOrderId order_id;
    VenueOrderId venue_order_id;
    ExecId exec_id;                ///< Of this report.
    ExecId ref_exec_id;            ///< Of the fill that it is about, or of its last correction.
    Price price;                   ///< kCorrect: what the fill's price really is.
    Quantity quantity;             ///< kCorrect: what its quantity really is.
    Quantity leaves_quantity;      ///< Of the order, from now on; zero: it is over.
    Quantity cumulative_quantity;  ///< Of the order, from now on.
    Money fee;                     ///< kCorrect: what its fee really is.
    VenueId venue;
    CurrencyId fee_currency;
    CorrectionKind kind = CorrectionKind::kBust;
    std::uint8_t reserved[11] = {};
};

/// An order's state changed (to its strategy, and to the journal).
struct OrderUpdateData {
    OrderTag tag;
    ClientOrderId order_id;
    Quantity quantity;
    Quantity cumulative_quantity;
    Quantity leaves_quantity;
    Price price;
    Price stop_price;
    Money
        average_value;  ///< Gross value of all fills so far (average price x cumulative quantity).
    StrategyId strategy;
    AccountId account;
    OrderReason reason = OrderReason::kNone;
    OrderState state = OrderState::kPendingNew;
    OrderState previous = OrderState::kPendingNew;
    std::uint64_t failed = 0;  ///< Denied: the verdict's bits.
    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    LinkRole link_role = LinkRole::kNone;
    std::uint8_t reserved[3] = {};
};

/// A fill after it was booked. Goes to every shard, because accounts are shared.
struct FillData {
    OrderTag tag;
    ClientOrderId order_id;
    ExecId exec_id;
    Price price;
    Quantity quantity;
    Money fee;
    Money cash_after;                  ///< Of the account, in the instrument's currency.
    Quantity position_after;           ///< Of the account in the instrument, signed.
    Quantity strategy_position_after;  ///< Of the strategy in the instrument, signed.
    Money realized;  ///< Profit realised by this fill (average cost, before fees).
    StrategyId strategy;
    AccountId account;
    CurrencyId fee_currency;
    Side side = Side::kBuy;
    Liquidity liquidity = Liquidity::kUnknown;
};

/// Why a position or cash balance changed without a fill.
enum class PositionChange : std::uint8_t {
    kCorporateAction = 0,
    kCorrection = 1,  ///< A fill was taken back or changed.
    kFinancing = 2,   ///< Interest on a debit or credit balance.
    kBorrow = 3,      ///< Fee for borrowed stock.
    kSettlement = 4,  ///< Variation margin of a future.
    kOpening = 5,     ///< Held before the run began: one lot, as the configuration says.
};
inline constexpr int kPositionChangeCount = 6;

/// A position or cash balance as it stands after something other than a fill.
struct PositionData {
    Quantity position;           ///< Of the account, signed.
    Quantity strategy_position;  ///< Of the strategy, signed.
    Money cash;                  ///< Of the account in `currency`.
    Money amount;                ///< Cash that moved (dividend, cash in lieu).
    std::int64_t numerator = 1;  ///< Split ratio, 1/1 otherwise.
    std::int64_t denominator = 1;
    StrategyId strategy;  ///< 0xffff: the account as a whole.
    AccountId account;
    CurrencyId currency;
    CorporateActionKind kind = CorporateActionKind::kDividend;  ///< Of a corporate action.
    PositionChange change = PositionChange::kCorporateAction;
    Quantity lot;      ///< kOpening: of the lot, signed.
    Price cost;        ///< kOpening: what a unit of it was bought (sold) at ...
    Timestamp opened;  ///< ... and when.
    std::uint64_t reserved2 = 0;
};

struct TimerData {
    std::uint64_t timer_id = 0;  ///< Chosen by the strategy.
    Timestamp due;
    StrategyId strategy;
    std::uint16_t reserved[3] = {};
    std::uint64_t reserved2[8] = {};
};

enum class AlertCode : std::uint16_t {
    kNone = 0,
    kIllegalTransition,   ///< An event that the order's state does not allow.
    kUnknownOrder,        ///< A report about an order that is not ours.
    kDuplicateExecution,  ///< The same execution id again.
    kOverfill,            ///< Filled beyond the order's quantity: booked, and reported.
    kLaneFull,
    kHalt,          ///< A control halted what its record says: detail[0] observed, detail[1] limit.
    kStateChanged,  ///< The same where what reduces is still let through.
    kNumberOverflow,
    kFeedSkipped,  ///< The feed refused a record: detail[0] is the line, detail[1] the SkipReason.
    kGap,          ///< A market lane lost events: detail[0] says how many.
    kRecordLag,    ///< The database is behind: detail[0] bytes, detail[1] nanoseconds.
    kRecordLost,   ///< The local journal cannot be written any more.
    kUnknownExecution,  ///< A correction of a fill that is not known: detail[0] is its id.
    kCorrectionFailed,  ///< A fill could not be taken back: detail[0] is its id.
    kMarginDeficit,     ///< Equity is below the maintenance margin: details in 1e-6.
    kStaleMark,         ///< A position is valued at an old price: detail[0] is its age in ns.
    kParentExceeded,    ///< Children would have come to more than their parent.
    kClockOffset,       ///< The machine's clock is off: detail[0] nanoseconds, detail[1] limit.
    kUnanswered,        ///< A request had no answer in time: the order is Unknown.
    kWashSale,          ///< A loss may be disallowed: detail[0] quantity, detail[1] raw Money.
    kLimitChanged,      ///< detail[0] the LimitId, detail[1] its new raw value.
    kLimitRefused,      ///< detail[0] the LimitId, detail[1] why (risk/limit_change.hpp).
    kSnapshotRefused,   ///< A risk snapshot could not be used: detail[0] its number, detail[1] why.
    kInputRefused,      ///< detail[0] the RiskInputKind, detail[1] why.
    kLatchFailed,       ///< The latch was not written: detail[0] scope, detail[1] target.
    kVenueDiffers,    ///< Its books differ: detail[0] DifferenceKind, detail[1] raw quantity there.
    kVenueAgrees,     ///< Reconciled: detail[0] the venue, detail[1] its open orders.
    kFlattenStopped,  ///< Not closed: detail[0] FlattenStop, detail[1] what is left; `control` too.
    kFlattened,    ///< What a flatten is about holds no position: detail[0] closing orders so far.
    kTradingHalt,  ///< The venue halted trading in the instrument (detail[0] 1), or resumed it (0).
};

struct AlertData {
    ClientOrderId order_id;
    std::int64_t detail[2] = {};
    AlertCode code = AlertCode::kNone;
    StrategyId strategy;
    AccountId account;
    std::uint8_t control = 0;  ///< kHalt, kStateChanged: number of the control, plus one; 0: none.
    std::uint8_t unit = 0;     ///< The same: the LimitUnit (risk/controls.hpp) of both details.
    std::uint64_t reserved2[7] = {};
};

/// What an account is worth, in its base currency, at the event's time.
struct EquityData {
    Money equity;      ///< Cash and positions at their marks.
    Money cash;        ///< Of the base currency.
    Money gross;       ///< Sum of the absolute position values.
    Money realized;    ///< Profit realised so far (average cost, before fees).
    Money unrealized;  ///< Profit that is open, average cost.
    Money fees;        ///< Paid so far.
    AccountId account;
    CurrencyId currency;
    std::uint8_t reserved[4] = {};
    std::uint64_t reserved2[4] = {};
};

struct MarkData {
    Money equity;
    std::uint64_t state_hash = 0;
    std::uint64_t market_events = 0;
    std::uint64_t reserved[8] = {};
};

/// Bit of OrderEvent::flags on the records of a stage's stream: the stage consumed this event.
/// Without it the stage emitted it.
inline constexpr std::uint8_t kFlagInput = 0x01;

/// One order event: 128 bytes, trivially copyable, no padding.
struct alignas(64) OrderEvent {
    union Payload {
        NewOrderData new_order;
        ChangeOrderData change;
        VerdictData verdict;
        ExecutionData execution;
        OrderUpdateData update;
        FillData fill;
        PositionData position;
        TimerData timer;
        AlertData alert;
        ControlData control;
        MarkData mark;
        EquityData equity;
        RiskInputData risk_input;
        RiskSnapshotData risk_snapshot;
        BasketData basket;
        AlgoData algo;
        AlgoReportData algo_report;
        RouteData route;
        CorrectionData correction;
        std::uint64_t words[11] = {};
        constexpr Payload() {}
    };

    Timestamp ts;           ///< The emitting stage's now.
    std::uint64_t seq = 0;  ///< Position in the emitting stage's stream, from 1.
    /// What it follows from. Top two bits: 0 market event (feed position below), 1 event of the
    /// trading stream (its seq below), 2 timer, 3 message of a venue's session (its number below;
    /// reports of venues outside of the process). Compares in the order of causation within one
    /// pass.
    std::uint64_t cause = 0;
    /// The feed position that the consuming stage had reached when it consumed or emitted this.
    std::uint64_t feed_position = 0;
    InstrumentId instrument;
    std::uint16_t source =
        0;  ///< Venue (reports) or strategy (requests, timers) that it came from.
    OrderEventType type = OrderEventType::kNone;
    std::uint8_t flags = 0;  ///< kFlagInput; the top bit belongs to the lane.
    Payload data;

    static constexpr std::size_t kLaneWord = 4;
    static constexpr std::uint64_t kLaneMask = std::uint64_t{0x80} << 56;
};
static_assert(sizeof(OrderEvent) == 128 && alignof(OrderEvent) == 64);
static_assert(offsetof(OrderEvent, flags) == 39, "the lane's lap bit lives in this byte");
static_assert(sizeof(OrderEvent::Payload) == 88);
static_assert(std::is_trivially_copyable_v<OrderEvent>);

template <class T>
inline constexpr bool kIsOrderPayload =
    sizeof(T) == 88 && std::has_unique_object_representations_v<T>;
static_assert(kIsOrderPayload<NewOrderData> && kIsOrderPayload<ChangeOrderData>);
static_assert(kIsOrderPayload<VerdictData> && kIsOrderPayload<ExecutionData>);
static_assert(kIsOrderPayload<OrderUpdateData> && kIsOrderPayload<FillData>);
static_assert(kIsOrderPayload<PositionData> && kIsOrderPayload<TimerData>);
static_assert(kIsOrderPayload<AlertData> && kIsOrderPayload<ControlData> &&
              kIsOrderPayload<MarkData> && kIsOrderPayload<EquityData>);
static_assert(kIsOrderPayload<RiskInputData> && kIsOrderPayload<RiskSnapshotData>);
static_assert(kIsOrderPayload<BasketData> && kIsOrderPayload<AlgoData> &&
              kIsOrderPayload<AlgoReportData> && kIsOrderPayload<RouteData> &&
              kIsOrderPayload<CorrectionData>);
enum class CauseKind : std::uint8_t { kMarket = 0, kTrading = 1, kTimer = 2, kMessage = 3 };
[[nodiscard]] constexpr std::uint64_t make_cause(CauseKind kind, std::uint64_t seq) noexcept {
    return (static_cast<std::uint64_t>(kind) << 62) | seq;
}
[[nodiscard]] constexpr CauseKind cause_kind(std::uint64_t cause) noexcept {
    return static_cast<CauseKind>(cause >> 62);
}
[[nodiscard]] constexpr std::uint64_t cause_seq(std::uint64_t cause) noexcept {
    return cause & ((std::uint64_t{1} << 62) - 1);
}

[[nodiscard]] inline OrderEvent make_order_event(OrderEventType type, Timestamp ts,
                                                 InstrumentId instrument) noexcept {
    OrderEvent e;
    e.ts = ts;
    e.instrument = instrument;
    e.type = type;
    return e;
}

[[nodiscard]] std::string_view name(OrderEventType v) noexcept;  ///< "new_order", "fill", ...
[[nodiscard]] std::string_view name(ExecType v) noexcept;        ///< "New", "Trade", ...
[[nodiscard]] std::string_view name(AlertCode v) noexcept;       ///< "overfill", ...
[[nodiscard]] std::string_view name(CorrectionKind v) noexcept;  ///< "bust", "correct"
[[nodiscard]] std::string_view name(PositionChange v) noexcept;  ///< "corporate_action", ...

}  // namespace fermata
