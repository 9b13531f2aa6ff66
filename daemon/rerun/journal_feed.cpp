#include "daemon/rerun/journal_feed.hpp"

#include <utility>

namespace fermata {
namespace {

constexpr std::size_t kBatch = 1024;

}  // namespace

JournalFeed::JournalFeed(FileSystem& files, const std::string& directory) : directory_(directory) {
    auto opened = JournalReader::open(files, directory);
    if (!opened) throw FeedError(opened.error().message);
    reader_ = std::move(*opened);
    batch_.reserve(kBatch);
}

std::span<const MarketEvent> JournalFeed::next() {
    batch_.clear();
    while (batch_.size() < kBatch) {
        const JournalRecord* record = reader_->next();
        if (record == nullptr) break;  // a damaged journal is the other reader's to report
        if (record->is_market) batch_.push_back(record->market);
    }
    stats_.records += batch_.size();
    stats_.events += batch_.size();
    return batch_;
}

}  // namespace fermata
