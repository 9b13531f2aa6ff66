#include "risk/portfolio_limits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "core/base/state_archive.hpp"
#include "risk/exact_rows.hpp"

namespace fermata {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// share x equity in 1e-9 units of the account, rounded down: an integer is beyond it exactly when
/// it is beyond what it was rounded from. Zero when nothing may be lost.
std::int64_t bound_of(Ratio share, Money equity, unsigned unit_bits) noexcept {
    if (!equity.is_positive() || !share.is_positive()) return 0;
    const Value product = static_cast<Value>(magnitude(share.raw())) * magnitude(equity.raw());
    // 1e-15 of the currency; a unit of 1e-9 is 2^unit_bits x 1e-34.
    const Value low = static_cast<Value>(static_cast<std::uint64_t>(product)) * kValuePerMoney;
    const Value high = (product >> 64) * kValuePerMoney + (low >> 64);
    const Value bound = high >> (unit_bits - 64);  // unit_bits >= 64
    return bound > static_cast<Value>(kMost) ? kMost : static_cast<std::int64_t>(bound);
}

/// The loss of `squared` x `scale` (in 1e-18) squared deviations is at most `left`.
bool deviations_within(__int128 variance, std::uint64_t squared, std::uint64_t scale,
                       std::int64_t left, std::uint32_t variance_bits) noexcept {
    const auto most = static_cast<Value>(magnitude(left));
    return product_within(static_cast<Value>(variance) * scale, squared, most * most,
                          std::uint64_t{1} << variance_bits);
}

/// For reports: a loss in 1e-9 units as money, above `limit`, which it is.
std::int64_t money_of(double loss, unsigned unit_bits, std::int64_t limit) noexcept {
    const double raw = std::ceil(std::ldexp(loss, static_cast<int>(unit_bits)) * 1e-28);
    constexpr double kLargest = 9.2e18;
    const auto shown = raw < kLargest ? static_cast<std::int64_t>(raw) : Money::max().raw();
    return limit < kMost ? std::max(shown, limit + 1) : shown;
}

/// In 1e-9 units.
double deviation(__int128 variance, std::uint32_t variance_bits) noexcept {
    return std::sqrt(std::ldexp(static_cast<double>(variance), -static_cast<int>(variance_bits))) *
           1e9;
}

void refuse(ControlId id, LimitId limit, double loss, unsigned unit_bits, const Request& r,
            Findings& out) noexcept {
    const std::int64_t most = share_of(r.limits->ratio(limit), r.equity).raw();
    out.refuse(id, Scope::kAccount, LimitUnit::kMoney, money_of(loss, unit_bits, most), most);
}

/// A loss that is within the limit; rounding takes it no further.
void pass(ControlId id, LimitId limit, double loss, unsigned unit_bits, const Request& r,
          Findings& out) noexcept {
    const std::int64_t most = share_of(r.limits->ratio(limit), r.equity).raw();
    const std::int64_t shown = money_of(loss, unit_bits, kMost);
    out.passes(id, Scope::kAccount, LimitUnit::kMoney, std::min(shown, most), most);
}

/// The three that need weights: `f(control, limit)` for those that are in force.
template <class F>
void for_each_measure(const Request& r, F&& f) noexcept {
    using C = ControlId;
    using L = LimitId;
    if (r.limits->on(L::kVarParametric)) f(C::kVarParametric, L::kVarParametric);
    if (r.limits->on(L::kVarHistorical)) f(C::kVarHistorical, L::kVarHistorical);
    if (r.limits->on(L::kStress)) f(C::kStress, L::kStress);
}

}  // namespace

PortfolioLimits::PortfolioLimits(LimitTable& limits, const InstrumentTable& instruments,
                                 std::size_t accounts)
    : any_(limits.anywhere(LimitId::kCorrelated) || limits.anywhere(LimitId::kVarParametric) ||
           limits.anywhere(LimitId::kVarHistorical) || limits.anywhere(LimitId::kStress)),
      book_(instruments, any_ ? accounts : 0, kFallUnmeasured) {
    read_shape();
}

/// What follows from the snapshot in force.
void PortfolioLimits::read_shape() noexcept {
    const GateSnapshot& s = book_.snapshot();
    days_allowed_ = s.days / 100;
    fall_ = 0;
    for (std::size_t i = 0; i < s.instruments; ++i) {
        if (s.measured[i] == 0) fall_ = std::max(fall_, -std::int64_t{*s.long_row(i)});
    }
}

void PortfolioLimits::adopt(const GateSnapshot& s, Timestamp now,
                            const Valuation& valuation) noexcept {
    if (!any_) return;
    book_.adopt(s, now, valuation);
    read_shape();
}

