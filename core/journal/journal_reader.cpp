#include "core/journal/journal_reader.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// Problems that a crash in the middle of a write can leave at the end of the last segment.
bool may_be_torn(JournalProblemKind kind) noexcept {
    return kind == JournalProblemKind::kTruncatedHeader ||
           kind == JournalProblemKind::kTruncatedFrame || kind == JournalProblemKind::kBadLength ||
           kind == JournalProblemKind::kBadChecksum;
}

}  // namespace

JournalReader::JournalReader(FileSystem& files, std::string directory,
                             const JournalReaderOptions& options)
    : files_(files),
      directory_(std::move(directory)),
      options_(options),
      expected_segment_(std::max<std::uint32_t>(options.first_segment, 1)),
      partial_(options.first_segment > 1),
      hasher_(options.records_hasher && options.first_segment <= 1 ? options.records_hasher()
                                                                   : nullptr) {
    if (partial_) positions_.fill(kUnknown);
    positions_[static_cast<std::size_t>(JournalStream::kFeed)] = kUnknown;  // the manifest says it
}

Result<std::unique_ptr<JournalReader>, JournalProblem> JournalReader::open(
    FileSystem& files, const std::string& directory, const JournalReaderOptions& options) {
    std::unique_ptr<JournalReader> reader(new JournalReader(files, directory, options));
    if (const auto found = reader->find_segments(); !found) return Err{found.error()};
    if (reader->numbers_.empty() && !options.follow) {
        return Err{JournalProblem{JournalProblemKind::kNoSegments, false, 0, 0,
                                  directory + " holds no journal (no journal-000001.fjl)"}};
    }
    return reader;
}

/// Adds the segments that came since the last look.
Status<JournalProblem> JournalReader::find_segments() {
    const auto names = files_.list(directory_);
    if (!names) {
        // A directory that is to be followed may still be made.
        if (options_.follow && names.error().code == FileErrorCode::kNotFound) return Unit{};
        return Err{
            JournalProblem{JournalProblemKind::kUnreadable, false, 0, 0, names.error().message}};
    }
    const std::uint32_t known =
        numbers_.empty() ? std::max<std::uint32_t>(options_.first_segment, 1) - 1 : numbers_.back();
    const auto end = static_cast<std::ptrdiff_t>(numbers_.size());
    for (const std::string& file_name : *names) {
        const auto number = segment_of_file_name(file_name);
        if (number && *number > known) numbers_.push_back(*number);
    }
    std::sort(numbers_.begin() + end, numbers_.end());
    if (end == 0 && options_.first_segment == 0 && !numbers_.empty() && numbers_.front() > 1) {
        expected_segment_ = numbers_.front();
        partial_ = true;
        hasher_.reset();
        positions_.fill(kUnknown);
    }
    return Unit{};
}

