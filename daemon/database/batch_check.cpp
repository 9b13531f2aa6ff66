#include "daemon/database/batch_check.hpp"

#include <utility>

namespace fermata {

BatchCheck::BatchCheck(std::vector<StoredBatch> batches) : batches_(std::move(batches)) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < batches_.size() && !wrong_; ++i) {
        const StoredBatch& batch = batches_[i];
        if (batch.number != i + 1) say(i + 1, "is missing");
        if (batch.total - batch.records != total) {
            say(batch.number, "total is " + std::to_string(batch.total) + ", " +
                                  std::to_string(total) + " and " + std::to_string(batch.records) +
                                  " records are not that");
        }
        total = batch.total;
    }
}

void BatchCheck::say(std::uint64_t batch, const std::string& what) {
    if (!wrong_) wrong_ = "table load_position: batch " + std::to_string(batch) + " " + what;
}

void BatchCheck::begin(std::uint64_t number) {
    begun_ = true;
    pruned_ = number > 1;
    while (at_ < batches_.size() && batches_[at_].total < number) ++at_;
    whole_ = at_ < batches_.size() && batches_[at_].total - batches_[at_].records + 1 == number;
}

void BatchCheck::take(const FollowedRecord& record, std::uint64_t number) {
    if (wrong_) return;
    if (!begun_) begin(number);
    if (at_ == batches_.size()) return;  // finish says so
    digest_ = extend_digest(digest_, record.record);
    reached_[record.record.stream] = record.record.position;
    if (number < batches_[at_].total) return;
    end_of_batch(batches_[at_], record);
    ++at_;
    digest_ = 0;
    whole_ = true;
}

void BatchCheck::end_of_batch(const StoredBatch& batch, const FollowedRecord& record) {
    if (whole_ && batch.digest != digest_) {
        return say(batch.number, "digest is " + std::to_string(batch.digest) +
                                     ", that of the journal's records is " +
                                     std::to_string(digest_));
    }
    if (batch.segment != record.segment || batch.offset != record.offset) {
        return say(batch.number, "ends in segment " + std::to_string(batch.segment) + " at byte " +
                                     std::to_string(batch.offset) +
                                     " in the database, in segment " +
                                     std::to_string(record.segment) + " at byte " +
                                     std::to_string(record.offset) + " in the journal");
    }
    StreamPositions expected = reached_;
    // Streams whose records so far were pruned.
    if (pruned_) expected.insert(batch.streams.begin(), batch.streams.end());
    if (expected == batch.streams) return;
    for (const auto& [stream, position] : expected) {
        const auto stored = batch.streams.find(stream);
        const std::uint64_t there = stored == batch.streams.end() ? 0 : stored->second;
        if (there == position) continue;
        return say(batch.number, "ends at position " + std::to_string(there) + " of stream " +
                                     std::to_string(static_cast<unsigned>(stream)) +
                                     " in the database, at " + std::to_string(position) +
                                     " in the journal");
    }
    say(batch.number, "names streams that the journal does not have");
}

void BatchCheck::finish(std::uint64_t records) {
    const std::uint64_t total = batches_.empty() ? 0 : batches_.back().total;
    if (total == records) return;
    say(batches_.size(), "says that " + std::to_string(total) +
                             " records are loaded, the journal has " + std::to_string(records));
}

}  // namespace fermata
