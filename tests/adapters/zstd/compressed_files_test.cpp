#include "adapters/zstd/compressed_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/zstd/seekable_file.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

class CompressedFilesTest : public testing::Test {
protected:
    void SetUp() override {
        files_.files["d/both"].bytes = bytes_of("plain");
        put_compressed("d/both", "packed");
        put_compressed("d/packed", "packed");
        files_.files["d/plain"].bytes = bytes_of("plain");
    }
    void put_compressed(const std::string& path, std::string_view text) {
        files_.files["scratch"].bytes = bytes_of(text);
        const auto from = files_.open("scratch");
        const auto to = files_.create(path + ".zst");
        ASSERT_TRUE(compress_seekable(**from, "scratch", **to).ok());
    }
    std::string text(const std::string& path) {
        const auto file = compressed_.open(path);
        if (!file) return file.error().message;
        std::string out(100, '\0');
        out.resize(*(*file)->read(0, std::as_writable_bytes(std::span(out))));
        return out;
    }
    MemoryFileSystem files_;
    CompressedFiles compressed_{files_};
};

TEST_F(CompressedFilesTest, ReadsEitherFormByThePlainName) {
    EXPECT_EQ(text("d/plain"), "plain");
    EXPECT_EQ(text("d/packed"), "packed");
    EXPECT_EQ(text("d/both"), "plain") << "the plain form comes first";
    EXPECT_EQ(text("d/none"), "cannot open d/none: error 2");
    EXPECT_EQ(text("d/none.zst"), "cannot open d/none.zst: error 2");
}

TEST_F(CompressedFilesTest, ACompressedFileThatIsDamagedIsNamed) {
    files_.files["d/packed.zst"].bytes.pop_back();
    EXPECT_EQ(text("d/packed"), "cannot read d/packed.zst: it has no seek table");
}

TEST_F(CompressedFilesTest, ListsPlainNamesOnceBesideTheCompressed) {
    EXPECT_THAT(*compressed_.list("d"),
                ElementsAre("both", "both.zst", "packed", "packed.zst", "plain"));
}

TEST_F(CompressedFilesTest, RemoveTakesBothForms) {
    EXPECT_TRUE(compressed_.remove("d/both").ok());
    EXPECT_TRUE(compressed_.remove("d/packed").ok());
    EXPECT_TRUE(compressed_.remove("d/plain").ok());
    EXPECT_THAT(*compressed_.list("d"), ElementsAre());
    const auto absent = compressed_.remove("d/both");
    ASSERT_FALSE(absent.ok());
    EXPECT_EQ(absent.error().code, FileErrorCode::kNotFound);
}

TEST_F(CompressedFilesTest, AFileThatExistsInCompressedFormIsNotCreated) {
    const auto refused = compressed_.create("d/packed");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, FileErrorCode::kExists);
    EXPECT_THAT(refused.error().message, HasSubstr("d/packed"));
    EXPECT_TRUE(compressed_.create("d/new").ok());
}

}  // namespace
}  // namespace fermata
