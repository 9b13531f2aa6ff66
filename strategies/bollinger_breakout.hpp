#pragma once

#include <cstdint>

#include "core/indicator/bbands.hpp"
#include "strategies/long_only.hpp"
#include "strategies/signal.hpp"

namespace fermata {

/// Enters when the close crosses above the upper Bollinger band, exits while it is below the middle
/// (or the lower) band. The bands include the close that they are compared with, so it lies at most
/// sqrt(period - 1) deviations from the middle (Samuelson 1968): wider bands are never crossed.
class BollingerBreakoutRule {
public:
    enum class ExitBand : std::uint8_t { kMiddle, kLower };

    BollingerBreakoutRule(int period, double deviations, ExitBand exit_band)
        : bands_(period, deviations, deviations), exit_band_(exit_band) {}

    Signal update(double close) noexcept {
        bands_.update(close);
        if (!bands_.ready()) return Signal::kNone;
        if (upper_.update(close, bands_.upper()) == Signal::kEnter) return Signal::kEnter;
        const double exit = exit_band_ == ExitBand::kMiddle ? bands_.middle() : bands_.lower();
        return close < exit ? Signal::kExit : Signal::kNone;
    }
    void reset() noexcept {
        bands_.reset();
        upper_.reset();
    }
    void rescale(double factor) noexcept { bands_.rescale(factor); }
    void persist(StateArchive& a) { a(bands_, upper_); }

private:
    Bbands bands_;
    CrossOver upper_;
    ExitBand exit_band_;
};

using BollingerBreakout = CloseRuleStrategy<BollingerBreakoutRule>;

}  // namespace fermata
