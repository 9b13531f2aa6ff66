#include "core/journal/journal_stage.hpp"

#include <algorithm>

#include "core/base/assert.hpp"

namespace fermata {

std::string_view name(JournalSync sync) noexcept {
    switch (sync) {
        case JournalSync::kNone:
            return "none";
        case JournalSync::kGroup:
            return "group";
        case JournalSync::kStrict:
            return "strict";
    }
    return "?";
}

JournalStage::JournalStage(JournalWriter& writer, const JournalStageOptions& options,
                           Durability* durability)
    : writer_(writer),
      options_(options),
      durability_(durability),
      synced_bytes_(writer.bytes()),
      synced_records_(writer.records()),
      published_(writer.position(JournalStream::kTrading)) {
    // What an earlier boot has recorded was read back from the disk.
    if (durability_ != nullptr && options_.sync != JournalSync::kNone) {
        durability_->trading_synced.store(published_, std::memory_order_release);
    }
}

void JournalStage::add_lane(Lane<OrderEvent>& lane, JournalStream stream) {
    FERMATA_ASSERT(stream != JournalStream::kControl && stream != JournalStream::kFeed);
    Input input{&lane, stream, {}};
    input.taken.reserve(lane.capacity());
    // The trading lane is read first and written last, wherever it was registered.
    inputs_.insert(stream == JournalStream::kTrading ? inputs_.begin() : inputs_.end(),
                   std::move(input));
}

void JournalStage::add_market_lane(Lane<MarketEvent>& lane) {
    FERMATA_ASSERT(market_ == nullptr);
    market_ = &lane;
}

void JournalStage::set_raw_lane(RawLane& lane) {
    FERMATA_ASSERT(raw_ == nullptr);
    raw_ = &lane;
    raw_buffer_.resize(lane.capacity() / 8);
}

Polled JournalStage::poll(std::size_t budget) {
    if (failed_) [[unlikely]]
        return {};
    std::size_t consumed = take_all(budget);
    consumed += record_market();
    bool advanced = false;
    if (!failed_ && record_taken()) {
        if (raw_ != nullptr) record_raw();
        advanced = !failed_ && commit(consumed == 0);
    }
    if (sink_ != nullptr && consumed != 0 && !failed_) advanced |= sink_->on_batch();
    return {consumed, advanced ? std::size_t{1} : std::size_t{0}};
}

std::size_t JournalStage::take_all(std::size_t budget) {
    std::size_t consumed = 0;
    for (Input& input : inputs_) {
        // Others than trading: as much as a lane can hold covers all that was there, whatever the
        // producer adds meanwhile.
        const std::size_t capacity = input.lane->capacity();
        const std::size_t most =
            input.stream == JournalStream::kTrading ? std::min(budget, capacity) : capacity;
        OrderEvent event;
        while (input.taken.size() < most && input.lane->take(event)) input.taken.push_back(event);
        consumed += input.taken.size();
    }
    return consumed;
}

std::size_t JournalStage::record_market() {
    if (market_ == nullptr) return 0;
    std::size_t consumed = 0;
    for (const std::size_t most = market_->capacity(); consumed < most; ++consumed) {
        const MarketEvent* event = market_->front();
        if (event == nullptr) break;
        // Popped only once the writer has it. The writer clears the lane's bit.
        if (!writer_.append(*event).ok()) [[unlikely]] {
            fail();
            break;
        }
        market_->pop();
    }
    return consumed;
}

bool JournalStage::record_taken() {
    for (auto input = inputs_.rbegin(); input != inputs_.rend(); ++input) {
        const bool to_sink = sink_ != nullptr && input->stream == JournalStream::kTrading;
        for (const OrderEvent& event : input->taken) {
            if (!writer_.append(event, input->stream).ok()) [[unlikely]] {
                fail();
                return false;
            }
            if (to_sink) sink_->on_record(event);
        }
        input->taken.clear();
    }
    return true;
}

bool JournalStage::append_raw(RawMessage& message, std::string_view bytes) {
    do {
        message.bytes = bytes.substr(0, kRawPartMax);
        bytes.remove_prefix(message.bytes.size());
        message.more = !bytes.empty();
        if (!writer_.append(message).ok()) return false;
        message.lost = 0;
    } while (!bytes.empty());
    return true;
}

/// At most what fits the ring, so that producers who never rest cannot hold up the records.
void JournalStage::record_raw() {
    std::size_t left = raw_->capacity();
    bool any = false;
    const auto keep = [&](Timestamp ts, std::uint16_t session, bool sent, std::string_view bytes) {
        RawMessage message;
        message.ts = ts;
        message.number = ++raw_messages_;
        message.session = session;
        message.sent = sent;
        const std::uint64_t lost = raw_->lost();
        message.lost = lost - raw_lost_;
        raw_lost_ = lost;
        if (!append_raw(message, bytes)) fail();
        left -= std::min(left, bytes.size() + 1);
        any = true;
    };
    while (left != 0 && !failed_ && raw_->take(raw_buffer_.data(), keep)) {
    }
    // No record follows that would hand them over.
    if (any && !failed_ && options_.flush_passes && !writer_.flush().ok()) fail();
}

/// Makes durable what the options say. True when the published position went up.
bool JournalStage::commit(bool idle) {
    const std::uint64_t unsynced = writer_.records() - synced_records_;
    if (unsynced == 0) return false;
    const bool due = options_.sync == JournalSync::kStrict ||
                     (options_.sync == JournalSync::kGroup &&
                      (idle || writer_.bytes() - synced_bytes_ >= options_.group_bytes));
    if (due) {
        if (!writer_.sync().ok()) {
            fail();
            return false;
        }
        synced_bytes_ = writer_.bytes();
        synced_records_ = writer_.records();
        return publish();
    }
    if (options_.flush_passes && !idle && !writer_.flush().ok()) fail();
    return false;
}

Polled JournalStage::finish() {
    if (failed_ || options_.sync == JournalSync::kNone) return {};
    return {0, commit(true) ? std::size_t{1} : std::size_t{0}};
}

bool JournalStage::publish() noexcept {
    const std::uint64_t position = writer_.position(JournalStream::kTrading);
    if (position == published_) return false;
    published_ = position;
    if (durability_ != nullptr) {
        durability_->trading_synced.store(position, std::memory_order_release);
    }
    return true;
}

void JournalStage::fail() noexcept {
    failed_ = true;
    if (durability_ != nullptr) durability_->failed.store(true, std::memory_order_release);
}

}  // namespace fermata
