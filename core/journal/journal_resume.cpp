#include "core/journal/journal_resume.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/journal/journal_reader.hpp"

namespace fermata {
namespace {

/// make_client_order_id() has room for so many.
constexpr std::uint32_t kBootEpochMax = std::numeric_limits<std::uint16_t>::max();

Err<JournalError> refuse(JournalErrorCode code, std::string message) {
    return Err{JournalError{code, std::move(message)}};
}

Err<JournalError> refuse(const FileError& error) {
    return refuse(JournalErrorCode::kFile, error.message);
}

/// "journal-000007.torn", or the next of "journal-000007.torn.2" and so on that is free.
Result<std::string, FileError> torn_name(FileSystem& files, const std::string& directory,
                                         std::uint32_t segment) {
    const auto names = files.list(directory);
    if (!names) return Err{names.error()};
    const std::string file_name = segment_file_name(segment);
    const std::string first = file_name.substr(0, file_name.rfind('.')) + ".torn";
    std::string free_name = first;
    for (int n = 2; std::find(names->begin(), names->end(), free_name) != names->end(); ++n) {
        free_name = first + "." + std::to_string(n);
    }
    return free_name;
}

/// One attempt's way through a directory.
class Resumption {
public:
    Resumption(FileSystem& files, const JournalOptions& options, const JournalManifest& manifest,
               const JournalHashers& hashers)
        : files_(files), options_(options), manifest_(manifest), hashers_(hashers) {}

    Result<ResumedJournal, JournalError> run();

private:
    [[nodiscard]] Result<JournalTail, JournalError> find_tail();
    [[nodiscard]] Status<FileError> set_aside(std::uint32_t segment);
    [[nodiscard]] Status<FileError> keep_torn(std::uint32_t segment, std::uint64_t from);
    [[nodiscard]] Status<FileError> copy(const RandomAccessFile& from, std::uint64_t offset,
                                         std::uint64_t end, const std::string& to);
    [[nodiscard]] std::string path_of(const std::string& file_name) const {
        return options_.directory + "/" + file_name;
    }

