#include "daemon/control/run_view.hpp"

#include <algorithm>
#include <utility>

#include "risk/controls.hpp"

namespace fermata {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTailLane = 4'096;
constexpr std::int64_t kDayNs = 86'400'000'000'000;

/// The end of the day (UTC), or of the week, which ends on Sunday, that `t` lies in.
std::int64_t period_end(bool week, Timestamp t) {
    std::int64_t day = t.ns / kDayNs - (t.ns % kDayNs < 0 ? 1 : 0);
    if (!week) return (day + 1) * kDayNs;
    const std::int64_t since_monday = ((day + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
    return (day - since_monday + 7) * kDayNs;
}

}  // namespace

RunView::RunView(const RiskConfig& risk, const ViewCounts& counts, RecordSink* next)
    : next_(next),
      state_(risk, counts.strategies, counts.instruments, counts.accounts, counts.venues),
      schedule_(risk),
      copy_(std::make_shared<const ViewState>(state_)),
      tail_(kTailLane) {}

RunView::~RunView() = default;

void RunView::changed() noexcept {
    ++state_.changes;
    changes_.store(state_.changes, std::memory_order_release);
}

void RunView::on_record(const OrderEvent& event) {
    if (next_ != nullptr) next_->on_record(event);
    state_.records = event.seq;
    state_.feed_position = std::max(state_.feed_position, event.feed_position);
    state_.now = std::max(state_.now, event.ts);
    if (schedule_.due(state_.now) && schedule_.apply(state_.now, state_.limits)) changed();
    // The cancels that a control leads to follow it directly.
    if ((event.flags & kFlagInput) != 0 && event.type != OrderEventType::kControl) sweeping_ = -1;
    switch (event.type) {
        case OrderEventType::kNewOrder:
            on_new(event);
            break;
        case OrderEventType::kOrderUpdate:
            on_update(event);
            break;
        case OrderEventType::kSendCancel:
            if (sweeping_ >= 0) {
                const auto found = live_.find(event.data.change.order_id.value);
                const std::uint32_t bit = std::uint32_t{1} << sweeping_;
                if (found != live_.end() && (found->second.sweeps & bit) == 0) {
                    found->second.sweeps |= bit;
                    ++state_.sweeps[static_cast<std::size_t>(sweeping_)].asked;
                }
            }
            break;
        case OrderEventType::kExecution:
            state_.rejected += event.data.execution.exec_type == ExecType::kRejected ? 1 : 0;
            break;
        case OrderEventType::kFill:
            on_fill(event);
            break;
        case OrderEventType::kPosition:
            on_position(event);
            break;
        case OrderEventType::kEquity:
            if (event.data.equity.account.value < state_.by_account.size()) {
                AccountRow& row = state_.by_account[event.data.equity.account.value];
                row.equity = event.data.equity.equity;
                row.cash = event.data.equity.cash;
                row.equity_at = event.ts;
            }
            break;
        case OrderEventType::kControl:
            on_control(event);
            break;
        case OrderEventType::kRiskInput:
            on_risk_input(event);
            break;
        case OrderEventType::kAlert:
            on_alert(event);
            break;
        case OrderEventType::kMark:
            state_.ended = true;
            break;
        default:
            break;
    }
    if (followed_.load(std::memory_order_acquire) && event.type != OrderEventType::kConsumed &&
        !tail_.try_push(event)) {
        lost_.fetch_add(1, std::memory_order_relaxed);
    }
}

bool RunView::on_batch() {
    const bool more = next_ != nullptr && next_->on_batch();
    serve();
    return more;
}

void RunView::on_new(const OrderEvent& e) {
    const NewOrderData& d = e.data.new_order;
    if (d.order_id.value == 0) return;  // its tag was used before: it never comes to live
    LiveOrder o;
    o.id = d.order_id;
    o.tag = d.tag;
    o.parent = d.parent;
    o.is_parent = (d.flags & kOrderParent) != 0;
    o.instrument = e.instrument;
    o.strategy = d.strategy;
    o.account = d.account;
    o.venue = d.venue;
    o.side = d.side;
    o.type = d.type;
    o.tif = d.tif;
    o.quantity = o.leaves = d.quantity;
    o.price = d.price;
    o.stop_price = d.stop_price;
    o.since = e.ts;
    live_.insert_or_assign(o.id.value, o);
    ++state_.orders;
    if (d.strategy.value < state_.by_strategy.size()) ++state_.by_strategy[d.strategy.value].orders;
}

void RunView::on_update(const OrderEvent& e) {
    const OrderUpdateData& d = e.data.update;
    if (d.state == OrderState::kDenied) {
        ++state_.denied;
        if (d.strategy.value < state_.by_strategy.size()) {
            ++state_.by_strategy[d.strategy.value].denied;
        }
    }
    auto found = live_.find(d.order_id.value);
    if (is_terminal(d.state)) {
        if (found == live_.end()) return;
        if (sweeping_ >= 0 && d.state == OrderState::kCanceled) {
            // One that the order manager held: nobody else need be asked.
            const std::uint32_t bit = std::uint32_t{1} << sweeping_;
            if ((found->second.sweeps & bit) == 0) {
                found->second.sweeps |= bit;
                ++state_.sweeps[static_cast<std::size_t>(sweeping_)].asked;
            }
        }
        end(found->second, d.state);
        live_.erase(found);
        return;
    }
    if (d.order_id.value == 0) return;
    if (found == live_.end()) {
        // It comes back to life: a fill of it was taken back.
        LiveOrder o;
        o.id = d.order_id;
        o.tag = d.tag;
        o.is_parent = (d.flags & kOrderParent) != 0;
        o.instrument = e.instrument;
        o.strategy = d.strategy;
        o.account = d.account;
        o.side = d.side;
        o.type = d.type;
        o.tif = d.tif;
        found = live_.emplace(o.id.value, o).first;
    }
    LiveOrder& o = found->second;
    if (o.state != d.state) o.since = e.ts;
    o.state = d.state;
    o.reason = d.reason;
    o.quantity = d.quantity;
    o.cumulative = d.cumulative_quantity;
    o.leaves = d.leaves_quantity;
    o.price = d.price;
    o.stop_price = d.stop_price;
}

void RunView::end(LiveOrder& order, OrderState state) {
    for (std::size_t s = 0; order.sweeps != 0 && s < kSweepsMax; ++s) {
        if ((order.sweeps >> s & 1) == 0) continue;
        CancelSweep& sweep = state_.sweeps[s];
        if (state == OrderState::kCanceled) {
            ++sweep.confirmed;
        } else if (state == OrderState::kFilled) {
            ++sweep.filled;
        } else {
            ++sweep.ended;
        }
    }
}

void RunView::on_fill(const OrderEvent& e) {
    const FillData& d = e.data.fill;
    ++state_.fills;
    if (d.account.value < state_.by_account.size() &&
        e.instrument.value < state_.instrument_count) {
        ++state_.by_account[d.account.value].fills;
        state_.positions[d.account.value * state_.instrument_count + e.instrument.value] =
            d.position_after;
    }
    if (d.strategy.value >= state_.by_strategy.size()) return;
    StrategyRow& row = state_.by_strategy[d.strategy.value];
    ++row.fills;
    row.realized = Money::from_raw(row.realized.raw() + d.realized.raw());
    row.fees = Money::from_raw(row.fees.raw() + d.fee.raw());
    row.last_fill = e.ts;
    if (e.instrument.value < state_.instrument_count) {
        state_.strategy_positions[d.strategy.value * state_.instrument_count + e.instrument.value] =
            d.strategy_position_after;
    }
}

void RunView::on_position(const OrderEvent& e) {
    const PositionData& d = e.data.position;
    if (d.change == PositionChange::kFinancing || d.change == PositionChange::kBorrow ||
        d.change == PositionChange::kSettlement || e.instrument.value >= state_.instrument_count) {
        return;  // cash alone
    }
    if (d.account.value < state_.by_account.size()) {
        state_.positions[d.account.value * state_.instrument_count + e.instrument.value] =
            d.position;
    }
    if (d.strategy.value < state_.by_strategy.size()) {
        state_.strategy_positions[d.strategy.value * state_.instrument_count + e.instrument.value] =
            d.strategy_position;
    }
}

void RunView::on_control(const OrderEvent& e) {
    sweeping_ = -1;
    const ControlData& d = e.data.control;
    const std::uint64_t target = d.scope == ControlScope::kFirm ? 0 : d.target;
    const auto scope = static_cast<std::size_t>(d.scope);
    if (scope >= state_.states.size() || target >= state_.states[scope].size()) return;
    ScopeState now{d.state,   static_cast<CancelOrders>(d.cancel_orders),
                   d.control, d.actor,
                   e.ts,      d.observed,
                   d.limit,   d.unit};
    const bool day = d.control == static_cast<std::uint8_t>(ControlId::kDayLoss);
    const bool week = d.control == static_cast<std::uint8_t>(ControlId::kWeekLoss);
    if (d.control == static_cast<std::uint8_t>(ControlId::kRecovering)) {
        // It cancels, and sets no state (Gate::latches).
    } else if ((day || week) && d.scope == ControlScope::kAccount) {
        state_.periods[2 * target + (week ? 1 : 0)] = {now, period_end(week, e.ts)};
    } else {
        state_.states[scope][target] = now;
        // An operator who lets go forgets what led to the trip.
        if (d.control == 0xff && d.state != TradingState::kHalted) {
            for (std::size_t p = 0; p < state_.periods.size(); ++p) {
                const bool his = d.scope == ControlScope::kFirm ||
                                 (d.scope == ControlScope::kAccount && p / 2 == target);
                if (his) state_.periods[p] = {};
            }
        }
    }
    changed();
    if (d.cancel_orders != 0) begin_sweep(d, e.ts);
}

void RunView::begin_sweep(const ControlData& control, Timestamp at) {
    const std::uint64_t count = sweep_count_.load(std::memory_order_relaxed);
    const std::size_t slot = count % kSweepsMax;
    const std::uint32_t bit = std::uint32_t{1} << slot;
    CancelSweep& sweep = state_.sweeps[slot];
    if (sweep.number != 0) {
        for (auto& [id, order] : live_) order.sweeps &= ~bit;
    }
    sweep = CancelSweep{};
    sweep.scope = control.scope;
    sweep.target = control.scope == ControlScope::kFirm ? 0 : control.target;
    sweep.number = count + 1;
    sweep_count_.store(count + 1, std::memory_order_release);
    sweep.at = at;
    sweeping_ = static_cast<int>(slot);
    if (control.cancel_orders != static_cast<std::uint8_t>(CancelOrders::kAll)) return;
    for (auto& [id, order] : live_) {
        if (!concerns(sweep.scope, sweep.target, order)) continue;
        order.sweeps |= bit;
        ++sweep.asked;
    }
}

void RunView::on_risk_input(const OrderEvent& e) {
    last_input_ = e.data.risk_input;
    if (last_input_.kind == RiskInputKind::kRecovering) {
        state_.recovering = last_input_.values[0] != 0;
    }
}

void RunView::on_alert(const OrderEvent& e) {
    const AlertData& d = e.data.alert;
    AlertRow row{++state_.alert_count, e.ts, e.instrument, d};
    if (state_.alerts.size() < kAlertsMax) {
        state_.alerts.push_back(row);
    } else {
        state_.alerts[state_.first_alert] = row;
        state_.first_alert = (state_.first_alert + 1) % kAlertsMax;
    }
    const bool took = d.code == AlertCode::kLimitChanged;
    if (!took && d.code != AlertCode::kLimitRefused) return;
    if (last_input_.kind != RiskInputKind::kLimit || d.detail[0] != last_input_.limit) return;
    if (took && d.detail[0] < kLimitCount) {
        (void)state_.limits.change(last_input_.scope, last_input_.target,
                                   static_cast<LimitId>(last_input_.limit), d.detail[1]);
    }
    state_.limit_outcomes[state_.limit_commands++ % state_.limit_outcomes.size()] = {
        static_cast<std::uint64_t>(last_input_.values[3]), d.code, d.detail[1]};
    last_input_ = {};
    changed();
}

void RunView::publish() {
    served_ = wanted_.load(std::memory_order_relaxed);
    auto copy = std::make_shared<ViewState>(state_);
    copy->live.reserve(live_.size());
    for (const auto& [id, order] : live_) copy->live.push_back(order);
    {
        const std::scoped_lock lock(lock_);
        copy_ = std::move(copy);
        copy_number_ = served_;
        copied_ = Clock::now();
    }
    published_.notify_all();
}

std::shared_ptr<const ViewState> RunView::read(std::chrono::milliseconds fresh,
                                               std::chrono::milliseconds patience) {
    std::unique_lock lock(lock_);
    if (copy_number_ != 0 && Clock::now() - copied_ <= fresh) return copy_;
    const std::uint64_t number = wanted_.fetch_add(1, std::memory_order_relaxed) + 1;
    (void)published_.wait_for(lock, patience, [&] { return copy_number_ >= number; });
    return copy_;
}

}  // namespace fermata
