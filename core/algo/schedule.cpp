#include "core/algo/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/indicator/to_double.hpp"
#include "core/strategy/rounding.hpp"

namespace fermata {

void SchedulePoint::persist(StateArchive& a) { a.all<SchedulePoint>(at, due); }

std::vector<SchedulePoint> make_schedule(const ScheduleTerms& terms, std::span<const double> done,
                                         Xoshiro256& random) {
    const auto slices = static_cast<std::size_t>(terms.slices);
    FERMATA_ASSERT(terms.slices > 0 && done.size() == slices);
    FERMATA_ASSERT(terms.randomness >= 0 && terms.randomness < 1);
    // Sizes first: each its own factor, then scaled back to the whole.
    std::vector<double> size(slices);
    double sum = 0;
    for (std::size_t i = 0; i < slices; ++i) {
        const double plain = done[i] - (i == 0 ? 0 : done[i - 1]);
        size[i] = std::max(plain, 0.0) * (1 + terms.randomness * (2 * random.uniform() - 1));
        sum += size[i];
    }
    const double quantity = to_double(terms.quantity);
    const auto span = static_cast<double>((terms.end - terms.begin).ns);
    std::vector<SchedulePoint> points(slices);
    double so_far = 0;
    for (std::size_t i = 0; i < slices; ++i) {
        so_far += sum > 0 ? size[i] / sum : 1 / static_cast<double>(slices);
        const double moved = terms.randomness * random.uniform();
        const double at = (static_cast<double>(i) + moved) / static_cast<double>(slices);
        points[i].at = terms.begin + Duration{static_cast<std::int64_t>(span * at)};
        points[i].due = i + 1 == slices
                            ? terms.quantity
                            : std::min(whole_lots(quantity * so_far, terms.lot), terms.quantity);
    }
    return points;
}

std::vector<double> twap_curve(std::int32_t slices) {
    FERMATA_ASSERT(slices > 0);
    std::vector<double> done(static_cast<std::size_t>(slices));
    for (std::size_t i = 0; i < done.size(); ++i) {
        done[i] = static_cast<double>(i + 1) / static_cast<double>(slices);
    }
    return done;
}

std::vector<double> vwap_curve(std::span<const double> shares) {
    FERMATA_ASSERT(!shares.empty());
    double sum = 0;
    for (const double share : shares) sum += share;
    if (!(sum > 0)) return twap_curve(static_cast<std::int32_t>(shares.size()));
    std::vector<double> done(shares.size());
    double so_far = 0;
    for (std::size_t i = 0; i < done.size(); ++i) {
        so_far += shares[i];
        done[i] = so_far / sum;
    }
    done.back() = 1;
    return done;
}

std::vector<double> shortfall_curve(std::int32_t slices, double urgency) {
    // Beyond this everything goes with the first slice, and sinh would leave the doubles.
    constexpr double kMost = 500;
    const double k = std::clamp(urgency, 0.0, kMost);
    if (k < 1e-9) return twap_curve(slices);
    std::vector<double> done(static_cast<std::size_t>(slices));
    for (std::size_t i = 0; i < done.size(); ++i) {
        const double left =
            static_cast<double>(done.size() - i - 1) / static_cast<double>(done.size());
        done[i] = 1 - std::sinh(k * left) / std::sinh(k);
    }
    done.back() = 1;
    return done;
}

double almgren_chriss_rate(double risk_aversion, double volatility, double impact) {
    FERMATA_ASSERT(risk_aversion >= 0 && impact > 0);
    return std::sqrt(risk_aversion * volatility * volatility / impact);
}

}  // namespace fermata
