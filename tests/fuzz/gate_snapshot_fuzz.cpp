// Any bytes as what the gate reads of a snapshot of portfolio risk: they are refused with a reason,
// or it is one that the gate may calculate with (whole rows padded with zeros, no number whose
// opposite does not exist, no negative variance, correlations as promised), and which is the same
// after it was written and read again.
//
// The first byte chooses: even, the rest is the snapshot as it stands; odd, the rest changes a good
// one, two bytes for a place and one for its new value, and then its digest is made right, so that
// what lies behind it is reached.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"
#include "core/base/state_archive.hpp"
#include "risk/gate_snapshot.hpp"

namespace {

using namespace fermata;

std::vector<std::byte> written(GateSnapshot& s) {
    std::vector<std::byte> bytes;
    StateWriter writer(bytes);
    s.persist(writer);
    FERMATA_ASSERT(writer.ok());
    return bytes;
}

/// Five instruments, the last of which is not measured; three days.
const std::vector<std::byte>& good() {
    static const std::vector<std::byte> bytes = [] {
        constexpr std::uint32_t kCount = 5;
        portfolio::PortfolioSnapshot from;
        from.number = 1;
        from.instruments = kCount;
        from.days = 3;
        from.measured = {1, 1, 1, 1, 0};
        from.sectors = {1, 1, 2, 2, portfolio::PortfolioSnapshot::kNoSector};
        from.average_daily_volumes.resize(kCount);
        from.volatilities = {0.01, 0.02, 0.03, 0.04, 0};
        from.betas = {1, 0.5, 0, 2, 0};
        from.covariance.assign(kCount * kCount, 0);
        for (std::size_t i = 0; i + 1 < kCount; ++i) from.covariance[i * kCount + i] = 0.0004;
        from.returns.assign(std::size_t{3} * kCount, 0.01);
        from.correlated = {2, 1, 0, 0, 0};
        GateSnapshot s =
            make_gate_snapshot(from, std::vector<Price>(kCount, Price::from_units(10)), {});
        return written(s);
    }();
    return bytes;
}

/// The digest that the numbers in `bytes` have, as far as they can be read at all.
void make_digest_right(std::vector<std::byte>& bytes) {
    constexpr std::size_t kDigestAt = 8;
    if (bytes.size() < kDigestAt + sizeof(std::uint64_t)) return;
    GateSnapshot s;
    StateReader reader(bytes);
    s.persist(reader);
    const bool is_whole =
        reader.ok() || reader.error().what == "a risk snapshot has another digest than it says";
    if (is_whole) store_little_endian(bytes.data() + kDigestAt, s.compute_digest());
}

void check_rows(const std::vector<std::int32_t>& values, std::size_t rows, std::size_t used) {
    const std::size_t stride = (used + 7) / 8 * 8;
    FERMATA_ASSERT(values.size() == rows * stride);
    for (std::size_t k = 0; k < values.size(); ++k) {
        FERMATA_ASSERT(values[k] != std::numeric_limits<std::int32_t>::min());
        FERMATA_ASSERT(k % stride < used || values[k] == 0);
    }
}

void check(const GateSnapshot& s) {
    const std::size_t n = s.instruments;
    FERMATA_ASSERT(s.measured.size() == n && s.prices.size() == n);
    FERMATA_ASSERT(s.scenario_names.size() == s.scenarios);
    check_rows(s.returns, n, s.days);
    check_rows(s.long_shocks, n, s.scenarios);
    check_rows(s.short_shocks, n, s.scenarios);
    FERMATA_ASSERT(s.correlated.size() == n * ((n + 63) / 64));
    bool any = false;
    for (const std::uint8_t m : s.measured) any = any || m == 1;
    FERMATA_ASSERT(s.covariance.size() == (any ? n * n : 0));
    FERMATA_ASSERT(s.variances.size() == n);
    for (std::size_t i = 0; i < n; ++i) {
        FERMATA_ASSERT(s.variances[i] >= 0);
        FERMATA_ASSERT(s.measured[i] == 1 || s.variances[i] == 0);
        FERMATA_ASSERT(s.lowest_returns[i] <= 0 && s.highest_returns[i] >= 0);
        const std::size_t words = (n + 63) / 64;
        std::size_t others = 0;
        for (std::size_t w = 0; w < words; ++w) {
            others += static_cast<std::size_t>(__builtin_popcountll(s.correlated[i * words + w]));
        }
        FERMATA_ASSERT(others < n && (s.measured[i] == 1 || others == n - 1));
    }
}

void read(const std::vector<std::byte>& bytes) {
    GateSnapshot s;
    StateReader reader(bytes);
    s.persist(reader);
    reader.finish();
    if (!reader.ok()) {
        FERMATA_ASSERT(!reader.error().what.empty());
        return;
    }
    check(s);
    FERMATA_ASSERT(written(s) == bytes);
    GateSnapshot again;
    StateReader second(bytes);
    again.persist(second);
    FERMATA_ASSERT(second.ok() && again == s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::span<const std::uint8_t> input(data + 1, size - 1);
    // Of exactly that length, so that a step over the end shows.
    std::vector<std::byte> bytes(input.size());
    if (!input.empty()) std::memcpy(bytes.data(), input.data(), input.size());
    if (data[0] % 2 != 0) {
        bytes = good();
        for (std::size_t n = 0; n + 3 <= input.size(); n += 3) {
            const std::size_t place = input[n] | std::size_t{input[n + 1]} << 8;
            bytes[place % bytes.size()] = static_cast<std::byte>(input[n + 2]);
        }
        make_digest_right(bytes);
    }
    read(bytes);
    return 0;
}
