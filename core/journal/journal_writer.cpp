#include "core/journal/journal_writer.hpp"

#include <utility>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

std::string path_of(const std::string& directory, const std::string& file_name) {
    return directory + "/" + file_name;
}

}  // namespace

JournalWriter::JournalWriter(FileSystem& files, const JournalOptions& options,
                             const JournalManifest& manifest, const RunId& run,
                             const HasherFactory& hasher_factory)
    : files_(files),
      options_(options),
      manifest_frame_(control_frame(ControlFrame::kManifest, to_text(manifest), '\n')),
      run_(run),
      hasher_(hasher_factory ? hasher_factory() : nullptr),
      buffer_(options.buffer_bytes + kRecordBytesMax) {}

Result<std::unique_ptr<JournalWriter>, JournalError> JournalWriter::create(
    FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
    const RunId& run, const HasherFactory& hasher_factory) {
    const auto refuse = [](const FileError& error) {
        return Err{JournalError{JournalErrorCode::kFile, error.message}};
    };
    if (const auto made = files.create_directories(options.directory); !made) {
        return refuse(made.error());
    }
    const auto names = files.list(options.directory);
    if (!names) return refuse(names.error());
    for (const std::string& file_name : *names) {
        if (!segment_of_file_name(file_name)) continue;
        return Err{JournalError{JournalErrorCode::kExists,
                                options.directory + " holds a journal already (" + file_name +
                                    "): choose another directory or remove it"}};
    }
    std::unique_ptr<JournalWriter> writer(
        new JournalWriter(files, options, manifest, run, hasher_factory));
    if (!writer->open_segment()) return Err{*writer->failure_};
    return writer;
}

Status<JournalErrorCode> JournalWriter::append(const OrderEvent& event, JournalStream stream) {
    if (failure_) [[unlikely]]
        return Err{failure_->code};
    const auto index = static_cast<std::size_t>(stream);
    FERMATA_ASSERT(index != 0 && index < kJournalStreamsMax);
    if (event.seq != positions_[index] + 1) [[unlikely]] {
        return fail(JournalErrorCode::kSequence,
                    "stream " + std::to_string(index) + " gave the journal event " +
                        std::to_string(event.seq) + " where " +
                        std::to_string(positions_[index] + 1) + " is due: an event was lost");
    }
    if (segment_full() || used_ + kRecordBytesMax > buffer_.size()) [[unlikely]] {
        if (const auto made = make_room(); !made) return made;
    }
    std::byte* frame = buffer_.data() + used_;
    const std::size_t length = encode(event, frame + kFrameHeaderBytes);
    positions_[index] = event.seq;
    used_ += seal_frame(frame, stream, static_cast<std::uint16_t>(event.type), event.seq, length);
    ++records_;
    ++segment_records_;
    return Unit{};
}

Status<JournalErrorCode> JournalWriter::make_room() {
    if (!segment_full()) return flush();
    if (const auto closed = close_segment(false); !closed) return closed;
    return open_segment();
}

Status<JournalErrorCode> JournalWriter::flush() {
    if (failure_) return Err{failure_->code};
    if (used_ == 0) return Unit{};
    const std::span<const std::byte> batch(buffer_.data(), used_);
    if (hasher_) hasher_->update(batch);
    used_ = 0;
    return write(batch);
}

Status<JournalErrorCode> JournalWriter::sync() {
    if (const auto flushed = flush(); !flushed) return flushed;
    if (!options_.durable) return Unit{};
    if (const auto synced = check(file_->sync()); !synced) return synced;
    synced_records_ = records_;
    return Unit{};
}

Result<JournalSummary, JournalError> JournalWriter::close() {
    if (!failure_ && close_segment(true).ok()) {
        JournalSummary summary;
        summary.records = records_;
        summary.bytes = total_bytes_;
        summary.segments = segment_;
        if (hasher_) summary.hash = hasher_->finish();
        (void)fail(JournalErrorCode::kClosed, "the journal was closed");
        return summary;
    }
    file_.reset();
    return Err{*failure_};
}

Status<JournalErrorCode> JournalWriter::open_segment() {
    auto file = files_.create(path_of(options_.directory, segment_file_name(segment_ + 1)));
    if (!file) return fail(JournalErrorCode::kFile, file.error().message);
    file_ = std::move(*file);
    ++segment_;
    segment_size_ = 0;
    segment_records_ = 0;
    SegmentHeader header;
    header.segment = segment_;
    header.records_before = records_;
    header.run = run_;
    if (const auto written = write(encode(header)); !written) return written;
    if (const auto written = write(manifest_frame_); !written) return written;
    if (!options_.durable) return Unit{};
    // The file's name must survive before any record in it is called durable.
    return check(files_.sync_directory(options_.directory));
}

Status<JournalErrorCode> JournalWriter::close_segment(bool final) {
    if (const auto flushed = flush(); !flushed) return flushed;
    SegmentFooter footer;
    footer.segment_records = segment_records_;
    footer.run_records = records_;
    footer.final = final;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        if (positions_[i] == 0) continue;
        footer.positions.push_back({JournalStream{static_cast<std::uint16_t>(i)}, positions_[i]});
    }
    if (hasher_) footer.hash = hasher_->clone()->finish();
    const auto frame = control_frame(ControlFrame::kFooter, encode(footer), '\0');
    if (const auto written = write(frame); !written) return written;
    if (const auto synced = sync(); !synced) return synced;
    const auto closed = check(file_->close());
    file_.reset();
    return closed;
}

Status<JournalErrorCode> JournalWriter::write(std::span<const std::byte> bytes) {
    if (const auto written = check(file_->append(bytes)); !written) return written;
    segment_size_ += bytes.size();
    total_bytes_ += bytes.size();
    return Unit{};
}

Status<JournalErrorCode> JournalWriter::check(const Status<FileError>& status) {
    if (status.ok()) return Unit{};
    return fail(JournalErrorCode::kFile, status.error().message);
}

Err<JournalErrorCode> JournalWriter::fail(JournalErrorCode code, std::string message) {
    failure_ = std::make_unique<JournalError>(JournalError{code, std::move(message)});
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
