#include "adapters/postgres/stored_batches.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/postgres/storable_text.hpp"

namespace fermata::postgres {
namespace {

TEST(StoredPositions, AreReadAsTheyWereWritten) {
    const StreamPositions positions = {
        {JournalStream::kTrading, 5'131}, {JournalStream::kFeed, 1}, {shard_stream(0), 20}};
    EXPECT_EQ(array_text(positions, false), "{1,2,64}");
    EXPECT_EQ(array_text(positions, true), "{5131,1,20}");
    EXPECT_EQ(parse_positions("{1,2,64}", "{5131,1,20}"), positions);
    EXPECT_EQ(parse_positions("{}", "{}"), StreamPositions());
}

TEST(StoredPositions, OfAnyOtherFormAreRefused) {
    const std::pair<const char*, const char*> wrong[] = {
        {"{1,64}", "{1}"},    {"{1}", "{NULL}"},  {"{NULL}", "{1}"},
        {"{1}", "{0}"},       {"{1}", "{-1}"},    {"{-1}", "{1}"},
        {"{64,1}", "{1,1}"},  {"{1,1}", "{1,1}"}, {"{256}", "{1}"},
        {"{0}", "{1}"},       {"", ""},           {"{", "{"},
        {"{1", "{1"},         {"{1,}", "{1,}"},   {"{{1},{2}}", "{1,2}"},
        {"[0:0]={1}", "{1}"}, {"{1}", "{1}x"},    {"{1}", "{18446744073709551616}"},
        {"{1 }", "{1}"},      {"{1;2}", "{1,2}"},
    };
    for (const auto& [streams, positions] : wrong) {
        EXPECT_FALSE(parse_positions(streams, positions).has_value()) << streams << positions;
    }
}

RC_GTEST_PROP(StoredPositions, AnyTextIsReadOrRefused, (std::string a, std::string b)) {
    const auto read = parse_positions("{" + a + "}", "{" + b + "}");
    if (read) RC_ASSERT(array_text(*read, false).size() <= a.size() + 2);
}

TEST(StorableText, IsUtf8WithoutNul) {
    for (const std::string_view text : {"", "plain\n\t", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_FALSE(why_not_storable(text).has_value()) << text;
    }
    using namespace std::string_view_literals;
    EXPECT_EQ(why_not_storable("ab\0c"sv), "has a NUL byte at byte 3");
    EXPECT_EQ(why_not_storable("S\xffP"), "is not valid UTF-8 at byte 2");
    // Lone and missing continuations, too long forms, surrogates, beyond U+10FFFF.
    for (const std::string_view text :
         {"\x80", "\xc2", "\xc2g", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
          "\xe2\x82", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80"}) {
        EXPECT_TRUE(why_not_storable(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace fermata::postgres
