#pragma once

#include <cstddef>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"

namespace fermata {

/// The last `size` values of a series, as a ring.
///
/// The ring is also the clock of the sums that slide over it: each time it has gone round, it holds
/// exactly the values pushed since the last time. A sum of those, begun at zero, then replaces the
/// sliding one. So a sliding sum is never older than one window, at constant cost a value.
class Window {
public:
    explicit Window(int size) : values_(checked(size)) {}

    [[nodiscard]] int size() const noexcept { return static_cast<int>(values_.size()); }
    [[nodiscard]] bool full() const noexcept { return full_; }
    [[nodiscard]] bool at_start() const noexcept { return next_ == 0; }
    /// The value that the next push replaces. Meaningful when full.
    [[nodiscard]] double oldest() const noexcept { return values_[next_]; }

    /// True when the ring has gone round: it now holds what was pushed since the last time.
    bool push(double x) noexcept {
        values_[next_] = x;
        if (++next_ < values_.size()) return false;
        next_ = 0;
        full_ = true;
        return true;
    }
    void clear() noexcept {
        next_ = 0;
        full_ = false;
    }
    void scale(double factor) noexcept {
        for (double& value : values_) value *= factor;
    }
    void persist(StateArchive& a) {
        a(values_, next_, full_);
        a.require(next_ < values_.size(), "a window has no such place");
    }

private:
    static std::size_t checked(int size) {
        FERMATA_ASSERT(size >= 1);
        return static_cast<std::size_t>(size);
    }
    std::vector<double> values_;
    std::size_t next_ = 0;
    bool full_ = false;
};

}  // namespace fermata
