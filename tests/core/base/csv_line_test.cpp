#include "core/base/csv_line.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace fermata {
namespace {

std::vector<std::string> split(std::string_view line, char delimiter = ',') {
    std::array<std::string_view, 16> fields;
    const auto count = split_csv_line(line, delimiter, fields);
    std::vector<std::string> texts;
    if (!count) return {"error: " + std::string(describe(count.error()))};
    for (std::size_t i = 0; i < *count; ++i) texts.push_back(unescape_csv(fields[i]));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(CsvLine, SplitsAtTheDelimiterAndTrimsNothing) {
    EXPECT_EQ(split("a,b"), (Texts{"a", "b"}));
    EXPECT_EQ(split(""), (Texts{""}));
    EXPECT_EQ(split(","), (Texts{"", ""}));
    EXPECT_EQ(split(" a ,\t"), (Texts{" a ", "\t"}));
    EXPECT_EQ(split("a,b;c", ';'), (Texts{"a,b", "c"}));
}

TEST(CsvLine, ReadsQuotedFields) {
    EXPECT_EQ(split("\"a,b\",c"), (Texts{"a,b", "c"}));
    EXPECT_EQ(split("\"\",\"\""), (Texts{"", ""}));
    EXPECT_EQ(split("\"say \"\"hi\"\"\",x"), (Texts{"say \"hi\"", "x"}));
    EXPECT_EQ(split("\"\"\"\""), (Texts{"\""}));
}

TEST(CsvLine, RefusesBrokenQuotes) {
    EXPECT_EQ(split("\"a,b"), (Texts{"error: a quoted field does not end on its line"}));
    EXPECT_EQ(split("\"a\"b,c"), (Texts{"error: text after a closing quote"}));
    EXPECT_EQ(split("a\"b\",c"), (Texts{"error: a quote inside a field without quotes"}));
    EXPECT_EQ(split("\""), (Texts{"error: a quoted field does not end on its line"}));
}

TEST(CsvLine, RefusesMoreFieldsThanThereIsRoomFor) {
    std::array<std::string_view, 2> fields;
    EXPECT_EQ(split_csv_line("a,b", ',', fields).value(), 2u);
    EXPECT_EQ(split_csv_line("a,b,c", ',', fields).error(), CsvLineError::kTooManyFields);
}

RC_GTEST_PROP(CsvLine, ReadsBackWhatIsWrittenWithQuotes, (const std::vector<std::string>& texts)) {
    RC_PRE(!texts.empty() && texts.size() <= 16);
    std::string line;
    for (const std::string& text : texts) {
        if (!line.empty()) line += ',';
        line += '"';
        for (const char c : text) line += c == '"' ? std::string("\"\"") : std::string(1, c);
        line += '"';
    }
    RC_ASSERT(split(line) == texts);
}

}  // namespace
}  // namespace fermata
