#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "risk/portfolio/snapshot.hpp"

namespace fermata::portfolio {

// A snapshot as bytes, little-endian, for the journal. The same snapshot gives the same bytes, and
// bytes that decode give themselves when encoded again.
//
//     header (kSnapshotHeaderBytes), then each array padded with zeros to 8 bytes:
//     measured N x 1, sectors N x 2, average daily volumes N x 8, volatilities N x 8, betas N x 8,
//     covariance N x N x 8, returns T x N x 8, correlated N x ceil(N / 64) x 8,
//     CRC-32C of everything before it (4), zeros (4)
//
//     header:  0 magic "FERMPRSK"      8 version (4)          12 method (1), zeros (3)
//             16 number (8)           24 as_of ns (8)         32 first day (4)    36 last day (4)
//             40 instruments N (4)    44 days T (4)           48 dropped days (4) 52 zeros (4)
//             56 lambda (8)           64 intensity (8)        72 correlation threshold (8)
//
// Integers are two's complement, real numbers the bits of IEEE 754 double precision.

inline constexpr std::string_view kSnapshotMagic = "FERMPRSK";
inline constexpr std::uint32_t kSnapshotVersion = 1;
inline constexpr std::size_t kSnapshotHeaderBytes = 80;
inline constexpr std::uint32_t kSnapshotInstrumentsMax = 8192;
inline constexpr std::uint32_t kSnapshotDaysMax = 16'384;

enum class SnapshotError : std::uint8_t {
    kTooShort,      ///< Less than a header and a checksum.
    kNotASnapshot,  ///< Other magic.
    kVersion,       ///< A version that this build does not know.
    kTooLarge,      ///< More instruments or days than a snapshot may have, or none.
    kLength,        ///< Not as long as the header says: cut off, or followed by something.
    kChecksum,      ///< Some byte was changed.
    kField,         ///< A field or padding that no snapshot has.
    kNumber,        ///< A number that is not finite, or a negative volatility or variance.
    kNotSymmetric,  ///< The covariance, or the bits of correlation.
};
[[nodiscard]] std::string_view describe(SnapshotError error) noexcept;

/// The arrays must have the lengths that `instruments` and `days` say (a bug otherwise).
[[nodiscard]] std::vector<std::byte> encode(const PortfolioSnapshot& snapshot);

/// Checks everything before it is believed, sizes before memory is taken.
[[nodiscard]] Result<PortfolioSnapshot, SnapshotError> decode_snapshot(
    std::span<const std::byte> bytes);

}  // namespace fermata::portfolio
