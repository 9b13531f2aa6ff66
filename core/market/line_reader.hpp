#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/byte_source.hpp"

namespace fermata {

enum class LineStatus : std::uint8_t {
    kLine,      ///< A whole line that is valid UTF-8 without NUL bytes.
    kEnd,       ///< There are no more lines.
    kTooLong,   ///< Longer than the limit; `text` holds its beginning, the rest was read and
                ///< dropped.
    kEncoding,  ///< Not UTF-8, or with a NUL byte. `text` holds the line.
};

struct Line {
    std::string_view text;     ///< Without its line end; valid until the next call.
    std::uint64_t number = 0;  ///< From 1, counting every line.
    LineStatus status = LineStatus::kEnd;
};

/// Cuts a stream of bytes into lines, in bounded memory whatever the stream holds.
///
/// Lines end with LF or CRLF; the last one may go without. Blank lines are left out (but counted in
/// `number`), and so is a UTF-8 byte order mark at the very front.
/// Owner:  one thread.
/// Memory: `max_line_bytes` and one block of 256 KiB, whatever the lines' lengths.
/// Errors: what the source throws.
class LineReader {
public:
    LineReader(std::unique_ptr<ByteSource> source, std::size_t max_line_bytes);

    [[nodiscard]] Line next();

    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_read_; }
    [[nodiscard]] const ByteSource& source() const noexcept { return *source_; }

private:
    void fill();
    [[nodiscard]] Line too_long();
    [[nodiscard]] Line finish(std::string_view text);

    std::unique_ptr<ByteSource> source_;
    std::size_t max_line_bytes_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // of what is not handed out yet
    std::size_t end_ = 0;    // of what was read
    std::uint64_t number_ = 0;
    std::uint64_t bytes_read_ = 0;
    bool at_end_ = false;
    bool plain_ = true;  // the buffer holds only ASCII without NUL: no line needs a closer look
};

/// Whether `text` is well-formed UTF-8 (Unicode table 3-7: no overlong forms, no surrogates) and
/// holds no NUL byte.
[[nodiscard]] bool is_text(std::string_view text) noexcept;

/// `text` for a message: cut to `most` bytes, with what is not printable ASCII as \xNN.
[[nodiscard]] std::string clip(std::string_view text, std::size_t most = 60);

}  // namespace fermata
