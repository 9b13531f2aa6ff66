#include "daemon/rerun/divergence.hpp"

#include <array>
#include <cstring>

#include "core/event/codec.hpp"

namespace fermata {

bool same_record(const OrderEvent& a, const OrderEvent& b) noexcept {
    std::array<std::byte, kOrderEventBytesMax> left, right;
    const std::size_t length = encode(a, left.data());
    return encode(b, right.data()) == length && std::memcmp(left.data(), right.data(), length) == 0;
}

}  // namespace fermata
