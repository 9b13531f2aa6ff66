#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/journal/journal_problem.hpp"
#include "core/port/file.hpp"

namespace fermata {

/// One frame of a segment, as it stands in the file. Valid until the next call to the reader.
struct Frame {
    FrameHeader header;
    std::uint64_t offset = 0;          ///< Of the frame in the file.
    std::span<const std::byte> bytes;  ///< Header and payload.
    [[nodiscard]] std::span<const std::byte> payload() const noexcept {
        return bytes.subspan(kFrameHeaderBytes);
    }
};

/// What the reader of one segment met instead of a frame.
struct SegmentFault {
    JournalProblemKind kind = JournalProblemKind::kUnreadable;
    std::uint64_t offset = 0;
    std::string detail;  ///< Without the file's name.
};

/// Reads the frames of one segment through a window of the file, so memory does not grow with it.
/// Checks what can be seen in one frame: length and checksum. What frames mean together is
/// JournalReader's matter. One thread.
class SegmentReader {
public:
    explicit SegmentReader(std::unique_ptr<RandomAccessFile> file,
                           std::size_t window_bytes = std::size_t{256} << 10);

    /// The header; call it first and once. The reader stands at the first frame afterwards; after a
    /// fault only `skip_to_valid_frame` leads on.
    [[nodiscard]] Result<SegmentHeader, SegmentFault> read_header();

    /// The next frame, or nothing at the end of the file. After a fault the reader stands where it
    /// stood before.
    [[nodiscard]] Result<std::optional<Frame>, SegmentFault> next();

    /// Looks for a frame that is valid in itself from the offset after the current one on, and
    /// moves there. False at the end of the file: nothing valid follows.
    [[nodiscard]] Result<bool, SegmentFault> skip_to_valid_frame();

    /// Goes back to a frame that was read before.
    void seek(std::uint64_t offset) noexcept { offset_ = offset; }

    /// For a file that may have grown (or lost a torn tail): looks at its size and bytes anew.
    [[nodiscard]] Status<SegmentFault> refresh();

    /// Bytes as they stand in the file, outside of the window; all of `out` or a fault.
    [[nodiscard]] Status<SegmentFault> read(std::uint64_t offset, std::span<std::byte> out) const;

    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    /// The bytes [offset, offset + n) that the file has, fewer at its end.
    [[nodiscard]] Result<std::span<const std::byte>, SegmentFault> view(std::uint64_t offset,
                                                                        std::size_t n);
    [[nodiscard]] Status<SegmentFault> examine();
    [[nodiscard]] Result<std::optional<Frame>, SegmentFault> frame_at(std::uint64_t offset);

    std::unique_ptr<RandomAccessFile> file_;
    std::size_t window_bytes_;
    std::vector<std::byte> window_;
    std::uint64_t window_offset_ = 0;
    std::size_t window_used_ = 0;
    std::uint64_t size_ = 0;
    bool examined_ = false;
    std::uint64_t offset_ = 0;
};

}  // namespace fermata
