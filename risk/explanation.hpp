#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "risk/controls.hpp"

namespace fermata {

/// One comparison that a control made: what it observed, and its limit, in one unit. `observed` of
/// a fault is a Fault, of a state a TradingState.
struct Comparison {
    ControlId control = ControlId::kState;
    Scope scope = Scope::kNone;
    LimitUnit unit = LimitUnit::kNone;
    bool failed = false;
    std::int64_t observed = 0;
    std::int64_t limit = 0;
};

/// Every comparison of one question to the gate, those that passed too, in the order in which they
/// were made: how near an order is to each limit. A control that had nothing to compare (a sale
/// under a limit on increases) leaves none; one with two limits leaves two.
///
/// Off the hot path: the gate keeps it only for who asks (Gate::preview).
class Explanation {
public:
    void add(const Comparison& comparison) noexcept {
        if (size_ < comparisons_.size()) comparisons_[size_++] = comparison;
    }
    [[nodiscard]] std::span<const Comparison> comparisons() const noexcept {
        return std::span(comparisons_).first(size_);
    }

private:
    std::array<Comparison, 4 * kControlCount> comparisons_;  // no control makes as many as four
    std::size_t size_ = 0;
};

}  // namespace fermata
