#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "risk/findings.hpp"
#include "risk/gate_snapshot.hpp"
#include "risk/limit_table.hpp"
#include "risk/portfolio_weights.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// CORRELATED, VAR_PARAMETRIC, VAR_HISTORICAL, STRESS: an account with the order in it, measured by
/// the newest snapshot of portfolio risk.
///
/// Passive:  refused is what is over the limit and makes it worse. Requests that do not raise the
///           worst case of their instrument are not measured at all.
/// Unknown:  what was not measured is correlated with every other instrument, adds a share of its
///           value to both values at risk, and falls by the largest fall of the scenarios. Before
///           the first snapshot that is everything.
/// Exact:    sums and comparisons are of integers; what a verdict shows of them is rounded up.
/// Memory:   fixed at construction.
class PortfolioLimits {
public:
    /// What an instrument falls in STRESS before the first snapshot.
    static constexpr double kFallUnmeasured = 0.20;
    /// The square of the normal quantile of 99%, 2.32634787404084110..., in 1e-18, rounded up.
    static constexpr std::uint64_t kSquaredDeviations = 5'411'894'431'054'341'093;

    PortfolioLimits(LimitTable& limits, const InstrumentTable& instruments, std::size_t accounts);

    /// False when none of these limits is in force anywhere.
    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// Position or open orders may have changed.
    void note(AccountId a, InstrumentId i) noexcept {
        if (any_) book_.note(a, i);
    }
    /// A corporate action: its price in the snapshot is of before.
    void forget_price(InstrumentId i) noexcept {
        if (any_) book_.forget_price(i);
    }

    /// Requires a known instrument, account and strategy.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept {
        using enum LimitId;
        const bool measured =
            r.limits->on(kVarParametric) || r.limits->on(kVarHistorical) || r.limits->on(kStress);
        if (!measured && !r.limits->on(kCorrelated)) return;
        if (r.is_preview) book_.keep(r.account);
        measure(r, valuation, measured, out);
        if (r.is_preview) book_.put_back(r.account);
    }

    /// The snapshot in force; 0: none yet.
    [[nodiscard]] std::uint64_t snapshot() const noexcept { return book_.snapshot().number; }
    [[nodiscard]] bool fits(const GateSnapshot& s) const noexcept { return book_.fits(s); }
    /// From now on all is measured by `s`, which fits and outlives its being in force.
    void adopt(const GateSnapshot& s, Timestamp now, const Valuation& valuation) noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    /// What the order changes, in units of its account.
    struct Change {
        const PortfolioWeights& book;
        std::size_t i;
        std::int32_t from, to;
        bool measured;            ///< The instrument is.
        __int128 variance;        ///< Of all, with it; not negative.
        std::int64_t unmeasured;  ///< Sum of sizes, with it.
        [[nodiscard]] std::int32_t by() const noexcept { return to - from; }
    };

    void measure(const Request& r, const Valuation& valuation, bool weights,
                 Findings& out) noexcept;
    void check_correlated(const Request& r, Findings& out) const noexcept;
    void check_parametric(const Request& r, const Change& c, Findings& out) const noexcept;
    void check_historical(const Request& r, const Change& c, Findings& out) noexcept;
    void check_stress(const Request& r, const Change& c, Findings& out) const noexcept;
    /// What as many days as decide lose at least is more with the order.
    [[nodiscard]] bool tail_worsens(const Request& r, const Change& c) noexcept;
    /// Told without looking at the days; false: they must be looked at.
    [[nodiscard]] bool no_day_below(const Request& r, const Change& c, std::int64_t bound) noexcept;
    /// Days on which the account, changed by `by`, makes less than `bound`.
    [[nodiscard]] std::int64_t days_below(const Change& c, std::int32_t by,
                                          std::int64_t bound) const noexcept;
    void read_shape() noexcept;

    bool any_;
    PortfolioBook book_;
    std::int64_t fall_ = 0;          // of what the snapshot has not measured, 1e-9
    std::int64_t days_allowed_ = 0;  // 1% of its days
};

}  // namespace fermata
