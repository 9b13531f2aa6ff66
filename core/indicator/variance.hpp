#pragma once

#include <algorithm>
#include <cmath>

#include "core/indicator/compensated_sum.hpp"
#include "core/indicator/indicator.hpp"
#include "core/indicator/window.hpp"

namespace fermata {

/// VAR: the population variance (divided by n) of the last `period` values, and their mean.
/// Look-back: period - 1.
///
/// The moments are taken about a value of the recent past instead of about zero, so that a small
/// variance of large values survives the subtraction E[d^2] - E[d]^2 (Chan, Golub, LeVeque 1983).
/// TA-Lib takes them about zero and calls a variance below 1e-14 zero; we need neither.
class Var {
public:
    explicit Var(int period) : window_(period) {}

    void update(double x) noexcept {
        if (window_.full()) {
            sliding_.remove(window_.oldest());
        } else if (window_.at_start()) {
            sliding_.origin = x;
        }
        sliding_.add(x);
        if (window_.at_start()) fresh_ = {.origin = x, .first = {}, .second = {}};
        fresh_.add(x);
        if (window_.push(x)) sliding_ = fresh_;
    }
    [[nodiscard]] bool ready() const noexcept { return window_.full(); }
    [[nodiscard]] double value() const noexcept {
        FERMATA_ASSERT(ready());
        const double n = window_.size();
        const double mean_deviation = sliding_.first.value() / n;
        return std::max(sliding_.second.value() / n - mean_deviation * mean_deviation, 0.0);
    }
    [[nodiscard]] double mean() const noexcept {
        FERMATA_ASSERT(ready());
        return sliding_.origin + sliding_.first.value() / window_.size();
    }
    [[nodiscard]] int lookback() const noexcept { return window_.size() - 1; }

    void reset() noexcept {
        window_.clear();
        sliding_ = fresh_ = {};
    }
    void rescale(double factor) noexcept {
        window_.scale(factor);
        sliding_.scale(factor);
        fresh_.scale(factor);
    }
    void persist(StateArchive& a) { a(window_, sliding_, fresh_); }

private:
    /// Sums of the deviations from `origin` and of their squares.
    struct Moments {
        double origin = 0;
        CompensatedSum first, second;

        void add(double x) noexcept {
            const double d = x - origin;
            first.add(d);
            second.add(d * d);
        }
        void remove(double x) noexcept {
            const double d = x - origin;
            first.add(-d);
            second.add(-(d * d));
        }
        void scale(double factor) noexcept {
            origin *= factor;
            first.scale(factor);
            second.scale(factor * factor);
        }
        void persist(StateArchive& a) { a.all<Moments>(origin, first, second); }
    };

    Window window_;
    Moments sliding_;  // of the window
    Moments fresh_;    // of what was pushed since the window last went round
};
static_assert(ScalarIndicator<Var>);

/// STDDEV: the population standard deviation of the last `period` values, times `deviations`.
/// Look-back: period - 1.
class Stddev {
public:
    explicit Stddev(int period, double deviations = 1.0) : var_(period), deviations_(deviations) {}

    void update(double x) noexcept { var_.update(x); }
    [[nodiscard]] bool ready() const noexcept { return var_.ready(); }
    [[nodiscard]] double value() const noexcept { return std::sqrt(var_.value()) * deviations_; }
    [[nodiscard]] double mean() const noexcept { return var_.mean(); }
    [[nodiscard]] int lookback() const noexcept { return var_.lookback(); }
    void reset() noexcept { var_.reset(); }
    void rescale(double factor) noexcept { var_.rescale(factor); }
    void persist(StateArchive& a) { a(var_); }

private:
    Var var_;
    double deviations_;
};
static_assert(ScalarIndicator<Stddev>);

}  // namespace fermata
