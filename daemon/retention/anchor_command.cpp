#include "daemon/retention/anchor_command.hpp"

#include <algorithm>
#include <ostream>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"

namespace fermata {
namespace {

/// The newest seal in one segment; nothing when it has none (yet).
Result<std::optional<JournalHead>, std::string> head_in(FileSystem& files,
                                                        const std::string& directory,
                                                        std::uint32_t segment,
                                                        const HasherMaker& chain_hasher) {
    JournalReaderOptions options;
    options.first_segment = segment;
    options.chain_hasher = chain_hasher;
    auto opened = JournalReader::open(files, directory, options);
    if (!opened) return Err{opened.error().message};
    JournalReader& reader = **opened;
    while (reader.next() != nullptr) {
    }
    if (reader.problem() != nullptr && !reader.problem()->torn) {
        return Err{"the journal is damaged: " + reader.problem()->message};
    }
    return reader.head();
}

Result<JournalHead, std::string> newest_head(FileSystem& files, const std::string& directory,
                                             const HasherMaker& chain_hasher) {
    const auto names = files.list(directory);
    if (!names) return Err{names.error().message};
    std::vector<std::uint32_t> segments;
    for (const std::string& file_name : *names) {
        if (const auto segment = segment_of_file_name(file_name)) segments.push_back(*segment);
    }
    std::sort(segments.rbegin(), segments.rend());
    if (segments.empty()) return Err{directory + " holds no journal"};
    for (const std::uint32_t segment : segments) {
        const auto head = head_in(files, directory, segment, chain_hasher);
        if (!head) return Err{head.error()};
        if (!head->has_value()) continue;  // just begun, or torn at its head
        if ((*head)->algorithm == HashAlgorithm::kNone) break;
        return **head;
    }
    return Err{directory + " has no hash chain, or no block of it is sealed yet"};
}

Status<std::string> add(FileSystem& files, const std::string& path, const Anchor& anchor) {
    const auto before = read_anchors(files, path);
    if (!before) return Err{before.error()};
    if (!before->empty() && before->back().head == anchor.head) return Unit{};
    const auto added = append_line(files, path, to_json(anchor));
    if (!added) return Err{added.error().message};
    return Unit{};
}

}  // namespace

int anchor_journal(FileSystem& files, const HasherMaker& chain_hasher, const AnchorRequest& request,
                   std::ostream& out, std::ostream& err) {
    const auto head = newest_head(files, request.directory, chain_hasher);
    if (!head) {
        err << head.error() << '\n';
        return 1;
    }
    const Anchor anchor{*head, request.now};
    std::vector<std::string> paths{request.directory + "/" + std::string(kAnchorsFile)};
    if (!request.out.empty()) paths.push_back(request.out);
    for (const std::string& path : paths) {
        if (const auto added = add(files, path, anchor); !added) {
            err << added.error() << '\n';
            return 1;
        }
    }
    out << to_json(anchor) << '\n';
    return 0;
}

}  // namespace fermata
