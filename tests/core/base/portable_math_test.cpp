#include "core/base/portable_math.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/random.hpp"

namespace fermata {
namespace {

TEST(PortableMath, ExponentialIsWithinThreeUnitsOfTheLastPlace) {
    Xoshiro256 random(2);
    for (int i = 0; i < 1'000'000; ++i) {
        const double x = (random.uniform() - 0.5) * 1400;
        const double e = portable_exp(x);
        const long double exact = std::exp(static_cast<long double>(x));
        const double unit = std::nextafter(e, INFINITY) - e;
        ASSERT_LE(std::abs(static_cast<double>(e - exact)), 3 * unit) << x;
    }
    EXPECT_EQ(portable_exp(0), 1);
}

TEST(PortableMath, LogarithmIsWithinThreeUnitsOfTheLastPlace) {
    Xoshiro256 random(3);
    for (int i = 0; i < 1'000'000; ++i) {
        const double x =
            std::ldexp(1 + random.uniform(), static_cast<int>(random.below(2000)) - 1000);
        const double l = portable_log(x);
        const long double exact = std::log(static_cast<long double>(x));
        const double unit = std::nextafter(std::abs(l), INFINITY) - std::abs(l);
        ASSERT_LE(std::abs(static_cast<double>(l - exact)), 3 * unit) << x;
    }
    EXPECT_EQ(portable_log(1), 0);
}

}  // namespace
}  // namespace fermata
