#include "core/journal/journal_reader.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

/// Problems that a crash in the middle of a write can leave at the end of the last segment.
bool may_be_torn(JournalProblemKind kind) noexcept {
    return kind == JournalProblemKind::kTruncatedHeader ||
           kind == JournalProblemKind::kTruncatedFrame || kind == JournalProblemKind::kBadLength ||
           kind == JournalProblemKind::kBadChecksum;
}

std::string describe(JournalStream stream) {
    return "stream " + std::to_string(static_cast<unsigned>(stream));
}

}  // namespace

JournalReader::JournalReader(FileSystem& files, std::string directory,
                             std::vector<std::uint32_t> numbers, std::unique_ptr<Hasher> hasher)
    : files_(files),
      directory_(std::move(directory)),
      numbers_(std::move(numbers)),
      hasher_(std::move(hasher)) {}

Result<std::unique_ptr<JournalReader>, JournalProblem> JournalReader::open(
    FileSystem& files, const std::string& directory, const HasherFactory& hasher_factory) {
    const auto names = files.list(directory);
    if (!names) {
        return Err{
            JournalProblem{JournalProblemKind::kUnreadable, false, 0, 0, names.error().message}};
    }
    std::vector<std::uint32_t> numbers;
    for (const std::string& file_name : *names) {
        if (const auto number = segment_of_file_name(file_name)) numbers.push_back(*number);
    }
    if (numbers.empty()) {
        return Err{JournalProblem{JournalProblemKind::kNoSegments, false, 0, 0,
                                  directory + " holds no journal (no journal-000001.fjl)"}};
    }
    std::sort(numbers.begin(), numbers.end());
    return std::unique_ptr<JournalReader>(new JournalReader(
        files, directory, std::move(numbers), hasher_factory ? hasher_factory() : nullptr));
}

const JournalRecord* JournalReader::next() {
    if (problem_) return nullptr;
    for (;;) {
        switch (step()) {
            case Step::kRecord:
                return &record_;
            case Step::kStop:
                return nullptr;
            case Step::kAgain:
                break;
        }
    }
}

JournalReader::Step JournalReader::step() {
    if (!segment_) return in_last_segment() ? end_of_journal() : enter_segment();
    if (has_footer_ && segment_->offset() < segment_->size()) {
        const std::uint64_t offset = segment_->offset();
        segment_->seek(segment_->size());
        return stop(JournalProblemKind::kDataAfterFooter, offset, "bytes follow the footer");
    }
    const auto frame = segment_->next();
    if (!frame) return stop(frame.error());
    if (!frame->has_value()) return end_of_segment();
    const Frame& found = **frame;
    if (found.header.flags != 0) {
        return stop(JournalProblemKind::kUnknownFrame, found.offset,
                    "a frame has flags that this version does not know");
    }
    return found.header.stream == JournalStream::kControl ? take_control(found)
                                                          : take_record(found);
}

JournalReader::Step JournalReader::enter_segment() {
    const std::uint32_t number = numbers_[next_segment_];
    if (number != expected_segment_) {
        damaged_ = true;
        const std::uint32_t missing = std::exchange(expected_segment_, number);
        return stop(JournalProblemKind::kMissingSegment, missing, 0, "the segment is missing",
                    false);
    }
    const bool closed = !infos_.empty() && infos_.back().footer && infos_.back().footer->final;
    ++expected_segment_;
    ++next_segment_;
    infos_.push_back({number, 0, 0, std::nullopt});
    manifest_state_ = Manifest::kDue;
    has_footer_ = false;
    end_reported_ = false;
    auto file = files_.open(directory_ + "/" + segment_file_name(number));
    if (!file) {
        damaged_ = true;
        end_reported_ = true;
        return stop(JournalProblemKind::kUnreadable, 0, file.error().message);
    }
    segment_ = std::make_unique<SegmentReader>(std::move(*file));
    const auto header = segment_->read_header();
    infos_.back().bytes = segment_->size();
    if (!header) return stop(header.error());
    if (!run_) run_ = header->run;
    if (closed) {
        return stop(JournalProblemKind::kSegmentAfterEnd, 0,
                    "it follows the segment that closed the run");
    }
    return check_header(*header);
}

