#pragma once

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/indicator.hpp"

namespace fermata {

/// TRANGE: the true range of a bar, max(high, previous close) - min(low, previous close).
/// Look-back: 1.
class Trange {
public:
    void update(double high, double low, double close) noexcept {
        if (count_ < 2) ++count_;
        value_ = std::max({high - low, std::fabs(previous_ - high), std::fabs(previous_ - low)});
        previous_ = close;
    }
    [[nodiscard]] bool ready() const noexcept { return count_ == 2; }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        return value_;
    }
    [[nodiscard]] int lookback() const noexcept { return 1; }

    void reset() noexcept { *this = Trange(); }
    void rescale(double factor) noexcept {
        previous_ *= factor;
        value_ *= factor;
    }
    void persist(StateArchive& a) { a(count_, previous_, value_); }

private:
    int count_ = 0;  // bars so far, up to 2
    double previous_ = 0;
    double value_ = 0;
};
static_assert(Indicator<Trange>);

/// ATR (Wilder 1978): the true range, seeded with the plain mean of the first `period` ranges, then
/// smoothed as a = (a (period - 1) + range) / period. Look-back: period.
class Atr {
public:
    explicit Atr(int period) : period_(period) { FERMATA_ASSERT(period >= 1); }

    void update(double high, double low, double close) noexcept {
        range_.update(high, low, close);
        if (!range_.ready()) return;
        if (ready()) {
            value_ = (value_ * (period_ - 1) + range_.value()) / period_;
            return;
        }
        value_ += range_.value();  // the seed's sum
        if (++count_ == period_) value_ /= period_;
    }
    [[nodiscard]] bool ready() const noexcept { return count_ == period_; }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        return value_;
    }
    [[nodiscard]] int lookback() const noexcept { return period_; }

    void reset() noexcept { *this = Atr(period_); }
    void rescale(double factor) noexcept {
        range_.rescale(factor);
        value_ *= factor;
    }
    void persist(StateArchive& a) { a(count_, range_, value_); }

private:
    int period_;
    int count_ = 0;  // ranges so far, up to period
    Trange range_;
    double value_ = 0;
};
static_assert(Indicator<Atr>);

}  // namespace fermata
