#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "adapters/generator/generator_config.hpp"
#include "core/base/random.hpp"
#include "core/market/calendar.hpp"
#include "core/types/time.hpp"

namespace fermata::generator {

/// Where the market stands. All three only ever move on together.
struct MarketPoint {
    double years = 0;     ///< Model time t.
    double variance = 0;  ///< The integral of m^2 dt, m the regime's multiplier: the "busy" time.
    double factor = 0;    ///< The integral of m dW, W the Brownian motion that all symbols share.
};

/// Trading time, the regime and the common factor.
///
/// Model time runs while a session is open, evenly, so that a session with the gap in front of it
/// lasts 1 / days_a_year; the gap's part, overnight_share, passes in one instant at the open. A
/// session that adjoins the one before it has no gap, and without a calendar there is one endless
/// session. The chain of regimes steps at the beginning of every regime_interval that is counted
/// from the open (in sessions, when it is a number of days), before the gap's part passes.
///
/// Owner: the thread of one feed.
class Market {
public:
    /// `calendar` may be nullptr; else it covers config.from to config.to.
    Market(const GeneratorConfig& config, const Calendar* calendar, const Xoshiro256& random);

    /// Moves to the next session, the first time to that which is open at or opens after
    /// config.from. False when the calendar has no more.
    [[nodiscard]] bool next_session();
    [[nodiscard]] Timestamp open() const noexcept { return open_; }
    [[nodiscard]] Timestamp close() const noexcept { return close_; }
    /// Where generation begins in this session: its open, or config.from.
    [[nodiscard]] Timestamp begin() const noexcept { return begin_; }

    /// Moves on to `t`, not before where the market stands and not behind the close.
    void advance_to(Timestamp t) {
        while (next_regime_ <= t) pass_regime_boundary();
        pass(static_cast<double>((t - now_).ns) * years_a_ns_);
        now_ = t;
    }

    [[nodiscard]] const MarketPoint& point() const noexcept { return point_; }
    [[nodiscard]] std::size_t regime() const noexcept { return regime_; }
    [[nodiscard]] double days_a_year() const noexcept { return days_a_year_; }

private:
    void pass(double years);
    void pass_regime_boundary();
    void step_regime();
    void start_regimes(bool first);

    const Calendar* calendar_;
    Timestamp from_;
    double overnight_share_;
    double days_a_year_;
    std::vector<GeneratorRegime> regimes_;
    Duration regime_interval_;
    Xoshiro256 random_;

    std::size_t next_index_ = 0;  // of the calendar's sessions
    std::size_t sessions_ = 0;    // that began
    Timestamp open_, close_, begin_, now_;
    Timestamp next_regime_ = Timestamp::never();
    double years_a_ns_ = 0;
    std::size_t regime_ = 0;
    MarketPoint point_;
};

/// The price of one symbol: geometric Brownian motion with jumps (Merton, Journal of Financial
/// Economics 3, 1976), on the market's time:
///
///   d ln S = (mu - lambda kappa) dt - sigma^2 m^2 / 2 dt
///            + sigma m (sqrt(rho) dW + sqrt(1 - rho) dZ) + J dN
///
/// N Poisson of intensity lambda, J normal, kappa = E[e^J] - 1: the expected price grows by mu.
/// Sampled exactly at whatever points it is asked for; nothing is discretised.
class PricePath {
public:
    PricePath(const GeneratorConfig& config, const Xoshiro256& random, const MarketPoint& start);

    /// Moves on to the market's point.
    void advance_to(const MarketPoint& point);
    [[nodiscard]] double log_price() const noexcept { return log_price_; }
    /// Everything else that is random about the symbol.
    [[nodiscard]] Xoshiro256& random() noexcept { return random_; }
    [[nodiscard]] std::uint64_t jumps() const noexcept { return jumps_; }

private:
    void jump();

    double drift_;     // mu - lambda kappa
    double variance_;  // sigma^2 / 2
    double common_;    // sigma sqrt(rho)
    double own_;       // sigma sqrt(1 - rho)
    GeneratorJumps law_;
    Xoshiro256 random_;
    MarketPoint at_;
    double log_price_;
    double next_jump_ = std::numeric_limits<double>::infinity();  // in years
    std::uint64_t jumps_ = 0;
};

}  // namespace fermata::generator
