#include "core/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "adapters/generator/deviates.hpp"

namespace fermata::generator {
namespace {

constexpr int kDraws = 1'000'000;

// The values of the authors' C code (prng.di.unimi.it), as other libraries test against them.
TEST(SplitMix64, GivesTheReferenceSequence) {
    SplitMix64 mix(1477776061723855037ULL);
    const std::array<std::uint64_t, 5> expected{1985237415132408290ULL, 2979275885539914483ULL,
                                                13511426838097143398ULL, 8488337342461049707ULL,
                                                15141737807933549159ULL};
    for (const std::uint64_t e : expected) EXPECT_EQ(mix.next(), e);
}

TEST(Xoshiro256, GivesTheReferenceSequence) {
    Xoshiro256 random(Xoshiro256::State{1, 2, 3, 4});
    const std::array<std::uint64_t, 10> expected{
        11520ULL,
        0ULL,
        1509978240ULL,
        1215971899390074240ULL,
        1216172134540287360ULL,
        607988272756665600ULL,
        16172922978634559625ULL,
        8476171486693032832ULL,
        10595114339597558777ULL,
        2904607092377533576ULL,
    };
    for (const std::uint64_t e : expected) EXPECT_EQ(random.next(), e);
}

TEST(Xoshiro256, JumpsToAnotherStream) {
    // The step is linear over the bits of the state, and so is any number of steps: the jump of a
    // sum of states is the sum of the jumps.
    const Xoshiro256::State a{1, 2, 3, 4}, b{5, 99, 7, 1ULL << 63};
    Xoshiro256::State both{};
    for (std::size_t i = 0; i < 4; ++i) both[i] = a[i] ^ b[i];
    const auto low_bits_of_jump = [](const Xoshiro256::State& s) {
        Xoshiro256 r(s);
        r.jump();
        // rotl(s1 * 5, 7) * 9 is invertible: undo it to see the second word of the state.
        const std::uint64_t x = r.next() * 0x8e38e38e38e38e39ULL;  // 1/9 mod 2^64
        return std::rotr(x, 7) * 0xcccccccccccccccdULL;            // 1/5 mod 2^64
    };
    EXPECT_EQ(low_bits_of_jump(both), low_bits_of_jump(a) ^ low_bits_of_jump(b));
    Xoshiro256 here(7), there(7);
    there.jump();
    EXPECT_NE(here.next(), there.next());
}

/// Pearson's chi-square of draws against equally likely cells, given the distribution function.
template <class Draw, class Cdf>
double chi_square(Draw draw, Cdf cdf, int cells) {
    std::vector<double> count(static_cast<std::size_t>(cells));
    for (int i = 0; i < kDraws; ++i) {
        const double u = cdf(draw());
        ++count[static_cast<std::size_t>(std::min(u * cells, cells - 1.0))];
    }
    const double expected = static_cast<double>(kDraws) / cells;
    double sum = 0;
    for (const double n : count) sum += (n - expected) * (n - expected) / expected;
    return sum;
}

// Chi-square with 999 degrees of freedom: mean 999, deviation sqrt(2 x 999) = 44.7. Five
// deviations: 775 to 1223.
TEST(Deviates, NormalFollowsItsDistributionFunction) {
    Xoshiro256 random(4);
    const double x2 =
        chi_square([&] { return normal(random); },
                   [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }, 1000);
    EXPECT_GT(x2, 775);
    EXPECT_LT(x2, 1223);
}

TEST(Deviates, ExponentialFollowsItsDistributionFunction) {
    Xoshiro256 random(5);
    const double x2 = chi_square([&] { return exponential(random); },
                                 [](double x) { return -std::expm1(-x); }, 1000);
    EXPECT_GT(x2, 775);
    EXPECT_LT(x2, 1223);
}

// Beyond the last layer, 3.654, lie 2 x 1.29e-4 of the normal distribution: 258 of a million,
// deviation 16. Beyond 4.5 lie 6.8e-6: of 10 million 68, deviation 8.2.
TEST(Deviates, NormalHasItsTail) {
    Xoshiro256 random(6);
    int beyond_layers = 0;
    int far = 0;
    for (int i = 0; i < 10 * kDraws; ++i) {
        const double x = std::abs(normal(random));
        if (i < kDraws && x > 3.654152885361008) ++beyond_layers;
        if (x > 4.5) ++far;
    }
    EXPECT_NEAR(beyond_layers, 258, 5 * 16);
    EXPECT_NEAR(far, 68, 5 * 8.2);
}

// P(k) = (1 - p)^(k - 1) p with p = 1 / mean; the variance is (1 - p) / p^2.
TEST(Deviates, GeometricHasItsMeanAndItsFirstProbability) {
    Xoshiro256 random(7);
    const Geometric geometric(4);
    double sum = 0;
    int ones = 0;
    for (int i = 0; i < kDraws; ++i) {
        const std::int64_t k = geometric(random);
        ASSERT_GE(k, 1);
        sum += static_cast<double>(k);
        if (k == 1) ++ones;
    }
    // deviation of the mean: sqrt(0.75 / 0.0625 / 1e6) = 0.00346; of the share: sqrt(.1875 / 1e6).
    EXPECT_NEAR(sum / kDraws, 4, 5 * 0.00346);
    EXPECT_NEAR(static_cast<double>(ones) / kDraws, 0.25, 5 * 0.000433);
    Geometric one(1);
    EXPECT_EQ(one(random), 1);
}

}  // namespace
}  // namespace fermata::generator
