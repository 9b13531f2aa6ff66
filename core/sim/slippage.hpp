#pragma once

#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"

namespace fermata {

/// The price that a taker of `quantity` gets where the market shows `price`: higher for a buyer,
/// lower for a seller, also where prices are negative; not below zero where they are not. Not
/// rounded to the tick: a slippage is an expected cost. Saturates at the ends of Price.
[[nodiscard]] Price slipped(const SlippageConfig& config, Side side, Price price, Quantity quantity,
                            const Supply& supply) noexcept;

/// impact(quantity / volume) of SlippageConfig, between 0 and 1; 1 when the volume is unknown.
[[nodiscard]] Ratio volume_impact(ImpactShape shape, Quantity quantity, Quantity volume) noexcept;

}  // namespace fermata
