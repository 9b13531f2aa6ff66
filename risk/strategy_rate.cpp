#include "risk/strategy_rate.hpp"

namespace fermata {

StrategyRate::StrategyRate(ControlId id, LimitId limit, LimitId window, LimitTable& limits,
                           std::size_t strategies)
    : id_(id), limit_(limit), window_(window), strategies_(strategies) {
    const auto most = static_cast<std::size_t>(limits.hard(limit));
    for (Strategy& strategy : strategies_) strategy.window = EventWindow(0, Duration{}, most);
    adopt(limits);
}

void StrategyRate::adopt(LimitTable& limits) noexcept {
    const Duration length = limits.common().duration(window_);
    for (std::size_t s = 0; s < strategies_.size(); ++s) {
        const Limits& own = limits.of_strategy({static_cast<std::uint16_t>(s)});
        if (!own.on(limit_)) continue;
        strategies_[s].window.change(static_cast<std::size_t>(own.raw(limit_)), length);
        any_ = true;
    }
}

bool StrategyRate::acknowledge(StrategyId s) noexcept {
    if (s.value >= strategies_.size()) return false;
    strategies_[s.value].tripped = false;
    strategies_[s.value].window.clear();
    return true;
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
    if (strategy.tripped && !r.closes()) {
        out.refuse(id_, Scope::kStrategy, Fault::kTripped);
    } else if (out.explains()) [[unlikely]] {
        out.passes(id_, Scope::kStrategy, LimitUnit::kCount,
                   static_cast<std::int64_t>(strategy.window.recent(r.now)),
                   static_cast<std::int64_t>(strategy.window.limit()));
    }
}

}  // namespace fermata
