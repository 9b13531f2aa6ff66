#include "risk/exact_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace fermata {
namespace {

constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

/// Rows of any length, with the largest and smallest numbers among them.
struct Rows {
    Rows(std::size_t n, std::uint64_t seed) {
        std::mt19937_64 random(seed);
        for (std::size_t j = 0; j < n; ++j) {
            const auto any = [&] { return static_cast<std::int32_t>(random()); };
            sums.push_back(static_cast<std::int64_t>(random()) >> 8);
            a.push_back(j % 7 == 0 ? -kMost : any());
            b.push_back(j % 5 == 0 ? kMost : any());
        }
    }
    std::vector<std::int64_t> sums;
    std::vector<std::int32_t> a, b;
};

constexpr std::int32_t kFactors[] = {0, 1, -1, 1'000, -123'456'789, kMost - 1, -kMost + 1};

TEST(ExactRows, AddsWhatAPlainLoopAdds) {
    for (std::size_t n = 0; n < 40; ++n) {
        for (const std::int32_t by : kFactors) {
            Rows rows(n, n);
            std::vector<std::int64_t> expected;
            for (std::size_t j = 0; j < n; ++j) {
                expected.push_back(rows.sums[j] + static_cast<std::int64_t>(by) * rows.a[j]);
            }
            add_scaled(rows.sums.data(), rows.a.data(), by, n);
            ASSERT_EQ(rows.sums, expected) << n << " x " << by;
        }
    }
}

TEST(ExactRows, CountsWhatIsBelowAndNotWhatIsEqual) {
    for (std::size_t n = 0; n <= 64; n += 8) {
        for (const std::int32_t by : kFactors) {
            const Rows rows(n, n + 1);
            std::vector<std::int64_t> all;
            for (std::size_t j = 0; j < n; ++j) {
                all.push_back(rows.sums[j] + static_cast<std::int64_t>(by) * rows.a[j]);
            }
            std::vector<std::int64_t> bounds = all;  // each of them is equal to one
            bounds.push_back(0);
            for (const std::int64_t bound : bounds) {
                std::int64_t expected = 0;
                for (const std::int64_t v : all) expected += v < bound ? 1 : 0;
                ASSERT_EQ(count_below(rows.sums.data(), rows.a.data(), by, n, bound), expected);
            }
        }
    }
}

TEST(ExactRows, FindsTheLowestOfZeroAndAll) {
    for (std::size_t n = 0; n <= 64; n += 8) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            Rows rows(n, seed);
            if (seed == 0) {
                for (std::int64_t& v : rows.sums) v = v < 0 ? -v : v;
            }
            std::int64_t expected = 0;
            for (const std::int64_t v : rows.sums) expected = std::min(expected, v);
            EXPECT_EQ(lowest_of(rows.sums.data(), n), expected);
        }
    }
}

TEST(ExactRows, FindsOneThatIsBelow) {
    for (std::size_t n = 8; n <= 32; n += 8) {
        for (const std::int32_t by : {0, 5, -1'000'000, kMost / 2}) {
            const Rows rows(n, n + 2);
            std::int64_t smallest = std::numeric_limits<std::int64_t>::max();
            for (std::size_t j = 0; j < n; ++j) {
                smallest =
                    std::min(smallest, rows.sums[j] + static_cast<std::int64_t>(by) * rows.a[j] -
                                           static_cast<std::int64_t>(by / 3) * rows.b[j]);
            }
            const auto below = [&](std::int64_t bound) {
                return any_below(rows.sums.data(), rows.a.data(), by, rows.b.data(), -(by / 3), n,
                                 bound);
            };
            EXPECT_FALSE(below(smallest));
            EXPECT_TRUE(below(smallest + 1));
        }
    }
}

}  // namespace
}  // namespace fermata
