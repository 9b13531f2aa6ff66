// What the gate takes in between requests: market data, the order manager's word, equity, inputs
// from outside, operators; and what trips by it.

#include <optional>

#include "core/order/closing_tag.hpp"
#include "risk/gate.hpp"
#include "risk/input_refusal.hpp"

namespace fermata {

void Gate::use_margin(const MarginModel& model) {
    margins_ = &model;
    credit_.use(model, accounts_);
    intraday_.use(model, accounts_);
}

/// What the accounts hold needs, once for both controls that want it: linear in the instruments.
void Gate::take_margins(Timestamp now) noexcept {
    for (std::uint16_t n = 0; n < accounts_.accounts(); ++n) {
        const AccountId a{n};
        const bool credit = credit_.wants_margin(a), intraday = intraday_.wants_margin(a);
        if (!credit && !intraday) continue;
        const MarginState margin = margins_->state(accounts_, a);
        if (credit) credit_.on_margin(a, margin, now);
        if (intraday) intraday_.on_margin(a, margin, now);
    }
}

void Gate::on_market(const MarketEvent& e) noexcept {
    if (margins_ != nullptr && margin_clock_.due(e.ts)) take_margins(e.ts);
    if (e.instrument.value >= instruments_.size()) return;
    quality_.on_market(e, marks_[e.instrument]);
    shorts_.on_market(e, marks_[e.instrument]);
    gross_.revalue(e.instrument, valuation_);
    sectors_.revalue(e.instrument, valuation_);
    if (e.type == MarketEventType::kSession && e.data.session.opens()) {
        day_trades_.on_session_open(e.ts);
    }
    if (e.type == MarketEventType::kCorporateAction) {
        drift_.forget(e.instrument);
        day_trades_.forget(e.instrument);
        portfolio_.forget_price(e.instrument);
        wash_sales_.on_split(e.instrument, e.data.corporate_action);
    }
}

std::optional<AlertData> Gate::on_input(const OrderEvent& e) noexcept {
    const RiskInputData& input = e.data.risk_input;
    switch (input.kind) {
        case RiskInputKind::kBand:
            switch (bands_.set(e.instrument, Price::from_raw(input.values[0]),
                               Price::from_raw(input.values[1]))) {
                case PriceBands::Outcome::kSet:
                    return std::nullopt;
                case PriceBands::Outcome::kUnknown:
                    return refused(input, InputRefusal::kUnknownTarget);
                case PriceBands::Outcome::kUpsideDown:
                    return refused(input, InputRefusal::kOutOfRange);
            }
            break;
        case RiskInputKind::kNoBand:
            bands_.clear(e.instrument);
            return std::nullopt;
        case RiskInputKind::kLocate:
            shorts_.on_locate(e.instrument, Quantity::from_raw(input.values[0]));
            return std::nullopt;
        case RiskInputKind::kClockOffset:
            return on_clock(Duration{input.values[0]});
        case RiskInputKind::kRecovering:
        case RiskInputKind::kBuild:
        case RiskInputKind::kJournalLag:
        case RiskInputKind::kDropCopy:
            return on_health(input);
        case RiskInputKind::kBuyingPower:
            return on_buying_power(input, e.ts);
        case RiskInputKind::kRestrict:
            switch (restricted_.set(e.instrument, Timestamp{input.values[0]},
                                    Timestamp{input.values[1]}, e.ts, two_agree(input))) {
                case RestrictedList::Outcome::kSet:
                    return std::nullopt;
                case RestrictedList::Outcome::kUnknown:
                    return refused(input, InputRefusal::kUnknownTarget);
                case RestrictedList::Outcome::kNeedsTwo:
                    return refused(input, InputRefusal::kNeedsTwo);
            }
            break;
        case RiskInputKind::kLimit:
            return change_limit(input);
        case RiskInputKind::kAcknowledge:
            if (input.actors[0] == kNoActor) return refused(input, InputRefusal::kUnnamed);
            if (input.target < accounts_.strategies() &&
                repeat_.acknowledge({static_cast<std::uint16_t>(input.target)})) {
                return std::nullopt;
            }
            return refused(input, InputRefusal::kUnknownTarget);
        default:
            break;
    }
    return refused(input, InputRefusal::kNotTaken);
}

std::optional<AlertData> Gate::on_clock(Duration offset) noexcept {
    if (clock_.note(offset)) {
        trip_firm(ControlId::kClock, CancelOrders::kNone,
                  {LimitUnit::kDuration, offset.ns, clock_.limit().ns});
    }
    const auto limit = clock_.says(offset);
    if (!limit) return std::nullopt;
    AlertData alert;
    alert.code = AlertCode::kClockOffset;
    alert.detail[0] = offset.ns;
    alert.detail[1] = limit->ns;
    return alert;
}

std::optional<AlertData> Gate::on_health(const RiskInputData& input) noexcept {
    const std::int64_t first = input.values[0], second = input.values[1];
    if (input.kind == RiskInputKind::kRecovering) {
        health_.on_recovering(first != 0);
        return std::nullopt;
    }
    if (input.kind == RiskInputKind::kBuild) {
        const auto running = static_cast<std::uint64_t>(first);
        if (health_.on_build(running, static_cast<std::uint64_t>(second))) {
            trip_firm(ControlId::kBuild, CancelOrders::kNone,
                      {LimitUnit::kIdentifier, first, second});
        }
        return std::nullopt;
    }
    // A lag that cannot be is not one of zero.
    if (first < 0 || second < 0) return refused(input, InputRefusal::kOutOfRange);
    if (input.kind == RiskInputKind::kJournalLag) {
        if (health_.on_journal(Duration{first}, second)) {
            trip_firm(ControlId::kJournal, CancelOrders::kAll,
                      health_.journal_measured(Duration{first}, second));
        }
    } else if (health_.on_drop_copy(Duration{first})) {
        trip_firm(ControlId::kDropCopy, CancelOrders::kNone,
                  health_.drop_copy_measured(Duration{first}));
    }
    return std::nullopt;
}

std::optional<AlertData> Gate::on_buying_power(const RiskInputData& input, Timestamp now) noexcept {
    if (input.values[1] < 0) return refused(input, InputRefusal::kOutOfRange);
    if (input.target >= accounts_.accounts()) return refused(input, InputRefusal::kUnknownTarget);
    credit_.on_poll({static_cast<std::uint16_t>(input.target)}, Money::from_raw(input.values[0]),
                    now - Duration{input.values[1]});
    return std::nullopt;
}

OrderEvent Gate::next_unanswered(Timestamp now) noexcept {
    const InFlight::Late late = in_flight_.next(now);
    if (late.trips) {
        trip(ControlId::kInFlight, ControlScope::kInstrument, late.alert.instrument.value,
             TradingState::kHalted, CancelOrders::kNone,
             {LimitUnit::kDuration, late.alert.data.alert.detail[1], in_flight_.limit().ns});
    }
    return late.alert;
}

std::optional<AlertData> Gate::on_snapshot(const OrderEvent& e) noexcept {
    const RiskSnapshotData& told = e.data.risk_snapshot;
    AlertData alert;
    alert.code = AlertCode::kSnapshotRefused;
    alert.detail[0] = static_cast<std::int64_t>(told.number);
    const auto refused = [&](RiskSnapshotRefusal why) {
        alert.detail[1] = static_cast<std::int64_t>(why);
        return alert;
    };
    const GateSnapshot* snapshot = shelf_ != nullptr ? shelf_->find(told.number) : nullptr;
    if (snapshot == nullptr) return refused(RiskSnapshotRefusal::kNotThere);
    const bool newer = told.number > portfolio_.snapshot();
    const bool same = snapshot->digest == told.digest;
    if (newer && same && portfolio_.fits(*snapshot)) {
        portfolio_.adopt(*snapshot, e.ts, valuation_);
        shelf_->release_before(told.number);
        return std::nullopt;
    }
    if (told.number != portfolio_.snapshot()) shelf_->release(told.number);
    return refused(!newer  ? RiskSnapshotRefusal::kNotNewer
                   : !same ? RiskSnapshotRefusal::kDigest
                           : RiskSnapshotRefusal::kShape);
}

void Gate::on_order_event(const OrderEvent& e, const Order* order) noexcept {
    // Ends of orders and ordinary fills never make the bounds of LEVERAGE and SECTOR too small;
    // overfills, corrections and splits may.
    const bool moved = e.type == OrderEventType::kFill || e.type == OrderEventType::kPosition;
    if (moved && instruments_.contains(e.instrument)) {
        gross_.revalue(e.instrument, valuation_);
        sectors_.revalue(e.instrument, valuation_);
    }
    if (e.type == OrderEventType::kFill) {
        portfolio_.note(e.data.fill.account, e.instrument);
        on_fill(e.data.fill, e.instrument, e.ts);
    } else if (e.type == OrderEventType::kPosition) {
        portfolio_.note(e.data.position.account, e.instrument);
    } else if (e.type == OrderEventType::kOrderUpdate) {
        const OrderUpdateData& update = e.data.update;
        portfolio_.note(update.account, e.instrument);
        if (order != nullptr) {
            own_.on_order(*order);
            in_flight_.on_order(*order);
            credit_.on_order(*order);
            intraday_.on_order(*order);
        } else if (update.order_id.value != 0) {  // a tag that was refused may be a live order's
            own_.forget(update.order_id);
            day_trades_.ended(update.order_id);
            in_flight_.forget(update.tag);
            credit_.forget(update.tag);
            intraday_.forget(update.tag);
        }
        day_trades_.on_filled(update, e.ts, limits_);
        if (is_terminal(update.state) && !is_terminal(update.previous)) {
            shorts_.ended(update.order_id, update.quantity, update.cumulative_quantity);
            day_trades_.ended(update.order_id);
        }
        // By its venue: what the order manager refuses to send was never there.
        const bool rejected = update.state == OrderState::kRejected &&
                              update.previous != OrderState::kRejected &&
                              (order == nullptr || !order->held);
        if (rejected && rejects_.note(update.strategy, e.ts)) {
            trip(ControlId::kRejectRate, ControlScope::kStrategy, update.strategy.value,
                 TradingState::kHalted, CancelOrders::kNone, rejects_.measured(update.strategy));
        }
    } else if (e.type == OrderEventType::kAlert) {
        const AlertData& said = e.data.alert;
        if (said.code == AlertCode::kParentExceeded && parents_.note(said.strategy, e.ts)) {
            trip(ControlId::kParent, ControlScope::kStrategy, said.strategy.value,
                 TradingState::kHalted, CancelOrders::kAll, parents_.measured(said.strategy));
        }
    } else if (e.type == OrderEventType::kSendNew || e.type == OrderEventType::kSendCancel ||
               e.type == OrderEventType::kSendReplace) {
        in_flight_.on_sent(e);
        count_sent(e);
    }
}

/// MESSAGE_RATE: cancels and replaces that nobody asked for are messages like any other. Those that
/// were asked for are counted already, and what is released since it was approved.
void Gate::count_sent(const OrderEvent& e) noexcept {
    if (e.type == OrderEventType::kSendNew) return;
    const ChangeOrderData& sent = e.data.change;
    if (sent.tag == requested_ && e.ts == requested_at_) return;
    if (e.type == OrderEventType::kSendReplace && released_ > 0) {
        --released_;
        return;
    }
    rates_.count(sent.strategy, e.ts);
}

void Gate::on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept {
    order_to_trade_.count_fill(i, now);
    liquidity_.count_fill(i, fill.quantity, now);
    day_trades_.on_fill(fill, i, now);
    wash_sales_.on_fill(fill, i, now);
    if (instruments_.contains(i)) credit_.on_fill(fill, instruments_[i], valuation_);
    intraday_.on_fill(fill, i, valuation_);
    if (turnover_.watches() && instruments_.contains(i) && accounts_.contains(fill.account)) {
        turnover_.count(
            fill.account, i,
            valuation_.value(fill.account, instruments_[i], fill.price, fill.quantity.raw()).value,
            now);
    }
    if (drift_.note(i, fill.price, now)) {
        trip(ControlId::kCollarTime, ControlScope::kInstrument, i.value, TradingState::kHalted,
             CancelOrders::kNone, drift_.measured(i, now));
    }
    // What the trading stage closes (kill level 4) is no strategy that runs away.
    if (!is_closing(fill.tag) && repeat_.note(fill.strategy, now)) {
        trip(ControlId::kRepeat, ControlScope::kStrategy, fill.strategy.value,
             TradingState::kHalted, CancelOrders::kNone, repeat_.measured(fill.strategy));
    }
}

/// A control acts by itself. It never loosens a state that is in force.
void Gate::trip(ControlId id, ControlScope scope, std::uint64_t target, TradingState state,
                CancelOrders cancels, const Measured& measured) noexcept {
    ControlData control;
    control.observed = measured.observed;
    control.limit = measured.limit;
    control.unit = static_cast<std::uint8_t>(measured.unit);
    control.scope = scope;
    control.target = target;
    control.state = state;
    control.cancel_orders = static_cast<std::uint8_t>(cancels);
    control.control = static_cast<std::uint8_t>(id);
    trips_.push(control);
    (void)on_control(control);
}

void Gate::trip_firm(ControlId id, CancelOrders cancels, const Measured& measured) noexcept {
    trip(id, ControlScope::kFirm, 0, TradingState::kHalted, cancels, measured);
}

std::optional<ControlData> Gate::on_equity(AccountId account, Money equity,
                                           Timestamp now) noexcept {
    keep_schedule(now);
    if (drawdown_.on_equity(account, equity)) {
        trip_firm(ControlId::kDrawdown, CancelOrders::kAll, drawdown_.measured(account, equity));
    }
    day_trades_.on_equity(account, equity, now);
    const PeriodLosses::Trips lost = losses_.on_equity(account, equity, now);
    const auto reduce_only = [&](ControlId id) {
        trip(id, ControlScope::kAccount, account.value, TradingState::kReducing,
             CancelOrders::kIncreasing, losses_.measured(id, account));
    };
    if (lost.day) reduce_only(ControlId::kDayLoss);
    if (lost.week) reduce_only(ControlId::kWeekLoss);
    return next_trip();
}

void Gate::on_flow(AccountId account, Money amount) noexcept {
    drawdown_.on_flow(account, amount);
    losses_.on_flow(account, amount);
}

bool Gate::on_control(const ControlData& control) noexcept {
    const bool by_operator = control.control == 0xff;
    // Those that end with their period judge themselves what they let through, and the state that
    // an operator set stays as it is.
    if (!latches(control)) return control.target < accounts_.accounts();
    if (!states_.set(control.scope, control.target, control.state)) return false;
    if (by_operator && control.state != TradingState::kHalted) release(control);
    return true;
}

void Gate::release(const ControlData& control) noexcept {
    switch (control.scope) {
        case ControlScope::kFirm:
            if (drawdown_.tripped()) drawdown_.release();
            clock_.release();
            health_.release();
            losses_.release_all();
            break;
        case ControlScope::kAccount:
            losses_.release({static_cast<std::uint16_t>(control.target)});
            day_trades_.release({static_cast<std::uint16_t>(control.target)});
            break;
        case ControlScope::kStrategy:
            repeat_.release({static_cast<std::uint16_t>(control.target)});
            rejects_.release({static_cast<std::uint16_t>(control.target)});
            parents_.release({static_cast<std::uint16_t>(control.target)});
            break;
        case ControlScope::kInstrument:
            drift_.release({static_cast<std::uint32_t>(control.target)});
            in_flight_.release({static_cast<std::uint32_t>(control.target)});
            break;
        case ControlScope::kVenue:
            break;  // no control trips a venue
    }
}

}  // namespace fermata
