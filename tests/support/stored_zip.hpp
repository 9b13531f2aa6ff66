#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::test {

/// A zip archive with the given members, stored without compression (PKWARE APPNOTE 6.3.9).
[[nodiscard]] inline std::string stored_zip(
    const std::vector<std::pair<std::string, std::string>>& members) {
    const auto number = [](std::uint32_t value, int bytes) {
        std::string out;
        for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
        return out;
    };
    const auto crc32 = [](std::string_view bytes) {
        std::uint32_t crc = 0xffffffffU;
        for (const char c : bytes) {
            crc ^= static_cast<unsigned char>(c);
            for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
        }
        return ~crc;
    };
    std::string file;
    std::string directory;
    for (const auto& [name, content] : members) {
        const auto size = static_cast<std::uint32_t>(content.size());
        // Version, flags, method, time, date, checksum, sizes, length of the name, no extra field.
        const std::string common =
            number(20, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0x21, 2) +
            number(crc32(content), 4) + number(size, 4) + number(size, 4) +
            number(static_cast<std::uint32_t>(name.size()), 2) + number(0, 2);
        directory += "PK\x01\x02" + number(20, 2) + common + number(0, 2) + number(0, 2) +
                     number(0, 2) + number(0, 4) +
                     number(static_cast<std::uint32_t>(file.size()), 4) + name;
        file += "PK\x03\x04" + common + name + content;
    }
    const auto count = static_cast<std::uint32_t>(members.size());
    const auto start = static_cast<std::uint32_t>(file.size());
    return file + directory + "PK\x05\x06" + number(0, 2) + number(0, 2) + number(count, 2) +
           number(count, 2) + number(static_cast<std::uint32_t>(directory.size()), 4) +
           number(start, 4) + number(0, 2);
}

}  // namespace fermata::test
