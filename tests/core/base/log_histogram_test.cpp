#include "core/base/log_histogram.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

namespace fermata {
namespace {

TEST(LogHistogram, HoldsSmallNumbersExactly) {
    LogHistogram h;
    EXPECT_EQ(h.per_mille(500), 0U);
    for (std::int64_t v = 1; v <= 50; ++v) h.add(v);
    EXPECT_EQ(h.count(), 50U);
    EXPECT_EQ(h.per_mille(500), 25U);
    EXPECT_EQ(h.per_mille(990), 50U);  // rank 49.5, the next
    EXPECT_EQ(h.per_mille(20), 1U);
    EXPECT_EQ(h.max(), 50U);
}

TEST(LogHistogram, TakesEveryNumber) {
    LogHistogram h;
    h.add(std::numeric_limits<std::int64_t>::max());
    h.add(std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(h.per_mille(1), 0U);
    EXPECT_EQ(h.per_mille(1'000),
              static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

/// Against the numbers themselves, sorted.
RC_GTEST_PROP(LogHistogramProperty, IsWithinAThirtySecondAboveTheNumberOfThatRank, ()) {
    const auto exponents =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 62)));
    std::vector<std::uint64_t> values;
    LogHistogram h;
    for (const int e : exponents) {
        const auto v = *rc::gen::inRange<std::int64_t>(0, std::int64_t{2} << e);
        values.push_back(static_cast<std::uint64_t>(v));
        h.add(v);
    }
    std::sort(values.begin(), values.end());
    for (const std::uint64_t q : {1U, 100U, 500U, 900U, 990U, 999U, 1'000U}) {
        const std::uint64_t exact = values[(values.size() * q + 999) / 1'000 - 1];
        RC_ASSERT(h.per_mille(q) >= exact);
        RC_ASSERT(h.per_mille(q) - exact <= exact / 32);
    }
    RC_ASSERT(h.max() == values.back());
}

}  // namespace
}  // namespace fermata
