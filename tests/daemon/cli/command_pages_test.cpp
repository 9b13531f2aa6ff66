#include "daemon/cli/command_pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fermata {
namespace {

using ::testing::HasSubstr;

struct Tree {
    Tree() {
        CLI::App* latch = app.add_subcommand("latch", "Halts");
        latch->add_subcommand("show", "What is latched")->add_flag("--json", json, "Print JSON");
    }
    bool json = false;
    CLI::App app{"Trades.", "fermata"};
};

TEST(CommandPages, DescribeEveryCommandInTheManual) {
    const Tree tree;
    const std::string text = manual_page(tree.app);
    EXPECT_THAT(text, HasSubstr(".TH FERMATA 1"));
    EXPECT_THAT(text, HasSubstr(".SS fermata latch show\nWhat is latched\n"));
    EXPECT_THAT(text, HasSubstr(".B \\-\\-json\nPrint JSON"));
}

}  // namespace
}  // namespace fermata
