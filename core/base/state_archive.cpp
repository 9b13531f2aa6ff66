#include "core/base/state_archive.hpp"

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"

namespace fermata {
namespace {

/// A section's header: length of the body (8 bytes), its CRC-32C (4), version (4), length of the
/// name (1), then the name.
constexpr std::size_t kLengthAt = 0;
constexpr std::size_t kChecksumAt = 8;
constexpr std::size_t kVersionAt = 12;
constexpr std::size_t kNameLengthAt = 16;
constexpr std::size_t kNameAt = 17;
constexpr std::size_t kNameMax = 255;

}  // namespace

std::string StateError::message() const {
    return (section.empty() ? "the state" : "section " + section) + ": " + what;
}

void StateArchive::fail(std::string_view what) {
    if (!error_) error_ = StateError{path_, std::string(what)};
}

std::size_t StateArchive::count(std::size_t value, std::size_t most) {
    std::uint64_t stored = value;
    field(stored);
    return require(stored <= most, "a table holds more than there is room for") ? stored : 0;
}

void StateArchive::bytes(std::byte* at, std::size_t size) {
    if (!ok()) return;
    if (!reading()) {
        out_->insert(out_->end(), at, at + size);
        return;
    }
    if (!require(size <= unread(), "the bytes end too early")) return;
    std::memcpy(at, in_.data() + at_, size);
    at_ += size;
}

bool StateArchive::begin_section(std::string_view name, std::uint32_t version) {
    FERMATA_ASSERT(!name.empty() && name.size() <= kNameMax);
    if (!ok()) return false;
    Section section{path_.size(), 0, in_};
    if (!path_.empty()) path_ += '/';
    path_ += name;
    if (!reading()) {
        section.start = out_->size();
        out_->resize(section.start + kNameAt);
        store_little_endian(out_->data() + section.start + kVersionAt, version);
        store_little_endian(out_->data() + section.start + kNameLengthAt,
                            static_cast<std::uint8_t>(name.size()));
        const std::span<const std::byte> text = bytes_of(name);
        out_->insert(out_->end(), text.begin(), text.end());
        sections_.push_back(section);
        return true;
    }
    const std::byte* header = in_.data() + at_;
    if (!require(unread() >= kNameAt, "the bytes end before it begins")) return false;
    const auto name_length = load_little_endian<std::uint8_t>(header + kNameLengthAt);
    if (!require(unread() - kNameAt >= name_length, "the bytes end within its name") ||
        !require(text_of({header + kNameAt, name_length}) == name,
                 "another section stands in its place")) {
        return false;
    }
    const auto found = load_little_endian<std::uint32_t>(header + kVersionAt);
    if (!require(found == version, "it has version " + std::to_string(found) +
                                       ", and this build reads version " +
                                       std::to_string(version))) {
        return false;
    }
    at_ += kNameAt + name_length;
    const auto length = load_little_endian<std::uint64_t>(header + kLengthAt);
    if (!require(length <= unread(), "the bytes end within it")) return false;
    const std::span<const std::byte> body = in_.subspan(at_, length);
    if (checksums_ &&
        !require(crc32c(body) == load_little_endian<std::uint32_t>(header + kChecksumAt),
                 "its checksum is wrong")) {
        return false;
    }
    section.start = at_;
    in_ = in_.first(at_ + length);
    sections_.push_back(section);
    return true;
}

void StateArchive::end_section() {
    if (!ok()) return;  // the path tells where
    const Section section = sections_.back();
    if (!reading()) {
        std::byte* header = out_->data() + section.start;
        const std::size_t body = kNameAt + static_cast<std::uint8_t>(header[kNameLengthAt]);
        const std::size_t length = out_->size() - section.start - body;
        store_little_endian(header + kLengthAt, static_cast<std::uint64_t>(length));
        store_little_endian(header + kChecksumAt, crc32c(std::span(header + body, length)));
    } else {
        if (!require(unread() == 0, "it has more bytes than this build reads")) return;
        in_ = section.outside;
    }
    path_.resize(section.path);
    sections_.pop_back();
}

}  // namespace fermata
