#pragma once

#include "core/strategy/registry.hpp"

namespace fermata {

/// Adds the six strategies that ship (docs/strategies.md): buy_and_hold, sma_cross, rsi_reversion,
/// macd_cross, bollinger_breakout, ema_cross_ticks.
void register_shipped_strategies(StrategyRegistry& registry);

}  // namespace fermata
