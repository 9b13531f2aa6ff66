#include "core/types/instrument.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {

InstrumentId InstrumentTable::add(Instrument instrument) {
    FERMATA_ASSERT(!instrument.symbol.empty() && find(instrument.symbol) == nullptr);
    FERMATA_ASSERT(!instrument.ticks.empty() && instrument.lot.is_positive());
    instrument.id = InstrumentId{static_cast<std::uint32_t>(instruments_.size())};
    instruments_.push_back(std::move(instrument));
    return instruments_.back().id;
}

CurrencyId InstrumentTable::currency(const std::string& code) {
    const auto found = std::find(currencies_.begin(), currencies_.end(), code);
    if (found == currencies_.end()) {
        currencies_.push_back(code);
        return CurrencyId{static_cast<std::uint16_t>(currencies_.size() - 1)};
    }
    return CurrencyId{static_cast<std::uint16_t>(found - currencies_.begin())};
}

const Instrument* InstrumentTable::find(const std::string& symbol) const noexcept {
    const auto found = std::find_if(instruments_.begin(), instruments_.end(),
                                    [&](const Instrument& i) { return i.symbol == symbol; });
    return found == instruments_.end() ? nullptr : &*found;
}

}  // namespace fermata
