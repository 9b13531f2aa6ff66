#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fermata {

/// Cryptographic hashes by the number under which files name them: never reuse one.
enum class HashAlgorithm : std::uint16_t {
    kNone = 0,
    kSha256 = 1,
    kBlake2b512 = 2,
};
inline constexpr std::uint16_t kHashAlgorithmMax = 2;

[[nodiscard]] constexpr std::string_view name(HashAlgorithm algorithm) noexcept {
    switch (algorithm) {
        case HashAlgorithm::kNone:
            return "none";
        case HashAlgorithm::kSha256:
            return "sha256";
        case HashAlgorithm::kBlake2b512:
            return "blake2b512";
    }
    return "?";
}
/// The algorithm of that name; nothing for every other text.
[[nodiscard]] constexpr std::optional<HashAlgorithm> hash_algorithm_of(
    std::string_view text) noexcept {
    for (std::uint16_t i = 0; i <= kHashAlgorithmMax; ++i) {
        if (name(HashAlgorithm{i}) == text) return HashAlgorithm{i};
    }
    return std::nullopt;
}

/// A digest as it stands in files: shorter ones are filled up with zeros.
using Digest = std::array<std::byte, 64>;

/// A cryptographic hash of a stream of bytes. Implemented outside of core (adapters/openssl). Off
/// the hot path; one thread.
class Hasher {
public:
    Hasher() = default;
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;
    virtual ~Hasher() = default;

    virtual void update(std::span<const std::byte> bytes) = 0;
    /// The digest as lower-case hex with the algorithm in front, "sha256:ab12...". The hasher is
    /// ready for a new stream afterwards.
    [[nodiscard]] virtual std::string finish() = 0;
    /// The digest as bytes. The hasher is ready for a new stream afterwards.
    [[nodiscard]] virtual Digest finish_digest() = 0;
    /// A second hasher in the same state, so that a digest can be taken on the way.
    [[nodiscard]] virtual std::unique_ptr<Hasher> clone() const = 0;
};

/// Makes a fresh hasher; empty where no hash is wanted.
using HasherFactory = std::function<std::unique_ptr<Hasher>()>;
/// Makes a fresh hasher of an algorithm other than kNone; nullptr for one that it does not have.
using HasherMaker = std::function<std::unique_ptr<Hasher>(HashAlgorithm)>;

}  // namespace fermata
