#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace fermata {

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
    /// A second hasher in the same state, so that a digest can be taken on the way.
    [[nodiscard]] virtual std::unique_ptr<Hasher> clone() const = 0;
};

/// Makes a fresh hasher; empty where no hash is wanted.
using HasherFactory = std::function<std::unique_ptr<Hasher>()>;

}  // namespace fermata
