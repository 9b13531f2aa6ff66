#include <array>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "core/port/event_store.hpp"

namespace fermata {

std::uint32_t extend_digest(std::uint32_t digest, const StoredRecord& record) noexcept {
    std::array<std::byte, 16> head{};
    store_little_endian(head.data(), static_cast<std::uint16_t>(record.stream));
    store_little_endian(head.data() + 8, record.position);
    return crc32c_extend(crc32c_extend(digest, head), record.payload);
}

}  // namespace fermata
