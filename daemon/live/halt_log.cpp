#include "daemon/live/halt_log.hpp"

#include "daemon/cli/event_text.hpp"
#include "risk/controls.hpp"

namespace fermata {
namespace {

bool is(const ControlData& d, ControlId id) noexcept {
    return d.control == static_cast<std::uint8_t>(id);
}

}  // namespace

std::string HaltLog::text(const OrderEvent& event) const {
    const ControlData& d = event.data.control;
    std::string line = d.state == TradingState::kActive ? "" : "warning: ";
    line += text_of(event, names_);
    const auto unit = static_cast<LimitUnit>(d.unit);
    if (d.control < kControlCount && unit != LimitUnit::kNone) {
        line += "; observed " + format_limit(unit, d.observed) + ", limit " +
                format_limit(unit, d.limit);
    }
    if (is(d, ControlId::kDropCopy)) line += "; fermata status names what differs";
    return line;
}

void HaltLog::on_record(const OrderEvent& event) {
    if (next_ != nullptr) next_->on_record(event);
    if (event.type != OrderEventType::kControl) return;
    const ControlData& d = event.data.control;
    // A process that stops cancels once, and halts nothing.
    if (d.scope == ControlScope::kFirm && is(d, ControlId::kRecovering)) return;
    const Standing now{d.state, d.cancel_orders, d.control, d.actor};
    Standing& before = standing_[{d.scope, d.target}];
    const bool same = now == before;
    before = now;
    if (same || !report_ || !begun_.load(std::memory_order_acquire)) return;
    report_(text(event));
}

}  // namespace fermata
