#pragma once

#include "core/base/state_archive.hpp"

namespace fermata {

/// A sum that carries the rounding error of every addition along (Knuth's TwoSum, The Art of
/// Computer Programming 2, 4.2.2): adding and later subtracting the same number leaves no trace.
class CompensatedSum {
public:
    void add(double x) noexcept {
        const double sum = high_ + x;
        const double part = sum - high_;
        low_ += (high_ - (sum - part)) + (x - part);
        high_ = sum;
    }
    void scale(double factor) noexcept {
        high_ *= factor;
        low_ *= factor;
    }
    [[nodiscard]] double value() const noexcept { return high_ + low_; }
    void persist(StateArchive& a) { a(high_, low_); }

private:
    double high_ = 0;
    double low_ = 0;
};

}  // namespace fermata
