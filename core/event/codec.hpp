#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/result.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// The stored form of an order event: its 128 bytes, little-endian, with the lane's bit cleared and
/// without the zero 8-byte words at the end. So a field that is added later in reserved space is
/// stored as soon as it is used, and old bytes read as zero there. One event has one stored form.
inline constexpr std::size_t kOrderEventBytesMax = sizeof(OrderEvent);
inline constexpr std::size_t kOrderEventBytesMin = offsetof(OrderEvent, data);

/// Writes the stored form to `out`, which has room for kOrderEventBytesMax bytes; bytes beyond the
/// returned length (a multiple of 8) are overwritten too.
std::size_t encode(const OrderEvent& event, std::byte* out) noexcept;

enum class CodecError : std::uint8_t {
    kLength,        ///< Not a multiple of 8, or not from the smallest to the largest length.
    kNotCanonical,  ///< Ends in a zero word, or carries the lane's bit: no writer makes this.
    kUnknownType,   ///< No type of event that this build knows.
};

/// What the error means, for a message: "is of a type that this build does not know".
[[nodiscard]] std::string_view describe(CodecError error) noexcept;

/// Reads back into `out` what `encode` wrote. Values of enumerations inside the payload are not
/// checked. After an error `out` is unspecified.
[[nodiscard]] Status<CodecError> decode(std::span<const std::byte> bytes, OrderEvent& out) noexcept;

/// Whether the number is one of OrderEventType's, kNone excluded.
[[nodiscard]] bool is_order_event_type(std::uint16_t number) noexcept;

}  // namespace fermata
