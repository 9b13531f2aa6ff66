#include "daemon/cli/report_output.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "daemon/cli/journal_folder.hpp"
#include "daemon/cli/report_text.hpp"
#include "daemon/cli/time_option.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

TEST(ReportOutput, GoesToTheFileThatIsNamed) {
    const TemporaryFolder folder;
    const std::string file = (folder / "report.txt").string();
    write_report("first, longer\n", file);
    write_report("second\n", file);
    EXPECT_EQ(read_text(file), "second\n");
    EXPECT_THROW(write_report("lost", file + "/below a file"), std::runtime_error);
}

TEST(ReportOutput, QuotesACsvFieldOnlyWhereItMust) {
    EXPECT_EQ(csv_field(""), "");
    EXPECT_EQ(csv_field("buy 10"), "buy 10");
    EXPECT_EQ(csv_field("1,5"), "\"1,5\"");
    EXPECT_EQ(csv_field("say \"no\""), "\"say \"\"no\"\"\"");
    EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(ReportText, WritesNumbersThatAreNamesAsTheyAreTyped) {
    Report report{{"state_version", 1'838'438'890'508U},
                  {"open_orders", 1'200U},
                  {"orders", Report::array({{{"order", 1'234'567U}, {"filled", 1'234'567U}}})}};
    const std::string text = report_text(report);
    EXPECT_NE(text.find("1838438890508\n"), std::string::npos) << text;
    EXPECT_NE(text.find("1,200\n"), std::string::npos) << text;
    EXPECT_NE(text.find("1234567  1,234,567\n"), std::string::npos) << text;
}

TEST(JournalFolder, IsFoundInTheFolderOfItsRun) {
    const TemporaryFolder folder;
    const std::string run = (folder / "run").string();
    EXPECT_EQ(journal_folder(run), run);
    std::filesystem::create_directories(run + "/journal");
    EXPECT_EQ(journal_folder(run), run + "/journal");
    EXPECT_EQ(journal_folder(run + "/journal"), run + "/journal");
}

TEST(TimeOption, TakesADateAnInstantOrNanoseconds) {
    EXPECT_EQ(time_option("--at", ""), std::nullopt);
    EXPECT_EQ(time_option("--at", "17"), Timestamp{17});
    // date -u -d '2010-05-06 14:30' +%s
    EXPECT_EQ(time_option("--at", "2010-05-06T14:30:00Z"), Timestamp{1'273'156'200'000'000'000});
    EXPECT_THROW((void)time_option("--at", "noon"), CLI::ValidationError);
}

}  // namespace
}  // namespace fermata::test