JournalReader::Step JournalReader::check_header(const SegmentHeader& header) {
    const SegmentInfo& info = infos_.back();
    if (header.segment != info.segment) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the header says that this is segment " + std::to_string(header.segment));
    }
    if (header.run != *run_) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the segment belongs to run " + to_hex(header.run) + ", the journal to run " +
                        to_hex(*run_));
    }
    if (!damaged_ && header.records_before != records_) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the header counts " + std::to_string(header.records_before) +
                        " records before this segment, there are " + std::to_string(records_));
    }
    return Step::kAgain;
}

JournalReader::Step JournalReader::end_of_segment() {
    const std::uint64_t size = segment_->size();
    segment_.reset();
    if (has_footer_ || end_reported_) return Step::kAgain;
    end_reported_ = true;
    return stop(JournalProblemKind::kMissingFooter, size,
                in_last_segment() ? "the journal was not closed: it ends without a footer"
                                  : "the segment ends without a footer",
                in_last_segment());
}

JournalReader::Step JournalReader::end_of_journal() {
    const SegmentInfo& last = infos_.back();
    if (!end_reported_ && last.footer && !last.footer->final) {
        end_reported_ = true;
        return stop(JournalProblemKind::kNotClosed, last.bytes,
                    "the journal was not closed: the last footer announces another segment", true);
    }
    if (ending_ == JournalEnding::kReading) ending_ = JournalEnding::kClosed;
    return Step::kStop;
}

JournalReader::Step JournalReader::take_control(const Frame& frame) {
    const Manifest state = std::exchange(manifest_state_, Manifest::kPast);
    switch (ControlFrame{frame.header.type}) {
        case ControlFrame::kManifest:
            if (state != Manifest::kPast) return take_manifest(frame);
            break;
        case ControlFrame::kFooter:
            if (state != Manifest::kDue) return take_footer(frame);
            segment_->seek(frame.offset);
            return stop(JournalProblemKind::kBadManifest, frame.offset,
                        "the segment begins without a manifest");
        case ControlFrame::kBlockSeal:
            break;
    }
    return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                "control frame of type " + std::to_string(frame.header.type) +
                    " does not belong here in this version");
}

JournalReader::Step JournalReader::take_manifest(const Frame& frame) {
    const auto payload = frame.payload();
    if (manifest_) {
        if (std::equal(payload.begin(), payload.end(), manifest_bytes_.begin(),
                       manifest_bytes_.end())) {
            return Step::kAgain;
        }
        return stop(JournalProblemKind::kBadManifest, frame.offset,
                    "the manifest is not the one of the first segment");
    }
    auto parsed = parse_manifest({reinterpret_cast<const char*>(payload.data()), payload.size()});
    if (!parsed)
        return stop(JournalProblemKind::kBadManifest, frame.offset, parsed.error().message);
    manifest_bytes_.assign(payload.begin(), payload.end());
    manifest_ = std::move(*parsed);
    return Step::kAgain;
}

JournalReader::Step JournalReader::take_footer(const Frame& frame) {
    SegmentInfo& info = infos_.back();
    has_footer_ = true;
    info.footer = decode_segment_footer(frame.payload());
    const auto bad = [&](const std::string& detail) {
        return stop(JournalProblemKind::kBadFooter, frame.offset, detail);
    };
    if (!info.footer) return bad("the footer cannot be read");
    const SegmentFooter& footer = *info.footer;
    if (damaged_) return Step::kAgain;
    if (footer.segment_records != info.records || footer.run_records != records_) {
        return bad("the footer counts " + std::to_string(footer.segment_records) +
                   " records in the segment and " + std::to_string(footer.run_records) +
                   " in the run, there are " + std::to_string(info.records) + " and " +
                   std::to_string(records_));
    }
    std::vector<SegmentFooter::Position> positions;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (positions_[i] == 0) continue;
        positions.push_back({JournalStream{static_cast<std::uint16_t>(i)}, positions_[i]});
    }
    if (footer.positions != positions) return bad("the footer's last positions are not those read");
    if (hasher_ && !footer.hash.empty() && footer.hash != hash()) {
        return stop(JournalProblemKind::kWrongHash, frame.offset,
                    "the footer's hash is " + footer.hash + ", the records' is " + hash());
    }
    return Step::kAgain;
}