void PortfolioLimits::measure(const Request& r, const Valuation& valuation, bool weights,
                              Findings& out) noexcept {
    if (r.limits->on(LimitId::kCorrelated)) out.checked(ControlId::kCorrelated);
    for_each_measure(r, [&](ControlId id, LimitId) { out.checked(id); });
    if (!r.increases()) return;
    Fault fault = book_.settle(r, valuation);
    check_correlated(r, out);
    if (!weights) return;

    if (r.knows_equity && !r.equity.is_positive()) {
        // Nothing may be lost, so nothing may be added.
        for_each_measure(r, [&](ControlId id, LimitId limit) {
            const Money most = share_of(r.limits->ratio(limit), r.equity);
            out.refuse(id, Scope::kAccount, LimitUnit::kMoney, 0, most.raw());
        });
        return;
    }
    PortfolioBook::Weight to;
    if (fault == Fault::kNone) {
        to =
            book_.weigh(r.account, r.instrument_id, signed_worst(r.reach(r.open_after)), valuation);
        fault = to.fault;
    }
    if (fault != Fault::kNone) {
        for_each_measure(r, [&](ControlId id, LimitId) { out.refuse(id, Scope::kAccount, fault); });
        return;
    }
    const GateSnapshot& s = book_.snapshot();
    const PortfolioWeights& x = book_.of(r.account);
    const std::size_t i = r.instrument_id.value;
    Change c{x,
             i,
             x.weights[i],
             static_cast<std::int32_t>(to.value),
             s.measured[i] != 0,
             x.variance,
             x.unmeasured};
    if (c.by() == 0) return;
    if (c.measured) {
        c.variance +=
            static_cast<__int128>(c.by()) *
            (2 * static_cast<__int128>(x.risk[i]) + static_cast<__int128>(c.by()) * s.variances[i]);
    } else {
        c.unmeasured += std::abs(c.to) - std::abs(c.from);
    }
    if (r.limits->on(LimitId::kVarParametric)) check_parametric(r, c, out);
    if (r.limits->on(LimitId::kVarHistorical)) check_historical(r, c, out);
    if (r.limits->on(LimitId::kStress)) check_stress(r, c, out);
}

void PortfolioLimits::check_correlated(const Request& r, Findings& out) const noexcept {
    if (!r.limits->on(LimitId::kCorrelated)) return;
    const PortfolioWeights& x = book_.of(r.account);
    const std::size_t i = r.instrument_id.value;
    if ((x.held[i / 64] >> (i % 64) & 1) != 0) return;  // no name is added
    const GateSnapshot& s = book_.snapshot();
    const std::uint64_t* row = s.correlated_row(i);
    std::int64_t names = 1;
    for (std::size_t w = 0; w < s.words(); ++w) names += std::popcount(row[w] & x.held[w]);
    const std::int64_t most = r.limits->raw(LimitId::kCorrelated);
    if (names > most) {
        out.refuse(ControlId::kCorrelated, Scope::kAccount, LimitUnit::kCount, names, most);
    } else if (out.explains()) [[unlikely]] {
        out.passes(ControlId::kCorrelated, Scope::kAccount, LimitUnit::kCount, names, most);
    }
}

void PortfolioLimits::check_parametric(const Request& r, const Change& c,
                                       Findings& out) const noexcept {
    const std::int64_t bound =
        bound_of(r.limits->ratio(LimitId::kVarParametric), r.equity, c.book.unit_bits);
    // A share of at most 1 of at most 2^30 units: 2^60.
    const std::int64_t unknown = c.unmeasured * r.limits->raw(LimitId::kVarUnmeasured);
    const GateSnapshot& s = book_.snapshot();
    const __int128 variance = std::max<__int128>(c.variance, 0);
    const bool within = unknown <= bound && deviations_within(variance, kSquaredDeviations, 1,
                                                              bound - unknown, s.covariance_bits);
    if (within && !out.explains()) [[likely]]
        return;
    if (!within && c.measured && c.variance <= c.book.variance) return;  // over, but not by this
    const double z = std::sqrt(static_cast<double>(kSquaredDeviations) * 1e-18);
    const double loss = z * deviation(variance, s.covariance_bits) + static_cast<double>(unknown);
    (within ? pass : refuse)(ControlId::kVarParametric, LimitId::kVarParametric, loss,
                             c.book.unit_bits, r, out);
}

std::int64_t PortfolioLimits::days_below(const Change& c, std::int32_t by,
                                         std::int64_t bound) const noexcept {
    const GateSnapshot& s = book_.snapshot();
    const std::int64_t below =
        count_below(c.book.profit.data(), s.return_row(c.i), by, s.days_stride(), bound);
    // What the rows are padded with is zero.
    const auto padding = static_cast<std::int64_t>(s.days_stride() - s.days);
    return bound > 0 ? below - padding : below;
}

