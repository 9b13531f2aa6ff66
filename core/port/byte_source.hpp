#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace fermata {

/// A stream of bytes that is read once from front to end: a file, a member of an archive, memory.
/// Every reader of outside bytes works on this, so that tests and fuzzers need no files.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Fills the front of `out` and returns how many bytes it wrote; 0 only at the end.
    /// Throws FeedError when the source cannot be read or is damaged; the text names it.
    [[nodiscard]] virtual std::size_t read(std::span<char> out) = 0;
    /// For messages: a path, or "trade.zip:20131007_spy_minute_trade.csv".
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// Fraction that was read, 0 to 1; of the stored (compressed) bytes where those are known.
    [[nodiscard]] virtual double progress() const noexcept = 0;
};

/// Bytes that are already in memory and outlive the source. `read` hands out at most
/// `bytes_a_read` at a time, to show that a reader does not depend on the size of the pieces.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes, std::string name = "memory",
                          std::size_t bytes_a_read = std::string_view::npos)
        : bytes_(bytes), name_(std::move(name)), bytes_a_read_(bytes_a_read) {}

    [[nodiscard]] std::size_t read(std::span<char> out) override {
        const std::size_t n = std::min({out.size(), bytes_.size() - position_, bytes_a_read_});
        if (n != 0) std::memcpy(out.data(), bytes_.data() + position_, n);
        position_ += n;
        return n;
    }
    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] double progress() const noexcept override {
        return bytes_.empty() ? 1.0
                              : static_cast<double>(position_) / static_cast<double>(bytes_.size());
    }

private:
    std::string_view bytes_;
    std::string name_;
    std::size_t bytes_a_read_;
    std::size_t position_ = 0;
};

}  // namespace fermata
