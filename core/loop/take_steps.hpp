#pragma once

#include <cstddef>

namespace fermata {

/// Steps after which whoever takes them looks up again: a halt does not wait for a batch.
inline constexpr std::size_t kLookUpEvery = 16;

/// Takes at most `budget` steps; fewer only when `step` returns false, which says that there was
/// nothing to take. Calls `look_up` before the first step and before every kLookUpEvery-th after
/// it. How many steps were taken.
template <class LookUp, class Step>
std::size_t take_steps(std::size_t budget, LookUp look_up, Step step) {
    std::size_t taken = 0;
    while (taken < budget) {
        if (taken % kLookUpEvery == 0) look_up();
        if (!step()) break;
        ++taken;
    }
    return taken;
}

}  // namespace fermata
