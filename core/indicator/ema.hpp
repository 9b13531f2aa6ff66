#pragma once

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/indicator.hpp"

namespace fermata {

/// EMA: e += (x - e) 2 / (period + 1), seeded with the mean of the first `period` values.
/// Look-back: period - 1. Old errors fade with old values, so nothing can drift.
class Ema {
public:
    explicit Ema(int period) : period_(period), weight_(2.0 / (period + 1)) {
        FERMATA_ASSERT(period >= 1);
    }

    void update(double x) noexcept {
        if (count_ >= period_) [[likely]] {
            value_ += (x - value_) * weight_;
            return;
        }
        value_ += x;  // the seed's sum
        if (++count_ == period_) value_ /= period_;
    }
    [[nodiscard]] bool ready() const noexcept { return count_ >= period_; }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        return value_;
    }
    [[nodiscard]] int lookback() const noexcept { return period_ - 1; }

    void reset() noexcept {
        value_ = 0;
        count_ = 0;
    }
    void rescale(double factor) noexcept { value_ *= factor; }
    void persist(StateArchive& a) { a(count_, value_); }

private:
    int period_;
    int count_ = 0;
    double weight_;
    double value_ = 0;
};
static_assert(ScalarIndicator<Ema>);

}  // namespace fermata