bool PortfolioLimits::tail_worsens(const Request& r, const Change& c) noexcept {
    if (book_.snapshot().days == 0) return false;
    const std::int64_t decides = book_.tail_of(r.account, days_allowed_);
    return days_below(c, c.by(), decides) > days_allowed_;
}

bool PortfolioLimits::no_day_below(const Request& r, const Change& c, std::int64_t bound) noexcept {
    const GateSnapshot& s = book_.snapshot();
    const std::int64_t by = c.measured ? c.by() : 0;
    const std::int64_t worst = by * (by > 0 ? s.lowest_returns : s.highest_returns)[c.i];
    if (c.book.lowest + worst >= bound) return true;  // each is at least -2^62
    if (c.book.lowest_is_exact) return false;
    book_.tighten(r.account);
    return c.book.lowest + worst >= bound;
}

void PortfolioLimits::check_historical(const Request& r, const Change& c, Findings& out) noexcept {
    const std::int64_t bound =
        bound_of(r.limits->ratio(LimitId::kVarHistorical), r.equity, c.book.unit_bits);
    const std::int64_t unknown = c.unmeasured * r.limits->raw(LimitId::kVarUnmeasured);
    if (unknown > bound) {  // alone too much: no good day makes up for it
        if (c.measured && !tail_worsens(r, c)) return;
        refuse(ControlId::kVarHistorical, LimitId::kVarHistorical, static_cast<double>(unknown),
               c.book.unit_bits, r, out);
        return;
    }
    if (no_day_below(r, c, unknown - bound) && !out.explains()) return;
    const std::int64_t days = days_below(c, c.measured ? c.by() : 0, unknown - bound);
    if (days <= days_allowed_) {
        out.passes(ControlId::kVarHistorical, Scope::kAccount, LimitUnit::kCount, days,
                   days_allowed_);
        return;
    }
    // Over it before as well: the loss that so many days exceed must not grow.
    const bool was_over = c.measured && days_below(c, 0, unknown - bound) > days_allowed_;
    if (was_over && !tail_worsens(r, c)) return;
    out.refuse(ControlId::kVarHistorical, Scope::kAccount, LimitUnit::kCount, days, days_allowed_);
}

void PortfolioLimits::check_stress(const Request& r, const Change& c,
                                   Findings& out) const noexcept {
    const std::int64_t bound =
        bound_of(r.limits->ratio(LimitId::kStress), r.equity, c.book.unit_bits);
    const GateSnapshot& s = book_.snapshot();
    const std::int64_t* profit = c.book.scenario.data();
    const std::int32_t* held = s.long_row(c.i);
    const std::int32_t* owed = s.short_row(c.i);
    const std::int32_t longer = std::max(c.to, 0) - std::max(c.from, 0);
    const std::int32_t shorter = std::min(c.to, 0) - std::min(c.from, 0);
    // The worst of what the order makes worse.
    const auto worst_scenario = [&] {
        std::int64_t worst = 0;
        for (std::size_t n = 0; n < s.scenarios; ++n) {
            const std::int64_t change =
                std::int64_t{longer} * held[n] + std::int64_t{shorter} * owed[n];
            if (change < 0) worst = std::min(worst, profit[n] + change);
        }
        return worst;
    };
    const bool looks_closer =
        any_below(profit, held, longer, owed, shorter, s.scenarios_stride(), -bound);
    const std::int64_t worst = looks_closer || out.explains() ? worst_scenario() : 0;
    bool within = worst >= -bound;
    double loss = -static_cast<double>(worst);
    if (s.volatility_factor != 0 && (!c.measured || c.variance > c.book.variance)) {
        const std::int64_t unknown = c.unmeasured * fall_;
        const __int128 variance = std::max<__int128>(c.variance, 0);
        const bool calm = unknown <= bound && deviations_within(variance, s.volatility_factor, 100,
                                                                bound - unknown, s.covariance_bits);
        within = within && calm;
        if (!calm || out.explains()) {
            const double z = std::sqrt(static_cast<double>(s.volatility_factor) * 1e-16);
            loss = std::max(
                loss, z * deviation(variance, s.covariance_bits) + static_cast<double>(unknown));
        }
    }
    if (!within) {
        refuse(ControlId::kStress, LimitId::kStress, loss, c.book.unit_bits, r, out);
    } else if (out.explains()) [[unlikely]] {
        pass(ControlId::kStress, LimitId::kStress, loss, c.book.unit_bits, r, out);
    }
}

void PortfolioLimits::persist(StateArchive& a) {
    if (!any_) return;
    a(book_);
    read_shape();
}

}  // namespace fermata
