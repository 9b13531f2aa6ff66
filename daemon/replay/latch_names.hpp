#pragma once

#include <array>

#include "adapters/latch/run_latch.hpp"
#include "core/types/instrument.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// What a run's latch can name.
[[nodiscard]] inline latch::Names latch_names(const RunNames& names,
                                              const InstrumentTable& instruments) {
    latch::Names known{names.accounts, names.strategies, {}, names.venues};
    for (const Instrument& i : instruments.all()) known.instruments.push_back(i.symbol);
    return known;
}

/// How many targets there are of each ControlScope.
[[nodiscard]] inline std::array<std::size_t, kControlScopeCount> latch_targets(
    const latch::Names& names) {
    return {1, names.accounts.size(), names.strategies.size(), names.instruments.size(),
            names.venues.size()};
}

}  // namespace fermata
