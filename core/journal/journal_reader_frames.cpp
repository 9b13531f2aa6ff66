#include <algorithm>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/event/codec.hpp"
#include "core/journal/journal_reader.hpp"

namespace fermata {
namespace {

constexpr auto kFeedIndex = static_cast<std::size_t>(JournalStream::kFeed);

std::string describe(JournalStream stream) {
    return "stream " + std::to_string(static_cast<unsigned>(stream));
}

}  // namespace

JournalReader::Step JournalReader::check_header(const SegmentHeader& header) {
    SegmentInfo& info = infos_.back();
    const bool first_read = infos_.size() == 1;
    const BlockSeal before = chain_.last();
    const bool chain_was_known = std::exchange(chain_known_, true);
    const std::uint32_t epoch = std::exchange(boot_epoch_, header.boot_epoch);
    header_known_ = true;
    info.boot_epoch = header.boot_epoch;
    if (first_read && partial_) {
        records_before_ = header.records_before;
    } else if (header.boot_epoch != epoch) {
        configuration_due_ = Due::kNow;
        // A shard or venue goes on where the trading stage's records lead it, which may be before
        // the last of its own: those had consumed what the crash took.
        for (std::size_t i = 0; i < feed_positions_.size(); ++i) {
            if (i != static_cast<std::size_t>(JournalStream::kTrading)) feed_positions_[i] = 0;
        }
    } else {
        configuration_due_ = Due::kPast;
    }
    algorithm_ = header.chain;
    auto hasher = algorithm_ == HashAlgorithm::kNone || !options_.chain_hasher
                      ? nullptr
                      : options_.chain_hasher(algorithm_);
    const bool no_hasher = algorithm_ != HashAlgorithm::kNone && options_.chain_hasher && !hasher;
    chain_.begin(std::move(hasher), {header.blocks_before, 0, header.head_before});
    chain_offset_ = 0;

    if (header.segment != info.segment) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the header says that this is segment " + std::to_string(header.segment));
    }
    if (header.run != *run_) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the segment belongs to run " + to_hex(header.run) + ", the journal to run " +
                        to_hex(*run_));
    }
    if (!damaged_ && header.records_before != records_before_ + records_) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the header counts " + std::to_string(header.records_before) +
                        " records before this segment, there are " +
                        std::to_string(records_before_ + records_));
    }
    if (!(first_read && partial_) && !damaged_ && header.boot_epoch != epoch &&
        header.boot_epoch != epoch + 1) {
        return stop(JournalProblemKind::kWrongSegment, 0,
                    "the header says boot " + std::to_string(header.boot_epoch) + " behind boot " +
                        std::to_string(epoch));
    }
    if (no_hasher) {
        return stop(JournalProblemKind::kBrokenChain, 0,
                    "the chain cannot be checked: there is no " + std::string(name(algorithm_)));
    }
    if (!(first_read && partial_) && chain_was_known &&
        (header.blocks_before != before.number || header.head_before != before.head)) {
        return stop(JournalProblemKind::kBrokenChain, 0,
                    "the header does not go on where the chain stood behind block " +
                        std::to_string(before.number));
    }
    note_head({header.blocks_before, 0, header.head_before});
    return Step::kAgain;
}

JournalReader::Step JournalReader::take(const Frame& frame) {
    if (frame.header.flags != 0) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "a frame has flags that this version does not know");
    }
    const bool control = frame.header.stream == JournalStream::kControl;
    if (control && frame.header.position != 0) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "a control frame has a position");
    }
    const auto type = ControlFrame{frame.header.type};
    if (control && type == ControlFrame::kManifest) return take_manifest(frame);
    const auto absent = [&](JournalProblemKind kind, const char* detail) {
        segment_->seek(frame.offset);  // on resume the frame is read again and taken
        return stop(kind, frame.offset, detail);
    };
    if (std::exchange(manifest_due_, Due::kPast) == Due::kNow) {
        return absent(JournalProblemKind::kBadManifest, "the segment begins without a manifest");
    }
    if (control && type == ControlFrame::kConfiguration) return take_configuration(frame);
    if (std::exchange(configuration_due_, Due::kPast) == Due::kNow) {
        return absent(JournalProblemKind::kBadConfiguration,
                      "the boot begins without its configuration");
    }
    if (control) return take_control(frame);
    if (static_cast<std::size_t>(frame.header.stream) >= kJournalStreamsMax) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "there is no " + describe(frame.header.stream));
    }
    if (const auto gap = check_position(frame)) return *gap;
    return frame.header.stream == JournalStream::kFeed ? take_market_events(frame)
                                                       : take_order_event(frame);
}

