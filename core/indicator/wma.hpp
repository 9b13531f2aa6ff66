#pragma once

#include "core/indicator/compensated_sum.hpp"
#include "core/indicator/indicator.hpp"
#include "core/indicator/window.hpp"

namespace fermata {

/// WMA: the mean of the last `period` values, weighted 1 (oldest) to `period` (newest).
/// Look-back: period - 1.
class Wma {
public:
    explicit Wma(int period) : window_(period) {}

    void update(double x) noexcept {
        // The newest value enters with its weight. In a full window every other weight falls by
        // one, which takes one plain sum off the weighted one; the oldest leaves with weight zero.
        if (window_.full()) {
            weighted_.add(-sum_.value());
            weighted_.add(window_.size() * x);
            sum_.add(-window_.oldest());
        }
        sum_.add(x);
        fresh_sum_.add(x);
        fresh_weighted_.add(++fresh_count_ * x);
        if (window_.push(x)) {
            sum_ = fresh_sum_;
            weighted_ = fresh_weighted_;
            start_afresh();
        }
    }
    [[nodiscard]] bool ready() const noexcept { return window_.full(); }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        const double n = window_.size();
        return weighted_.value() / (n * (n + 1) / 2);
    }
    [[nodiscard]] int lookback() const noexcept { return window_.size() - 1; }

    void reset() noexcept {
        window_.clear();
        sum_ = weighted_ = {};
        start_afresh();
    }
    void rescale(double factor) noexcept {
        window_.scale(factor);
        for (CompensatedSum* sum : {&sum_, &weighted_, &fresh_sum_, &fresh_weighted_}) {
            sum->scale(factor);
        }
    }
    void persist(StateArchive& a) {
        a(window_, sum_, weighted_, fresh_sum_, fresh_weighted_, fresh_count_);
    }

private:
    void start_afresh() noexcept {
        fresh_sum_ = fresh_weighted_ = {};
        fresh_count_ = 0;
    }

    Window window_;
    CompensatedSum sum_, weighted_;              // of the window, once it is full
    CompensatedSum fresh_sum_, fresh_weighted_;  // of what was pushed since it last went round
    int fresh_count_ = 0;
};
static_assert(ScalarIndicator<Wma>);

}  // namespace fermata
