#pragma once

#include <cmath>

#include "core/indicator/indicator.hpp"
#include "core/indicator/variance.hpp"

namespace fermata {

/// BBANDS: the SMA of the last `period` values, and bands at a number of population standard
/// deviations above and below it. Look-back: period - 1.
class Bbands {
public:
    Bbands(int period, double deviations_up, double deviations_down)
        : var_(period), up_(deviations_up), down_(deviations_down) {}

    void update(double x) noexcept { var_.update(x); }
    [[nodiscard]] bool ready() const noexcept { return var_.ready(); }
    [[nodiscard]] double upper() const noexcept { return middle() + up_ * std::sqrt(var_.value()); }
    [[nodiscard]] double middle() const noexcept { return var_.mean(); }
    [[nodiscard]] double lower() const noexcept {
        return middle() - down_ * std::sqrt(var_.value());
    }
    [[nodiscard]] int lookback() const noexcept { return var_.lookback(); }
    void reset() noexcept { var_.reset(); }
    void rescale(double factor) noexcept { var_.rescale(factor); }
    void persist(StateArchive& a) { a(var_); }

private:
    Var var_;
    double up_, down_;
};
static_assert(Indicator<Bbands>);

}  // namespace fermata
