#include "core/base/crc32c.hpp"

#include <array>
#include <cstring>

#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace fermata {
namespace {

constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t remainder = i;
        for (int bit = 0; bit < 8; ++bit) {
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0x82f63b78U : 0U);
        }
        table[i] = remainder;
    }
    return table;
}();

#ifdef __SSE4_2__

/// One state of the register's 32 bits for each bit that is set: a linear map over GF(2).
using Matrix = std::array<std::uint32_t, 32>;

constexpr std::uint32_t apply(const Matrix& map, std::uint32_t state) {
    std::uint32_t sum = 0;
    for (std::size_t bit = 0; state != 0; ++bit, state >>= 1) {
        if ((state & 1) != 0) sum ^= map[bit];
    }
    return sum;
}

/// What 2^`power` zero bytes do to the register, by byte of the register, so that the state behind
/// them is four look-ups. From the step of one zero bit, squared again and again.
template <int power>
constexpr auto kBehindZeros = [] {
    Matrix map{};
    map[0] = 0x82f63b78U;
    for (std::size_t bit = 1; bit < 32; ++bit) map[bit] = 1U << (bit - 1);
    for (int i = 0; i < power + 3; ++i) {
        Matrix twice{};
        for (std::size_t bit = 0; bit < 32; ++bit) twice[bit] = apply(map, map[bit]);
        map = twice;
    }
    std::array<std::array<std::uint32_t, 256>, 4> table{};
    for (std::uint32_t byte = 0; byte < 4; ++byte) {
        for (std::uint32_t value = 0; value < 256; ++value) {
            table[byte][value] = apply(map, value << (8 * byte));
        }
    }
    return table;
}();

template <int power>
std::uint64_t behind_zeros(std::uint64_t state) noexcept {
    const auto& table = kBehindZeros<power>;
    return table[0][state & 0xff] ^ table[1][(state >> 8) & 0xff] ^ table[2][(state >> 16) & 0xff] ^
           table[3][state >> 24];
}

std::uint64_t word_at(const std::byte* at) noexcept {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// Takes pieces of three times 2^`power` bytes. The instruction needs three cycles but can begin
/// every cycle, so the three parts of a piece go side by side, each from a register of zero, and
/// are joined: the register behind A and B is (behind A, then as many zeros as B has) xor (behind
/// B). After Gopal et al., "Fast CRC computation for iSCSI polynomial using CRC32 instruction"
/// (Intel, 2011).
template <int power>
std::uint64_t three_at_once(std::uint64_t state, const std::byte*& at, std::size_t& left) noexcept {
    constexpr std::size_t kPart = std::size_t{1} << power;
    while (left >= 3 * kPart) {
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (const std::byte* const end = at + kPart; at != end; at += 8) {
            state = _mm_crc32_u64(state, word_at(at));
            second = _mm_crc32_u64(second, word_at(at + kPart));
            third = _mm_crc32_u64(third, word_at(at + 2 * kPart));
        }
        state = behind_zeros<power>(behind_zeros<power>(state) ^ second) ^ third;
        at += 2 * kPart;
        left -= 3 * kPart;
    }
    return state;
}

#endif

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes) noexcept { return crc32c_extend(0, bytes); }

#ifdef __SSE4_2__
std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
    constexpr int kLong = 13;  // 8 KiB: the look-ups do not count
    constexpr int kShort = 8;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t state = ~crc;
    state = three_at_once<kLong>(state, at, left);
    state = three_at_once<kShort>(state, at, left);
    for (; left >= 8; at += 8, left -= 8) state = _mm_crc32_u64(state, word_at(at));
    auto narrow = static_cast<std::uint32_t>(state);
    for (; left > 0; ++at, --left) {
        narrow = _mm_crc32_u8(narrow, std::to_integer<unsigned char>(*at));
    }
    return ~narrow;
}
#else
std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
    return crc32c_extend_portable(crc, bytes);
}
#endif

std::uint32_t crc32c_extend_portable(std::uint32_t crc, std::span<const std::byte> bytes) noexcept {
    std::uint32_t state = ~crc;
    for (const std::byte b : bytes) {
        state = (state >> 8) ^ kTable[(state ^ std::to_integer<std::uint32_t>(b)) & 0xffU];
    }
    return ~state;
}

}  // namespace fermata
