#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fermata::tape {

/// A whole file mapped read-only. Throws FeedError when it cannot be opened or is empty.
class MappedFile {
public:
    explicit MappedFile(const std::string& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    /// Pages in [offset, offset + length) are wanted soon.
    void will_need(std::size_t offset, std::size_t length) const noexcept;
    /// Pages in [offset, offset + length) are not wanted any more: resident memory stays constant
    /// however long the file is.
    void done_with(std::size_t offset, std::size_t length) const noexcept;

private:
    std::span<const std::byte> bytes_;
};

}  // namespace fermata::tape