JournalReader::Step JournalReader::take_control(const Frame& frame) {
    const auto type = ControlFrame{frame.header.type};
    if (type == ControlFrame::kFooter) return take_footer(frame);
    if (type == ControlFrame::kBlockSeal &&
        (algorithm_ != HashAlgorithm::kNone || !header_known_)) {
        const auto seal = decode_block_seal(frame.payload());
        if (seal) return check_seal(*seal, ControlFrame::kBlockSeal, frame);
        return stop(JournalProblemKind::kBrokenChain, frame.offset, "a seal cannot be read");
    }
    if (type == ControlFrame::kRaw) return take_raw(frame);
    return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                "control frame of type " + std::to_string(frame.header.type) +
                    " does not belong here in this version");
}

/// No record: it is checked, and shown to whoever asked for it.
JournalReader::Step JournalReader::take_raw(const Frame& frame) {
    const auto message = decode_raw(frame.payload());
    if (!message) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "a raw message cannot be read");
    }
    if (options_.on_raw) options_.on_raw(*message);
    return Step::kAgain;
}

JournalReader::Step JournalReader::take_manifest(const Frame& frame) {
    if (std::exchange(manifest_due_, Due::kPast) == Due::kPast) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "a second manifest does not belong here");
    }
    const auto bad = [&](const std::string& detail) {
        return stop(JournalProblemKind::kBadManifest, frame.offset, detail);
    };
    const auto payload = frame.payload();
    auto parsed = parse_manifest(text_of(payload));
    if (!parsed) return bad(parsed.error().message);
    if (!header_known_) boot_epoch_ = parsed->boot_epoch;
    if (parsed->boot_epoch != boot_epoch_) {
        return bad("the manifest is of boot " + std::to_string(parsed->boot_epoch) +
                   ", the segment of boot " + std::to_string(boot_epoch_));
    }
    if (manifest_ && manifest_epoch_ == boot_epoch_) {
        if (std::equal(payload.begin(), payload.end(), manifest_bytes_.begin(),
                       manifest_bytes_.end())) {
            return Step::kAgain;
        }
        return bad("the manifest is not the one of the boot's first segment");
    }
    if (manifest_) {
        const std::string differs = difference(*manifest_, *parsed);
        if (!differs.empty()) {
            return bad("the manifest is not of the run of the boot before, by its " + differs);
        }
    }
    // Not where a first manifest that cannot be read was passed over: the records say it then.
    if (!partial_ && positions_[kFeedIndex] == kUnknown) {
        positions_[kFeedIndex] = parsed->feed_start - 1;
    }
    manifest_bytes_.assign(payload.begin(), payload.end());
    manifest_ = std::move(*parsed);
    manifest_epoch_ = boot_epoch_;
    if (configuration_due_ != Due::kPast) configuration_.reset();
    return Step::kAgain;
}

JournalReader::Step JournalReader::take_configuration(const Frame& frame) {
    if (std::exchange(configuration_due_, Due::kPast) == Due::kPast) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "the configuration stands where a boot begins, and nowhere else");
    }
    const auto text = decode_configuration(frame.payload());
    if (!text) {
        return stop(JournalProblemKind::kBadConfiguration, frame.offset,
                    "the configuration cannot be read");
    }
    configuration_ = std::string(*text);
    return Step::kAgain;
}

