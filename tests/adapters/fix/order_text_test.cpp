#include "adapters/fix/order_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/types/number.hpp"

namespace fermata::fix {
namespace {

std::string text_of(RequestId id) {
    char out[kTextMax];
    return std::string(out, format_request_id(id, out));
}
std::string utc(std::int64_t ns) {
    char out[kTextMax];
    return std::string(out, format_utc(Timestamp{ns}, out));
}

TEST(RequestId, SaysDayEpochCounterAndWhichRequest) {
    const ClientOrderId order = make_client_order_id(20'779, 3, 17);
    EXPECT_EQ(text_of({order}), "20779-3-17");
    EXPECT_EQ(text_of({order, 2}), "20779-3-17-2");
    EXPECT_EQ(parse_request_id("20779-3-17"), (RequestId{order}));
    EXPECT_EQ(parse_request_id("20779-3-17-2"), (RequestId{order, 2}));
    const RequestId largest{make_client_order_id(65'535, 65'535, 4'294'967'295U), 4'294'967'295U};
    EXPECT_EQ(text_of(largest), "65535-65535-4294967295-4294967295");
    EXPECT_EQ(parse_request_id(text_of(largest)), largest);
}

TEST(RequestId, TakesNothingElseForOurs) {
    for (const char* text :
         {"",       "-",       "1",        "1-2",       "1-2-",      "1-2-0",
          "01-2-3", "1-02-3",  "1-2-03",   "65536-1-1", "1-65536-1", "1-1-4294967296",
          "1-2-3-", "1-2-3-0", "1-2-3-04", "1-2-3-4-5", " 1-2-3",    "1-2-3 ",
          "-1-2-3", "+1-2-3",  "1--2-3",   "1-2-3x",    "1/2/3",     "1-2-3-4294967296"}) {
        EXPECT_EQ(parse_request_id(text), std::nullopt) << text;
    }
}

RC_GTEST_PROP(RequestId, ComesBackFromItsText, (std::uint64_t order, std::uint32_t change)) {
    RC_PRE((order & 0xffff'ffff) != 0);
    const RequestId id{ClientOrderId{order}, change};
    RC_ASSERT(parse_request_id(text_of(id)) == id);
}

// Dates by `date -u -d @SECONDS`.
TEST(FormatUtc, WritesTheCivilDateAndMilliseconds) {
    EXPECT_EQ(utc(0), "19700101-00:00:00.000");
    EXPECT_EQ(utc(1'767'623'400'125'999'999), "20260105-14:30:00.125");
    EXPECT_EQ(utc(951'782'399'999'000'000), "20000228-23:59:59.999");
    EXPECT_EQ(utc(951'782'400'000'000'000), "20000229-00:00:00.000");
    EXPECT_EQ(utc(1'709'251'199'000'000'000), "20240229-23:59:59.000");
    EXPECT_EQ(utc(4'107'542'400'000'000'000), "21000301-00:00:00.000");
}

TEST(ParseFloat, IsExactToTheLastDigit) {
    EXPECT_EQ(parse_as<Price>("187.25")->raw(), 187'250'000'000);
    EXPECT_EQ(parse_as<Price>("-37.63")->raw(), -37'630'000'000);
    EXPECT_EQ(parse_as<Price>("0.000000001")->raw(), 1);
    EXPECT_EQ(parse_as<Price>("9223372036.854775807")->raw(), 9'223'372'036'854'775'807);
    EXPECT_EQ(parse_as<Quantity>("92233720368.54775807")->raw(), 9'223'372'036'854'775'807);
    EXPECT_EQ(parse_as<Price>("1.2500000000000")->raw(), 1'250'000'000);
    EXPECT_EQ(parse_as<Price>("00023.50")->raw(), 23'500'000'000);
    EXPECT_EQ(parse_as<Price>(".5")->raw(), 500'000'000);
    EXPECT_EQ(parse_as<Price>("5.")->raw(), 5'000'000'000);
}

TEST(ParseFloat, RefusesWhatFixDoesNotWrite) {
    EXPECT_EQ(parse_as<Price>("0.0000000001").error(), DecimalError::kTooManyDecimals);
    EXPECT_EQ(parse_as<Price>("9223372036.854775808").error(), DecimalError::kOutOfRange);
    EXPECT_EQ(parse_as<Price>("99999999999999999999999").error(), DecimalError::kOutOfRange);
    EXPECT_EQ(parse_as<Price>("").error(), DecimalError::kEmpty);
    for (const char* text : {"+1", "1e3", "1E3", "1,5", " 1", "1 ", "nan", "inf", "0x10", "--1",
                             "1-", "1.2.3", "-", ".", "-.", "1\n"}) {
        EXPECT_EQ(parse_as<Price>(text).error(), DecimalError::kNotANumber) << text;
    }
}

TEST(IdOf, TellsTextsApartAndIsTheSameEverywhere) {
    EXPECT_EQ(id_of(""), 0U);
    EXPECT_NE(id_of("E1"), id_of("E2"));
    EXPECT_NE(id_of("E1"), id_of("E1 "));
    EXPECT_NE(id_of("E1"), id_of(std::string_view("E1\0", 3)));
    EXPECT_EQ(id_of("E1"), id_of(std::string("E") + "1"));
    EXPECT_NE(id_of("E1", "A"), id_of("E1", "B"));
    EXPECT_NE(id_of("E1", "A"), id_of("A", "E1"));
    EXPECT_EQ(id_of("E1", ""), id_of("E1"));
}

TEST(IdOf, HasNoCollisionAmongMillionsOfNumberedIds) {
    std::vector<std::uint64_t> ids;
    for (int n = 0; n < 1'000'000; ++n) ids.push_back(id_of("EXEC-20260105-" + std::to_string(n)));
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace
}  // namespace fermata::fix
