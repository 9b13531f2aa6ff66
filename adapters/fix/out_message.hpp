#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/order_text.hpp"
#include "core/types/decimal.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// A message to a member before the session puts its header and trailer around it: its type, its
/// fields, and at most one repeating group.
class OutMessage {
public:
    explicit OutMessage(std::string_view type) : type_(type) {}

    OutMessage& put(int tag, std::string_view value) {
        fields_.push_back({tag, entries_, text_.size(), value.size()});
        text_.append(value);
        return *this;
    }
    OutMessage& put(int tag, const char* value) { return put(tag, std::string_view(value)); }
    OutMessage& put(int tag, const std::string& value) { return put(tag, std::string_view(value)); }
    OutMessage& put(int tag, char value) { return put(tag, std::string_view(&value, 1)); }
    OutMessage& put(int tag, std::uint64_t value) {
        return put(tag, std::string_view(std::to_string(value)));
    }
    /// A Price, Quantity, Money or Ratio.
    template <class F>
        requires requires { F::kDecimals; }
    OutMessage& put(int tag, F number) {
        char text[kTextMax];
        return put(tag,
                   std::string_view(text, format_decimal(number.raw(), F::kDecimals, 0, text)));
    }
    OutMessage& put(int tag, Timestamp ts) {
        char text[kTextMax];
        return put(tag, std::string_view(text, format_utc(ts, text)));
    }

    /// The group whose entries follow; its count is put in by itself.
    OutMessage& group(int count_tag) {
        group_ = count_tag;
        return *this;
    }
    /// What is put from here on belongs to a new entry.
    OutMessage& entry() {
        ++entries_;
        return *this;
    }

    struct Field {
        int tag;
        std::uint32_t entry;  ///< 0: of the message itself.
        std::size_t at, size;
    };
    [[nodiscard]] const std::string& type() const noexcept { return type_; }
    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return fields_; }
    [[nodiscard]] std::string_view value(const Field& field) const noexcept {
        return std::string_view(text_).substr(field.at, field.size);
    }
    /// The first field of such a tag outside of the group; empty when there is none.
    [[nodiscard]] std::string_view find(int tag) const noexcept {
        for (const Field& field : fields_) {
            if (field.tag == tag && field.entry == 0) return value(field);
        }
        return {};
    }
    [[nodiscard]] int group_tag() const noexcept { return group_; }
    [[nodiscard]] std::uint32_t entries() const noexcept { return entries_; }
    /// About what it takes on the wire.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return text_.size() + 5 * fields_.size() + 120;
    }

private:
    std::string type_;
    std::string text_;
    std::vector<Field> fields_;
    int group_ = 0;
    std::uint32_t entries_ = 0;
};

}  // namespace fermata::fix
