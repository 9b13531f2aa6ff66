#include "daemon/retention/prune_log.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/journal/segment_reader.hpp"
#include "core/market/date.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"

namespace fermata {

std::string to_json(const PrunedSegment& pruned) {
    nlohmann::ordered_json object =
        nlohmann::ordered_json::parse(to_json(Anchor{pruned.after, pruned.time}));
    object["segment_records"] = pruned.records;
    object["by"] = pruned.by;
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<PrunedSegment> parse_pruned_segment(std::string_view line) {
    const auto after = parse_anchor(line);
    if (!after) return std::nullopt;
    const auto object = nlohmann::json::parse(line, nullptr, false);
    const auto records = object.find("segment_records");
    const auto by = object.find("by");
    if (records == object.end() || !records->is_number_unsigned() || by == object.end() ||
        !by->is_string()) {
        return std::nullopt;
    }
    return PrunedSegment{records->get<std::uint64_t>(), after->head, after->time,
                         by->get<std::string>()};
}

Result<std::vector<PrunedSegment>, std::string> read_prune_log(FileSystem& files,
                                                               const std::string& directory) {
    const std::string path = directory + "/" + std::string(kPruneLogFile);
    const auto lines = read_lines(files, path);
    if (!lines) return Err{lines.error().message};
    std::vector<PrunedSegment> pruned;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        const auto entry = parse_pruned_segment((*lines)[i]);
        if (!entry) {
            return Err{path + ":" + std::to_string(i + 1) +
                       ": is no line that `fermata journal retain` writes"};
        }
        pruned.push_back(*entry);
    }
    return pruned;
}

Result<PrunedFront, std::string> check_pruned_front(FileSystem& files,
                                                    const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) return Err{names.error().message};
    std::uint32_t first = 0;
    for (const std::string& file_name : *names) {
        const auto segment = segment_of_file_name(file_name);
        if (segment && (first == 0 || *segment < first)) first = *segment;
    }
    if (first <= 1) return PrunedFront{};

    const auto log = read_prune_log(files, directory);
    if (!log) return Err{log.error()};
    PrunedFront front{first - 1, 0, {}};
    const PrunedSegment* last = nullptr;
    for (std::uint32_t segment = 1; segment < first; ++segment) {
        const auto entry = std::find_if(log->rbegin(), log->rend(), [&](const PrunedSegment& p) {
            return p.after.segment == segment;
        });
        if (entry == log->rend()) {
            return Err{segment_file_name(segment) + " is missing, and " +
                       std::string(kPruneLogFile) + " does not say that it was removed"};
        }
        front.records += entry->records;
        front.last_removed = std::max(front.last_removed, entry->time);
        last = &*entry;
    }
    auto file = files.open(directory + "/" + segment_file_name(first));
    if (!file) return Err{file.error().message};
    SegmentReader reader(std::move(*file));
    const auto header = reader.read_header();
    if (!header) return Err{segment_file_name(first) + ": " + header.error().detail};
    // The algorithm may be another one: each boot chooses its own.
    const JournalHead& after = last->after;
    if (header->run != after.run || header->blocks_before != after.block ||
        header->records_before != after.records || header->head_before != after.head) {
        return Err{segment_file_name(first) +
                   " does not go on where the last segment that was removed ended"};
    }
    return front;
}

void refuse_pruned(FileSystem& files, const std::string& directory, std::string_view done) {
    const auto front = check_pruned_front(files, directory);
    if (!front || front->segments == 0) return;
    throw std::runtime_error(
        directory + ": " +
        (front->segments == 1 ? "segment 1 was"
                              : "segments 1 to " + std::to_string(front->segments) + " were") +
        " removed on purpose (" + std::string(kPruneLogFile) + "), so the run cannot be " +
        std::string(done) +
        ". What is left can still be asked, verified and loaded (journal query, stat, verify, "
        "load); the run itself can be repeated into another folder");
}

}  // namespace fermata
