#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/account/lot_method.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// The part of a cost that belongs to `part` of `whole` units, rounded half to even.
/// 0 <= part <= whole, whole > 0.
[[nodiscard]] Money cost_share(Money cost, Quantity part, Quantity whole) noexcept;

/// A tax lot: what one fill opened and later ones have not closed yet.
struct Lot {
    Quantity quantity;  ///< Remaining, positive; the position's sign says long or short.
    Money cost;         ///< Gross value of the remaining quantity, signed like price x quantity.
    Timestamp opened;
    std::uint32_t next = 0;
    std::uint32_t id = 0;  ///< Number of the fill that opened it, to name it by.
};

/// The lots of one position in the order in which they will be closed.
struct LotList {
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
};

/// All lots of all positions in one fixed pool.
///
/// Owner:      the account book.
/// Memory:     `lots` to share, and one more a list, so that a position's first lot always has
///             room; reserved at construction. When the shared ones are used up, a new fill joins a
///             lot of its position (the newest; by HIFO the one next to which it belongs): quantity
///             and cost stay exact, only the border between these two fills is lost. `merged()`
///             counts how often, so that a report can say so.
/// Cost:       constant, but for a HIFO lot and a named one, which are looked for in the list.
/// Invariants: the cost of a list is the sum of what was pushed minus what was taken, to the micro;
///             an empty list has cost zero.
class LotPool {
public:
    LotPool(std::size_t lots, std::size_t lists);

    /// Adds a lot at the place that `method` gives it. `quantity` > 0.
    void push(LotList& list, Quantity quantity, Money cost, Timestamp opened, std::uint32_t id = 0,
              LotMethod method = LotMethod::kFifo) noexcept;
    /// Removes `quantity` from the first lots on and returns its cost; `named`: from the lot of
    /// that id before the others, if it is there. A lot that is taken in part gives up its share of
    /// the cost, rounded half to even. 0 < quantity <= what the list holds.
    [[nodiscard]] Money take(LotList& list, Quantity quantity, std::uint32_t named = 0) noexcept;
    /// Rescales the lots from `before` to `after` units in total (a split), costs unchanged. The
    /// borders between lots are rounded down, so the quantities sum up to `after`. A lot that
    /// shrinks to nothing leaves its cost to the next. 0 < after.
    void rescale(LotList& list, Quantity before, Quantity after) noexcept;
    /// Spreads `cost` over the lots of a list of `whole` units by their quantities (settlement).
    void restate(LotList& list, Quantity whole, Money cost) noexcept;
    /// Removes all lots of a list.
    void clear(LotList& list) noexcept;
    /// Makes `list`, which must be empty, a copy of a list of another pool.
    void copy(LotList& list, const LotPool& other, const LotList& from) noexcept;

    [[nodiscard]] const Lot& operator[](std::uint32_t index) const noexcept { return lots_[index]; }
    [[nodiscard]] std::uint64_t merged() const noexcept { return merged_; }

    /// What is not in a list. See core/base/state_archive.hpp.
    void persist(StateArchive& a);
    /// The lots of one list. Reading, `list` must be empty.
    void persist(StateArchive& a, LotList& list);

private:
    /// The lot after which a new one belongs; kNone: at the head.
    [[nodiscard]] std::uint32_t place(const LotList& list, Quantity quantity, Money cost,
                                      LotMethod method) const noexcept;
    void insert_after(LotList& list, std::uint32_t previous, const Lot& lot) noexcept;
    void remove_after(LotList& list, std::uint32_t previous) noexcept;
    /// Takes up to `quantity` from the lot behind `previous`; returns its cost and reduces
    /// `quantity`.
    [[nodiscard]] Money take_after(LotList& list, std::uint32_t previous,
                                   Quantity& quantity) noexcept;

    std::vector<Lot> lots_;  // grows to what is reserved, then what is free is used again
    std::uint32_t free_ = LotList::kNone;
    std::size_t capacity_;
    std::size_t shared_;     // lots beyond the first of their list that may exist
    std::size_t extra_ = 0;  // lots beyond the first of their list that do exist
    std::uint64_t merged_ = 0;
};

}  // namespace fermata
