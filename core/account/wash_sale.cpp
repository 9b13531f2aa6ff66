#include "core/account/wash_sale.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/account/lots.hpp"

namespace fermata {
namespace {

/// q x numerator / denominator, rounded down.
Quantity in_proportion(Quantity q, std::int64_t numerator, std::int64_t denominator) {
    const __int128 raw = static_cast<__int128>(q.raw()) * numerator / denominator;
    return Quantity::from_raw(
        static_cast<std::int64_t>(std::min<__int128>(raw, Quantity::max().raw())));
}

}  // namespace

TaxTerm term_of(Date acquired, Date disposed) noexcept {
    CivilDate anniversary = to_civil(acquired + 1);
    ++anniversary.year;
    if (!is_valid(anniversary)) {  // 29 February
        anniversary.month = 3;
        anniversary.day = 1;
    }
    return disposed >= to_date(anniversary) ? TaxTerm::kLong : TaxTerm::kShort;
}

bool WashSales::has_unused(const TaxLot& lot) noexcept {
    return std::ranges::any_of(lot.tranches, [](const Tranche& t) { return !t.used; });
}

void WashSales::replace(Loss& loss, TaxLot& lot, std::vector<ClosedLot>& closed) {
    for (std::size_t n = 0; n < lot.tranches.size() && loss.open.is_positive(); ++n) {
        if (lot.tranches[n].used) continue;
        const Quantity matched = std::min(loss.open, lot.tranches[n].quantity);
        if (matched < lot.tranches[n].quantity) {
            Tranche rest = lot.tranches[n];
            rest.quantity -= matched;
            lot.tranches[n].quantity = matched;
            lot.tranches.insert(lot.tranches.begin() + static_cast<std::ptrdiff_t>(n) + 1, rest);
        }
        const Money disallowed = cost_share(loss.amount, matched, loss.open);
        Tranche& t = lot.tranches[n];
        t.used = true;
        t.adjustment += disallowed;
        t.holding_start = t.holding_start - loss.held;
        loss.open -= matched;
        loss.amount -= disallowed;
        ClosedLot& sale = closed[loss.index];
        sale.disallowed += disallowed;
        sale.washed += in_proportion(matched, loss.denominator, loss.numerator);
        if (loss.open.is_zero()) {
            sale.washed = sale.quantity;
            sale.provisional_until = loss.closed_on;
        }
    }
}

void WashSales::opened(TaxLot& lot, std::vector<ClosedLot>& closed) {
    const Date day = lot.opened_on;
    while (!losses_.empty() && losses_.front().closed_on < day - kDays) losses_.pop_front();
    for (Loss& loss : losses_) {
        replace(loss, lot, closed);
        if (!has_unused(lot)) break;
    }
    while (!losses_.empty() && losses_.front().open.is_zero()) losses_.pop_front();
    if (has_unused(lot)) recent_.emplace(lot.id, &lot);
}

void WashSales::lost(std::size_t index, std::vector<ClosedLot>& closed) {
    ClosedLot& sale = closed[index];
    sale.provisional_until = sale.closed_on + kDays;
    Loss loss{index,
              sale.quantity,
              sale.basis - sale.proceeds,
              sale.closed_on,
              sale.closed_on - sale.holding_start,
              sale.purchase};
    for (auto at = recent_.begin(); at != recent_.end() && loss.open.is_positive();) {
        TaxLot& lot = *at->second;
        if (lot.opened_on < sale.closed_on - kDays || !has_unused(lot)) {
            at = recent_.erase(at);  // too old for every later loss, too; or sold, or used
            continue;
        }
        if (lot.purchase != sale.purchase) replace(loss, lot, closed);
        ++at;
    }
    if (loss.open.is_positive()) losses_.push_back(loss);
}

void WashSales::split(std::int64_t numerator, std::int64_t denominator) {
    std::erase_if(losses_, [&](Loss& loss) {
        loss.open = in_proportion(loss.open, numerator, denominator);
        const __int128 n = static_cast<__int128>(loss.numerator) * numerator;
        const __int128 d = static_cast<__int128>(loss.denominator) * denominator;
        // Ratios in which no stock was ever split; what is washed is then told too small.
        constexpr __int128 kMost = std::numeric_limits<std::int64_t>::max();
        if (n <= kMost && d <= kMost) {
            const auto divisor =
                std::gcd(static_cast<std::int64_t>(n), static_cast<std::int64_t>(d));
            loss.numerator = static_cast<std::int64_t>(n) / divisor;
            loss.denominator = static_cast<std::int64_t>(d) / divisor;
        }
        return loss.open.is_zero();
    });
}

}  // namespace fermata
