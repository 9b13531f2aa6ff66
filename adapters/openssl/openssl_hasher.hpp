#pragma once

#include "core/port/hasher.hpp"

namespace fermata {

/// SHA-256 (FIPS 180-4): "sha256:" and 64 hex digits. Throws std::runtime_error when OpenSSL fails,
/// which happens at creation if ever.
[[nodiscard]] std::unique_ptr<Hasher> make_sha256();

/// BLAKE2b with 512 bits (RFC 7693): "blake2b512:" and 128 hex digits. Same errors.
[[nodiscard]] std::unique_ptr<Hasher> make_blake2b_512();

/// The hasher of that algorithm; nullptr for kNone and for a number that has no name.
[[nodiscard]] std::unique_ptr<Hasher> make_hasher(HashAlgorithm algorithm);

}  // namespace fermata
