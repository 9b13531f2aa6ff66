#include "adapters/fix/wire_fields.hpp"

#include "adapters/fix/order_text.hpp"

namespace fermata::fix {
namespace {

/// The data field whose length a field of FIX 4.4 tells; 0: none.
int data_of(int length_tag) noexcept {
    switch (length_tag) {
        case 90:
            return 91;
        case 93:
            return 89;
        case 95:
            return 96;
        case 212:
            return 213;
        case 348:
        case 350:
        case 352:
        case 354:
        case 360:
        case 362:
        case 364:
        case 445:
        case 618:
        case 621:
            return length_tag + 1;
        default:
            return 0;
    }
}

}  // namespace

bool WireFields::take(std::size_t size) noexcept {
    // What stands behind the value must be the separator.
    if (size >= rest_.size() || rest_[size] != kSeparator) {
        broken_ = true;
        return false;
    }
    value_ = rest_.substr(0, size);
    rest_.remove_prefix(size + 1);
    return true;
}

bool WireFields::next() noexcept {
    if (rest_.empty() || broken_) return false;
    const std::size_t equals = rest_.find('=');
    constexpr std::size_t kDigitsMax = 6;
    const auto tag = equals <= kDigitsMax ? parse_whole(rest_.substr(0, equals)) : std::nullopt;
    if (!tag || *tag == 0) {
        broken_ = true;
        return false;
    }
    tag_ = static_cast<int>(*tag);
    rest_.remove_prefix(equals + 1);
    if (tag_ == data_tag_) {
        data_tag_ = 0;
        return take(data_size_);
    }
    data_tag_ = 0;
    const std::size_t end = rest_.find(kSeparator);
    if (!take(end == std::string_view::npos ? rest_.size() : end)) return false;
    if (const int data = data_of(tag_); data != 0) {
        if (const auto size = parse_whole(value_)) {
            data_tag_ = data;
            data_size_ = static_cast<std::size_t>(*size);
        }
    }
    return true;
}

}  // namespace fermata::fix
