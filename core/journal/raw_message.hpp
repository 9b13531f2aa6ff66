#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/types/time.hpp"

namespace fermata {

/// A message as it went over the wire, or a part of one that is long, as the journal keeps it.
struct RawMessage {
    Timestamp ts;               ///< When it was handed over, or arrived.
    std::uint64_t number = 0;   ///< Of the message among all of this boot, from 1; parts share it.
    std::uint64_t lost = 0;     ///< Messages before this one that could not be kept.
    std::uint16_t session = 0;  ///< Index of the session in the configuration.
    bool sent = false;          ///< Ours; else theirs.
    bool more = false;          ///< Another part follows.
    std::string_view bytes;
};

inline constexpr std::size_t kRawHeaderBytes = 32;
/// Bytes of one part at most; the frame around it is not longer than one of market events.
inline constexpr std::size_t kRawPartMax = 16'384 - kRawHeaderBytes;

/// Length of the payload of a raw frame, a multiple of 8.
[[nodiscard]] constexpr std::size_t raw_payload_bytes(std::size_t bytes) noexcept {
    return kRawHeaderBytes + (bytes + 7) / 8 * 8;
}
/// Writes the payload to `out`, which has room for raw_payload_bytes; returns its length. At most
/// kRawPartMax bytes.
std::size_t encode(const RawMessage& message, std::byte* out) noexcept;
/// Nothing when the bytes are not such a payload. The result refers to them.
[[nodiscard]] std::optional<RawMessage> decode_raw(std::span<const std::byte> payload) noexcept;

}  // namespace fermata
