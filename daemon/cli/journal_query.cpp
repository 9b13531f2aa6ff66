#include "daemon/cli/journal_query.hpp"

#include <algorithm>
#include <ostream>

#include "core/journal/journal_reader.hpp"
#include "daemon/cli/event_subject.hpp"
#include "daemon/cli/journal_filter.hpp"
#include "daemon/cli/raw_query.hpp"

namespace fermata {
namespace {

/// Tells from time to time how far the reading is. Costs nothing without a line to show it on.
class ReadingProgress {
public:
    ReadingProgress(FileSystem& files, const std::string& directory, ProgressLine* line)
        : line_(line) {
        if (line_ == nullptr) return;
        const auto names = files.list(directory);
        if (!names) return;
        for (const std::string& file_name : *names) {
            if (!segment_of_file_name(file_name)) continue;
            const auto file = files.open(directory + "/" + file_name);
            const auto size = file ? (*file)->size() : Result<std::uint64_t, FileError>(0);
            if (size) total_ += *size;
        }
    }
    void at(const JournalReader& reader, const JournalRecord& record) {
        constexpr std::uint64_t kRecordsBetween = 1 << 18;
        if (line_ == nullptr || ++seen_ % kRecordsBetween != 0) return;
        std::uint64_t read = record.offset;
        for (const SegmentInfo& info : reader.segments()) {
            if (info.segment != record.segment) read += info.bytes;
        }
        const double fraction =
            total_ == 0 ? 0 : static_cast<double>(read) / static_cast<double>(total_);
        line_->show({fraction, time_of(record), seen_});
    }
    void clear() {
        if (line_ != nullptr) line_->finish();
    }

private:
    ProgressLine* line_;
    std::uint64_t total_ = 0;
    std::uint64_t seen_ = 0;
};

}  // namespace

int query_journal(FileSystem& files, const JournalQuery& query, std::ostream& out,
                  std::ostream& err, ProgressLine* progress) {
    if (std::find(query.types.begin(), query.types.end(), "raw") != query.types.end()) {
        if (query.types.size() == 1) return query_raw(files, query, out, err);
        err << "raw messages are no records: ask for --type raw alone\n";
        return 2;
    }
    JournalReaderOptions reading_options;
    reading_options.first_segment = 0;  // older ones may have been removed
    auto opened = JournalReader::open(files, query.directory, reading_options);
    if (!opened) {
        err << opened.error().message << '\n';
        return 1;
    }
    JournalReader& reader = **opened;
    const JournalRecord* record = reader.next();
    if (reader.manifest() == nullptr) {
        // Without its names nothing can be asked, and nothing would be understood.
        err << (reader.problem() != nullptr ? reader.problem()->message
                                            : query.directory + " holds no manifest")
            << '\n';
        return 1;
    }
    const JournalManifest manifest = *reader.manifest();
    auto filter = JournalFilter::compile(query, manifest);
    if (!filter) {
        err << filter.error() << '\n';
        return 2;
    }
    const auto printer = make_record_printer(query.format, filter->types(), manifest, out);
    SubjectResolver subjects;
    ReadingProgress reading(files, query.directory, progress);
    std::uint64_t printed = 0;
    for (; record != nullptr; record = reader.next()) {
        reading.at(reader, *record);
        const EventSubject subject =
            record->is_market ? subject_of(record->market) : subjects.resolve(record->event);
        if (!filter->wants(*record, subject)) continue;
        reading.clear();
        printer->print(*record, subject);
        if (++printed == query.limit) return 0;
    }
    reading.clear();
    out.flush();
    if (!filter->saw_order()) err << "no record is about order " << query.order << '\n';
    if (!filter->saw_execution()) {
        err << "no record is about execution " << query.execution << '\n';
    }
    if (reader.problem() != nullptr) err << reader.problem()->message << '\n';
    const bool found = filter->saw_order() && filter->saw_execution();
    return reader.problem() == nullptr && found ? 0 : 1;
}

}  // namespace fermata
