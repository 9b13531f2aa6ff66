#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace fermata {

/// CRC-32C (Castagnoli) as in RFC 3720: reflected polynomial 0x82f63b78, start and final inversion.
/// Detects every burst error of up to 32 bits; it is no protection against intent.
/// Uses the processor's instruction where the build has it, on three parts of the bytes at once.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept;

/// The CRC of what `crc` covers followed by `bytes`: crc32c_extend(crc32c(a), b) == crc32c(a + b).
[[nodiscard]] std::uint32_t crc32c_extend(std::uint32_t crc,
                                          std::span<const std::byte> bytes) noexcept;

/// The same by a table of 256 entries, for machines without the instruction and as its reference.
[[nodiscard]] std::uint32_t crc32c_extend_portable(std::uint32_t crc,
                                                   std::span<const std::byte> bytes) noexcept;

}  // namespace fermata
