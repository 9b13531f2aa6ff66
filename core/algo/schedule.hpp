#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/random.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

class StateArchive;

/// By `at`, so much should have been sent in all.
struct SchedulePoint {
    Timestamp at;
    Quantity due;
    void persist(StateArchive& a);
};

/// How an order is spread over time.
struct ScheduleTerms {
    Quantity quantity;  ///< Whole lots; the last point is due for all of it.
    Quantity lot;
    Timestamp begin;
    Timestamp end;
    std::int32_t slices = 1;  ///< > 0
    /// In [0, 1): by how much of a slice's time span the moment in it is moved at random, and by
    /// how much of itself a slice may be larger or smaller.
    double randomness = 0;
};

/// The points of a schedule that has done the fraction `done[i]` of its work after slice i;
/// `done` ascends, ends with 1, and has an element a slice. Each slice is sent at the beginning of
/// its span, or later within it as `randomness` says. Quantities are whole lots, rounded down until
/// the last.
[[nodiscard]] std::vector<SchedulePoint> make_schedule(const ScheduleTerms& terms,
                                                       std::span<const double> done,
                                                       Xoshiro256& random);

/// TWAP: equal slices, q = Q / n.
[[nodiscard]] std::vector<double> twap_curve(std::int32_t slices);

/// VWAP: slices in proportion to `shares`, the expected share of the volume in each (not negative,
/// need not sum to 1; all zero: equal slices).
[[nodiscard]] std::vector<double> vwap_curve(std::span<const double> shares);

/// Implementation shortfall (Almgren, Chriss 2001, "Optimal execution of portfolio transactions",
/// eq. 18): what is left after t of T is X sinh(k (T - t)) / sinh(k T). `urgency` is k T: 0 is
/// TWAP, the larger the earlier.
[[nodiscard]] std::vector<double> shortfall_curve(std::int32_t slices, double urgency);

/// k of Almgren and Chriss for small steps, sqrt(lambda sigma^2 / eta): risk aversion a unit of
/// money, volatility of the price in money a sqrt(second), temporary impact in money a unit a
/// (unit / second). Per second.
[[nodiscard]] double almgren_chriss_rate(double risk_aversion, double volatility, double impact);

}  // namespace fermata