    FileSystem& files_;
    const JournalOptions& options_;
    const JournalManifest& manifest_;
    const JournalHashers& hashers_;
    ResumeReport report_;
};

Result<ResumedJournal, JournalError> Resumption::run() {
    auto tail = find_tail();
    if (tail.ok() && !tail->has_preamble) {
        // Nothing in it was ever part of the journal; the one before it is the last.
        if (const auto aside = set_aside(tail->segment); !aside) return refuse(aside.error());
        tail = find_tail();
    }
    if (!tail) return Err{tail.error()};
    const std::uint32_t boots_max = kBootEpochMax - manifest_.order_epochs_taken;
    if (tail->boot_epoch >= boots_max) {
        return refuse(JournalErrorCode::kTooLarge,
                      options_.directory + " holds a run of " + std::to_string(tail->boot_epoch) +
                          " boots, the most that its order ids can tell apart: with one more they "
                          "would repeat");
    }
    if (!tail->has_footer) {
        if (const auto kept = keep_torn(tail->segment, tail->offset); !kept) {
            return refuse(kept.error());
        }
    }
    report_.run = tail->run;
    report_.boot_epoch = tail->boot_epoch + 1;
    report_.segment = tail->segment + 1;
    report_.records = tail->records;
    for (std::size_t i = 0; i < tail->positions.size(); ++i) {
        if (tail->positions[i] == 0) continue;
        report_.positions.push_back(
            {JournalStream{static_cast<std::uint16_t>(i)}, tail->positions[i]});
    }
    auto writer = JournalWriter::go_on(files_, options_, manifest_, std::move(*tail), hashers_);
    if (!writer) return Err{writer.error()};
    return ResumedJournal{std::move(*writer), std::move(report_)};
}

Result<JournalTail, JournalError> Resumption::find_tail() {
    JournalReaderOptions reading;
    reading.records_hasher = hashers_.records;
    reading.chain_hasher = hashers_.make_chain;
    auto opened = JournalReader::open(files_, options_.directory, reading);
    if (!opened) {
        const JournalProblem& problem = opened.error();
        return refuse(problem.kind == JournalProblemKind::kNoSegments ? JournalErrorCode::kNothing
                                                                      : JournalErrorCode::kFile,
                      problem.message);
    }
    JournalReader& reader = **opened;
    while (reader.next() != nullptr) {
    }
    if (const JournalManifest* there = reader.manifest()) {
        const std::string differs = difference(*there, manifest_);
        if (!differs.empty()) {
            return refuse(JournalErrorCode::kDifferent,
                          options_.directory + " holds another run, by its " + differs +
                              ": choose another directory, or start as that run was started");
        }
    }
    if (reader.ending() == JournalEnding::kClosed) {
        return refuse(JournalErrorCode::kFinished,
                      options_.directory + " holds a run that was closed: it cannot be continued");
    }
    if (reader.ending() != JournalEnding::kTorn) {
        return refuse(
            JournalErrorCode::kDamaged,
            "the journal is damaged and cannot be continued: " + reader.problem()->message);
    }
    if (reader.needs_chain_hasher()) {
        return refuse(JournalErrorCode::kDifferent,
                      options_.directory + " has a hash chain, and there is no hasher for it");
    }
    auto tail = reader.tail();
    if (!tail) return refuse(JournalErrorCode::kFile, tail.error().message);
    return Result<JournalTail, JournalError>(std::move(*tail));
}

Status<FileError> Resumption::set_aside(std::uint32_t segment) {
    const auto name = torn_name(files_, options_.directory, segment);
    if (!name) return Err{name.error()};
    const std::string path = path_of(segment_file_name(segment));
    const auto file = files_.open(path);
    if (!file) return Err{file.error()};
    const auto size = (*file)->size();
    if (!size) return Err{size.error()};
    if (const auto renamed = files_.rename(path, path_of(*name)); !renamed) return renamed;
    if (const auto synced = files_.sync_directory(options_.directory); !synced) return synced;
    report_.bytes_cut += *size;
    report_.torn_files.push_back(*name);
    return Unit{};
}

Status<FileError> Resumption::keep_torn(std::uint32_t segment, std::uint64_t from) {
    const auto file = files_.open(path_of(segment_file_name(segment)));
    if (!file) return Err{file.error()};
    const auto size = (*file)->size();
    if (!size) return Err{size.error()};
    if (*size <= from) return Unit{};
    const auto name = torn_name(files_, options_.directory, segment);
    if (!name) return Err{name.error()};
    // Only a whole copy gets the name: an earlier attempt may have left a part of one.
    const std::string part = path_of(*name + ".part");
    if (const auto removed = files_.remove(part);
        !removed && removed.error().code != FileErrorCode::kNotFound) {
        return removed;
    }
    if (const auto copied = copy(**file, from, *size, part); !copied) return copied;
    if (const auto renamed = files_.rename(part, path_of(*name)); !renamed) return renamed;
    if (const auto synced = files_.sync_directory(options_.directory); !synced) return synced;
    report_.bytes_cut += *size - from;
    report_.torn_files.push_back(*name);
    return Unit{};
}

Status<FileError> Resumption::copy(const RandomAccessFile& from, std::uint64_t offset,
                                   std::uint64_t end, const std::string& to) {
    const auto file = files_.create(to);
    if (!file) return Err{file.error()};
    std::vector<std::byte> buffer(std::size_t{64} << 10);
    while (offset < end) {
        const std::span<std::byte> piece(
            buffer.data(),
            static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - offset)));
        const auto got = from.read(offset, piece);
        if (!got) return Err{got.error()};
        if (*got == 0) {
            return Err{FileError{FileErrorCode::kInputOutput, 0,
                                 "cannot copy to " + to + ": the segment became shorter"}};
        }
        if (const auto put = (*file)->append(piece.first(*got)); !put) return put;
        offset += *got;
    }
    if (const auto synced = (*file)->sync(); !synced) return synced;
    return (*file)->close();
}

}  // namespace

Result<ResumedJournal, JournalError> resume_journal(FileSystem& files,
                                                    const JournalOptions& options,
                                                    const JournalManifest& manifest,
                                                    const JournalHashers& hashers) {
    return Resumption(files, options, manifest, hashers).run();
}

}  // namespace fermata