const JournalRecord* JournalReader::next() {
    if (problem_ || !wake()) return nullptr;
    for (;;) {
        switch (market_left_.empty() ? step() : next_market()) {
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
    if (!frame) return meet(frame.error());
    if (!frame->has_value()) return end_of_segment();
    return take(**frame);
}

JournalReader::Step JournalReader::enter_segment() {
    const std::uint32_t number = numbers_[next_segment_];
    if (number != expected_segment_) {
        damaged_ = true;
        chain_known_ = false;
        const std::uint32_t missing = std::exchange(expected_segment_, number);
        return stop(JournalProblemKind::kMissingSegment, missing, 0, "the segment is missing",
                    false);
    }
    const bool closed = !infos_.empty() && infos_.back().footer && infos_.back().footer->final;
    before_segment_ = {boot_epoch_, chain_.last()};
    ++expected_segment_;
    ++next_segment_;
    infos_.push_back({number, 0, 0, boot_epoch_, std::nullopt});
    algorithm_ = HashAlgorithm::kNone;
    chain_.begin(nullptr, before_segment_.last);
    header_known_ = false;
    manifest_due_ = Due::kNow;
    configuration_due_ = Due::kMaybe;
    has_footer_ = false;
    end_reported_ = false;
    auto file = files_.open(directory_ + "/" + segment_file_name(number));
    if (!file) {
        // It was set aside between listing and opening: a boot after a crash is at work.
        if (options_.follow && file.error().code == FileErrorCode::kNotFound) {
            leave_segment();
            numbers_.resize(next_segment_);
            ending_ = JournalEnding::kWaiting;
            return Step::kStop;
        }
        damaged_ = true;
        end_reported_ = true;
        return stop(JournalProblemKind::kUnreadable, 0, file.error().message);
    }
    segment_ = std::make_unique<SegmentReader>(std::move(*file));
    const auto header = segment_->read_header();
    infos_.back().bytes = segment_->size();
    if (!header) return meet(header.error());
    if (!run_) run_ = header->run;
    if (closed) {
        return stop(JournalProblemKind::kSegmentAfterEnd, 0,
                    "it follows the segment that closed the run");
    }
    return check_header(*header);
}

/// Forgets the segment that was entered last, of which no record was read.
void JournalReader::leave_segment() {
    segment_.reset();
    --next_segment_;
    --expected_segment_;
    infos_.pop_back();
    boot_epoch_ = before_segment_.boot_epoch;
    if (manifest_epoch_ > boot_epoch_) manifest_epoch_ = 0;  // its boot may begin once more
    chain_.begin(nullptr, before_segment_.last);
}

JournalReader::Step JournalReader::end_of_segment() {
    const std::uint64_t size = segment_->size();
    if (!has_footer_ && !end_reported_) {
        if (const auto waits = wait_for_more()) return *waits;
    }
    segment_.reset();
    if (has_footer_ || end_reported_) return Step::kAgain;
    end_reported_ = true;
    chain_known_ = false;
    return stop(JournalProblemKind::kMissingFooter, size,
                in_last_segment() ? "the journal was not closed: it ends without a footer"
                                  : "the segment ends without a footer",
                in_last_segment());
}

JournalReader::Step JournalReader::end_of_journal() {
    const bool final = !infos_.empty() && infos_.back().footer && infos_.back().footer->final;
    if (options_.follow && !final && !end_reported_) {
        if (const auto found = find_segments(); !found) {
            problem_ = found.error();
            ending_ = JournalEnding::kDamaged;
            return Step::kStop;
        }
        if (!in_last_segment()) return Step::kAgain;
        if (ending_ == JournalEnding::kReading) ending_ = JournalEnding::kWaiting;
        return Step::kStop;
    }
    const SegmentInfo& last = infos_.back();
    if (!end_reported_ && last.footer && !last.footer->final) {
        end_reported_ = true;
        return stop(JournalProblemKind::kNotClosed, last.bytes,
                    "the journal was not closed: the last footer announces another segment", true);
    }
    if (ending_ == JournalEnding::kReading) ending_ = JournalEnding::kClosed;
    return Step::kStop;
}

JournalReader::Step JournalReader::meet(const SegmentFault& fault) {
    if (options_.follow && in_last_segment() && may_be_torn(fault.kind)) {
        const auto follows = segment_->skip_to_valid_frame();
        segment_->seek(fault.offset);
        if (follows.ok() && !*follows) {
            if (const auto waits = wait_for_more()) return *waits;
        }
    }
    return stop(fault);
}

/// In a journal that is followed: what to do at the end of what its last segment holds so far;
/// nothing when there is no reason to wait.
std::optional<JournalReader::Step> JournalReader::wait_for_more() {
    if (!options_.follow || !in_last_segment() || ending_ != JournalEnding::kReading) {
        return std::nullopt;
    }
    if (const auto found = find_segments(); !found) {
        problem_ = found.error();
        ending_ = JournalEnding::kDamaged;
        return Step::kStop;
    }
    if (!in_last_segment()) {
        // A writer ends a segment before it begins the next: what belongs here stands here by now.
        // One more look; then it is damage, for this is no longer the last segment.
        if (preamble_is_whole()) {
            if (const auto known = segment_->refresh(); !known) return stop(known.error());
            infos_.back().bytes = segment_->size();
        } else {
            leave_segment();
        }
        return Step::kAgain;
    }
    // What has no head yet may be set aside and written anew: it is opened again.
    if (!preamble_is_whole()) leave_segment();
    ending_ = JournalEnding::kWaiting;
    return Step::kStop;
}

/// Looks again at what was not there. False when there is nothing to read any more.
bool JournalReader::wake() {
    if (ending_ != JournalEnding::kWaiting) return true;
    ending_ = JournalEnding::kReading;
    if (!segment_) return true;
    const auto known = segment_->refresh();
    if (!known) {
        (void)stop(known.error());
        return false;
    }
    infos_.back().bytes = segment_->size();
    return true;
}

JournalReader::Step JournalReader::stop(const SegmentFault& fault) {
    damaged_ = true;
    if (manifest_due_ == Due::kNow) manifest_due_ = Due::kMaybe;
    if (configuration_due_ == Due::kNow) configuration_due_ = Due::kMaybe;
    // Whether anything valid follows tells damage from a torn tail, and where `resume` goes on.
    const auto follows = segment_->skip_to_valid_frame();
    const bool at_end = follows.ok() && !*follows;
    if (!follows) segment_->seek(segment_->size());
    end_reported_ = !follows.ok() || at_end;
    if (end_reported_) chain_known_ = false;
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

Result<JournalTail, JournalProblem> JournalReader::tail() {
    FERMATA_ASSERT(ending_ == JournalEnding::kTorn && problem_ && !partial_);
    JournalTail tail;
    tail.run = run_.value_or(RunId{});
    tail.segment = infos_.back().segment;
    tail.offset = problem_->offset;
    tail.has_preamble = preamble_is_whole();
    tail.has_footer = infos_.back().footer.has_value();
    tail.boot_epoch = boot_epoch_;
    tail.records = records_;
    tail.segment_records = infos_.back().records;
    tail.positions = positions_;
    if (tail.has_preamble && !tail.has_footer) {
        // The file was released at its end.
        auto file = files_.open(directory_ + "/" + segment_file_name(tail.segment));
        if (!file) {
            return Err{JournalProblem{JournalProblemKind::kUnreadable, false, tail.segment, 0,
                                      file.error().message}};
        }
        segment_ = std::make_unique<SegmentReader>(std::move(*file));
        if (const auto fed = feed_chain(tail.offset); !fed) {
            (void)stop(fed.error());
            return Err{*problem_};
        }
    }
    tail.chain = std::move(chain_);
    tail.records_hasher = std::move(hasher_);
    return tail;
}

}  // namespace fermata
