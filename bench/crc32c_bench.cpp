/// CRC-32C over blocks of a tape (256 KiB) and smaller pieces: crc32c() against the plain loop over
/// the same instruction and against the table.

#include <nmmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <vector>

#include "bench/support.hpp"
#include "core/base/crc32c.hpp"

namespace fermata::bench {
namespace {

std::uint32_t plain_loop(std::span<const std::byte> bytes) {
    std::uint64_t state = 0xffff'ffffU;
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        state = _mm_crc32_u64(state, word);
    }
    return ~static_cast<std::uint32_t>(state);
}

std::uint32_t by_table(std::span<const std::byte> bytes) {
    return crc32c_extend_portable(0, bytes);
}

/// The best of several rounds: the rest is the machine's noise.
double bytes_a_ns(std::uint32_t (*crc)(std::span<const std::byte>),
                  std::span<const std::byte> bytes, std::size_t total) {
    double best = 0;
    std::uint32_t sum = 0;
    for (int round = 0; round < 7; ++round) {
        const std::size_t times = total / bytes.size();
        const std::uint64_t begin = ticks();
        for (std::size_t i = 0; i < times; ++i) sum ^= crc(bytes);
        const double ns = static_cast<double>(ticks() - begin) / ticks_per_ns();
        best = std::max(best, static_cast<double>(times * bytes.size()) / ns);
    }
    if (sum == 1) std::printf(" ");  // so that nothing is optimised away
    return best;
}

}  // namespace
}  // namespace fermata::bench

int main() {
    using namespace fermata;
    using namespace fermata::bench;
    print_machine();
    pin(0);
    std::vector<std::byte> bytes(std::size_t{256} << 10);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 37);
    std::printf("%10s %14s %14s %14s   bytes/ns\n", "bytes", "crc32c", "plain loop", "table");
    for (const std::size_t length : {std::size_t{64}, std::size_t{1024}, std::size_t{8192},
                                     std::size_t{65536}, bytes.size()}) {
        const auto part = std::span<const std::byte>(bytes).first(length);
        if (crc32c(part) != plain_loop(part) || crc32c(part) != by_table(part)) {
            std::printf("the three disagree\n");
            return 1;
        }
        std::printf("%10zu %14.1f %14.1f %14.2f\n", length,
                    bytes_a_ns(crc32c, part, std::size_t{64} << 20),
                    bytes_a_ns(plain_loop, part, std::size_t{64} << 20),
                    bytes_a_ns(by_table, part, std::size_t{4} << 20));
    }
}
