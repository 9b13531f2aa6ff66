#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/types/time.hpp"
#include "risk/gate.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {

/// Limits of which the reference works out everything anew from what happened, whatever they were
/// before. Not here: rates, whose burst it counts from the first message on, and windows of which
/// the gate has let go what they would need when they become longer.
inline constexpr std::array kChangedInFlow = {
    LimitId::kMaxQuantity,
    LimitId::kMaxQuantityAdv,
    LimitId::kMaxNotional,
    LimitId::kOpenOrders,
    LimitId::kOpenOrdersNotional,
    LimitId::kPosition,
    LimitId::kLeverage,
    LimitId::kCash,
    LimitId::kDrawdown,
    LimitId::kStale,
    LimitId::kCrossedSpread,
    LimitId::kCrossedJump,
    LimitId::kOrderToTrade,
    LimitId::kRepeat,
    LimitId::kRepeatWindow,
    LimitId::kTurnover,
    LimitId::kTurnoverFirm,
    LimitId::kSector,
    LimitId::kDayLoss,
    LimitId::kWeekLoss,
    LimitId::kBestExecution,
    LimitId::kRejectRate,
    LimitId::kCollarTime,
    LimitId::kLiquidity,
    LimitId::kClock,
    LimitId::kTradeLoss,
    LimitId::kDayTrade,
};

/// Somebody asks for another value of a limit, between 60% and 100% of what `begun` says, and the
/// gate must do as the rule says: tighter at once, looser for two. What went wrong, or nothing.
template <class Random>
std::string change_a_limit(Gate& gate, const Limits& begun, Limits& in_force, Random& random,
                           Timestamp now) {
    const auto pick = [&](std::size_t n) { return static_cast<std::int64_t>(random() % n); };
    const LimitId id = kChangedInFlow[static_cast<std::size_t>(pick(kChangedInFlow.size()))];
    const auto& known = kLimits[static_cast<std::size_t>(id)];
    const std::int64_t before = in_force.raw(id);
    RiskInputData input;
    input.kind = RiskInputKind::kLimit;
    input.limit = static_cast<std::uint8_t>(id);
    input.values[0] = std::max(known.minimum, begun.raw(id) / 100 * (60 + pick(41)));
    if (begun.raw(id) < 100) {
        input.values[0] = std::max(known.minimum, begun.raw(id) - pick(3));
    }
    input.actors[0] = 1;
    const std::int64_t second = pick(3);
    if (second != 0) input.actors[1] = static_cast<std::uint32_t>(second);  // himself, or another
    // Of these limits all but the cash that must remain and the window's length loosen upwards.
    const bool upwards = id != LimitId::kCash && id != LimitId::kRepeatWindow;
    const bool loosens = upwards ? input.values[0] > before : input.values[0] < before;
    const bool allowed = !loosens || second == 2;
    const std::optional<AlertData> said = tell(gate, input, {}, now);
    if (!said) return "nothing was said about " + limit_key(id);
    if ((said->code == AlertCode::kLimitChanged) != allowed) {
        return limit_key(id) + " from " + std::to_string(before) + " to " +
               std::to_string(input.values[0]) + (allowed ? " was refused" : " was changed");
    }
    if (allowed) in_force.set(id, input.values[0]);
    return "";
}

}  // namespace fermata::testing
