#include "adapters/fix/report_fields.hpp"

namespace fermata::fix {
namespace {

constexpr int kTagMax = 912;
/// By Field.
constexpr std::array<int, kFieldCount> kTags = {
    1,   533, 379, 380, 102, 434, 11, 12, 479, 13, 14,  17,  19,  150, 31, 32, 912, 151,
    851, 532, 531, 37,  40,  39,  41, 44, 38,  45, 103, 378, 373, 54,  99, 55, 58,  911};

constexpr auto kFields = [] {
    std::array<std::uint8_t, kTagMax + 1> fields{};
    for (std::size_t n = 0; n < kTags.size(); ++n) {
        fields[static_cast<std::size_t>(kTags[n])] = static_cast<std::uint8_t>(n + 1);
    }
    return fields;
}();

}  // namespace

int tag_of(Field field) noexcept { return kTags[static_cast<std::size_t>(field)]; }

std::optional<Field> field_of(int tag) noexcept {
    if (tag <= 0 || tag > kTagMax) return std::nullopt;
    const std::uint8_t n = kFields[static_cast<std::size_t>(tag)];
    if (n == 0) return std::nullopt;
    return static_cast<Field>(n - 1);
}

}  // namespace fermata::fix
