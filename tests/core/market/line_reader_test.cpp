#include "core/market/line_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace fermata {
namespace {

/// "1:text 2!long 3?bad" of all lines.
std::string lines_of(std::string_view bytes, std::size_t max_line,
                     std::size_t bytes_a_read = 1000) {
    LineReader reader(std::make_unique<MemorySource>(bytes, "m", bytes_a_read), max_line);
    std::string out;
    for (Line line = reader.next(); line.status != LineStatus::kEnd; line = reader.next()) {
        const char mark = line.status == LineStatus::kLine      ? ':'
                          : line.status == LineStatus::kTooLong ? '!'
                                                                : '?';
        out += std::to_string(line.number) + mark + std::string(line.text) + " ";
    }
    return out;
}

TEST(LineReader, CutsAtLfAndCrlfAndCountsBlankLines) {
    EXPECT_EQ(lines_of("a\nb\r\n\n\r\nc", 10), "1:a 2:b 5:c ");
    EXPECT_EQ(lines_of("", 10), "");
    EXPECT_EQ(lines_of("\n\n", 10), "");
}

TEST(LineReader, DropsAByteOrderMarkHoweverItArrives) {
    for (const std::size_t n : {1, 2, 3, 100}) {
        EXPECT_EQ(lines_of("\xEF\xBB\xBFx\ny", 10, n), "1:x 2:y ");
    }
    EXPECT_EQ(lines_of("\xEF\xBB", 10, 1), "1?\xEF\xBB ");
}

TEST(LineReader, ReportsLinesBeyondTheLimitAndGoesOn) {
    for (const std::size_t n : {1, 3, 1000}) {
        EXPECT_EQ(lines_of("abcd\nabcde\nf", 4, n), "1:abcd 2!abcd 3:f ");
        EXPECT_EQ(lines_of("abcd\r\nabcde", 4, n), "1:abcd 2!abcd ");
    }
    const std::string large(3'000'000, 'x');
    EXPECT_EQ(lines_of(large + "\ny\n" + large, 4, 100'000), "1!xxxx 2:y 3!xxxx ");
}

TEST(LineReader, ReportsLinesThatAreNotText) {
    EXPECT_EQ(lines_of("\xC3\xA4\n\xC3\nz", 10), "1:\xC3\xA4 2?\xC3 3:z ");
    EXPECT_EQ(lines_of(std::string_view("a\0b\nc", 5), 10), std::string("1?a\0b 2:c ", 10));
}

TEST(IsText, FollowsTheTableOfWellFormedSequences) {
    // Unicode 15, table 3-7: first and last of each row, then overlong forms, surrogates, beyond.
    for (const char* good : {"\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                             "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xC3\xA4z"}) {
        EXPECT_TRUE(is_text(good));
    }
    for (const char* bad :
         {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\x80", "\xED\xA0\x80", "\xF0\x8F\x80\x80",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xC3\x41", "\xFF"}) {
        EXPECT_FALSE(is_text(bad));
    }
    EXPECT_FALSE(is_text(std::string_view("\0", 1)));
}

TEST(Clip, EscapesAndCuts) {
    EXPECT_EQ(clip("a\n\xff"), "a\\x0a\\xff");
    EXPECT_EQ(clip("abcdef", 3), "abc...");
}

/// Reference: split at LF, strip one CR, drop empty lines.
RC_GTEST_PROP(LineReader, EqualsAPlainSplitWhateverThePieces, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::element('a', '\n', '\r', 'b'));
    const auto bytes_a_read = *rc::gen::inRange<std::size_t>(1, 10);
    std::string expected;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) expected += std::to_string(number) + ":" + line + " ";
        begin = end + 1;
    }
    RC_ASSERT(lines_of(text, 1000, bytes_a_read) == expected);
}

}  // namespace
}  // namespace fermata
