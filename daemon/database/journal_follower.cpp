#include "daemon/database/journal_follower.hpp"

#include <utility>

namespace fermata {

void JournalFollower::start(std::uint32_t segment, const StreamPositions& after) {
    returned_ = after;
    reader_.reset();
    at_end_ = false;
    problem_.clear();
    // A segment that is loaded to its end may have been pruned.
    const bool there =
        segment > 0 && files_.open(directory_ + "/" + segment_file_name(segment)).ok();
    first_segment_ = there ? segment : 0;
}

bool JournalFollower::open() {
    JournalReaderOptions options;
    options.first_segment = first_segment_;
    options.follow = follow_;
    auto opened = JournalReader::open(files_, directory_, options);
    if (!opened) {
        problem_ = opened.error().message;
        return false;
    }
    reader_ = std::move(*opened);
    return true;
}

void JournalFollower::note_run() {
    const std::optional<RunId>& id = reader_->run();
    if (!id || reader_->manifest() == nullptr) return;
    const JournalManifest& manifest = *reader_->manifest();
    if (run_ && run_->manifest.boot_epoch == manifest.boot_epoch) return;
    run_ = RunDescription{*id, manifest, reader_->configuration().value_or("")};
}

std::string JournalFollower::hash() const {
    if (!reader_ || reader_->segments().empty()) return {};
    const auto& footer = reader_->segments().back().footer;
    return footer ? footer->hash : std::string();
}

JournalFollower::State JournalFollower::next() {
    at_end_ = true;
    if (!reader_ && !open()) return State::kWait;
    while (const JournalRecord* record = reader_->next()) {
        std::uint64_t& last = returned_[record->stream];
        if (record->position <= last) continue;
        last = record->position;
        at_end_ = false;
        current_.record = {record->stream, record->position, record->is_market,
                           record->is_market ? std::as_bytes(std::span(&record->market, 1))
                                             : record->frame.subspan(kFrameHeaderBytes)};
        current_.segment = record->segment;
        current_.offset = record->offset;
        current_.boot = record->boot_epoch;
        note_run();
        return State::kRecord;
    }
    note_run();
    const JournalEnding ending = reader_->ending();
    if (ending == JournalEnding::kClosed) return State::kClosed;
    if (const JournalProblem* problem = reader_->problem()) problem_ = problem->message;
    return ending == JournalEnding::kDamaged ? State::kDamaged : State::kWait;
}

std::uint64_t JournalFollower::bytes() {
    const auto names = files_.list(directory_);
    if (!names) return 0;
    std::map<std::uint32_t, std::uint64_t> sizes;
    for (const std::string& name : *names) {
        const auto number = segment_of_file_name(name);
        if (!number) continue;
        const auto file = files_.open(directory_ + "/" + name);
        if (!file) continue;  // pruned meanwhile
        sizes[*number] = (*file)->size().value_or(0);
    }
    sizes_ = std::move(sizes);
    std::uint64_t total = 0;
    for (const auto& [number, size] : sizes_) total += size;
    return total;
}

std::uint64_t JournalFollower::bytes_before(std::uint32_t segment, std::uint64_t offset) const {
    std::uint64_t before = offset;
    for (const auto& [number, size] : sizes_) {
        if (number < segment) before += size;
    }
    return before;
}

}  // namespace fermata
