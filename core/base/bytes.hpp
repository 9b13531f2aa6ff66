#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace fermata {

static_assert(std::endian::native == std::endian::little, "file formats are little-endian");

/// Reads a little-endian integer from `at`, of any alignment.
template <std::integral T>
[[nodiscard]] inline T load_little_endian(const std::byte* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// Writes a little-endian integer to `at`, of any alignment.
template <std::integral T>
inline void store_little_endian(std::byte* at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

[[nodiscard]] inline std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

[[nodiscard]] inline std::string_view text_of(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace fermata
