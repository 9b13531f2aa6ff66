#pragma once

/// What somebody does to the bytes of a segment who knows its format.

#include <cstddef>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/crc32c.hpp"
#include "core/journal/format.hpp"

namespace fermata::test {

/// A frame of a segment.
struct FrameAt {
    std::size_t offset;
    std::size_t size;
    FrameHeader header;
};
inline std::vector<FrameAt> frames_of(const std::vector<std::byte>& file) {
    std::vector<FrameAt> frames;
    for (std::size_t at = kSegmentHeaderBytes; at < file.size();) {
        const FrameHeader header =
            decode_frame_header(std::span(file).subspan(at).first<kFrameHeaderBytes>());
        frames.push_back({at, kFrameHeaderBytes + header.length, header});
        at += frames.back().size;
    }
    return frames;
}

/// Makes every checksum of a segment right again, as whoever rewrites it would.
inline void repair_checksums(std::vector<std::byte>& file) {
    store_little_endian(file.data() + 132, crc32c(std::span(file).first(132)));
    for (const FrameAt& frame : frames_of(file)) {
        store_little_endian(file.data() + frame.offset,
                            crc32c(std::span(file).subspan(frame.offset + 4, frame.size - 4)));
    }
}

}  // namespace fermata::test
