#pragma once

#include "core/base/result.hpp"
#include "core/event/order_event.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// The fee of a fill of `quantity` worth `value` (price x quantity x multiplier, signed), rounded
/// half to even to the micro. `order` is as it stands before the fill: the model per_share limits
/// the fees of a whole order, so that it does not matter into how many fills the order breaks up.
[[nodiscard]] Result<Money, NumberError> fee_of(const FeeConfig& config, const SimOrder& order,
                                                Quantity quantity, Money value,
                                                Liquidity liquidity) noexcept;

}  // namespace fermata
