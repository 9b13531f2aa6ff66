#include "adapters/file/directory_lock.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

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

}  // namespace
}  // namespace fermata
