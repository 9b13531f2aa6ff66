#pragma once

#include "core/indicator/compensated_sum.hpp"
#include "core/indicator/indicator.hpp"
#include "core/indicator/window.hpp"

namespace fermata {

/// SMA: the mean of the last `period` values. Look-back: period - 1.
class Sma {
public:
    explicit Sma(int period) : window_(period) {}

    void update(double x) noexcept {
        if (window_.full()) sum_.add(-window_.oldest());
        sum_.add(x);
        fresh_.add(x);
        if (window_.push(x)) {
            sum_ = fresh_;
            fresh_ = {};
        }
    }
    [[nodiscard]] bool ready() const noexcept { return window_.full(); }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        return sum_.value() / window_.size();
    }
    [[nodiscard]] int lookback() const noexcept { return window_.size() - 1; }

    void reset() noexcept {
        window_.clear();
        sum_ = fresh_ = {};
    }
    void rescale(double factor) noexcept {
        window_.scale(factor);
        sum_.scale(factor);
        fresh_.scale(factor);
    }
    void persist(StateArchive& a) { a(window_, sum_, fresh_); }

private:
    Window window_;
    CompensatedSum sum_;    // of the window
    CompensatedSum fresh_;  // of what was pushed since the window last went round
};
static_assert(ScalarIndicator<Sma>);

}  // namespace fermata
