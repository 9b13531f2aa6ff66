#pragma once

#include <optional>

#include "core/event/order_event.hpp"
#include "risk/gate.hpp"

namespace fermata {

/// Tells a gate something from outside, as the trading stage does.
inline std::optional<AlertData> tell(Gate& gate, const RiskInputData& input,
                                     InstrumentId instrument, Timestamp now) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, instrument);
    e.data.risk_input = input;
    return gate.on_input(e);
}
inline std::optional<AlertData> tell(Gate& gate, RiskInputKind kind, InstrumentId instrument,
                                     std::int64_t first = 0, std::int64_t second = 0,
                                     std::uint64_t target = 0) {
    OrderEvent e = make_order_event(OrderEventType::kRiskInput, Timestamp{}, instrument);
    e.data.risk_input = RiskInputData{};
    e.data.risk_input.kind = kind;
    e.data.risk_input.target = target;
    e.data.risk_input.values[0] = first;
    e.data.risk_input.values[1] = second;
    return gate.on_input(e);
}
inline void tell_band(Gate& gate, InstrumentId i, Price lowest, Price highest) {
    (void)tell(gate, RiskInputKind::kBand, i, lowest.raw(), highest.raw());
}
inline void tell_no_band(Gate& gate, InstrumentId i) {
    (void)tell(gate, RiskInputKind::kNoBand, i);
}
inline void tell_locate(Gate& gate, InstrumentId i, Quantity available) {
    (void)tell(gate, RiskInputKind::kLocate, i, available.raw());
}
inline void tell_clock_offset(Gate& gate, Duration offset) {
    (void)tell(gate, RiskInputKind::kClockOffset, {}, offset.ns);
}

}  // namespace fermata
