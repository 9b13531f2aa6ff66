#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "core/port/hasher.hpp"

namespace fermata {

/// FNV-1a with 64 bits from two offsets: 128 bits of digest without a library. For tests of core.
class PlainHasher final : public Hasher {
public:
    void update(std::span<const std::byte> bytes) override {
        for (const std::byte b : bytes) {
            for (std::uint64_t& state : states_) {
                state = (state ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3U;
            }
        }
    }
    std::string finish() override {
        std::string text = "plain:";
        for (std::uint64_t& state : states_) {
            for (int shift = 60; shift >= 0; shift -= 4) {
                text += "0123456789abcdef"[(state >> shift) & 0xf];
            }
        }
        states_ = kStart;
        return text;
    }
    Digest finish_digest() override {
        Digest digest{};
        std::memcpy(digest.data(), states_.data(), sizeof states_);
        states_ = kStart;
        return digest;
    }
    std::unique_ptr<Hasher> clone() const override { return std::make_unique<PlainHasher>(*this); }

    PlainHasher() = default;
    PlainHasher(const PlainHasher& other) : Hasher(), states_(other.states_) {}

private:
    static constexpr std::array<std::uint64_t, 2> kStart = {0xcbf29ce484222325U,
                                                            0x9ae16a3b2f90404fU};
    std::array<std::uint64_t, 2> states_ = kStart;
};

inline std::unique_ptr<Hasher> make_plain_hasher() { return std::make_unique<PlainHasher>(); }
/// The same under every algorithm's number.
inline std::unique_ptr<Hasher> make_plain_hasher_for(HashAlgorithm) { return make_plain_hasher(); }

}  // namespace fermata
