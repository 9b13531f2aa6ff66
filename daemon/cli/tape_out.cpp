#include "daemon/cli/tape_out.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include "adapters/tape/tape_writer.hpp"
#include "daemon/assembly/assembly.hpp"

namespace fermata {

PendingFile::PendingFile(std::filesystem::path path, bool force)
    : path_(std::move(path)), temporary_(path_) {
    std::error_code error;
    if (!force && std::filesystem::exists(path_, error)) {
        throw FeedError(path_.string() + " exists; --force overwrites it");
    }
    if (std::filesystem::is_directory(path_, error)) {
        throw FeedError(path_.string() + " is a folder, expected the name of a file");
    }
    const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::is_directory(folder, error)) {
        throw FeedError("cannot create " + path_.string() + ": there is no folder " +
                        folder.string());
    }
    temporary_ += ".partial";
}

PendingFile::~PendingFile() {
    if (committed_) return;
    std::error_code ignored;  // it may never have been created
    std::filesystem::remove(temporary_, ignored);
}

void PendingFile::commit() {
    std::error_code error;
    std::filesystem::rename(temporary_, path_, error);
    if (error) {
        throw FeedError("cannot rename " + temporary_.string() + " to " + path_.string() + ": " +
                        error.message());
    }
    committed_ = true;
}

tape::Tables tables_of(const InstrumentTable& instruments, const StreamTable& streams) {
    tape::Tables tables;
    for (const Instrument& instrument : instruments.all()) {
        tables.symbols.push_back(instrument.symbol);
    }
    for (const StreamInfo& stream : streams) {
        tables.streams.push_back({stream.name, stream.kind, stream.interval.ns});
    }
    return tables;
}

void drain(Feed& feed, WrittenData& written, const WriteProgress& progress,
           const std::function<void(std::span<const MarketEvent>)>& take) {
    using Clock = std::chrono::steady_clock;
    auto next_report = Clock::now();
    for (auto batch = feed.next(); !batch.empty(); batch = feed.next()) {
        if (written.events == 0) written.first = batch.front().ts;
        written.last = batch.back().ts;
        written.events += batch.size();
        take(batch);
        if (!progress || Clock::now() < next_report) continue;
        next_report = Clock::now() + std::chrono::milliseconds(100);
        progress(feed.progress(), written.last, written.events);
    }
}

WrittenData write_tape(Feed& feed, const tape::Tables& tables, const std::filesystem::path& path,
                       bool force, const WriteProgress& progress) {
    PendingFile file(path, force);
    WrittenData written;
    tape::TapeWriter writer(file.temporary().string(), tables, sha256_hasher());
    drain(feed, written, progress, [&](auto events) { writer.append(events); });
    written.hash = writer.close();
    file.commit();
    written.bytes = std::filesystem::file_size(path);
    return written;
}

}  // namespace fermata
