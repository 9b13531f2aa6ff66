#include "core/journal/journal_writer.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/bytes.hpp"

namespace fermata {
namespace {

constexpr std::size_t kSealFrameBytes = kFrameHeaderBytes + kBlockSealBytes;
constexpr std::size_t kFeedFrameBytesMin = kFrameHeaderBytes + sizeof(MarketEvent);
constexpr std::size_t kFeedFrameBytesMax = kFrameHeaderBytes + kFeedPayloadMax;
constexpr auto kFeedIndex = static_cast<std::size_t>(JournalStream::kFeed);

std::string path_of(const std::string& directory, const std::string& file_name) {
    return directory + "/" + file_name;
}

std::string parent_of(const std::string& directory) {
    const std::size_t end = directory.find_last_not_of('/');
    const std::size_t slash = directory.rfind('/', end);
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : directory.substr(0, slash);
}

/// Forces a segment that ends with its footer to the disk: whoever wrote it may have died before.
Status<FileError> sync_segment(FileSystem& files, const std::string& path, std::uint64_t size) {
    auto file = files.reopen(path, size);
    if (!file) {
        // It was compressed meanwhile: the compressed file was synced before this one went.
        if (file.error().code == FileErrorCode::kNotFound) return Unit{};
        return Err{file.error()};
    }
    if (auto synced = (*file)->sync(); !synced) return synced;
    return (*file)->close();
}

}  // namespace

JournalWriter::JournalWriter(FileSystem& files, const JournalOptions& options, const RunId& run,
                             const JournalHashers& hashers)
    : files_(files),
      options_(options),
      hashers_(hashers),
      run_(run),
      records_hasher_(hashers.records ? hashers.records() : nullptr),
      // Flushed when it is filled beyond buffer_bytes: the largest frame and a seal still fit.
      buffer_(options.buffer_bytes + kFeedFrameBytesMax + kSealFrameBytes) {
    FERMATA_ASSERT(hashers.chain == HashAlgorithm::kNone || hashers.make_chain);
}

Result<std::unique_ptr<JournalWriter>, JournalError> JournalWriter::create(
    FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
    const RunId& run, const JournalHashers& hashers) {
    const auto refuse = [](const FileError& error) {
        return Err{JournalError{JournalErrorCode::kFile, error.message}};
    };
    if (const auto made = files.create_directories(options.directory); !made) {
        return refuse(made.error());
    }
    // Also where the directory was there: whoever made it may have died before its name was synced.
    if (options.durable) {
        const auto synced = files.sync_directory(parent_of(options.directory));
        if (!synced) return refuse(synced.error());
    }
    const auto names = files.list(options.directory);
    if (!names) return refuse(names.error());
    for (const std::string& file_name : *names) {
        if (!segment_of_file_name(file_name)) continue;
        return Err{JournalError{JournalErrorCode::kExists,
                                options.directory + " holds a journal already (" + file_name +
                                    "): choose another directory or remove it"}};
    }
    std::unique_ptr<JournalWriter> writer(new JournalWriter(files, options, run, hashers));
    writer->feed_first_ = writer->feed_next_ = manifest.feed_start;
    writer->positions_[kFeedIndex] = manifest.feed_start - 1;
    if (!writer->begin_boot(manifest, 1)) return Err{*writer->failure_};
    return writer;
}

Result<std::unique_ptr<JournalWriter>, JournalError> JournalWriter::go_on(
    FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
    JournalTail tail, const JournalHashers& hashers) {
    FERMATA_ASSERT(tail.has_preamble);
    std::unique_ptr<JournalWriter> writer(new JournalWriter(files, options, tail.run, hashers));
    writer->segment_ = tail.segment;
    writer->segment_size_ = tail.offset;
    writer->segment_records_ = tail.segment_records;
    writer->records_ = tail.records;
    writer->positions_ = tail.positions;
    writer->feed_before_ = manifest.feed_start - 1;
    writer->feed_first_ = writer->feed_next_ = tail.positions[kFeedIndex] + 1;
    writer->chain_ = std::move(tail.chain);
    if (writer->records_hasher_) writer->records_hasher_ = std::move(tail.records_hasher);
    const std::string last = path_of(options.directory, segment_file_name(tail.segment));
    if (tail.has_footer) {
        // What the new boot stands on must not be lost behind its back.
        if (options.durable) {
            if (const auto synced = sync_segment(files, last, tail.offset); !synced) {
                return Err{JournalError{JournalErrorCode::kFile, synced.error().message}};
            }
        }
    } else {
        auto file = files.reopen(last, tail.offset);
        if (!file) return Err{JournalError{JournalErrorCode::kFile, file.error().message}};
        writer->file_ = std::move(*file);
        if (!writer->close_segment(false, true)) return Err{*writer->failure_};
    }
    if (!writer->begin_boot(manifest, tail.boot_epoch + 1)) return Err{*writer->failure_};
    return writer;
}

Status<JournalErrorCode> JournalWriter::begin_boot(const JournalManifest& manifest,
                                                   std::uint32_t epoch) {
    JournalManifest own = manifest;
    own.boot_epoch = epoch;
    boot_epoch_ = epoch;
    feed_before_ = manifest.feed_start - 1;
    const std::string text = to_text(own);
    const std::string configuration = encode_configuration(options_.configuration);
    if (std::max(text.size() + kFrameAlignment, configuration.size()) > kControlPayloadMax) {
        return fail(JournalErrorCode::kTooLarge,
                    "the journal cannot hold a manifest of " + std::to_string(text.size()) +
                        " bytes or a configuration of " +
                        std::to_string(options_.configuration.size()) + " bytes: 16 MiB at most");
    }
    manifest_frame_ = control_frame(ControlFrame::kManifest, text, '\n');
    configuration_frame_ = control_frame(ControlFrame::kConfiguration, configuration, '\0');
    return open_segment(true);
}

Status<JournalErrorCode> JournalWriter::append(const OrderEvent& event, JournalStream stream) {
    if (failure_) [[unlikely]]
        return Err{failure_->code};
    const auto index = static_cast<std::size_t>(stream);
    FERMATA_ASSERT(index != 0 && index != kFeedIndex && index < kJournalStreamsMax);
    if (event.seq != positions_[index] + 1) [[unlikely]] {
        return refuse_sequence(index, event.seq, positions_[index] + 1);
    }
    end_feed_frame();
    if (!fits(kRecordBytesMax) || used_ > options_.buffer_bytes) [[unlikely]] {
        if (const auto made = make_room(kRecordBytesMax); !made) return made;
    }
    if (stream != JournalStream::kTrading) hash_trading();
    std::byte* frame = buffer_.data() + used_;
    const std::size_t length = encode(event, frame + kFrameHeaderBytes);
    positions_[index] = event.seq;
    used_ += seal_frame(frame, stream, static_cast<std::uint16_t>(event.type), event.seq, length);
    if (stream != JournalStream::kTrading) hashed_ = used_;
    ++records_;
    ++segment_records_;
    seal_when_due();
    return Unit{};
}

Status<JournalErrorCode> JournalWriter::append(const RawMessage& message) {
    if (failure_) return Err{failure_->code};
    end_feed_frame();
    const std::size_t bytes = kFrameHeaderBytes + raw_payload_bytes(message.bytes.size());
    if (!fits(bytes) || used_ > options_.buffer_bytes) {
        if (const auto made = make_room(bytes); !made) return made;
    }
    hash_trading();
    std::byte* frame = buffer_.data() + used_;
    const std::size_t length = encode(message, frame + kFrameHeaderBytes);
    used_ += seal_frame(frame, JournalStream::kControl,
                        static_cast<std::uint16_t>(ControlFrame::kRaw), 0, length);
    hashed_ = used_;
    seal_when_due();
    return Unit{};
}

Status<JournalErrorCode> JournalWriter::append_first(const MarketEvent& event) {
    if (failure_) return Err{failure_->code};
    if (event.seq != feed_next_) return refuse_sequence(kFeedIndex, event.seq, feed_next_);
    end_feed_frame();
    if (!fits(kFeedFrameBytesMin) || used_ > options_.buffer_bytes) {
        if (const auto made = make_room(kFeedFrameBytesMin); !made) return made;
    }
    const std::uint64_t taken = segment_size_ + used_ + kFrameHeaderBytes;
    const std::uint64_t left = options_.segment_bytes - std::min(options_.segment_bytes, taken);
    feed_room_ = static_cast<std::size_t>(
        std::clamp<std::uint64_t>(left / sizeof(MarketEvent), 1, kFeedFrameEventsMax));
    feed_at_ = buffer_.data() + used_ + kFrameHeaderBytes;
    put(event);
    return Unit{};
}

/// Completes the frame of market events, if one is open.
void JournalWriter::end_feed_frame() {
    const std::uint64_t count = feed_next_ - feed_first_;
    if (count == 0) return;
    hash_trading();
    used_ += seal_frame(buffer_.data() + used_, JournalStream::kFeed, kMarketFrameType, feed_first_,
                        static_cast<std::size_t>(count) * sizeof(MarketEvent));
    hashed_ = used_;
    records_ += count;
    segment_records_ += count;
    positions_[kFeedIndex] = feed_next_ - 1;
    feed_first_ = feed_next_;
    feed_room_ = 0;
    seal_when_due();
}

Err<JournalErrorCode> JournalWriter::refuse_sequence(std::size_t stream, std::uint64_t seq,
                                                     std::uint64_t due) {
    return fail(JournalErrorCode::kSequence, "stream " + std::to_string(stream) +
                                                 " gave the journal event " + std::to_string(seq) +
                                                 " where " + std::to_string(due) +
                                                 " is due: an event was lost");
}

void JournalWriter::seal_when_due() {
    if (!chain_.active()) return;
    if (chain_.unsealed() + (used_ - chained_) >= options_.block_bytes) put_seal();
}

void JournalWriter::put_seal() {
    chain_.update({buffer_.data() + chained_, used_ - chained_});
    hash_trading();
    const auto payload = encode(chain_.seal(ControlFrame::kBlockSeal));
    std::byte* frame = buffer_.data() + used_;
    std::memcpy(frame + kFrameHeaderBytes, payload.data(), payload.size());
    used_ += seal_frame(frame, JournalStream::kControl,
                        static_cast<std::uint16_t>(ControlFrame::kBlockSeal), 0, payload.size());
    chained_ = used_;
    hashed_ = used_;
}

/// Gives the records' hash the frames of the trading stream that end at used_.
void JournalWriter::hash_trading() {
    if (records_hasher_ && hashed_ != used_) {
        records_hasher_->update({buffer_.data() + hashed_, used_ - hashed_});
    }
    hashed_ = used_;
}

Status<JournalErrorCode> JournalWriter::make_room(std::size_t bytes) {
    if (fits(bytes)) return flush();
    if (const auto closed = close_segment(false, false); !closed) return closed;
    return open_segment(false);
}

Status<JournalErrorCode> JournalWriter::flush() {
    if (failure_) return Err{failure_->code};
    end_feed_frame();
    if (used_ == 0) return Unit{};
    hash_trading();
    chain_.update({buffer_.data() + chained_, used_ - chained_});
    const std::span<const std::byte> batch(buffer_.data(), used_);
    used_ = chained_ = hashed_ = 0;
    return write(batch);
}

Status<JournalErrorCode> JournalWriter::sync() {
    if (failure_) return Err{failure_->code};
    end_feed_frame();
    if (chain_.active() && chain_.unsealed() + (used_ - chained_) > 0) put_seal();
    if (const auto flushed = flush(); !flushed) return flushed;
    if (!options_.durable || !unsynced_) return Unit{};
    if (const auto synced = check(file_->sync()); !synced) return synced;
    unsynced_ = false;
    synced_records_ = records_;
    return Unit{};
}

Result<JournalSummary, JournalError> JournalWriter::close() {
    if (!failure_ && close_segment(true, false).ok()) {
        JournalSummary summary;
        summary.records = records_;
        summary.bytes = total_bytes_;
        summary.segments = segment_;
        summary.head = chain_.last();
        if (records_hasher_) summary.hash = records_hasher_->finish();
        (void)fail(JournalErrorCode::kClosed, "the journal was closed");
        return summary;
    }
    file_.reset();
    return Err{*failure_};
}

Status<JournalErrorCode> JournalWriter::open_segment(bool begins_boot) {
    auto file = files_.create(path_of(options_.directory, segment_file_name(segment_ + 1)));
    if (!file) return fail(JournalErrorCode::kFile, file.error().message);
    file_ = std::move(*file);
    ++segment_;
    segment_size_ = 0;
    segment_records_ = 0;
    chain_.begin(
        hashers_.chain == HashAlgorithm::kNone ? nullptr : hashers_.make_chain(hashers_.chain),
        chain_.last());
    SegmentHeader header;
    header.segment = segment_;
    header.records_before = records_;
    header.run = run_;
    header.chain = hashers_.chain;
    header.boot_epoch = boot_epoch_;
    header.blocks_before = chain_.last().number;
    header.head_before = chain_.last().head;
    if (const auto written = write_preamble(encode(header)); !written) return written;
    if (const auto written = write_preamble(manifest_frame_); !written) return written;
    if (begins_boot) {
        if (const auto written = write_preamble(configuration_frame_); !written) return written;
        // The boot epoch is part of the ids that this boot gives away: it must survive first.
        if (options_.durable) {
            if (const auto synced = check(file_->sync()); !synced) return synced;
        }
    }
    if (!options_.durable) return Unit{};
    // The file's name must survive before any record in it is called durable.
    return check(files_.sync_directory(options_.directory));
}

Status<JournalErrorCode> JournalWriter::close_segment(bool final, bool recovered) {
    if (const auto flushed = flush(); !flushed) return flushed;
    SegmentFooter footer;
    footer.segment_records = segment_records_;
    footer.run_records = records_;
    footer.final = final;
    footer.recovered = recovered;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (positions_[i] == (i == kFeedIndex ? feed_before_ : 0)) continue;
        footer.positions.push_back({JournalStream{static_cast<std::uint16_t>(i)}, positions_[i]});
    }
    if (records_hasher_) footer.hash = records_hasher_->clone()->finish();
    footer.seal = chain_.last();
    footer.seal.length = 0;
    std::string payload = encode(footer);
    if (chain_.active()) {
        // The footer's own bytes before the head belong to its block: first number and length.
        const std::size_t covered = payload.size() - kFooterHeadBytes;
        ++footer.seal.number;
        footer.seal.length = chain_.unsealed() + covered;
        payload = encode(footer);
        footer.seal = chain_.seal_with(bytes_of(payload).first(covered));
        payload = encode(footer);
    }
    const auto frame = control_frame(ControlFrame::kFooter, payload, '\0');
    if (const auto written = write(frame); !written) return written;
    if (options_.durable) {
        if (const auto synced = check(file_->sync()); !synced) return synced;
        unsynced_ = false;
        synced_records_ = records_;
    }
    const auto closed = check(file_->close());
    file_.reset();
    return closed;
}

