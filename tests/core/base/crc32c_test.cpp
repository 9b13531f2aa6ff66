#include "core/base/crc32c.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "core/base/bytes.hpp"

namespace fermata {
namespace {

std::vector<std::byte> run_of(std::size_t n, int first, int step) {
    std::vector<std::byte> bytes(n);
    for (std::size_t i = 0; i < n; ++i) {
        bytes[i] = static_cast<std::byte>(first + step * static_cast<int>(i));
    }
    return bytes;
}

// RFC 3720, appendix B.4 lists the digests as bytes in the order of transmission, least significant
// first: "aa 36 91 8a" is 0x8a9136aa.
TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
    EXPECT_EQ(crc32c(run_of(32, 0x00, 0)), 0x8a9136aaU);
    EXPECT_EQ(crc32c(run_of(32, 0xff, 0)), 0x62a8ab43U);
    EXPECT_EQ(crc32c(run_of(32, 0x00, 1)), 0x46dd794eU);
    EXPECT_EQ(crc32c(run_of(32, 0x1f, -1)), 0x113fdb5cU);

    std::vector<std::byte> scsi_read(48);
    scsi_read[0] = std::byte(0x01);
    scsi_read[1] = std::byte(0xc0);
    scsi_read[16] = std::byte(0x14);
    scsi_read[22] = std::byte(0x04);
    scsi_read[27] = std::byte(0x14);
    scsi_read[31] = std::byte(0x18);
    scsi_read[32] = std::byte(0x28);
    scsi_read[40] = std::byte(0x02);
    EXPECT_EQ(crc32c(scsi_read), 0xd9963a56U);
}

// The check value that every catalogue of CRCs gives for CRC-32C.
TEST(Crc32c, GivesTheCatalogueCheckValueForTheNineDigits) {
    EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
    EXPECT_EQ(crc32c_extend_portable(0, bytes_of("123456789")), 0xe3069283U);
}

TEST(Crc32c, IsZeroForNoBytes) { EXPECT_EQ(crc32c({}), 0U); }

RC_GTEST_PROP(Crc32c, IsTheSameByInstructionAndByTableAtAnySplit,
              (const std::vector<std::uint8_t>& data, std::size_t cut)) {
    const auto bytes = std::as_bytes(std::span(data));
    const std::size_t at = data.empty() ? 0 : cut % data.size();
    const std::uint32_t whole = crc32c_extend_portable(0, bytes);
    RC_ASSERT(crc32c(bytes) == whole);
    RC_ASSERT(crc32c_extend(crc32c(bytes.first(at)), bytes.subspan(at)) == whole);
}

// Lengths around those where the instruction's version changes its way: 3 x 256 and 3 x 8,192
// bytes.
TEST(Crc32c, IsTheSameByInstructionAndByTableAtAnyLengthAndAlignment) {
    std::vector<std::byte> bytes(60'000);
    std::uint32_t noise = 1;
    for (std::byte& b : bytes) {
        noise = noise * 1'664'525U + 1'013'904'223U;
        b = static_cast<std::byte>(noise >> 24);
    }
    const std::span<const std::byte> all(bytes);
    for (const std::size_t middle : {8u, 768u, 1'536u, 24'576u, 25'344u, 49'152u}) {
        for (std::size_t length = middle - 8; length <= middle + 8; ++length) {
            for (const std::size_t offset : {0u, 1u, 7u}) {
                const auto part = all.subspan(offset, length);
                ASSERT_EQ(crc32c(part), crc32c_extend_portable(0, part)) << length;
                ASSERT_EQ(crc32c_extend(0x12345678U, part),
                          crc32c_extend_portable(0x12345678U, part));
            }
        }
    }
}

}  // namespace
}  // namespace fermata
