#pragma once

/// Eigen, for the sources of this folder only: no header that others include may include this one.
///
/// The same input must give the same bits on every machine. Three things of Eigen could break that,
/// and are ruled out here: its products are cut into blocks by the size of the processor's caches
/// (fixed below), sums over memory that is not Eigen's own begin at the first aligned address (data
/// is copied into Eigen's memory first), and its instruction set is chosen by the compiler's flags
/// (which the build fixes). It starts no threads.

#include <Eigen/Dense>
#include <span>

#include "risk/portfolio/matrix.hpp"

namespace fermata::portfolio {

using EigenMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Fixes the sizes by which Eigen cuts its products.
inline void fix_blocking() {
    static const bool fixed = [] {
        Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20);
        return true;
    }();
    static_cast<void>(fixed);
}

[[nodiscard]] inline EigenMatrix to_eigen(const Matrix& m) {
    fix_blocking();
    return Eigen::Map<const EigenMatrix>(m.values().data(), static_cast<Eigen::Index>(m.rows()),
                                         static_cast<Eigen::Index>(m.columns()));
}

[[nodiscard]] inline Eigen::VectorXd to_eigen(std::span<const double> x) {
    fix_blocking();
    return Eigen::Map<const Eigen::VectorXd>(x.data(), static_cast<Eigen::Index>(x.size()));
}

/// The symmetric matrix whose lower triangle is that of `lower`.
[[nodiscard]] inline Matrix from_lower_triangle(const EigenMatrix& lower) {
    const auto n = static_cast<std::size_t>(lower.rows());
    Matrix m(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            m(i, j) = m(j, i) = lower(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
        }
    }
    return m;
}

}  // namespace fermata::portfolio
