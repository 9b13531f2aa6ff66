#include "core/sim/fee_model.hpp"

#include <algorithm>
#include <cstdint>

namespace fermata {
namespace {

constexpr Multiplier kOneUnit = Multiplier::from_units(1);

Result<Money, NumberError> add(Money a, Money b) noexcept {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.raw(), b.raw(), &sum)) return Err{NumberError::kOverflow};
    return Money::from_raw(sum);
}

Result<Money, NumberError> magnitude(Money value) noexcept {
    if (value == Money::min()) return Err{NumberError::kOverflow};
    return value.is_negative() ? -value : value;
}

Result<Money, NumberError> per_share(const FeeConfig& config, const SimOrder& order,
                                     Quantity quantity, Money value) noexcept {
    auto total = notional(config.per_share, order.cumulative + quantity, kOneUnit);
    if (!total) return total;
    Money fees = std::max(*total, config.minimum);
    if (!config.maximum.is_zero()) {
        const auto traded = add(order.traded_value, value);
        if (!traded) return traded;
        const auto most = scale(*traded, config.maximum);
        if (!most) return most;
        fees = std::min(fees, *most);
    }
    return fees - order.fees;
}

}  // namespace

Result<Money, NumberError> fee_of(const FeeConfig& config, const SimOrder& order, Quantity quantity,
                                  Money value, Liquidity liquidity) noexcept {
    const bool maker = liquidity == Liquidity::kMaker;
    const auto absolute = magnitude(value);
    if (!absolute) return absolute;
    switch (config.model) {
        case FeeModel::kNone:
            break;
        case FeeModel::kPerShare:
            return per_share(config, order, quantity, *absolute);
        case FeeModel::kProportional:
            return scale(*absolute, config.rate);
        case FeeModel::kMakerTaker:
            return scale(*absolute, maker ? config.maker : config.taker);
        case FeeModel::kMakerTakerPerShare:
            return notional(maker ? config.maker_per_share : config.taker_per_share, quantity,
                            kOneUnit);
    }
    return Money::zero();
}

}  // namespace fermata
