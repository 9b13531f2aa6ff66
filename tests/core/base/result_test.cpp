#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "core/types/number.hpp"

namespace fermata {
namespace {

enum class Cause : std::uint8_t { kFirst = 0, kLast = 255 };
enum class Negative : std::int32_t { kLowest = std::numeric_limits<std::int32_t>::min() };

using Small = Result<std::int64_t, Cause>;
using Large = Result<std::string, Cause>;

TEST(Result, HoldsEitherAValueOrAnError) {
    for (const std::int64_t v :
         {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
        const Small r = v;
        EXPECT_TRUE(r.ok());
        EXPECT_EQ(*r, v);
        EXPECT_EQ(r.value_or(7), v);
    }
    for (const Cause cause : {Cause::kFirst, Cause::kLast}) {
        const Small r = Err{cause};
        EXPECT_FALSE(r);
        EXPECT_EQ(r.error(), cause);
        EXPECT_EQ(r.value_or(7), 7);
        const Large text = Err{cause};
        EXPECT_FALSE(text);
        EXPECT_EQ(text.error(), cause);
    }
    const Large text = std::string("as it is");
    EXPECT_EQ(text->size(), 8U);
}

TEST(Result, KeepsErrorsOfAnySign) {
    const Result<std::int64_t, Negative> r = Err{Negative::kLowest};
    EXPECT_FALSE(r);
    EXPECT_EQ(r.error(), Negative::kLowest);
}

TEST(Result, OfNothingIsAStatus) {
    EXPECT_TRUE(Status<Cause>(Unit{}).ok());
    EXPECT_FALSE(Status<Cause>(Err{Cause::kFirst}).ok());
}

TEST(Result, CanBeChangedInPlaceAndMovedFrom) {
    Large r = std::string("a");
    *r += "b";
    EXPECT_EQ(std::move(r).value(), "ab");
}

TEST(Result, OfANumberFitsTwoRegisters) {
    static_assert(sizeof(Result<Money, NumberError>) == 16);
    static_assert(std::is_trivially_copyable_v<Result<Money, NumberError>>);
    static_assert(sizeof(Status<NumberError>) <= 16);
}

TEST(ResultDeathTest, ReadingTheWrongSideAborts) {
    EXPECT_DEATH((void)*Small(Err{Cause::kFirst}), "");
    EXPECT_DEATH((void)Small(std::int64_t{1}).error(), "");
    EXPECT_DEATH((void)*Large(Err{Cause::kFirst}), "");
}

}  // namespace
}  // namespace fermata
