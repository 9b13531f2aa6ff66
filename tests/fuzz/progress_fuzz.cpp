// Any bytes as a progress file: said to be one, or why not; what is said is text and in its bounds.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "adapters/progress/progress_format.hpp"
#include "core/base/crc32c.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fermata::progress;
    const auto check = [](std::span<const std::byte> bytes) {
        const auto s = examine(bytes);
        if (!s) return;
        if (s->loops.size() > kLoopsMax || s->who.pid <= 0) std::abort();
        for (const Loop& loop : s->loops) {
            if (loop.name.empty() || loop.name.size() >= kNameMax) std::abort();
        }
        for (const char c : s->reason) {
            if (c < ' ' || c > '~') std::abort();
        }
    };
    check({reinterpret_cast<const std::byte*>(data), size});
    // As long as a file, with its marks and its checksum: what is behind them is reached.
    std::vector<std::byte> bytes(kFileBytes);
    if (size > 0) std::memcpy(bytes.data(), data, std::min(size, bytes.size()));
    std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
    std::memcpy(bytes.data() + 8, &kVersion, sizeof kVersion);
    const std::uint32_t crc =
        fermata::crc32c(std::span<const std::byte>(bytes).first(offsetof(Head, crc)));
    std::memcpy(bytes.data() + offsetof(Head, crc), &crc, sizeof crc);
    check(bytes);
    return 0;
}
