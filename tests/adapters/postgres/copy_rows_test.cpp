#include "adapters/postgres/copy_rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <string>

#include "core/types/decimal.hpp"
#include "core/types/number.hpp"

namespace fermata::postgres {
namespace {

std::string hex(std::span<const std::byte> bytes) {
    std::string out;
    for (const std::byte b : bytes) {
        constexpr char kDigits[] = "0123456789abcdef";
        out += kDigits[std::to_integer<unsigned>(b) >> 4];
        out += kDigits[std::to_integer<unsigned>(b) & 0xf];
    }
    return out;
}

/// The value's bytes, without its length and the row's count of columns.
template <class Write>
std::string value(Write write) {
    CopyRows rows;
    rows.row(1);
    write(rows);
    return hex(rows.data().subspan(6));
}

std::string numeric(std::int64_t raw, int decimals) {
    return value([&](CopyRows& rows) { rows.numeric(raw, decimals); });
}

/// A plain reading of numeric's binary form: digits of base 10,000, weight, sign, scale.
std::string read_numeric(const std::string& text) {
    const auto at = [&](std::size_t i) {
        return static_cast<int>(
            static_cast<std::int16_t>(std::stoul(text.substr(4 * i, 4), nullptr, 16)));
    };
    const int count = at(0);
    const int weight = at(1);
    const int scale = at(3);
    const auto digit = [&](int power) {  // of 10,000^power
        const int i = weight - power;
        return i >= 0 && i < count ? at(static_cast<std::size_t>(4 + i)) : 0;
    };
    std::string whole;
    for (int power = std::max(weight, 0); power >= 0; --power) {
        std::string four = std::to_string(10'000 + digit(power)).substr(1);
        whole += four;
    }
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    std::string fraction;
    for (int power = -1; static_cast<int>(fraction.size()) < scale; --power) {
        fraction += std::to_string(10'000 + digit(power)).substr(1);
    }
    fraction.resize(static_cast<std::size_t>(scale));
    return (at(2) != 0 ? "-" : "") + whole + (scale > 0 ? "." + fraction : "");
}

TEST(CopyRows, WritesNumericAsTheManualDescribes) {
    // count, weight, sign, scale, digits; by hand from the definition.
    EXPECT_EQ(numeric(0, 9), "0000000000000009");
    EXPECT_EQ(numeric(1, 9), "0001fffd0000000903e8");                     // 0.0000 0000 1000
    EXPECT_EQ(numeric(12'345'678, 6), "0003000000000006000c0d801e78");    // 12 . 3456 7800
    EXPECT_EQ(numeric(-187'250'000'000, 9), "000200004000000900bb09c4");  // -187 . 2500
    EXPECT_EQ(numeric(2'000'000'000'000, 8), "00010001000000080002");  // 2 0000, its zeros left out
}

TEST(CopyRows, WritesTextBytesAndNulls) {
    CopyRows rows;
    rows.row(3);
    rows.text("AB");
    rows.null();
    rows.boolean(true);
    EXPECT_EQ(hex(rows.data()),
              "0003"
              "00000002"
              "4142"
              "ffffffff"
              "00000001"
              "01");
    EXPECT_EQ(rows.rows(), 1u);
}

TEST(CopyRows, RoundsTimesDownToTheMicrosecondSince2000) {
    const auto at = [](std::int64_t ns) {
        return value([ns](CopyRows& rows) { rows.timestamp({ns}); });
    };
    EXPECT_EQ(at(946'684'800'000'000'000), "0000000000000000");
    EXPECT_EQ(at(946'684'800'000'001'999), "0000000000000001");
    EXPECT_EQ(at(946'684'799'999'999'999), "ffffffffffffffff");
    EXPECT_EQ(at(-1), "fffca2fec4c81fff");  // -946,684,800,000,001
}

TEST(CopyRows, WritesArraysOfTexts) {
    const auto texts = [](std::vector<std::string_view> values) {
        return value([&](CopyRows& rows) { rows.texts(values); });
    };
    EXPECT_EQ(texts({}),
              "00000000"
              "00000000"
              "00000019");
    EXPECT_EQ(texts({"A", "BC"}),
              "00000001"
              "00000000"
              "00000019"
              "00000002"
              "00000001"
              "00000001"
              "41"
              "00000002"
              "4243");
}

TEST(CopyRows, NumericReadsBackAsTheDecimal) {
    EXPECT_TRUE(rc::check("every scale", [](std::int64_t raw) {
        for (const int decimals : {0, 6, 8, 9}) {
            RC_ASSERT(read_numeric(numeric(raw, decimals)) ==
                      format_decimal(raw, decimals, decimals));
        }
    }));
    for (const std::int64_t raw :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
          std::int64_t{10'000}, std::int64_t{-10'000'000'000}, std::int64_t{100'000'000}}) {
        for (const int decimals : {0, 6, 8, 9}) {
            EXPECT_EQ(read_numeric(numeric(raw, decimals)),
                      format_decimal(raw, decimals, decimals));
        }
    }
}

}  // namespace
}  // namespace fermata::postgres
