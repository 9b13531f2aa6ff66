// Any bytes as a portfolio snapshot: they are refused, or decode to a snapshot whose arrays have
// the lengths that it says, whose numbers are possible, and which encodes to the same bytes again.
//
// The first byte chooses whether the checksum is made right first, so that the fuzzer gets behind
// it; the rest is the snapshot.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "risk/portfolio/snapshot_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fermata;
    using namespace fermata::portfolio;
    if (size < 1) return 0;
    // Of exactly that length, so that a step over the end shows.
    std::vector<std::byte> bytes(size - 1);
    if (size > 1) std::memcpy(bytes.data(), data + 1, size - 1);
    if ((data[0] & 1) != 0 && bytes.size() >= 8) {
        const std::size_t covered = bytes.size() - 8;
        store_little_endian(bytes.data() + covered, crc32c(std::span(bytes).first(covered)));
    }
    const auto decoded = decode_snapshot(bytes);
    if (!decoded) {
        FERMATA_ASSERT(!describe(decoded.error()).empty() &&
                       describe(decoded.error()) != "unknown");
        return 0;
    }
    const PortfolioSnapshot& s = *decoded;
    const std::size_t n = s.instruments;
    FERMATA_ASSERT(s.measured.size() == n && s.covariance.size() == n * n);
    FERMATA_ASSERT(s.returns.size() == std::size_t{s.days} * n);
    for (const double v : s.covariance) FERMATA_ASSERT(std::isfinite(v));
    FERMATA_ASSERT(encode(s) == bytes);
    return 0;
}
