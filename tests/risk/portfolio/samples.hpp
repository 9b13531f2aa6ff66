#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "core/base/random.hpp"
#include "risk/portfolio/matrix.hpp"

namespace fermata::portfolio::test {

[[nodiscard]] inline Matrix matrix(std::initializer_list<std::initializer_list<double>> rows) {
    Matrix m(rows.size(), rows.begin()->size());
    std::size_t r = 0;
    for (const auto& row : rows) {
        std::size_t c = 0;
        for (const double v : row) m(r, c++) = v;
        ++r;
    }
    return m;
}

/// Daily returns of `instruments` that share a common part, so that they are correlated.
[[nodiscard]] inline Matrix random_returns(std::size_t days, std::size_t instruments,
                                           std::uint64_t seed) {
    Xoshiro256 random(seed);
    // Twelve uniforms less six: variance 1, normal enough.
    const auto deviate = [&] {
        double sum = -6;
        for (int k = 0; k < 12; ++k) sum += random.uniform();
        return sum;
    };
    std::vector<double> beta, own;
    for (std::size_t i = 0; i < instruments; ++i) {
        beta.push_back(0.2 + 1.5 * random.uniform());
        own.push_back(0.005 + 0.02 * random.uniform());
    }
    Matrix returns(days, instruments);
    for (std::size_t t = 0; t < days; ++t) {
        const double market = 0.01 * deviate();
        for (std::size_t i = 0; i < instruments; ++i) {
            returns(t, i) = beta[i] * market + own[i] * deviate();
        }
    }
    return returns;
}

}  // namespace fermata::portfolio::test
