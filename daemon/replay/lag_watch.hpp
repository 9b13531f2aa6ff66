#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/event/order_event.hpp"
#include "daemon/database/run_database.hpp"
#include "daemon/replay/concurrent_run.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

/// Turns the database's lag into an alert on record each time it passes its first bound, and into a
/// halt when it passes the second. A halt is not taken back by itself. While it is beyond what the
/// gate's JOURNAL allows, the gate is told of it, once a second: what it is told goes on record, so
/// nothing is said that no decision can rest on.
class LagWatch {
public:
    LagWatch(RunDatabase& database, const Limits& limits) : database_(database), limits_(limits) {}

    std::optional<OrderEvent> operator()(Timestamp now) {
        if (halted()) return std::nullopt;
        const auto wall = std::chrono::steady_clock::now();
        const LagLevel level = database_.lag_level(wall);
        const std::uint64_t bytes = database_.status().lag_bytes.load(std::memory_order_relaxed);
        const auto age = database_.status().lag_age(wall);
        if (is_beyond_gate(age, bytes) && wall >= tell_gate_at_) {
            tell_gate_at_ = wall + std::chrono::seconds(1);
            return lag_input(now, age, bytes);
        }
        if (level == LagLevel::kOk) {
            alerted_ = false;
            return std::nullopt;
        }
        if (!alerted_) {
            alerted_ = true;
            OrderEvent e = make_order_event(OrderEventType::kAlert, now, InstrumentId{0});
            e.data.alert = AlertData{};
            e.data.alert.code = AlertCode::kRecordLag;
            e.data.alert.detail[0] = static_cast<std::int64_t>(bytes);
            e.data.alert.detail[1] = age.count();
            return e;
        }
        if (level != LagLevel::kHalt) return std::nullopt;
        why_ = "the database was " + std::to_string(bytes) + " bytes and " +
               std::to_string(std::chrono::duration_cast<std::chrono::seconds>(age).count()) +
               " s behind the journal (database.lag)";
        return halt_command(now);
    }
    [[nodiscard]] bool halted() const noexcept { return !why_.empty(); }
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
    [[nodiscard]] bool is_beyond_gate(std::chrono::nanoseconds age,
                                      std::uint64_t bytes) const noexcept {
        const bool late =
            limits_.on(LimitId::kJournal) && age.count() > limits_.raw(LimitId::kJournal);
        const bool large = limits_.on(LimitId::kJournalBytes) &&
                           std::cmp_greater(bytes, limits_.raw(LimitId::kJournalBytes));
        return late || large;
    }
    [[nodiscard]] static OrderEvent lag_input(Timestamp now, std::chrono::nanoseconds age,
                                              std::uint64_t bytes) noexcept {
        OrderEvent e = make_order_event(OrderEventType::kRiskInput, now, InstrumentId{0});
        e.data.risk_input = RiskInputData{};
        e.data.risk_input.kind = RiskInputKind::kJournalLag;
        e.data.risk_input.values[0] = age.count();
        e.data.risk_input.values[1] = static_cast<std::int64_t>(bytes);
        return e;
    }

    RunDatabase& database_;
    Limits limits_;
    std::chrono::steady_clock::time_point tell_gate_at_{};
    bool alerted_ = false;
    std::string why_;  // of the halt; empty until then
};

}  // namespace fermata
