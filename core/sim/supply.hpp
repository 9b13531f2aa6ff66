#pragma once

#include "core/sim/sim_config.hpp"
#include "core/types/number.hpp"

namespace fermata {

/// What one bar, one displayed size or one trade still offers to all orders of the run together.
class Supply {
public:
    /// `participation` of `size` (all of it when zero), less what was `taken` from it before.
    /// Sizes below zero, which only bad data has, count as none.
    [[nodiscard]] static Supply limited(Quantity size, Ratio participation,
                                        Quantity taken) noexcept;
    /// As much as anybody wants; `size` is known for the slippage model all the same, or zero.
    [[nodiscard]] static Supply unlimited(Quantity size) noexcept;
    /// The same with the spread that the slippage model wants to know.
    [[nodiscard]] Supply with_spread(Price spread) const noexcept;

    /// What an order that wants `leaves` would get: all of it, or whole lots, or nothing.
    [[nodiscard]] Quantity offer(Quantity leaves, Quantity lot) const noexcept;
    void take(Quantity quantity);

    [[nodiscard]] Quantity taken() const noexcept { return taken_; }
    [[nodiscard]] Quantity size() const noexcept { return size_; }  ///< Zero: unknown.
    [[nodiscard]] bool has_spread() const noexcept { return has_spread_; }
    [[nodiscard]] Price spread() const noexcept { return spread_; }

private:
    Quantity size_;
    Quantity left_;
    Quantity taken_;
    Price spread_;
    bool unlimited_ = false;
    bool has_spread_ = false;
};

}  // namespace fermata
