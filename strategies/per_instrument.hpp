#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/base/assert.hpp"
#include "core/types/ids.hpp"

namespace fermata {

/// One state for each instrument of a strategy, found by the dense id without a search.
template <class T>
class PerInstrument {
public:
    /// A copy of `prototype` for every instrument. Allocates: for `on_start`.
    void start(std::span<const InstrumentId> instruments, const T& prototype) {
        states_.assign(instruments.size(), prototype);
        std::uint32_t size = 0;
        for (const InstrumentId id : instruments) size = std::max(size, id.value + 1);
        slots_.assign(size, kNone);
        for (std::size_t i = 0; i < instruments.size(); ++i) {
            slots_[instruments[i].value] = static_cast<std::uint32_t>(i);
        }
    }
    [[nodiscard]] T& operator[](InstrumentId id) noexcept {
        FERMATA_ASSERT(id.value < slots_.size() && slots_[id.value] != kNone);
        return states_[slots_[id.value]];
    }

private:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> slots_;  // by InstrumentId
    std::vector<T> states_;
};

}  // namespace fermata
