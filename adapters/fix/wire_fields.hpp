#pragma once

#include <cstddef>
#include <string_view>

namespace fermata::fix {

/// Walks over the fields of a message as it came over the wire, in its order: "8=FIX.4.4|9=...|".
///
/// Data fields, which may hold the separator, are taken by the length that stands before them.
/// Never throws, never allocates. The message outlives it.
class WireFields {
public:
    explicit WireFields(std::string_view message) noexcept : rest_(message) {}

    /// False at the end, or when what follows is no field: `broken` tells which.
    [[nodiscard]] bool next() noexcept;
    [[nodiscard]] int tag() const noexcept { return tag_; }
    [[nodiscard]] std::string_view value() const noexcept { return value_; }
    [[nodiscard]] bool broken() const noexcept { return broken_; }

private:
    static constexpr char kSeparator = '\x01';
    [[nodiscard]] bool take(std::size_t size) noexcept;

    std::string_view rest_;
    std::string_view value_;
    int tag_ = 0;
    int data_tag_ = 0;  // the field whose length was told
    std::size_t data_size_ = 0;
    bool broken_ = false;
};

}  // namespace fermata::fix
