#pragma once

#include <cmath>
#include <memory>

#include "core/strategy/registry.hpp"
#include "tests/strategies/guide/dip_buyer.hpp"

namespace fermata {

inline void register_dip_buyer(StrategyRegistry& registry) {
    using Kind = ParamSpec::Kind;
    StrategyType type;
    type.name = "dip_buyer";
    type.doc = "Bids below each close and protects what it gets with a stop.";
    type.params = {{"discount", Kind::kReal, "0.02", 0.0001, 0.5, "Below the close.", {}},
                   {"stop", Kind::kReal, "0.1", 0.0001, 0.9, "Below the entry.", {}},
                   {"patience", Kind::kInteger, "60", 1, 1e6, "Life of a bid in minutes.", {}}};
    type.make = [](const ParamValues& values) {
        const auto ratio = [&](const char* name) {
            return Ratio::from_raw(std::llround(values.real(name) * Ratio::kOne));
        };
        return std::make_unique<DipBuyer>(ratio("discount"), ratio("stop"),
                                          Duration::minutes(values.integer("patience")));
    };
    registry.add(type);
}

}  // namespace fermata
