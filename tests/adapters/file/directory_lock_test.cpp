#include "adapters/file/directory_lock.hpp"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace fermata {
namespace {

TEST(DirectoryLock, KeepsOthersOutUntilItIsGone) {
    const std::string directory = testing::TempDir() + "directory_lock_test";
    std::filesystem::create_directories(directory);
    {
        auto lock = DirectoryLock::take(directory);
        ASSERT_TRUE(lock.ok());
        const auto second = DirectoryLock::take(directory);
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().code, FileErrorCode::kExists);
        const DirectoryLock moved = std::move(*lock);
        EXPECT_FALSE(DirectoryLock::take(directory).ok());
    }
    EXPECT_TRUE(DirectoryLock::take(directory).ok());
    EXPECT_TRUE(std::filesystem::is_empty(directory)) << "no file is left behind";
    std::filesystem::remove(directory);
    EXPECT_EQ(DirectoryLock::take(directory).error().code, FileErrorCode::kNotFound);
}

class HeldLock : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "directory_lock_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    std::string directory_;
};

TEST_F(HeldLock, NamesTheDirectoryAndTheProcessThatHoldsIt) {
    const auto lock = DirectoryLock::take(directory_);
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(DirectoryLock::take(directory_).error().message,
              "cannot lock " + directory_ + ": process " + std::to_string(::getpid()) +
                  " is at work on it");
}

TEST_F(HeldLock, DiesWithAProcessThatIsKilled) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = DirectoryLock::take(directory_);
        const char ok = lock.ok() ? 'y' : 'n';
        if (::write(ready[1], &ok, 1) == 1) ::pause();
        ::_exit(0);
    }
    char ok = '?';
    ASSERT_EQ(::read(ready[0], &ok, 1), 1);
    EXPECT_EQ(ok, 'y');
    EXPECT_FALSE(DirectoryLock::take(directory_).ok());
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(DirectoryLock::take(directory_).ok());
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(HeldLock, IsNotInheritedByAProgramThatIsStarted) {
    pid_t child = 0;
    {
        const auto lock = DirectoryLock::take(directory_);
        ASSERT_TRUE(lock.ok());
        std::string name = "sleep", seconds = "60";
        char* arguments[] = {name.data(), seconds.data(), nullptr};
        ASSERT_EQ(::posix_spawnp(&child, "sleep", nullptr, nullptr, arguments, environ), 0);
    }
    EXPECT_TRUE(DirectoryLock::take(directory_).ok()) << "while it still runs";
    EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0);
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST_F(HeldLock, LeavesRoomForOtherWorkUnderANameOfItsOwn) {
    const auto whole = DirectoryLock::take(directory_);
    const auto part = DirectoryLock::take(directory_, "anchors.lock");
    ASSERT_TRUE(whole.ok() && part.ok());
    EXPECT_EQ(DirectoryLock::take(directory_, "anchors.lock").error().code, FileErrorCode::kExists);
    EXPECT_TRUE(DirectoryLock::take(directory_, "other.lock").ok());
}

}  // namespace
}  // namespace fermata
