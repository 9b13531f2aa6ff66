#include "adapters/file/posix_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

/// Paths that were synced, while somebody looks.
std::optional<std::vector<std::string>> synced;

}  // namespace
}  // namespace fermata

/// Takes the place of the C library's in this program, to see what is synced.
extern "C" int fsync(int fd) {
    if (fermata::synced) {
        fermata::synced->push_back(
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string());
    }
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace fermata {
namespace {

class PosixFile : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "fermata_posix_file_XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string& file) const { return directory_ + "/" + file; }
    void write(const std::string& file, std::string_view text) {
        auto created = files_.create(path(file));
        ASSERT_TRUE(created.ok());
        ASSERT_TRUE((*created)->append(bytes_of(text)).ok());
        ASSERT_TRUE((*created)->sync().ok());
        ASSERT_TRUE((*created)->close().ok());
    }

    PosixFileSystem files_;
    std::string directory_;
};

TEST_F(PosixFile, ReadsBackWhatWasAppended) {
    write("a", "hello world");
    auto file = files_.open(path("a"));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file)->size().value(), 11U);
    std::array<std::byte, 5> part{};
    EXPECT_EQ((*file)->read(6, part).value(), 5U);
    EXPECT_EQ(text_of(part), "world");
}

TEST_F(PosixFile, ReadsFewerBytesOnlyAtTheEnd) {
    write("a", "abc");
    auto file = files_.open(path("a"));
    ASSERT_TRUE(file.ok());
    std::array<std::byte, 8> part{};
    EXPECT_EQ((*file)->read(1, part).value(), 2U);
    EXPECT_EQ((*file)->read(3, part).value(), 0U);
    EXPECT_EQ((*file)->read(1000, part).value(), 0U);
}

TEST_F(PosixFile, RefusesToCreateAFileThatExists) {
    write("a", "abc");
    const auto again = files_.create(path("a"));
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, FileErrorCode::kExists);
    EXPECT_EQ(again.error().system_error, EEXIST);
    EXPECT_EQ(again.error().message, "cannot create " + path("a") + ": File exists");
}

TEST_F(PosixFile, NamesAFileThatIsMissing) {
    const auto file = files_.open(path("none"));
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().code, FileErrorCode::kNotFound);
    EXPECT_EQ(file.error().message, "cannot open " + path("none") + ": No such file or directory");
}

TEST_F(PosixFile, DoesNotTakeADirectoryForAFile) {
    EXPECT_EQ(files_.open(directory_).error().code, FileErrorCode::kInvalidState);
}

TEST_F(PosixFile, ListsNamesInAscendingOrder) {
    write("b", "");
    write("c", "");
    write("a", "");
    EXPECT_EQ(files_.list(directory_).value(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(files_.list(path("none")).error().code, FileErrorCode::kNotFound);
}

TEST_F(PosixFile, CreatesParentsOfADirectoryAndAcceptsAnExistingOne) {
    ASSERT_TRUE(files_.create_directories(path("x/y/z")).ok());
    ASSERT_TRUE(files_.create_directories(path("x/y/z/")).ok());
    EXPECT_TRUE(std::filesystem::is_directory(path("x/y/z")));
    write("plain", "");
    EXPECT_FALSE(files_.create_directories(path("plain/below")).ok());
}

TEST_F(PosixFile, RenamesRemovesAndSyncsADirectory) {
    write("a", "abc");
    ASSERT_TRUE(files_.rename(path("a"), path("b")).ok());
    ASSERT_TRUE(files_.sync_directory(directory_).ok());
    ASSERT_TRUE(files_.remove(path("b")).ok());
    EXPECT_EQ(files_.remove(path("b")).error().code, FileErrorCode::kNotFound);
    EXPECT_TRUE(files_.list(directory_).value().empty());
}

// A limit on the size of files makes the kernel write a part and then refuse the rest (EFBIG).
TEST_F(PosixFile, GoesOnBehindTheBytesThatAreKept) {
    write("a", "whole and torn");
    auto file = files_.reopen(path("a"), 5);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(std::filesystem::file_size(path("a")), 5U) << "cut at once";
    ASSERT_TRUE((*file)->append(bytes_of(" again")).ok());
    ASSERT_TRUE((*file)->sync().ok());
    ASSERT_TRUE((*file)->close().ok());
    auto back = files_.open(path("a"));
    ASSERT_TRUE(back.ok());
    std::array<std::byte, 32> bytes{};
    const std::size_t n = (*back)->read(0, bytes).value();
    EXPECT_EQ(text_of(std::span(bytes).first(n)), "whole again");
}

TEST_F(PosixFile, DoesNotGoOnBehindTheEndNorWithWhatIsNoFile) {
    write("a", "abc");
    const auto longer = files_.reopen(path("a"), 4);
    ASSERT_FALSE(longer.ok());
    EXPECT_EQ(longer.error().code, FileErrorCode::kInvalidState);
    EXPECT_EQ(std::filesystem::file_size(path("a")), 3U) << "not made longer";
    EXPECT_EQ(files_.reopen(path("missing"), 0).error().code, FileErrorCode::kNotFound);
    EXPECT_FALSE(files_.reopen(directory_, 0).ok());
}

TEST_F(PosixFile, AWriteThatFitsOnlyInPartIsAnError) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto old_handler = signal(SIGXFSZ, SIG_IGN);
    auto file = files_.create(path("a"));
    ASSERT_TRUE(file.ok());
    const rlimit small{4, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto status = (*file)->append(bytes_of("0123456789"));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, old_handler);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, FileErrorCode::kNoSpace);
    EXPECT_EQ(status.error().system_error, EFBIG);
    EXPECT_EQ(std::filesystem::file_size(path("a")), 4U);
}

TEST_F(PosixFile, RefusesEverythingAfterClose) {
    auto file = files_.create(path("a"));
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->close().ok());
    EXPECT_FALSE((*file)->close().ok());
    EXPECT_EQ((*file)->append(bytes_of("x")).error().code, FileErrorCode::kInvalidState);
    EXPECT_EQ((*file)->sync().error().code, FileErrorCode::kInvalidState);
}

TEST_F(PosixFile, SyncsTheParentOfEveryDirectoryThatItMakes) {
    ASSERT_TRUE(files_.create_directories(path("a")).ok());
    synced.emplace();
    ASSERT_TRUE(files_.create_directories(path("a/b/c/")).ok());
    const auto real = [&](const std::string& name) {
        return std::filesystem::canonical(path(name)).string();
    };
    EXPECT_EQ(*synced, (std::vector<std::string>{real("a"), real("a/b")}))
        << "in which b and c stand; a was there";
    synced->clear();
    ASSERT_TRUE(files_.create_directories(path("a/b/c")).ok());
    EXPECT_TRUE(synced->empty()) << "nothing was made";
    synced.reset();
}

}  // namespace
}  // namespace fermata
