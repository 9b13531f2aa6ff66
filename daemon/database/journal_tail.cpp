#include "daemon/database/journal_tail.hpp"

#include <utility>

namespace fermata {

void JournalTail::start(std::uint32_t, const StreamPositions& after) {
    returned_ = after;
    reader_.reset();
    at_end_ = false;
    problem_.clear();
}

bool JournalTail::reopen() {
    auto opened = JournalReader::open(files_, directory_);
    if (!opened) {
        problem_ = opened.error().message;
        return false;
    }
    reader_ = std::move(*opened);
    return true;
}

JournalTail::State JournalTail::next() {
    at_end_ = true;
    if (!reader_ && !reopen()) return State::kWait;
    while (const JournalRecord* record = reader_->next()) {
        std::uint64_t& last = returned_[record->stream];
        if (record->position <= last) continue;
        last = record->position;
        at_end_ = false;
        current_.record = {record->stream, record->position, false,
                           record->frame.subspan(kFrameHeaderBytes)};
        current_.segment = record->segment;
        current_.offset = record->offset;
        if (!run_) run_ = RunDescription{*reader_->run(), *reader_->manifest(), {}};
        return State::kRecord;
    }
    if (!run_ && reader_->run() && reader_->manifest() != nullptr) {
        run_ = RunDescription{*reader_->run(), *reader_->manifest(), {}};
    }
    const JournalEnding ending = reader_->ending();
    if (ending == JournalEnding::kClosed) return State::kClosed;
    if (const JournalProblem* problem = reader_->problem()) problem_ = problem->message;
    if (ending == JournalEnding::kDamaged) return State::kDamaged;
    reader_.reset();
    return State::kWait;
}

std::uint64_t JournalTail::bytes() {
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

std::uint64_t JournalTail::bytes_before(std::uint32_t segment, std::uint64_t offset) const {
    std::uint64_t before = offset;
    for (const auto& [number, size] : sizes_) {
        if (number < segment) before += size;
    }
    return before;
}

}  // namespace fermata
