#pragma once

#include <bit>
#include <cstdint>

/// Exponential and logarithm made of additions, multiplications and divisions alone. The functions
/// of the C library differ in the last bit between versions and processors; these give the same
/// bits wherever arithmetic follows IEEE 754, and so the same seed gives the same data everywhere.
/// The build must not contract a * b + c into one rounding (-ffp-contract=off).

namespace fermata {

namespace detail {
inline constexpr double kLn2High = 0x1.62e42fefa3800p-1;  // 41 bits: k x kLn2High is exact
inline constexpr double kLn2Low = 0x1.ef35793c76730p-45;
}  // namespace detail

/// e^x for |x| <= 700, within 3 units in the last place.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2; e^r by its Taylor series up to r^13 / 13!, whose remainder
/// is below 5e-18; times 2^k.
[[nodiscard]] constexpr double portable_exp(double x) noexcept {
    using namespace detail;
    constexpr double kRounder = 0x1.8p52;  // adding it rounds to a whole number
    const double k = (x * 0x1.71547652b82fep0 + kRounder) - kRounder;
    const double r = (x - k * kLn2High) - k * kLn2Low;
    const double r2 = r * r;
    const double r4 = r2 * r2;
    // In pairs (Estrin), so that the processor works on several at once.
    const double p01 = 1.0 + r;
    const double p23 = 1.0 / 2 + r * (1.0 / 6);
    const double p45 = 1.0 / 24 + r * (1.0 / 120);
    const double p67 = 1.0 / 720 + r * (1.0 / 5040);
    const double p89 = 1.0 / 40320 + r * (1.0 / 362880);
    const double pab = 1.0 / 3628800 + r * (1.0 / 39916800);
    const double pcd = 1.0 / 479001600 + r * (1.0 / 6227020800.0);
    const double low = (p01 + r2 * p23) + r4 * (p45 + r2 * p67);
    const double high = (p89 + r2 * pab) + r4 * pcd;
    const double e = low + r4 * r4 * high;
    const auto exponent = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023);
    return e * std::bit_cast<double>(exponent << 52);
}

/// The natural logarithm of a normal number x > 0, within 3 units in the last place.
///
/// x = m 2^k with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its
/// series up to s^21 / 21, whose remainder is below 1e-18.
[[nodiscard]] constexpr double portable_log(double x) noexcept {
    using namespace detail;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto k = static_cast<std::int64_t>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000f'ffff'ffff'ffffULL) | 0x3ff0'0000'0000'0000ULL);
    if (m >= 0x1.6a09e667f3bcdp0) {
        m *= 0.5;
        ++k;
    }
    const double s = (m - 1.0) / (m + 1.0);
    const double z = s * s;
    double series = 0.0;
    for (int n = 21; n >= 3; n -= 2) series = z * (1.0 / n + series);
    const auto power = static_cast<double>(k);
    return power * kLn2High + (2.0 * (s + s * series) + power * kLn2Low);
}

}  // namespace fermata
