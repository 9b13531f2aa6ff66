#include "daemon/retention/replaceable.hpp"

#include <algorithm>
#include <string_view>

#include "core/journal/journal_reader.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"
#include "daemon/retention/prune_log.hpp"

namespace fermata {
namespace {

/// Whether the configuration on record, as the run wrote it out in full, says so.
bool is_replay(std::string_view configuration) {
    constexpr std::string_view kLine = "mode: replay\n";
    return configuration.starts_with(kLine) ||
           configuration.find("\n" + std::string(kLine)) != std::string_view::npos;
}

Result<bool, std::string> has_lines(FileSystem& files, const std::string& directory,
                                    std::string_view file_name) {
    const auto lines = read_lines(files, directory + "/" + std::string(file_name));
    if (!lines) return Err{lines.error().message};
    return !lines->empty();
}

}  // namespace

Status<std::string> can_be_replaced(FileSystem& files, const std::string& directory) {
    const auto names = files.list(directory);
    if (!names) {
        if (names.error().code == FileErrorCode::kNotFound) return Unit{};
        return Err{names.error().message};
    }
    const auto holds = [&](std::string_view what) {
        return Err{directory + " holds a journal " + std::string(what)};
    };
    const auto anchored = has_lines(files, directory, kAnchorsFile);
    if (!anchored) return Err{anchored.error()};
    if (*anchored) return holds("that was anchored (anchors.jsonl)");
    const auto pruned = has_lines(files, directory, kPruneLogFile);
    if (!pruned) return Err{pruned.error()};
    if (*pruned) return holds("of which segments were removed on purpose (retention.jsonl)");

    const bool empty = std::none_of(names->begin(), names->end(), [](const std::string& name) {
        return segment_of_file_name(name).has_value();
    });
    if (empty) return Unit{};
    auto opened = JournalReader::open(files, directory);
    if (!opened) return Err{opened.error().message};
    JournalReader& reader = **opened;
    (void)reader.next();
    if (reader.configuration()) {
        if (is_replay(*reader.configuration())) return Unit{};
        return holds("that is not of a replay");
    }
    // Killed while its head was written: nothing was ever on record.
    if (reader.problem() != nullptr && reader.problem()->torn && reader.records() == 0) {
        return Unit{};
    }
    return holds("whose beginning cannot be read (" +
                 (reader.problem() != nullptr ? reader.problem()->message
                                              : std::string("no configuration")) +
                 ")");
}

}  // namespace fermata