Status<JournalErrorCode> JournalWriter::write_preamble(std::span<const std::byte> bytes) {
    chain_.update(bytes);
    return write(bytes);
}

Status<JournalErrorCode> JournalWriter::write(std::span<const std::byte> bytes) {
    if (const auto written = check(file_->append(bytes)); !written) return written;
    segment_size_ += bytes.size();
    total_bytes_ += bytes.size();
    unsynced_ = true;
    return Unit{};
}

Status<JournalErrorCode> JournalWriter::check(const Status<FileError>& status) {
    if (status.ok()) return Unit{};
    return fail(JournalErrorCode::kFile, status.error().message);
}

Err<JournalErrorCode> JournalWriter::fail(JournalErrorCode code, std::string message) {
    failure_ = std::make_unique<JournalError>(JournalError{code, std::move(message)});
    feed_room_ = 0;
    return Err{code};
}

Status<FileError> remove_journal(FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) {
        if (names.error().code == FileErrorCode::kNotFound) return Unit{};
        return Err{names.error()};
    }
    for (const std::string& file_name : *names) {
        if (!segment_of_file_name(file_name)) continue;
        if (const auto removed = files.remove(path_of(directory, file_name)); !removed) {
            return removed;
        }
    }
    return Unit{};
}

}  // namespace fermata
