#include "daemon/retention/anchors.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/journal/segment_reader.hpp"
#include "core/market/date.hpp"
#include "daemon/retention/log_file.hpp"

namespace fermata {
namespace {

/// Compares the anchors with one seal of the run.
void compare(const JournalHead& seal, const std::vector<Anchor>& anchors,
             std::vector<AnchorFound>& found) {
    for (std::size_t i = 0; i < anchors.size(); ++i) {
        const JournalHead& head = anchors[i].head;
        if (head.run == seal.run && head.block == seal.block && head.algorithm == seal.algorithm &&
            head.head == seal.head) {
            found[i] = AnchorFound::kYes;
        }
    }
}

std::optional<BlockSeal> seal_of(const Frame& frame) {
    if (frame.header.stream != JournalStream::kControl) return std::nullopt;
    switch (ControlFrame{frame.header.type}) {
        case ControlFrame::kBlockSeal:
            return decode_block_seal(frame.payload());
        case ControlFrame::kFooter:
            if (const auto footer = decode_segment_footer(frame.payload())) return footer->seal;
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::string to_json(const Anchor& anchor) {
    nlohmann::ordered_json object;
    object["run"] = to_hex(anchor.head.run);
    object["segment"] = anchor.head.segment;
    object["block"] = anchor.head.block;
    object["records"] = anchor.head.records;
    object["algorithm"] = name(anchor.head.algorithm);
    object["head"] = head_hex(anchor.head);
    object["time"] = format_iso_timestamp(anchor.time);
    return object.dump();
}

std::optional<Anchor> parse_anchor(std::string_view line) {
    const auto object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object()) return std::nullopt;
    const auto text = [&](const char* key) -> std::string {
        const auto found = object.find(key);
        if (found == object.end()) return {};
        return found->is_string() ? found->get<std::string>() : found->dump();
    };
    const auto head = parse_journal_head("fermata-journal-head run=" + text("run") +
                                         " segment=" + text("segment") + " block=" + text("block") +
                                         " records=" + text("records") + " " + text("algorithm") +
                                         "=" + text("head"));
    const auto time = parse_iso_timestamp(text("time"));
    if (!head || !time) return std::nullopt;
    return Anchor{*head, *time};
}

Result<std::vector<Anchor>, std::string> read_anchors(FileSystem& files, const std::string& path) {
    const auto lines = read_lines(files, path);
    if (!lines) return Err{lines.error().message};
    std::vector<Anchor> anchors;
    for (std::size_t i = 0; i < lines->size(); ++i) {
        const auto anchor = parse_anchor((*lines)[i]);
        if (!anchor) {
            return Err{path + ":" + std::to_string(i + 1) +
                       ": is no anchor as `fermata journal anchor` prints it"};
        }
        anchors.push_back(*anchor);
    }
    return anchors;
}

std::string_view name(AnchorFound found) noexcept {
    switch (found) {
        case AnchorFound::kYes:
            return "contained";
        case AnchorFound::kPruned:
            return "pruned";
        case AnchorFound::kNo:
            return "not contained";
        case AnchorFound::kOtherRun:
            return "of another run";
    }
    return "?";
}

Result<std::vector<AnchorFound>, std::string> find_anchors(FileSystem& files,
                                                           const std::string& directory,
                                                           const std::vector<Anchor>& anchors) {
    std::vector<AnchorFound> found(anchors.size(), AnchorFound::kNo);
    const auto names = files.list(directory);
    if (!names) return Err{names.error().message};
    bool first = true;
    for (const std::string& file_name : *names) {  // ascending, and so are the segments
        const auto segment = segment_of_file_name(file_name);
        if (!segment) continue;
        auto file = files.open(directory + "/" + file_name);
        if (!file) return Err{file.error().message};
        SegmentReader reader(std::move(*file));
        const auto header = reader.read_header();
        if (!header) continue;  // torn at its head: it holds no seal
        JournalHead seal{header->run,           header->chain,          *segment,
                         header->blocks_before, header->records_before, header->head_before};
        if (std::exchange(first, false)) {
            compare(seal, anchors, found);
            for (std::size_t i = 0; i < anchors.size(); ++i) {
                const JournalHead& head = anchors[i].head;
                if (head.run != header->run) {
                    found[i] = AnchorFound::kOtherRun;
                } else if (head.block < header->blocks_before) {
                    found[i] = AnchorFound::kPruned;
                }
            }
        }
        for (auto frame = reader.next(); frame && frame->has_value(); frame = reader.next()) {
            const auto next = seal_of(**frame);
            if (!next) continue;
            seal.block = next->number;
            seal.head = next->head;
            compare(seal, anchors, found);
        }
    }
    return found;
}

}  // namespace fermata
