// Any bytes as a compressed file: open_seekable refuses them, or every read gives what the seek
// table promises or an error that names the file. Nothing is read outside of the bytes (the
// sanitizers watch).
//
// The last byte chooses whether the file is complete as it is, or gets a table that describes the
// bytes as one frame, so that the fuzzer gets behind the table.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/zstd/seek_table.hpp"
#include "adapters/zstd/seekable_file.hpp"
#include "core/base/assert.hpp"

namespace {

using namespace fermata;

class BytesFile final : public RandomAccessFile {
public:
    explicit BytesFile(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    Result<std::size_t, FileError> read(std::uint64_t offset,
                                        std::span<std::byte> out) const override {
        if (offset >= bytes_.size()) return std::size_t{0};
        const std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - offset);
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
        return n;
    }
    Result<std::uint64_t, FileError> size() const override { return bytes_.size(); }

private:
    std::vector<std::byte> bytes_;
};

void expect_named(const FileError& error) {
    FERMATA_ASSERT(std::string_view(error.message).starts_with("cannot read fuzz.zst: "));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto input = std::as_bytes(std::span(data, size - 1));
    std::vector<std::byte> bytes(input.begin(), input.end());
    if ((data[size - 1] & 1) != 0) {
        const SeekableFrame whole{static_cast<std::uint32_t>(bytes.size()), data[size - 2] * 16U};
        const auto table = encode_seek_table(std::span(&whole, 1));
        bytes.insert(bytes.end(), table.begin(), table.end());
    }
    const auto file = open_seekable(std::make_unique<BytesFile>(std::move(bytes)), "fuzz.zst");
    if (!file) {
        expect_named(file.error());
        return 0;
    }
    const std::uint64_t total = *(*file)->size();
    constexpr std::uint64_t kEnough = 1 << 20;
    std::vector<std::byte> block(4'096);
    for (std::uint64_t offset = 0; offset < std::min(total, kEnough); offset += block.size()) {
        const auto got = (*file)->read(offset, block);
        if (!got) {
            expect_named(got.error());
            return 0;
        }
        FERMATA_ASSERT(*got == std::min<std::uint64_t>(block.size(), total - offset));
    }
    return 0;
}
