#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace fermata {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): turns one seed into well mixed words.
class SplitMix64 {
public:
    constexpr explicit SplitMix64(std::uint64_t seed) noexcept : state_(seed) {}
    constexpr std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

/// xoshiro256** 1.0 (Blackman, Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS
/// 2021), seeded by SplitMix64 as its authors advise. The period is 2^256 - 1.
class Xoshiro256 {
public:
    using State = std::array<std::uint64_t, 4>;

    constexpr explicit Xoshiro256(std::uint64_t seed) noexcept {
        SplitMix64 mix(seed);
        for (std::uint64_t& word : state_) word = mix.next();
    }
    /// From a state that is not all zero.
    constexpr explicit Xoshiro256(const State& state) noexcept : state_(state) {}

    constexpr std::uint64_t next() noexcept {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// Moves on as 2^128 calls of next() would: cuts the period into streams that never meet.
    constexpr void jump() noexcept {
        constexpr State kJump{0x180ec6d33cfd0abaULL, 0xd5a61266f0c9392cULL, 0xa9582618e03fc9aaULL,
                              0x39abdc4529b1661cULL};
        State sum{};
        for (const std::uint64_t word : kJump) {
            for (int bit = 0; bit < 64; ++bit) {
                if (((word >> bit) & 1) != 0) {
                    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= state_[i];
                }
                next();
            }
        }
        state_ = sum;
    }

    /// Uniform in [0, 1): the upper 53 bits.
    constexpr double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
    /// Uniform in 0 .. n - 1, n > 0; off by less than n / 2^64.
    constexpr std::uint64_t below(std::uint64_t n) noexcept {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
    }

    [[nodiscard]] constexpr const State& state() const noexcept { return state_; }
    /// See core/base/state_archive.hpp.
    template <class Archive>
    void persist(Archive& a) {
        a(state_);
    }

private:
    State state_{};
};

}  // namespace fermata