JournalReader::Step JournalReader::take_footer(const Frame& frame) {
    SegmentInfo& info = infos_.back();
    has_footer_ = true;
    info.footer = decode_segment_footer(frame.payload());
    if (!info.footer) {
        chain_known_ = false;
        return stop(JournalProblemKind::kBadFooter, frame.offset, "the footer cannot be read");
    }
    // What the footer says of the records comes first: it names what is wrong better.
    const Step footer = check_footer(frame);
    if (footer == Step::kStop) {
        const JournalProblem problem = *problem_;
        (void)check_seal(info.footer->seal, ControlFrame::kFooter, frame);
        problem_ = problem;
        return Step::kStop;
    }
    return check_seal(info.footer->seal, ControlFrame::kFooter, frame);
}

JournalReader::Step JournalReader::check_footer(const Frame& frame) {
    const SegmentInfo& info = infos_.back();
    const SegmentFooter& footer = *info.footer;
    const auto bad = [&](const std::string& detail) {
        return stop(JournalProblemKind::kBadFooter, frame.offset, detail);
    };
    if (damaged_) return Step::kAgain;
    if (footer.segment_records != info.records ||
        footer.run_records != records_before_ + records_) {
        return bad("the footer counts " + std::to_string(footer.segment_records) +
                   " records in the segment and " + std::to_string(footer.run_records) +
                   " in the run, there are " + std::to_string(info.records) + " and " +
                   std::to_string(records_before_ + records_));
    }
    if (partial_) {
        // Of a stream without records so far the footer tells where it stands.
        for (const SegmentFooter::Position& position : footer.positions) {
            std::uint64_t& known = positions_[static_cast<std::size_t>(position.stream)];
            if (known == kUnknown) known = position.last;
        }
    }
    std::vector<SegmentFooter::Position> positions;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        const std::uint64_t none =
            i == kFeedIndex && manifest_ ? manifest_->feed_start - 1 : std::uint64_t{0};
        if (positions_[i] == none || positions_[i] == kUnknown) continue;
        positions.push_back({JournalStream{static_cast<std::uint16_t>(i)}, positions_[i]});
    }
    if (footer.positions != positions) return bad("the footer's last positions are not those read");
    if (hasher_ && !footer.hash.empty() && footer.hash != hash()) {
        return stop(JournalProblemKind::kWrongHash, frame.offset,
                    "the footer's hash is " + footer.hash + ", the records' is " + hash());
    }
    return Step::kAgain;
}

std::optional<JournalReader::Step> JournalReader::check_position(const Frame& frame) {
    if (frame.header.position == 0) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "positions of " + describe(frame.header.stream) + " begin at 1");
    }
    std::uint64_t& last = positions_[static_cast<std::size_t>(frame.header.stream)];
    if (frame.header.position == last + 1) return std::nullopt;
    const std::uint64_t expected = last + 1;
    last = frame.header.position - 1;
    if (expected == 0) return std::nullopt;  // kUnknown: taken as given
    segment_->seek(frame.offset);            // on resume the record is read again and fits
    return stop(JournalProblemKind::kPositionGap, frame.offset,
                describe(frame.header.stream) + " goes on at position " +
                    std::to_string(frame.header.position) + " where " + std::to_string(expected) +
                    " is due");
}

void JournalReader::set_place(const Frame& frame) {
    record_.stream = frame.header.stream;
    record_.segment = infos_.back().segment;
    record_.boot_epoch = boot_epoch_;
    record_.offset = frame.offset;
    record_.frame = frame.bytes;
}

JournalReader::Step JournalReader::take_order_event(const Frame& frame) {
    const auto index = static_cast<std::size_t>(frame.header.stream);
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
    if (hasher_ && frame.header.stream == JournalStream::kTrading) hasher_->update(frame.bytes);
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
    set_place(frame);
    record_.is_market = false;
    record_.position = frame.header.position;
    return Step::kRecord;
}

