// Limits that change while the gate runs.

#include "risk/limit_change.hpp"

#include "core/order/stage_events.hpp"
#include "risk/gate.hpp"
#include "risk/input_refusal.hpp"

namespace fermata {

std::string_view name(LimitRefusal v) noexcept {
    switch (v) {
        case LimitRefusal::kNone:
            return "none";
        case LimitRefusal::kUnknownLimit:
            return "unknown_limit";
        case LimitRefusal::kScope:
            return "scope";
        case LimitRefusal::kUnknownTarget:
            return "unknown_target";
        case LimitRefusal::kOutOfRange:
            return "out_of_range";
        case LimitRefusal::kBeyondHard:
            return "beyond_hard";
        case LimitRefusal::kUnnamed:
            return "unnamed";
        case LimitRefusal::kNeedsTwo:
            return "needs_two";
        case LimitRefusal::kNoHistory:
            return "no_history";
        case LimitRefusal::kFixed:
            return "fixed";
        case LimitRefusal::kTooMany:
            return "too_many";
    }
    return "?";
}

/// A limit that is not named here is fixed: whoever adds one says how it changes.
LimitChange limit_change(LimitId id) noexcept {
    using enum LimitId;
    switch (id) {
        // Read anew for every request, or taken over by Gate::adopt_limits.
        case kMaxQuantity:
        case kMaxQuantityAdv:
        case kMaxNotional:
        case kCollar:
        case kDuplicateWindow:
        case kMessageRate:
        case kMessageRateFirm:
        case kMessageRateBurst:
        case kMessageRateReserve:
        case kOpenOrders:
        case kOpenOrdersNotional:
        case kPosition:
        case kCash:
        case kDrawdown:
        case kBasket:
        case kStale:
        case kCrossedSpread:
        case kCrossedJump:
        case kRepeat:
        case kRepeatWindow:
        case kDayLoss:
        case kWeekLoss:
        case kBestExecution:
        case kRejectRate:
        case kRejectRateWindow:
        case kParent:
        case kParentWindow:
        case kClock:
        case kClockAlert:
        case kJournal:
        case kJournalBytes:
        case kDropCopy:
        case kTradeLoss:
        case kTradeLossMove:
        case kTradeLossSlippage:
            return LimitChange::kAtOnce;
        // The same, but their books are kept only while they are on.
        case kDuplicate:
        case kLeverage:
        case kOrderToTrade:
        case kSelfMatch:
        case kTurnover:
        case kTurnoverFirm:
        case kSector:
        case kCollarTime:
        case kLiquidity:
        case kLiquidityExit:
        case kDayTrade:
        case kDayTradeEquity:
        case kShort:
        case kCorrelated:
        case kVarParametric:
        case kVarUnmeasured:
        case kVarHistorical:
        case kStress:
            return LimitChange::kInForce;
        default:
            return LimitChange::kFixed;
    }
}

Scope override_scope(ControlScope scope) noexcept {
    switch (scope) {
        case ControlScope::kAccount:
            return Scope::kAccount;
        case ControlScope::kStrategy:
            return Scope::kStrategy;
        case ControlScope::kInstrument:
            return Scope::kInstrument;
        case ControlScope::kVenue:
            return Scope::kVenue;
        case ControlScope::kFirm:
            break;
    }
    return Scope::kNone;
}

namespace {

LimitRefusal objection(const RiskInputData& input, const LimitTable& limits,
                       std::size_t targets) noexcept {
    if (input.limit >= kLimitCount) return LimitRefusal::kUnknownLimit;
    const LimitDefinition& l = kLimits[input.limit];
    const LimitChange how = limit_change(l.id);
    if (how == LimitChange::kFixed) return LimitRefusal::kFixed;
    const bool for_all = input.scope == ControlScope::kFirm;
    if (!for_all && !has(l.overrides, override_scope(input.scope))) return LimitRefusal::kScope;
    if (!for_all && input.target >= targets) return LimitRefusal::kUnknownTarget;
    const std::int64_t value = input.values[0];
    if (value < l.minimum || value > l.maximum) return LimitRefusal::kOutOfRange;
    if (looser(l.id, value, limits.hard(l.id))) return LimitRefusal::kBeyondHard;
    if (input.actors[0] == kNoActor) return LimitRefusal::kUnnamed;
    const auto now = limits.in_force(input.scope, input.target, l.id);
    if (!now && how == LimitChange::kInForce) return LimitRefusal::kNoHistory;
    // What is off allows everything: any value tightens it.
    if (now && looser(l.id, value, *now) && !two_agree(input)) return LimitRefusal::kNeedsTwo;
    return LimitRefusal::kNone;
}

}  // namespace

AlertData Gate::change_limit(const RiskInputData& input) noexcept {
    const std::size_t targets = input.scope == ControlScope::kAccount      ? accounts_.accounts()
                                : input.scope == ControlScope::kStrategy   ? accounts_.strategies()
                                : input.scope == ControlScope::kInstrument ? instruments_.size()
                                                                           : 0;
    LimitRefusal why = objection(input, limits_, targets);
    if (why == LimitRefusal::kNone) {
        const auto id = static_cast<LimitId>(input.limit);
        if (!limits_.change(input.scope, input.target, id, input.values[0])) {
            why = LimitRefusal::kTooMany;
        } else {
            adopt_limits();
        }
    }
    AlertData alert = alert_data(AlertCode::kLimitChanged, input.limit, input.values[0]);
    if (why != LimitRefusal::kNone) {
        alert = alert_data(AlertCode::kLimitRefused, input.limit, static_cast<std::int64_t>(why));
    }
    if (input.scope == ControlScope::kStrategy) {
        alert.strategy = StrategyId{static_cast<std::uint16_t>(input.target)};
    } else if (input.scope == ControlScope::kAccount) {
        alert.account = AccountId{static_cast<std::uint16_t>(input.target)};
    }
    return alert;
}

void Gate::adopt_limits() noexcept {
    duplicates_.adopt(limits_);
    rates_.adopt(limits_);
    drawdown_.adopt(limits_);
    losses_.adopt(limits_);
    quality_.adopt(limits_);
    repeat_.adopt(limits_);
    rejects_.adopt(limits_);
    parents_.adopt(limits_);
    drift_.adopt(limits_);
    shorts_.adopt(limits_);
    clock_.adopt(limits_);
    health_.adopt(limits_);
    own_.adopt(limits_);
    watches_orders_ =
        watches_orders_ || repeat_.watches() || rejects_.watches() || parents_.watches();
}

}  // namespace fermata
