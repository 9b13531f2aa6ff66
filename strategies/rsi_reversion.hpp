#pragma once

#include "core/base/assert.hpp"
#include "core/indicator/rsi.hpp"
#include "strategies/long_only.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Enters while Wilder's RSI of the closes is below `low`, exits while it is above `high`: levels,
/// not crossings. low < high.
class RsiReversionRule {
public:
    RsiReversionRule(int period, double low, double high) : rsi_(period), low_(low), high_(high) {
        FERMATA_ASSERT(low < high);
    }

    Signal update(double close) noexcept {
        rsi_.update(close);
        if (!rsi_.ready()) return Signal::kNone;
        const double rsi = rsi_.value();
        if (rsi < low_) return Signal::kEnter;
        if (rsi > high_) return Signal::kExit;
        return Signal::kNone;
    }
    void reset() noexcept { rsi_.reset(); }
    void rescale(double factor) noexcept { rsi_.rescale(factor); }
    void persist(StateArchive& a) { a(rsi_); }

private:
    Rsi rsi_;
    double low_, high_;
};

using RsiReversion = CloseRuleStrategy<RsiReversionRule>;

}  // namespace fermata