JournalReader::Step JournalReader::take_market_events(const Frame& frame) {
    const auto payload = frame.payload();
    if (frame.header.type != kMarketFrameType || payload.size() % sizeof(MarketEvent) != 0) {
        return stop(JournalProblemKind::kUnknownFrame, frame.offset,
                    "a frame of the feed stream does not hold market events");
    }
    positions_[kFeedIndex] = frame.header.position - 1;
    market_left_ = payload;
    set_place(frame);
    return Step::kAgain;
}

JournalReader::Step JournalReader::next_market() {
    MarketEvent& event = record_.market;
    std::memcpy(static_cast<void*>(&event), market_left_.data(), sizeof event);
    market_left_ = market_left_.subspan(sizeof event);
    const std::uint64_t position = ++positions_[kFeedIndex];
    ++records_;
    ++infos_.back().records;
    const auto type = static_cast<int>(event.type);
    if (event.seq != position || (event.flags & kLaneFlag) != 0 || type == 0 ||
        type >= kMarketEventTypeCount) {
        return stop(JournalProblemKind::kBadEvent, record_.offset,
                    "market event " + std::to_string(position) +
                        " is not in the one form that a writer makes");
    }
    record_.is_market = true;
    record_.position = position;
    return Step::kRecord;
}

JournalReader::Step JournalReader::check_seal(const BlockSeal& found, ControlFrame kind,
                                              const Frame& frame) {
    const bool is_footer = kind == ControlFrame::kFooter;
    const auto own = is_footer ? frame.payload().first(frame.payload().size() - kFooterHeadBytes)
                               : std::span<const std::byte>{};
    const BlockSeal before = chain_.last();
    BlockSeal expected = found;
    if (chain_.active()) {
        if (const auto fed = feed_chain(frame.offset); !fed) return stop(fed.error());
        expected = is_footer ? chain_.seal_with(own) : chain_.seal(kind);
    } else if (algorithm_ == HashAlgorithm::kNone) {
        expected = {before.number, 0, before.head};
    } else {
        expected.number = before.number + 1;
        expected.length = frame.offset - chain_offset_ + own.size();
    }
    chain_offset_ = frame.offset + frame.bytes.size();
    const bool fits = expected == found;
    if (!fits || !chain_.active()) chain_.adopt(found);
    if (!header_known_) return Step::kAgain;  // nothing to compare with
    if (fits) {
        note_head(found);
        return Step::kAgain;
    }
    std::string detail = "the bytes since block " + std::to_string(before.number) +
                         " are not those that were sealed as block " + std::to_string(found.number);
    if (found.number != expected.number) {
        detail = "block " + std::to_string(found.number) + " stands where block " +
                 std::to_string(expected.number) + " is due";
    } else if (found.length != expected.length) {
        detail = "block " + std::to_string(found.number) + " covered " +
                 std::to_string(found.length) + " bytes, there are " +
                 std::to_string(expected.length);
    }
    return stop(JournalProblemKind::kBrokenChain, frame.offset, std::move(detail));
}

/// Gives the chain the bytes of the file up to `end`. They are read once more, so that the bytes of
/// damaged frames count as they stand there.
Status<SegmentFault> JournalReader::feed_chain(std::uint64_t end) {
    std::array<std::byte, std::size_t{16} << 10> piece;
    while (chain_.active() && chain_offset_ < end) {
        const auto n =
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), end - chain_offset_));
        const std::span<std::byte> part(piece.data(), n);
        if (const auto got = segment_->read(chain_offset_, part); !got) return got;
        chain_.update(part);
        chain_offset_ += n;
    }
    return Unit{};
}

void JournalReader::note_head(const BlockSeal& seal) {
    if (seal.number == 0) return;
    head_ = JournalHead{
        *run_,    algorithm_, infos_.back().segment, seal.number, records_before_ + records_,
        seal.head};
    if (!options_.anchor) return;
    const JournalHead& anchor = *options_.anchor;
    if (anchor.block == seal.number && anchor.head == seal.head && anchor.run == *run_) {
        anchor_found_ = true;
    }
}

}  // namespace fermata
