#pragma once

#include <cstdint>
#include <optional>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/market/mark_table.hpp"

namespace fermata {

// Events that a trading stage makes itself.

[[nodiscard]] inline OrderEvent make_verdict(Timestamp now, InstrumentId instrument,
                                             const VerdictData& verdict) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kVerdict, now, instrument);
    e.data.verdict = verdict;
    return e;
}

[[nodiscard]] inline OrderEvent make_control(Timestamp now, InstrumentId instrument,
                                             const ControlData& control,
                                             std::uint64_t cause) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kControl, now, instrument);
    e.data.control = control;
    e.cause = cause;
    return e;
}

[[nodiscard]] inline AlertData alert_data(AlertCode code, std::int64_t first,
                                          std::int64_t second) noexcept {
    AlertData alert;
    alert.code = code;
    alert.detail[0] = first;
    alert.detail[1] = second;
    return alert;
}

/// What is missing in a feed, of kSkipped and kGap.
[[nodiscard]] inline AlertData feed_alert(const MarketEvent& e) noexcept {
    if (e.type == MarketEventType::kGap) {
        return alert_data(AlertCode::kGap, static_cast<std::int64_t>(e.data.gap.lost), 0);
    }
    return alert_data(AlertCode::kFeedSkipped, static_cast<std::int64_t>(e.data.skipped.line),
                      static_cast<std::int64_t>(e.data.skipped.reason));
}

/// Trading in an instrument was halted, or goes on. `marks` have not taken the event in.
[[nodiscard]] inline std::optional<AlertData> halt_alert(const MarketEvent& e,
                                                         const MarkTable& marks) noexcept {
    if (e.type != MarketEventType::kSession) [[likely]]
        return std::nullopt;
    const SessionData& session = e.data.session;
    if (session.change == SessionChange::kBoundary || e.instrument.value >= marks.size() ||
        marks[e.instrument].halted == session.halts()) {
        return std::nullopt;
    }
    return alert_data(AlertCode::kTradingHalt, session.halts() ? 1 : 0, 0);
}

[[nodiscard]] inline OrderEvent make_alert(Timestamp now, InstrumentId instrument,
                                           const AlertData& alert) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kAlert, now, instrument);
    e.data.alert = alert;
    return e;
}

/// The instrument of a control of one, else the first.
[[nodiscard]] inline InstrumentId about(const ControlData& control) noexcept {
    const bool of_one = control.scope == ControlScope::kInstrument;
    return InstrumentId{of_one ? static_cast<std::uint32_t>(control.target) : 0};
}

/// What an operator must hear of when a control acts by itself.
[[nodiscard]] inline AlertData trip_alert(const ControlData& control) noexcept {
    const bool halts = control.state == TradingState::kHalted;
    AlertData alert = alert_data(halts ? AlertCode::kHalt : AlertCode::kStateChanged,
                                 control.observed, control.limit);
    if (control.scope == ControlScope::kStrategy) {
        alert.strategy = StrategyId{static_cast<std::uint16_t>(control.target)};
    } else if (control.scope == ControlScope::kAccount) {
        alert.account = AccountId{static_cast<std::uint16_t>(control.target)};
    }
    alert.control = static_cast<std::uint8_t>(control.control + 1);
    alert.unit = control.unit;
    return alert;
}

/// The latch did not take what `control` says (a release: it is not in force), or the disk did not
/// (`control` is empty then).
[[nodiscard]] inline OrderEvent latch_alert(Timestamp now, const ControlData& control) noexcept {
    return make_alert(now, InstrumentId{0},
                      alert_data(AlertCode::kLatchFailed, static_cast<std::int64_t>(control.scope),
                                 static_cast<std::int64_t>(control.target)));
}

}  // namespace fermata
