#pragma once

#include "core/base/assert.hpp"
#include "core/indicator/sma.hpp"
#include "strategies/long_only.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Enters when the fast SMA of the closes crosses above the slow one, exits when it crosses below.
/// First evaluated one close after the slow average has its first value. fast < slow.
class SmaCrossRule {
public:
    SmaCrossRule(int fast, int slow) : fast_(fast), slow_(slow) { FERMATA_ASSERT(fast < slow); }

    Signal update(double close) noexcept {
        fast_.update(close);
        slow_.update(close);
        return slow_.ready() ? cross_.update(fast_.value(), slow_.value()) : Signal::kNone;
    }
    void reset() noexcept {
        fast_.reset();
        slow_.reset();
        cross_.reset();
    }
    void rescale(double factor) noexcept {
        fast_.rescale(factor);
        slow_.rescale(factor);
    }
    void persist(StateArchive& a) { a(fast_, slow_, cross_); }

private:
    Sma fast_, slow_;
    CrossOver cross_;
};

using SmaCross = CloseRuleStrategy<SmaCrossRule>;

}  // namespace fermata
