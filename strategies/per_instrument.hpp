#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
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
    /// The states; the instruments are those that it was started with.
    void persist(StateArchive& a) { a(states_); }
    /// The same for an enumeration with the values 0 .. count - 1.
    void persist(StateArchive& a, std::uint64_t count)
        requires std::is_enum_v<T>
    {
        const std::size_t size = a.count(states_.size(), states_.size());
        a.require(size == states_.size(), "there are other instruments than before");
        for (T& state : states_) a(choice(state, count));
    }

private:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> slots_;  // by InstrumentId
    std::vector<T> states_;
};

}  // namespace fermata
