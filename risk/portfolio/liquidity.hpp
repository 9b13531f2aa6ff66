#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/market/date.hpp"

namespace fermata::portfolio {

/// How long it takes to leave positions at a share of the market's volume.
struct LiquidityHorizon {
    /// Trading days by position: |quantity| / (participation x average daily volume); nothing where
    /// the volume is not known, which is never the same as "at once".
    std::vector<std::optional<double>> days;
    std::optional<double> longest;  ///< Of the known ones; nothing when none is.
    std::size_t unknown = 0;        ///< Positions, not empty, of unknown volume.
    /// Share of the gross value that is still held after n + 1 days of leaving everything at once,
    /// n from 0; what is unknown is never sold. Empty without a gross value.
    std::vector<double> left_after;
};

/// By position: quantities (signed), average daily volumes in the same unit (not positive: not
/// known), values (signed, money). 0 < participation <= 1. `left_after` holds `days_shown` days.
[[nodiscard]] LiquidityHorizon liquidity_horizon(std::span<const double> quantities,
                                                 std::span<const double> average_daily_volumes,
                                                 std::span<const double> values,
                                                 double participation, std::size_t days_shown);

/// The loss from the highest equity so far, where money that comes or goes is neither profit nor
/// loss: the mark moves with it by its amount, as the gate's DRAWDOWN does.
///
/// Owner: one thread. A plain value.
class FlowAdjustedDrawdown {
public:
    struct Worst {
        double drawdown = 0;  ///< <= 0: equity / mark - 1.
        Date peak;            ///< Last day at its mark before the trough.
        Date trough;
    };

    /// The equity at the end of a day, after a flow (positive: money came in) of that day.
    void add(Date date, double equity, double flow);

    /// equity / mark - 1, at most 0; nothing before the first day or when the mark is not positive.
    [[nodiscard]] std::optional<double> current() const noexcept;
    [[nodiscard]] const Worst& worst() const noexcept { return worst_; }
    [[nodiscard]] double mark() const noexcept { return mark_; }

private:
    bool any_ = false;
    double equity_ = 0;
    double mark_ = 0;
    Date peak_;
    Worst worst_;
};

}  // namespace fermata::portfolio
