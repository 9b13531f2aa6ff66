#pragma once

#include <cstdint>

#include "core/base/assert.hpp"
#include "core/indicator/ema.hpp"
#include "core/indicator/indicator.hpp"

namespace fermata {

/// Where MACD's fast average takes its seed from. The two agree after some hundred bars.
enum class MacdSeeding : std::uint8_t {
    /// The `fast` values that end where the slow average starts. TA-Lib's way.
    kTaLib,
    /// The first `fast` values, as an EMA of its own: MACD = EMA(fast) - EMA(slow) from the start.
    kOwnSma,
};

/// MACD: the difference of a fast and a slow EMA, its EMA (the signal), and the difference of the
/// two (the histogram). All three start together. Look-back: slow - 1 + signal - 1. fast < slow.
class Macd {
public:
    Macd(int fast, int slow, int signal, MacdSeeding seeding = MacdSeeding::kTaLib)
        : fast_(fast),
          slow_(slow),
          signal_(signal),
          delay_(seeding == MacdSeeding::kTaLib ? slow - fast : 0),
          skip_(delay_) {
        FERMATA_ASSERT(fast < slow);
    }

    void update(double x) noexcept {
        if (skip_ > 0) {
            --skip_;
        } else {
            fast_.update(x);
        }
        slow_.update(x);
        if (!slow_.ready()) return;
        macd_ = fast_.value() - slow_.value();
        signal_.update(macd_);
    }
    [[nodiscard]] bool ready() const noexcept { return signal_.ready(); }
    [[nodiscard]] double macd() const noexcept {
        FERMATA_ASSERT(ready());
        return macd_;
    }
    [[nodiscard]] double signal() const noexcept { return signal_.value(); }
    [[nodiscard]] double histogram() const noexcept { return macd() - signal(); }
    [[nodiscard]] int lookback() const noexcept { return slow_.lookback() + signal_.lookback(); }

    void reset() noexcept {
        fast_.reset();
        slow_.reset();
        signal_.reset();
        skip_ = delay_;
        macd_ = 0;
    }
    void rescale(double factor) noexcept {
        fast_.rescale(factor);
        slow_.rescale(factor);
        signal_.rescale(factor);
        macd_ *= factor;
    }
    void persist(StateArchive& a) { a(fast_, slow_, signal_, skip_, macd_); }

private:
    Ema fast_, slow_, signal_;
    int delay_;  // values that the fast average leaves out
    int skip_;   // of those, how many are still to come
    double macd_ = 0;
};
static_assert(Indicator<Macd>);

}  // namespace fermata
