// Taking in a day allocates nothing. This file replaces the global allocation functions of the test
// program, in order to count.

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <new>

#include "core/market/corporate_action.hpp"
#include "risk/portfolio/return_history.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FERMATA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FERMATA_SANITIZED 1
#endif
#endif

namespace {
std::size_t allocations = 0;
}  // namespace

#ifndef FERMATA_SANITIZED  // sanitizers bring an operator new of their own
void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#endif

namespace fermata::portfolio {
namespace {

TEST(ReturnHistory, AllocatesNothingWhenADayIsAdded) {
#ifdef FERMATA_SANITIZED
    GTEST_SKIP() << "a sanitizer owns operator new";
#endif
    ReturnHistory history(64, 16);
    std::array<double, 64> closes{};
    closes.fill(10);
    ::operator delete(::operator new(7));  // counts at all
    const std::size_t before = allocations;
    EXPECT_GT(before, 0U);
    for (std::int32_t day = 1; day <= 100; ++day) {
        closes[static_cast<std::size_t>(day) % 64] =
            day % 3 == 0 ? std::numeric_limits<double>::quiet_NaN() : day;
        ASSERT_TRUE(history.add_day(Date{day}, closes).ok());
        history.apply(3, make_dividend(Price::from_raw(1)));
    }
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace fermata::portfolio
