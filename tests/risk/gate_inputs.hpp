#pragma once

#include <optional>
#include <utility>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "risk/gate.hpp"
#include "risk/snapshot_shelf.hpp"

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

/// Lays a snapshot on the shelf and says so; another one than that is `meant` by a wrong digest.
inline std::optional<AlertData> tell_snapshot(Gate& gate, SnapshotShelf& shelf,
                                              GateSnapshot snapshot, Timestamp now,
                                              bool meant = true) {
    OrderEvent e = make_order_event(OrderEventType::kRiskSnapshot, now, {});
    e.data.risk_snapshot = RiskSnapshotData{};
    e.data.risk_snapshot.number = snapshot.number;
    e.data.risk_snapshot.digest = snapshot.digest + (meant ? 0 : 1);
    FERMATA_ASSERT(shelf.publish(std::move(snapshot)));
    return gate.on_snapshot(e);
}

/// Market data was lost.
inline MarketEvent gap(Timestamp now, InstrumentId i) {
    MarketEvent e = make_event(MarketEventType::kGap, now, i, {});
    e.data.gap = GapData{};
    return e;
}
inline MarketEvent session_event(Timestamp now, InstrumentId i, bool open) {
    return make_session(now, i, {}, open);
}

}  // namespace fermata
