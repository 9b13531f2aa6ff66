#include "adapters/zstd/seekable_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <zstd.h>

#include <random>

#include "adapters/zstd/seek_table.hpp"
#include "tests/support/memory_file_system.hpp"

namespace fermata {
namespace {

using testing::HasSubstr;
using Bytes = std::vector<std::byte>;

/// Bytes that compress somewhat: runs of random length.
Bytes some_bytes(std::size_t n, unsigned seed = 1) {
    std::mt19937 random(seed);
    Bytes bytes;
    while (bytes.size() < n) {
        const std::size_t run = std::min<std::size_t>(1 + random() % 9, n - bytes.size());
        bytes.insert(bytes.end(), run, std::byte(random() & 0xff));
    }
    return bytes;
}

/// What any decompressor makes of the whole file, as `zstd -d` does it.
Bytes decompressed_as_a_stream(const Bytes& packed) {
    ZSTD_DCtx* context = ZSTD_createDCtx();
    Bytes all;
    Bytes block(ZSTD_DStreamOutSize());
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    while (in.pos < in.size) {
        ZSTD_outBuffer out{block.data(), block.size(), 0};
        const std::size_t left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(left) != 0) ADD_FAILURE() << ZSTD_getErrorName(left);
        if (ZSTD_isError(left) != 0) break;
        all.insert(all.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(out.pos));
    }
    ZSTD_freeDCtx(context);
    return all;
}

class SeekableZstd : public testing::Test {
protected:
    Bytes compressed(const Bytes& plain, std::size_t frame_bytes) {
        files_.files["plain"].bytes = plain;
        files_.files.erase("packed");
        const auto from = files_.open("plain");
        const auto to = files_.create("packed");
        const auto written = compress_seekable(**from, "plain", **to, {frame_bytes, 3});
        EXPECT_TRUE(written.ok());
        EXPECT_EQ(*written, files_.files["packed"].bytes.size());
        return files_.files["packed"].bytes;
    }
    Result<std::unique_ptr<RandomAccessFile>, FileError> reopen(const Bytes& packed) {
        files_.files["packed"].bytes = packed;
        auto file = files_.open("packed");
        return open_seekable(std::move(*file), "packed");
    }
    static Bytes read(const RandomAccessFile& file, std::uint64_t offset, std::size_t n) {
        Bytes out(n);
        const auto got = file.read(offset, out);
        EXPECT_TRUE(got.ok());
        out.resize(got.value_or(0));
        return out;
    }
    MemoryFileSystem files_;
};

TEST_F(SeekableZstd, GivesBackEveryByteAtEveryOffset) {
    const Bytes plain = some_bytes(2'500);
    const auto file = reopen(compressed(plain, 1'000));  // the last frame is shorter
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(*(*file)->size(), 2'500U);
    for (const std::size_t offset : {0, 1, 999, 1'000, 1'001, 1'999, 2'000, 2'499}) {
        for (const std::size_t n : {1, 2, 1'000, 1'001, 2'500}) {
            const std::size_t end = std::min(plain.size(), offset + n);
            EXPECT_EQ(read(**file, offset, n),
                      Bytes(plain.begin() + static_cast<std::ptrdiff_t>(offset),
                            plain.begin() + static_cast<std::ptrdiff_t>(end)));
        }
    }
    EXPECT_TRUE(read(**file, 2'500, 10).empty());
    EXPECT_TRUE(read(**file, std::uint64_t{1} << 62, 10).empty());
}

TEST_F(SeekableZstd, AnyDecompressorGivesTheFileBack) {
    for (const std::size_t n : {0, 1, 1'000, 1'001, 4'096, 100'000}) {
        const Bytes plain = some_bytes(n);
        EXPECT_EQ(decompressed_as_a_stream(compressed(plain, 1'000)), plain) << n;
    }
}

TEST_F(SeekableZstd, AnEmptyFileStaysEmpty) {
    const auto file = reopen(compressed({}, 1'000));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(*(*file)->size(), 0U);
    EXPECT_TRUE(read(**file, 0, 10).empty());
}

TEST_F(SeekableZstd, EveryTruncationIsRefused) {
    const Bytes packed = compressed(some_bytes(2'500), 1'000);
    for (std::size_t n = 0; n < packed.size(); ++n) {
        EXPECT_FALSE(reopen(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(n))))
            << n;
    }
}

TEST_F(SeekableZstd, AFlippedBitIsNoticedOrHarmless) {
    const Bytes plain = some_bytes(2'500);
    const Bytes packed = compressed(plain, 1'000);
    std::size_t noticed = 0;
    for (std::size_t at = 0; at < packed.size(); ++at) {
        Bytes damaged = packed;
        damaged[at] ^= std::byte{0x10};
        const auto file = reopen(damaged);
        if (!file) {
            EXPECT_EQ(file.error().code, FileErrorCode::kInputOutput);
            ++noticed;
            continue;
        }
        Bytes out(plain.size());
        const auto got = (*file)->read(0, out);
        if (!got) {
            EXPECT_EQ(got.error().code, FileErrorCode::kInputOutput);
            EXPECT_THAT(got.error().message, HasSubstr("cannot read packed: frame "));
            ++noticed;
            continue;
        }
        EXPECT_EQ(*got, plain.size()) << at;
        EXPECT_EQ(out, plain) << at;
    }
    EXPECT_GT(noticed, packed.size() * 99 / 100);
}

TEST_F(SeekableZstd, DamageInOneFrameLeavesTheOthersReadable) {
    const Bytes plain = some_bytes(3'000);
    Bytes packed = compressed(plain, 1'000);
    packed[20] ^= std::byte{1};
    const auto file = reopen(packed);
    ASSERT_TRUE(file.ok());
    Bytes out(1'000);
    EXPECT_FALSE((*file)->read(0, out).ok());
    EXPECT_EQ(read(**file, 1'000, 2'000), Bytes(plain.begin() + 1'000, plain.end()));
    EXPECT_FALSE((*file)->read(999, out).ok());
}

TEST_F(SeekableZstd, AWriteThatFailsIsReported) {
    files_.files["plain"].bytes = some_bytes(2'500);
    const auto from = files_.open("plain");
    for (const std::uint64_t operation : {2, 3, 4, 5}) {  // create, three frames, the table
        files_.files.erase("packed");
        files_.operations = 0;
        files_.failing_operation = operation;
        const auto to = files_.create("packed");
        EXPECT_FALSE(compress_seekable(**from, "plain", **to, {1'000, 3}).ok()) << operation;
    }
}

TEST_F(SeekableZstd, RefusesOptionsOutOfRange) {
    files_.files["plain"].bytes = some_bytes(10);
    const auto from = files_.open("plain");
    const auto to = files_.create("packed");
    EXPECT_FALSE(compress_seekable(**from, "plain", **to, {0, 3}).ok());
    EXPECT_FALSE(compress_seekable(**from, "plain", **to, {kSeekableFrameBytesMax + 1, 3}).ok());
    EXPECT_FALSE(compress_seekable(**from, "plain", **to, {1'000, 1'000}).ok());
}

RC_GTEST_FIXTURE_PROP(SeekableZstd, ReadsWhatWasWritten, ()) {
    const auto n = *rc::gen::inRange<std::size_t>(0, 5'000);
    const auto frame_bytes = *rc::gen::inRange<std::size_t>(1, 1'200);
    const auto offset = *rc::gen::inRange<std::size_t>(0, 5'200);
    const auto wanted = *rc::gen::inRange<std::size_t>(0, 5'200);
    const Bytes plain = some_bytes(n, *rc::gen::arbitrary<unsigned>());
    const auto file = reopen(compressed(plain, frame_bytes));
    RC_ASSERT(file.ok());
    const std::size_t from = std::min(offset, n);
    const std::size_t to = std::min(n, from + wanted);
    RC_ASSERT(read(**file, offset, wanted) ==
              Bytes(plain.begin() + static_cast<std::ptrdiff_t>(from),
                    plain.begin() + static_cast<std::ptrdiff_t>(offset > n ? from : to)));
}

// The bytes of the format's own description, put together by hand.
TEST(SeekTable, HasTheBytesOfTheFormat) {
    const std::vector<SeekableFrame> frames{{0x11, 0x2200}, {0x330000, 0x44}};
    const unsigned char expected[] = {0x5e, 0x2a, 0x4d, 0x18, 25, 0, 0, 0,    0x11, 0,    0,
                                      0,    0,    0x22, 0,    0,  0, 0, 0x33, 0,    0x44, 0,
                                      0,    0,    2,    0,    0,  0, 0, 0xb1, 0xea, 0x92, 0x8f};
    const auto bytes = std::as_bytes(std::span(expected));
    EXPECT_EQ(encode_seek_table(frames), Bytes(bytes.begin(), bytes.end()));
    EXPECT_EQ(decode_seek_table(bytes), frames);
}

TEST(SeekTable, ChecksumsOfOtherWritersAreSkipped) {
    const unsigned char table[] = {0x5e, 0x2a, 0x4d, 0x18, 21,   0,    0,    0,    9,   0,
                                   0,    0,    8,    0,    0,    0,    1,    2,    3,   4,
                                   1,    0,    0,    0,    0x80, 0xb1, 0xea, 0x92, 0x8f};
    EXPECT_EQ(decode_seek_table(std::as_bytes(std::span(table))),
              (std::vector<SeekableFrame>{{9, 8}}));
}

TEST(SeekTable, WhatIsNotOneIsRefused) {
    const std::vector<std::byte> good = encode_seek_table(std::vector<SeekableFrame>{{9, 8}});
    ASSERT_TRUE(decode_seek_table(good));
    for (const std::size_t at : {0, 4, 16, 20, 21}) {  // magic, length, count, descriptor, magic
        auto bad = good;
        bad[at] ^= std::byte{0x04};
        EXPECT_FALSE(decode_seek_table(bad)) << at;
    }
    EXPECT_FALSE(decode_seek_table({}));
    EXPECT_FALSE(decode_seek_table(std::span(good).subspan(1)));
}

}  // namespace
}  // namespace fermata
