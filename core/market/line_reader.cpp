#include "core/market/line_reader.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace fermata {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::size_t kClipped = 256;  // of a line that is too long

/// Whether every byte is ASCII and not NUL. Written so that the compiler makes vectors of it.
bool is_plain(const char* bytes, std::size_t n) noexcept {
    unsigned char high = 0;
    unsigned char nul = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto c = static_cast<unsigned char>(bytes[i]);
        high = static_cast<unsigned char>(high | c);
        nul = static_cast<unsigned char>(nul | (c == 0 ? 1 : 0));
    }
    return high < 0x80 && nul == 0;
}

/// Length of the well-formed multi-byte sequence at the front of `text`, 0 when there is none.
std::size_t sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    std::size_t length = 0;
    unsigned char low = 0x80;  // bounds of the second byte
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    }
    if (length == 0 || text.size() < length) return 0;
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
    }
    return length;
}

}  // namespace

bool is_text(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        if (c == 0) return false;
        const std::size_t length = c < 0x80 ? 1 : sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string clip(std::string_view text, std::size_t most) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (const char c : text.substr(0, most)) {
        if (c >= 0x20 && c < 0x7f) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    if (text.size() > most) out += "...";
    return out;
}

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::size_t max_line_bytes)
    : source_(std::move(source)),
      max_line_bytes_(std::max<std::size_t>(max_line_bytes, 1)),
      buffer_(max_line_bytes_ + kBlock) {}

/// Moves what is left to the front and reads more behind it.
void LineReader::fill() {
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::size_t n = source_->read(std::span(buffer_).subspan(end_));
    if (n == 0) {
        at_end_ = true;
        return;
    }
    if (bytes_read_ == 0) {
        // The mark may come in pieces when the source is slow.
        while (end_ + n < 3) {
            const std::size_t more = source_->read(std::span(buffer_).subspan(end_ + n));
            if (more == 0) break;
            end_ += more;
            bytes_read_ += more;
        }
        if (end_ + n >= 3 && std::memcmp(buffer_.data(), "\xEF\xBB\xBF", 3) == 0) begin_ = 3;
    }
    bytes_read_ += n;
    end_ += n;
    plain_ = is_plain(buffer_.data() + begin_, end_ - begin_);
}

Line LineReader::finish(std::string_view text) {
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    const bool good = plain_ || is_text(text);
    return {text, number_, good ? LineStatus::kLine : LineStatus::kEncoding};
}

/// Drops the rest of a line whose first `max_line_bytes` are in the buffer. Keeps its beginning in
/// front of the buffer for the message.
Line LineReader::too_long() {
    const std::size_t kept = std::min({kClipped, max_line_bytes_, end_ - begin_});
    std::memmove(buffer_.data(), buffer_.data() + begin_, kept);
    std::size_t scan = std::max(begin_, kept);
    for (;;) {
        const char* from = buffer_.data() + scan;
        if (const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - scan))) {
            begin_ = static_cast<std::size_t>(newline - buffer_.data()) + 1;
            break;
        }
        scan = kept;
        const std::size_t n = source_->read(std::span(buffer_).subspan(kept));
        bytes_read_ += n;
        end_ = kept + n;
        if (n == 0) {
            at_end_ = true;
            begin_ = end_;
            break;
        }
    }
    plain_ = is_plain(buffer_.data() + begin_, end_ - begin_);
    return {std::string_view(buffer_.data(), kept), number_, LineStatus::kTooLong};
}

Line LineReader::next() {
    std::size_t searched = 0;  // bytes behind begin_ that hold no line end
    for (;;) {
        // One byte beyond the limit is looked at: it may be the CR of a CRLF.
        const char* begin = buffer_.data() + begin_;
        const std::size_t available = end_ - begin_;
        const auto* newline =
            static_cast<const char*>(std::memchr(begin + searched, '\n', available - searched));
        const std::size_t length =
            newline != nullptr ? static_cast<std::size_t>(newline - begin) : available;
        if (newline == nullptr && length <= max_line_bytes_ + 1 && !at_end_) {
            fill();  // moves what is there
            searched = length;
            continue;
        }
        if (newline == nullptr && length == 0) return {{}, number_, LineStatus::kEnd};
        ++number_;
        if (length > max_line_bytes_ &&
            !(length == max_line_bytes_ + 1 && begin[length - 1] == '\r')) {
            return too_long();
        }
        begin_ += length + (newline != nullptr ? 1 : 0);
        searched = 0;
        if (length == 0 || (length == 1 && *begin == '\r')) continue;
        return finish(std::string_view(begin, length));
    }
}

}  // namespace fermata
