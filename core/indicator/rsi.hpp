#pragma once

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/indicator.hpp"

namespace fermata {

/// RSI (Wilder 1978): 100 G / (G + L), where G and L are the averages of the gains and of the
/// losses from value to value: seeded with the plain mean of the first `period`, then smoothed as
/// G = (G (period - 1) + gain) / period. 0 where nothing moves, as in TA-Lib. Look-back: period.
class Rsi {
public:
    explicit Rsi(int period) : period_(period) { FERMATA_ASSERT(period >= 1); }

    void update(double x) noexcept {
        const double change = x - previous_;
        previous_ = x;
        if (count_ == 0) {  // the first value is nobody's change
            ++count_;
            return;
        }
        const double gain = std::max(change, 0.0);
        const double loss = std::max(-change, 0.0);
        if (count_ <= period_) {
            gain_ += gain;
            loss_ += loss;
            if (++count_ > period_) {
                gain_ /= period_;
                loss_ /= period_;
            }
            return;
        }
        gain_ = (gain_ * (period_ - 1) + gain) / period_;
        loss_ = (loss_ * (period_ - 1) + loss) / period_;
    }
    [[nodiscard]] bool ready() const noexcept { return count_ > period_; }
    /// From 0 to 100.
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        const double movement = gain_ + loss_;
        return movement < kNoMovement ? 0.0 : 100.0 * (gain_ / movement);
    }
    [[nodiscard]] int lookback() const noexcept { return period_; }

    void reset() noexcept {
        count_ = 0;
        gain_ = loss_ = previous_ = 0;
    }
    void rescale(double factor) noexcept {
        gain_ *= factor;
        loss_ *= factor;
        previous_ *= factor;
    }
    void persist(StateArchive& a) { a(count_, gain_, loss_, previous_); }

private:
    static constexpr double kNoMovement = 1e-14;  // TA-Lib's TA_EPSILON

    int period_;
    int count_ = 0;  // values so far, up to period + 1
    double gain_ = 0;
    double loss_ = 0;
    double previous_ = 0;
};
static_assert(ScalarIndicator<Rsi>);

}  // namespace fermata