JournalReader::Step JournalReader::take_record(const Frame& frame) {
    const auto index = static_cast<std::size_t>(frame.header.stream);
    if (std::exchange(manifest_state_, Manifest::kPast) == Manifest::kDue) {
        segment_->seek(frame.offset);
        return stop(JournalProblemKind::kBadManifest, frame.offset,
                    "the segment begins without a manifest");
    }
    if (index >= kJournalStreamsMax) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "there is no " + describe(frame.header.stream));
    }
    if (frame.header.position != positions_[index] + 1) {
        const std::uint64_t expected = positions_[index] + 1;
        // On resume the record is read again and fits.
        positions_[index] = frame.header.position - 1;
        segment_->seek(frame.offset);
        return stop(JournalProblemKind::kPositionGap, frame.offset,
                    describe(frame.header.stream) + " goes on at position " +
                        std::to_string(frame.header.position) + " where " +
                        std::to_string(expected) + " is due");
    }
    OrderEvent& event = record_.event;
    const auto decoded = decode(frame.payload(), event);
    const bool feed_steps_back = decoded.ok() && event.feed_position < feed_positions_[index];
    if (feed_steps_back) {
        const std::uint64_t before = std::exchange(feed_positions_[index], event.feed_position);
        segment_->seek(frame.offset);
        return stop(JournalProblemKind::kFeedStepsBack, frame.offset,
                    "the feed position of " + describe(frame.header.stream) + " steps back from " +
                        std::to_string(before) + " to " + std::to_string(event.feed_position));
    }
    positions_[index] = frame.header.position;
    ++records_;
    ++infos_.back().records;
    if (hasher_) hasher_->update(frame.bytes);
    if (!decoded) {
        return stop(JournalProblemKind::kBadEvent, frame.offset,
                    "the record " + std::string(describe(decoded.error())));
    }
    feed_positions_[index] = event.feed_position;
    if (static_cast<std::uint16_t>(event.type) != frame.header.type ||
        event.seq != frame.header.position) {
        return stop(JournalProblemKind::kBadEvent, frame.offset,
                    "the frame's type or position is not the event's");
    }
    record_.stream = frame.header.stream;
    record_.position = frame.header.position;
    record_.segment = infos_.back().segment;
    record_.offset = frame.offset;
    record_.frame = frame.bytes;
    return Step::kRecord;
}

JournalReader::Step JournalReader::stop(const SegmentFault& fault) {
    damaged_ = true;
    if (manifest_state_ == Manifest::kDue) manifest_state_ = Manifest::kAllowed;
    // Whether anything valid follows tells damage from a torn tail, and where `resume` goes on.
    const auto follows = segment_->skip_to_valid_frame();
    const bool at_end = follows.ok() && !*follows;
    if (!follows) segment_->seek(segment_->size());
    end_reported_ = !follows.ok() || at_end;
    return stop(fault.kind, fault.offset, fault.detail,
                at_end && in_last_segment() && may_be_torn(fault.kind));
}

JournalReader::Step JournalReader::stop(JournalProblemKind kind, std::uint64_t offset,
                                        std::string detail, bool torn) {
    return stop(kind, infos_.back().segment, offset, std::move(detail), torn);
}

JournalReader::Step JournalReader::stop(JournalProblemKind kind, std::uint32_t segment,
                                        std::uint64_t offset, std::string detail, bool torn) {
    std::string message = segment_file_name(segment) + " at byte " + std::to_string(offset) + ": ";
    problem_ = JournalProblem{kind, torn, segment, offset, message.append(detail)};
    if (!torn) {
        ending_ = JournalEnding::kDamaged;
    } else if (ending_ == JournalEnding::kReading) {
        ending_ = JournalEnding::kTorn;
    }
    return Step::kStop;
}

}  // namespace fermata
