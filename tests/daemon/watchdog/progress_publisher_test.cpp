#include "daemon/watchdog/progress_publisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "adapters/progress/progress_file.hpp"
#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {
namespace {

TEST(ProgressPublisher, MakesTheFolderOfItsFile) {
    const TemporaryFolder folder;
    const std::string path = folder / "runs/live/latch.progress";
    ProgressPublisher publisher(path);
    const auto seen = progress::read(path);
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->state, progress::State::kStarting);
    publisher.ended("a test");
}

TEST(ProgressPublisher, SaysWhichFolderCannotBeMade) {
    const TemporaryFolder folder;
    std::ofstream(folder / "file") << "x";
    try {
        ProgressPublisher publisher(folder / "file/live/latch.progress");
        FAIL() << "it was made";
    } catch (const std::runtime_error& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr(folder / "file/live cannot be made: "));
    }
}

}  // namespace
}  // namespace fermata::test
