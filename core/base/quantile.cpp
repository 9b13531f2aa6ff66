#include "core/base/quantile.hpp"

#include <cstddef>

#include "core/base/assert.hpp"

namespace fermata {

double quantile_of_sorted(std::span<const double> ascending, double p) {
    FERMATA_ASSERT(!ascending.empty() && p >= 0 && p <= 1);
    const double rank = static_cast<double>(ascending.size() - 1) * p;
    const auto below = static_cast<std::size_t>(rank);
    if (below + 1 >= ascending.size()) return ascending.back();
    const double part = rank - static_cast<double>(below);
    return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

}  // namespace fermata
