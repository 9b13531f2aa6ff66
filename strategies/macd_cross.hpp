#pragma once

#include "core/indicator/macd.hpp"
#include "strategies/long_only.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Enters when the MACD of the closes crosses above its signal line, exits when it crosses below.
/// First evaluated one close after the signal line has its first value. fast < slow.
class MacdCrossRule {
public:
    MacdCrossRule(int fast, int slow, int signal, MacdSeeding seeding)
        : macd_(fast, slow, signal, seeding) {}

    Signal update(double close) noexcept {
        macd_.update(close);
        return macd_.ready() ? cross_.update(macd_.macd(), macd_.signal()) : Signal::kNone;
    }
    void reset() noexcept {
        macd_.reset();
        cross_.reset();
    }
    void rescale(double factor) noexcept { macd_.rescale(factor); }
    void persist(StateArchive& a) { a(macd_, cross_); }

private:
    Macd macd_;
    CrossOver cross_;
};

using MacdCross = CloseRuleStrategy<MacdCrossRule>;

}  // namespace fermata
