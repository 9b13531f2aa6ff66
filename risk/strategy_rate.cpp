#include "risk/strategy_rate.hpp"

namespace fermata {

StrategyRate::StrategyRate(ControlId id, LimitId limit, LimitId window, LimitTable& limits,
                           std::size_t strategies)
    : id_(id), strategies_(strategies) {
    const Duration length = limits.common().duration(window);
    for (std::size_t s = 0; s < strategies; ++s) {
        const Limits& own = limits.of_strategy({static_cast<std::uint16_t>(s)});
        if (!own.on(limit)) continue;
        strategies_[s].window = EventWindow(static_cast<std::size_t>(own.raw(limit)), length);
        any_ = true;
    }
}

bool StrategyRate::note(StrategyId s, Timestamp now) noexcept {
    if (s.value >= strategies_.size()) return false;  // an operator's order
    Strategy& strategy = strategies_[s.value];
    const bool too_many = strategy.window.note(now);
    if (!too_many || strategy.tripped) return false;
    strategy.tripped = true;
    return true;
}

void StrategyRate::release(StrategyId s) noexcept {
    if (s.value >= strategies_.size() || !strategies_[s.value].tripped) return;
    strategies_[s.value].tripped = false;
    strategies_[s.value].window.clear();
}

void StrategyRate::check(const Request& r, Findings& out) const noexcept {
    if (!any_ || !r.knows_strategy) return;
    const Strategy& strategy = strategies_[r.strategy.value];
    if (!strategy.window.on()) return;
    out.checked(id_);
    if (strategy.tripped) out.refuse(id_, Scope::kStrategy, Fault::kTripped);
}

}  // namespace fermata
