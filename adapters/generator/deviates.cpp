#include "adapters/generator/deviates.hpp"

#include <array>
#include <cmath>

#include "core/base/portable_math.hpp"

namespace fermata::generator {
namespace {

constexpr int kLayers = 256;

/// Layer i, from 1, is the rectangle of width x[i] between the heights f[i] and f[i + 1]; layer 0
/// is the bottom strip with the tail, as wide as a rectangle of the same area. All have area v.
struct Ziggurat {
    std::array<double, kLayers + 1> x{};
    std::array<double, kLayers + 1> f{};
    std::array<double, kLayers> inside{};  ///< x[i + 1] / x[i]: left of it all is under the curve.
};

/// `r` is where the tail begins, `v` the area of a layer, `density` f and `inverse` its inverse.
template <class Density, class Inverse>
Ziggurat make(double r, double v, Density density, Inverse inverse) {
    Ziggurat z;
    z.x[0] = v / density(r);
    z.x[1] = r;
    z.f[1] = density(r);
    for (std::size_t i = 2; i < kLayers; ++i) {
        z.f[i] = z.f[i - 1] + v / z.x[i - 1];
        z.x[i] = inverse(z.f[i]);
    }
    z.x[kLayers] = 0;
    z.f[kLayers] = 1;
    z.f[0] = 0;
    for (std::size_t i = 0; i < kLayers; ++i) z.inside[i] = z.x[i + 1] / z.x[i];
    return z;
}

// r and v solve: the layers of equal area end exactly at f(0) = 1.
constexpr double kNormalTail = 3.654152885361008771645;
const Ziggurat kNormal = make(
    kNormalTail, 0.004928673233974655347362, [](double x) { return portable_exp(-0.5 * x * x); },
    [](double y) { return std::sqrt(-2.0 * portable_log(y)); });

constexpr double kExponentialTail = 7.697117470131049714045;
const Ziggurat kExponential = make(
    kExponentialTail, 0.003949659822581557219978, [](double x) { return portable_exp(-x); },
    [](double y) { return -portable_log(y); });

}  // namespace

double normal(Xoshiro256& random) noexcept {
    for (;;) {
        const std::uint64_t bits = random.next();
        const std::size_t layer = bits & 0xff;
        const double sign = (bits & 0x100) != 0 ? -1.0 : 1.0;
        const double u = static_cast<double>(bits >> 11) * 0x1p-53;
        const double x = u * kNormal.x[layer];
        if (u < kNormal.inside[layer]) return sign * x;
        if (layer == 0) {  // the tail, by Marsaglia's method (1964)
            double beyond;
            double height;
            do {
                beyond = exponential(random) / kNormalTail;
                height = exponential(random);
            } while (2 * height < beyond * beyond);
            return sign * (kNormalTail + beyond);
        }
        const double low = kNormal.f[layer];
        const double y = low + random.uniform() * (kNormal.f[layer + 1] - low);
        if (y < portable_exp(-0.5 * x * x)) return sign * x;
    }
}

double exponential(Xoshiro256& random) noexcept {
    double start = 0;  // the tail is the same distribution again
    for (;;) {
        const std::uint64_t bits = random.next();
        const std::size_t layer = bits & 0xff;
        const double u = static_cast<double>(bits >> 11) * 0x1p-53;
        const double x = u * kExponential.x[layer];
        if (u < kExponential.inside[layer]) return start + x;
        if (layer == 0) {
            start += kExponentialTail;
            continue;
        }
        const double low = kExponential.f[layer];
        const double y = low + random.uniform() * (kExponential.f[layer + 1] - low);
        if (y < portable_exp(-x)) return start + x;
    }
}

Geometric::Geometric(double mean) noexcept
    : scale_(mean > 1 ? -1.0 / portable_log(1.0 - 1.0 / mean) : 0) {}

}  // namespace fermata::generator
