#include "core/journal/segment_reader.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

Err<SegmentFault> fault(JournalProblemKind kind, std::uint64_t offset, std::string detail) {
    return Err{SegmentFault{kind, offset, std::move(detail)}};
}

bool all_zero(std::span<const std::byte> bytes) noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

/// A frame that a writer of this version makes, for the search after damage: what looks like any
/// other is skipped.
bool makes_sense(const FrameHeader& header) noexcept {
    if (!plausible(header) || header.flags != 0) return false;
    if (header.stream == JournalStream::kControl) {
        return header.position == 0 &&
               header.type >= static_cast<std::uint16_t>(ControlFrame::kManifest) &&
               header.type <= static_cast<std::uint16_t>(ControlFrame::kRaw);
    }
    if (header.stream == JournalStream::kFeed) {
        return header.type == kMarketFrameType && header.position != 0 &&
               header.length % sizeof(MarketEvent) == 0;
    }
    return static_cast<std::size_t>(header.stream) < kJournalStreamsMax && header.position != 0 &&
           header.length >= kOrderEventBytesMin && is_order_event_type(header.type);
}

}  // namespace

SegmentReader::SegmentReader(std::unique_ptr<RandomAccessFile> file, std::size_t window_bytes)
    : file_(std::move(file)), window_bytes_(std::max(window_bytes, kRecordBytesMax)) {}

Status<SegmentFault> SegmentReader::examine() {
    if (examined_) return Unit{};
    const auto size = file_->size();
    if (!size) return fault(JournalProblemKind::kUnreadable, 0, size.error().message);
    size_ = *size;
    examined_ = true;
    return Unit{};
}

Status<SegmentFault> SegmentReader::refresh() {
    examined_ = false;
    window_used_ = 0;
    return examine();
}

Status<SegmentFault> SegmentReader::read(std::uint64_t offset, std::span<std::byte> out) const {
    const auto got = file_->read(offset, out);
    if (!got) return fault(JournalProblemKind::kUnreadable, offset, got.error().message);
    if (*got < out.size()) {
        return fault(JournalProblemKind::kUnreadable, offset, "the file became shorter");
    }
    return Unit{};
}

Result<std::span<const std::byte>, SegmentFault> SegmentReader::view(std::uint64_t offset,
                                                                     std::size_t n) {
    if (const auto known = examine(); !known) return Err{known.error()};
    const std::uint64_t left = size_ - std::min(offset, size_);
    n = static_cast<std::size_t>(std::min<std::uint64_t>(n, left));
    if (offset >= window_offset_ && offset - window_offset_ + n <= window_used_) {
        return std::span<const std::byte>(window_).subspan(
            static_cast<std::size_t>(offset - window_offset_), n);
    }
    const auto ahead = static_cast<std::size_t>(std::min<std::uint64_t>(window_bytes_, left));
    window_.resize(std::max(n, ahead));
    window_offset_ = offset;
    window_used_ = 0;
    const auto got = file_->read(offset, window_);
    if (!got) return fault(JournalProblemKind::kUnreadable, offset, got.error().message);
    window_used_ = *got;
    if (window_used_ < n) {
        return fault(JournalProblemKind::kUnreadable, offset, "the file became shorter");
    }
    return std::span<const std::byte>(window_).first(n);
}

Result<SegmentHeader, SegmentFault> SegmentReader::read_header() {
    offset_ = kSegmentHeaderBytes - kFrameAlignment;
    const auto bytes = view(0, kSegmentHeaderBytes);
    if (!bytes) return Err{bytes.error()};
    if (bytes->size() < kSegmentHeaderBytes) {
        return fault(JournalProblemKind::kTruncatedHeader, 0,
                     "the file ends within the header: " + std::to_string(size_) + " of " +
                         std::to_string(kSegmentHeaderBytes) + " bytes");
    }
    if (all_zero(*bytes)) {
        return fault(JournalProblemKind::kTruncatedHeader, 0, "the header was never written");
    }
    const auto header = decode_segment_header(bytes->first<kSegmentHeaderBytes>());
    if (header.ok()) {
        offset_ = kSegmentHeaderBytes;
        return *header;
    }
    switch (header.error()) {
        case HeaderError::kMagic:
            return fault(JournalProblemKind::kNotAJournal, 0,
                         "the file does not begin like a journal segment");
        case HeaderError::kVersion:
            return fault(JournalProblemKind::kUnknownVersion, 0,
                         "the segment was written by another version of the format; this build "
                         "reads version " +
                             std::to_string(kJournalVersion));
        case HeaderError::kChecksum:
            return fault(JournalProblemKind::kBadHeader, 0, "the header's checksum is wrong");
        case HeaderError::kValue:
            break;
    }
    return fault(JournalProblemKind::kBadHeader, 0,
                 "the header has a value that this version does not allow");
}

Result<std::optional<Frame>, SegmentFault> SegmentReader::frame_at(std::uint64_t offset) {
    const auto head = view(offset, kFrameHeaderBytes);
    if (!head) return Err{head.error()};
    if (head->empty()) return std::optional<Frame>{};
    const std::uint64_t left = size_ - offset;
    if (head->size() < kFrameHeaderBytes) {
        return fault(JournalProblemKind::kTruncatedFrame, offset,
                     "the file ends after " + std::to_string(left) + " bytes of a frame's header");
    }
    Frame frame;
    frame.header = decode_frame_header(head->first<kFrameHeaderBytes>());
    frame.offset = offset;
    if (!plausible(frame.header)) {
        return fault(JournalProblemKind::kBadLength, offset,
                     "no frame has a payload of " + std::to_string(frame.header.length) + " bytes");
    }
    const std::size_t total = kFrameHeaderBytes + frame.header.length;
    if (left < total) {
        return fault(JournalProblemKind::kTruncatedFrame, offset,
                     "the file ends after " + std::to_string(left) + " of the " +
                         std::to_string(total) + " bytes of a frame");
    }
    const auto bytes = view(offset, total);
    if (!bytes) return Err{bytes.error()};
    if (!checksum_holds(*bytes)) {
        return fault(JournalProblemKind::kBadChecksum, offset,
                     "the checksum of a frame of " + std::to_string(total) + " bytes is wrong");
    }
    frame.bytes = *bytes;
    return std::optional<Frame>(frame);
}

Result<std::optional<Frame>, SegmentFault> SegmentReader::next() {
    auto frame = frame_at(offset_);
    if (frame.ok() && frame->has_value()) offset_ += (*frame)->bytes.size();
    return frame;
}

Result<bool, SegmentFault> SegmentReader::skip_to_valid_frame() {
    // Frames begin at multiples of the alignment, whatever the damage did to lengths.
    std::uint64_t at = offset_ / kFrameAlignment * kFrameAlignment + kFrameAlignment;
    for (; at + kFrameHeaderBytes < size_; at += kFrameAlignment) {
        const auto head = view(at, kFrameHeaderBytes);
        if (!head) return Err{head.error()};
        const FrameHeader header = decode_frame_header(head->first<kFrameHeaderBytes>());
        const std::size_t total = kFrameHeaderBytes + header.length;
        if (!makes_sense(header) || size_ - at < total) continue;
        const auto bytes = view(at, total);
        if (!bytes) return Err{bytes.error()};
        if (!checksum_holds(*bytes)) continue;
        offset_ = at;
        return true;
    }
    offset_ = size_;
    return false;
}

}  // namespace fermata
