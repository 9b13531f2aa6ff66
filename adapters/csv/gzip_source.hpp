#pragma once

#include <memory>

#include "core/port/byte_source.hpp"

namespace fermata::csv {

/// The bytes of `inner`, decompressed when they begin with gzip's magic number (RFC 1952), else as
/// they are. Several members behind each other are one stream; zero padding after the last is
/// ignored. Bounded memory.
/// Errors: FeedError when the compressed data ends early, is damaged or is followed by other bytes.
[[nodiscard]] std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> inner);

}  // namespace fermata::csv
