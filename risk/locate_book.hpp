#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/id_index.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// Shares that brokers said can be borrowed, by instrument: approved short sales take from them,
/// and what an order did not sell short when it is over is given back.
///
/// Memory: fixed at construction. While more than kOrdersMax orders hold some, what further ones
///         take is not given back, which errs on the strict side.
class LocateBook {
public:
    static constexpr std::size_t kOrdersMax = 8192;

    /// Nothing is ever set where it is not `used`.
    LocateBook(std::size_t instruments, bool used);

    /// From now on. What orders took before is forgotten: it is not in the number.
    void set(InstrumentId i, Quantity available) noexcept;
    [[nodiscard]] bool knows(InstrumentId i) const noexcept { return slots_[i.value].known; }
    [[nodiscard]] std::int64_t available(InstrumentId i) const noexcept {
        return slots_[i.value].available;
    }
    /// At most what there is.
    void take(ClientOrderId order, InstrumentId i, WideQuantity quantity) noexcept;
    /// The order is over. What it sold beyond what was owned is its last part.
    void ended(ClientOrderId order, Quantity total, Quantity filled) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Slot {
        std::int64_t available = 0;
        std::uint32_t generation = 0;  // counts the numbers that were given
        bool known = false;
        void persist(StateArchive& a);
    };
    struct Holding {
        ClientOrderId order;
        std::int64_t taken = 0;
        InstrumentId instrument;
        std::uint32_t generation = 0;
        void persist(StateArchive& a);
    };
    [[nodiscard]] static IdIndex::Key key(ClientOrderId id) noexcept { return {0, id.value}; }

    std::vector<Slot> slots_;  // by InstrumentId
    std::vector<Holding> holdings_;
    IdIndex index_;  // into holdings_
};

}  // namespace fermata
