#include "core/journal/raw_message.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

namespace fermata {

std::size_t encode(const RawMessage& message, std::byte* out) noexcept {
    FERMATA_ASSERT(message.bytes.size() <= kRawPartMax);
    const std::size_t length = raw_payload_bytes(message.bytes.size());
    std::memset(out, 0, length);
    store_little_endian<std::uint64_t>(out, static_cast<std::uint64_t>(message.ts.ns));
    store_little_endian<std::uint64_t>(out + 8, message.number);
    store_little_endian<std::uint64_t>(out + 16, message.lost);
    store_little_endian<std::uint32_t>(out + 24, static_cast<std::uint32_t>(message.bytes.size()));
    store_little_endian<std::uint16_t>(out + 28, message.session);
    out[30] = std::byte{message.sent};
    out[31] = std::byte{message.more};
    std::memcpy(out + kRawHeaderBytes, message.bytes.data(), message.bytes.size());
    return length;
}

std::optional<RawMessage> decode_raw(std::span<const std::byte> payload) noexcept {
    if (payload.size() < kRawHeaderBytes) return std::nullopt;
    const std::byte* const p = payload.data();
    const std::size_t size = load_little_endian<std::uint32_t>(p + 24);
    if (size > kRawPartMax || raw_payload_bytes(size) != payload.size()) return std::nullopt;
    const bool flags = p[30] <= std::byte{1} && p[31] <= std::byte{1};
    const auto padding = payload.subspan(kRawHeaderBytes + size);
    if (!flags || std::any_of(padding.begin(), padding.end(),
                              [](std::byte b) { return b != std::byte{0}; })) {
        return std::nullopt;
    }
    RawMessage out;
    out.ts = Timestamp{static_cast<std::int64_t>(load_little_endian<std::uint64_t>(p))};
    out.number = load_little_endian<std::uint64_t>(p + 8);
    out.lost = load_little_endian<std::uint64_t>(p + 16);
    out.session = load_little_endian<std::uint16_t>(p + 28);
    out.sent = p[30] == std::byte{1};
    out.more = p[31] == std::byte{1};
    out.bytes = {reinterpret_cast<const char*>(p + kRawHeaderBytes), size};
    return out;
}

}  // namespace fermata
