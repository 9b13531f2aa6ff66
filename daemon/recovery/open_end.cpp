#include "daemon/recovery/open_end.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <vector>

#include "core/journal/format.hpp"
#include "core/journal/journal_reader.hpp"

namespace fermata {

std::uint64_t open_end_of_feed(FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) throw std::runtime_error(names.error().message);
    std::vector<std::uint32_t> segments;
    for (const std::string& name : *names) {
        if (const auto number = segment_of_file_name(name)) segments.push_back(*number);
    }
    std::sort(segments.begin(), segments.end(), std::greater<>());
    for (const std::uint32_t segment : segments) {
        JournalReaderOptions options;
        options.first_segment = segment;
        const auto reader = JournalReader::open(files, directory, options);
        if (!reader) throw std::runtime_error(reader.error().message);
        std::uint64_t last = 0;
        while (const JournalRecord* record = (*reader)->next()) {
            if (record->stream == JournalStream::kTrading) last = record->event.feed_position;
        }
        if ((*reader)->ending() == JournalEnding::kClosed) return 0;
        if (last != 0) return last;
    }
    return 0;
}

}  // namespace fermata
