#include "daemon/live/approvals.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fermata {
namespace {

const std::string kHash = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'b');

std::string problem(const std::string& text) {
    try {
        (void)parse_approvals(text, "live.approvals");
    } catch (const std::runtime_error& e) {
        return e.what();
    }
    return {};
}

TEST(Approvals, AreOfOneBuildAndOneConfigurationTogether) {
    const auto all = parse_approvals(
        "# who may run what\n\n" + kHash + " | fermata 1 | mara: first\r\n" + kOther +
            " |fermata 2| ken | with a bar\n" + kHash + " | fermata 1 | ken: again",
        "x");
    ASSERT_EQ(all.size(), 3U);
    ASSERT_NE(find_approval(all, kHash, "fermata 1"), nullptr);
    EXPECT_EQ(find_approval(all, kHash, "fermata 1")->who, "ken: again");
    EXPECT_EQ(find_approval(all, kOther, "fermata 2")->who, "ken | with a bar");
    EXPECT_EQ(find_approval(all, kHash, "fermata 2"), nullptr);
    EXPECT_EQ(find_approval(all, kOther, "fermata 1"), nullptr);
}

TEST(Approvals, AreReadAsTheyAreWritten) {
    const Approval written{kHash, "fermata 0.1.0 0123456789ab", "mara, 2026-03-02: why"};
    const auto read = parse_approvals(approval_line(written) + "\n", "x");
    ASSERT_EQ(read.size(), 1U);
    EXPECT_EQ(read[0].configuration_hash, written.configuration_hash);
    EXPECT_EQ(read[0].build, written.build);
    EXPECT_EQ(read[0].who, written.who);
}

TEST(Approvals, NameLineFieldAndWhatWasExpectedWhereTheyAreWrong) {
    EXPECT_TRUE(parse_approvals("", "x").empty());
    EXPECT_EQ(problem("#\n" + kHash + " | fermata 1"),
              "live.approvals:2: found 2 fields, expected three with bars between them: "
              "configuration hash | build | who and why");
    EXPECT_NE(problem(kHash.substr(1) + " | b | c").find("live.approvals:1: field 1: found 'ha"),
              std::string::npos);
    for (const std::string& hash :
         {kHash + "a", kHash.substr(0, 70), "sha256:" + std::string(64, 'A'), std::string("x")}) {
        EXPECT_NE(problem(hash + " | b | c").find("field 1"), std::string::npos) << hash;
    }
    EXPECT_NE(problem(kHash + " |  | c").find("field 2"), std::string::npos);
    EXPECT_NE(problem(kHash + " | b | ").find("field 3"), std::string::npos);
}

}  // namespace
}  // namespace fermata
