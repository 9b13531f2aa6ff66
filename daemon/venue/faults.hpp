#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/types/time.hpp"
#include "daemon/config/exchange_config.hpp"

namespace fermata::venue {

[[nodiscard]] std::string_view name(FaultKind kind) noexcept;

/// Decides when faults happen: the same seed and the same messages give the same faults.
///
/// Owner: the matching thread.
class FaultPlan {
public:
    FaultPlan(std::vector<Fault> faults, std::uint64_t seed);

    [[nodiscard]] bool any() const noexcept { return !faults_.empty(); }
    /// The fault that a request, or a report (`fill`: of a fill), meets; null: none. Of several the
    /// first one counts.
    [[nodiscard]] const Fault* on_request(std::string_view member);
    [[nodiscard]] const Fault* on_report(std::string_view member, bool fill = false);
    /// The next fault of time that is due; null: none.
    [[nodiscard]] const Fault* due(Duration since_open);
    /// When the next of them is; nullopt: never.
    [[nodiscard]] std::optional<Duration> next() const;

private:
    struct Planned {
        Fault fault;
        std::uint64_t messages = 0;
        bool done = false;
    };
    enum class Message : std::uint8_t { kRequest, kReport, kFill };
    [[nodiscard]] static bool concerns(FaultKind kind, Message message) noexcept;
    [[nodiscard]] const Fault* on_message(std::string_view member, Message message);
    [[nodiscard]] double draw() noexcept;

    std::vector<Planned> faults_;
    std::uint64_t state_;
};

}  // namespace fermata::venue
