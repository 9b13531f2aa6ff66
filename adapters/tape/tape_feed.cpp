#include "adapters/tape/tape_feed.hpp"

#include <algorithm>
#include <utility>

namespace fermata::tape {
namespace {
constexpr std::size_t kBlockBytes = kBlockEvents * sizeof(MarketEvent);
constexpr std::size_t kReadAheadBlocks = 32;  // 8 MiB
}  // namespace

TapeFeed::TapeFeed(TapeFeedOptions options, const InstrumentTable& instruments,
                   StreamTable& streams)
    : options_(std::move(options)), file_(options_.path), view_(file_.bytes(), options_.path) {
    map_ids(instruments, streams);
    first_block_ = view_.find(options_.from);
    next_block_ = first_block_;
    if (options_.verify) check_all();
}

void TapeFeed::check_all() const {
    for (std::size_t b = 0; b < view_.block_count(); ++b) {
        (void)view_.block(b);
        file_.done_with(kHeaderBytes + b * kBlockBytes, kBlockBytes);
    }
}

void TapeFeed::map_ids(const InstrumentTable& instruments, StreamTable& streams) {
    for (std::size_t i = 0; i < view_.tables().symbols.size(); ++i) {
        const std::string& symbol = view_.tables().symbols[i];
        const Instrument* instrument = instruments.find(symbol);
        if (instrument == nullptr) {
            throw FeedError(view_.name() + ": the tape holds instrument '" + symbol +
                            "', which the configuration does not define");
        }
        instruments_.push_back(instrument->id);
        same_ids_ &= instrument->id.value == i;
    }
    for (std::size_t i = 0; i < view_.tables().streams.size(); ++i) {
        const Tables::Stream& stream = view_.tables().streams[i];
        const StreamId id{static_cast<std::uint16_t>(streams.size())};
        streams.push_back(StreamInfo{id, stream.name, stream.kind, Duration{stream.interval_ns}});
        streams_.push_back(id);
        same_ids_ &= id.value == i;
    }
    if (!same_ids_) buffer_.resize(kBlockEvents);
}

std::span<const MarketEvent> TapeFeed::next() {
    while (next_block_ < view_.block_count()) {
        if (view_.block_info(next_block_).first_ns >= options_.to.ns) break;
        const std::size_t offset = kHeaderBytes + next_block_ * kBlockBytes;
        if (next_block_ > first_block_) file_.done_with(offset - kBlockBytes, kBlockBytes);
        if ((next_block_ - first_block_) % kReadAheadBlocks == 0) {
            file_.will_need(offset + kBlockBytes, 2 * kReadAheadBlocks * kBlockBytes);
        }
        std::span<const MarketEvent> events = view_.block(next_block_++);
        stats_.records += events.size();
        const auto before = [](const MarketEvent& e, Timestamp t) { return e.ts < t; };
        const auto begin = std::lower_bound(events.begin(), events.end(), options_.from, before);
        const auto end = std::lower_bound(begin, events.end(), options_.to, before);
        events = events.subspan(static_cast<std::size_t>(begin - events.begin()),
                                static_cast<std::size_t>(end - begin));
        if (events.empty()) continue;
        stats_.events += events.size();
        if (same_ids_) return events;
        for (std::size_t i = 0; i < events.size(); ++i) {
            buffer_[i] = events[i];
            buffer_[i].instrument = instruments_[events[i].instrument.value];
            buffer_[i].stream = streams_[events[i].stream.value];
        }
        return {buffer_.data(), events.size()};
    }
    next_block_ = view_.block_count();
    return {};
}

double TapeFeed::progress() const noexcept {
    const std::size_t blocks = view_.block_count() - first_block_;
    return blocks == 0
               ? 1.0
               : static_cast<double>(next_block_ - first_block_) / static_cast<double>(blocks);
}

}  // namespace fermata::tape
