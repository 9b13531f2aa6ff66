#include "core/sim/sim_config.hpp"

namespace fermata {

std::string check(const SimConfig& config) {
    const FillConfig& fill = config.fill;
    if (fill.participation.is_negative() || fill.participation > Ratio::from_units(1)) {
        return "fill.participation must lie between 0 (no cap) and 1 (all of the volume)";
    }
    const SlippageConfig& slippage = config.slippage;
    if (slippage.amount.is_negative() || slippage.rate.is_negative()) {
        return "slippage can only worsen a price: its amount and rate must not be negative";
    }
    if (slippage.rate > Ratio::from_units(1)) {
        return "slippage.rate is a fraction and must not exceed 1 (one basis point is 0.0001)";
    }
    const FeeConfig& fees = config.fees;
    if (fees.per_share.is_negative() || fees.minimum.is_negative() || fees.rate.is_negative() ||
        fees.maximum.is_negative()) {
        return "fees of the models per_share and proportional must not be negative";
    }
    const Ratio one = Ratio::from_units(1);
    if (fees.rate > one || fees.maximum > one || fees.maker > one || fees.taker > one ||
        fees.maker < -one || fees.taker < -one) {
        return "a fee rate is a fraction of the value and must not exceed 1 (0.1% is 0.001)";
    }
    if (config.latency_in < Duration{} || config.latency_out < Duration{}) {
        return "latencies must not be negative";
    }
    return {};
}

}  // namespace fermata
