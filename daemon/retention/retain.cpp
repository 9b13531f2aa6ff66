#include "daemon/retention/retain.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include "adapters/zstd/compressed_files.hpp"
#include "core/journal/journal_reader.hpp"
#include "core/journal/segment_reader.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/log_file.hpp"
#include "daemon/retention/prune_log.hpp"
#include "daemon/retention/segment_compression.hpp"

namespace fermata {
namespace {

/// The journal as it was read and found in order.
struct Survey {
    RunId run{};
    std::vector<SegmentInfo> segments;
    bool closed = false;
    std::uint64_t anchored_block = 0;  ///< The newest that an anchor covers; 0: none.
};

/// One call does the work of the command; every step may fail with a message.
class Retention {
public:
    Retention(FileSystem& files, FileTimes& times, const HasherMaker& chain_hasher,
              const RetentionRequest& request, std::ostream& out)
        : plain_(files),
          files_(files),
          times_(times),
          chain_hasher_(chain_hasher),
          request_(request),
          out_(out) {}

    Status<std::string> run() {
        if (auto done = read_journal(); !done) return done;
        if (auto done = read_anchored(); !done) return done;
        // What goes need not be compressed; but what fits into a number of bytes is known only
        // afterwards.
        const bool prune_first = request_.policy && !request_.policy->bytes;
        if (prune_first) {
            if (auto done = prune(); !done) return done;
        }
        if (request_.compress) {
            if (auto done = compress(); !done) return done;
        }
        return request_.policy && !prune_first ? prune() : Status<std::string>(Unit{});
    }

private:
    Status<std::string> read_journal() {
        const auto front = check_pruned_front(files_, request_.directory);
        if (!front) return Err{front.error()};
        JournalReaderOptions options;
        options.first_segment = 0;
        options.chain_hasher = chain_hasher_;
        auto opened = JournalReader::open(files_, request_.directory, options);
        if (!opened) return Err{opened.error().message};
        JournalReader& reader = **opened;
        while (reader.next() != nullptr) {
        }
        if (reader.problem() != nullptr && !reader.problem()->torn) {
            return Err{"the journal is damaged, nothing is touched: " + reader.problem()->message};
        }
        if (!reader.run()) {
            return Err{request_.directory + " holds no whole segment yet"};
        }
        survey_.run = *reader.run();
        survey_.segments = reader.segments();
        survey_.closed = reader.ending() == JournalEnding::kClosed;
        return Unit{};
    }

    Status<std::string> read_anchored() {
        const std::string path = request_.directory + "/" + std::string(kAnchorsFile);
        const auto anchors = read_anchors(files_, path);
        if (!anchors) return Err{anchors.error()};
        const auto found = find_anchors(files_, request_.directory, *anchors);
        if (!found) return Err{found.error()};
        for (std::size_t i = 0; i < anchors->size(); ++i) {
            const JournalHead& head = (*anchors)[i].head;
            if ((*found)[i] == AnchorFound::kPruned) continue;
            if ((*found)[i] != AnchorFound::kYes) {
                return Err{"the journal was rewritten, nothing is touched: the anchor at block " +
                           std::to_string(head.block) + " in " + path + " is " +
                           std::string(name((*found)[i]))};
            }
            survey_.anchored_block = std::max(survey_.anchored_block, head.block);
        }
        return Unit{};
    }

    Status<std::string> compress() {
        const auto names = plain_.list(request_.directory);
        if (!names) return Err{names.error().message};
        for (std::size_t i = 0; i < survey_.segments.size(); ++i) {
            const SegmentInfo& info = survey_.segments[i];
            const std::string file_name = segment_file_name(info.segment);
            if (std::find(names->begin(), names->end(), file_name) == names->end()) continue;
            // The writer, or the boot after a crash, may still add to it.
            if (!info.footer || (!survey_.closed && i + 1 == survey_.segments.size())) continue;
            if (info.segment <= removed_) continue;
            out_ << file_name << "  " << (request_.dry_run ? "would be compressed" : "compressed");
            if (!request_.dry_run) {
                const auto done =
                    compress_segment(plain_, times_, request_.directory, info.segment);
                if (!done) {
                    out_ << ": failed\n";
                    return Err{done.error().message};
                }
                out_ << " from " << done->plain_bytes << " to " << done->compressed_bytes
                     << " bytes";
            }
            out_ << std::endl;  // it takes a while: show it now
        }
        return Unit{};
    }

    Status<std::string> prune() {
        auto facts = gather();
        if (!facts) return Err{facts.error()};
        auto fates = plan_retention(*facts, survey_.closed, *request_.policy, request_.now);
        if (request_.loaded) {
            if (auto done = ask_database(fates, *facts); !done) return done;
            fates = plan_retention(*facts, survey_.closed, *request_.policy, request_.now);
        }
        for (std::size_t i = 0; i < fates.size(); ++i) {
            const SegmentFacts& fact = (*facts)[i];
            const bool goes = fates[i] == SegmentFate::kRemove;
            if (goes && !request_.dry_run) {
                if (auto done = remove(survey_.segments[i]); !done) return done;
            }
            if (goes) removed_ = fact.segment;
            out_ << segment_file_name(fact.segment) << std::setw(14) << fact.bytes << " bytes  "
                 << (goes && request_.dry_run ? "would be " : "") << describe(fates[i]) << '\n';
        }
        return Unit{};
    }

    Result<std::vector<SegmentFacts>, std::string> gather() {
        const auto names = plain_.list(request_.directory);
        if (!names) return Err{names.error().message};
        std::vector<SegmentFacts> facts;
        for (const SegmentInfo& info : survey_.segments) {
            SegmentFacts fact;
            fact.segment = info.segment;
            std::string file_name = segment_file_name(info.segment);
            if (std::find(names->begin(), names->end(), file_name) == names->end()) {
                file_name += kCompressedEnding;
            }
            const std::string path = request_.directory + "/" + file_name;
            const auto changed = times_.changed(path);
            if (!changed) return Err{changed.error().message};
            fact.changed = *changed;
            const auto file = plain_.open(path);
            if (!file) return Err{file.error().message};
            const auto size = (*file)->size();
            if (!size) return Err{size.error().message};
            fact.bytes = *size;
            fact.has_footer = info.footer.has_value();
            if (info.footer) {
                // Block 0: there is no chain.
                fact.anchored = info.footer->seal.number != 0 &&
                                info.footer->seal.number <= survey_.anchored_block;
                fact.loaded = true;  // ask_database knows better
            }
            facts.push_back(fact);
        }
        return facts;
    }

    /// What would go if all of it were loaded is compared with the database, and nothing else is.
    Status<std::string> ask_database(const std::vector<SegmentFate>& fates,
                                     std::vector<SegmentFacts>& facts) {
        std::uint64_t wanted = 0;
        for (std::size_t i = 0; i < fates.size(); ++i) {
            if (fates[i] == SegmentFate::kRemove) wanted = survey_.segments[i].footer->run_records;
        }
        if (wanted == 0) return Unit{};
        const auto held = request_.loaded(wanted);
        if (!held) return Err{held.error()};
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const auto& footer = survey_.segments[i].footer;
            facts[i].loaded = footer && footer->run_records <= *held;
        }
        return Unit{};
    }

    /// On record first, then gone: a crash in between leaves the segment, and the next call removes
    /// it.
    Status<std::string> remove(const SegmentInfo& info) {
        const SegmentFooter& footer = *info.footer;
        const std::string path = request_.directory + "/" + segment_file_name(info.segment);
        auto file = files_.open(path);
        if (!file) return Err{file.error().message};
        const auto header = SegmentReader(std::move(*file)).read_header();
        if (!header) return Err{path + ": " + header.error().detail};
        const JournalHead after{survey_.run,        header->chain,      info.segment,
                                footer.seal.number, footer.run_records, footer.seal.head};
        const PrunedSegment entry{footer.segment_records, after, request_.now, request_.by};
        const std::string log = request_.directory + "/" + std::string(kPruneLogFile);
        if (auto done = append_line(plain_, log, to_json(entry)); !done) {
            return Err{done.error().message};
        }
        if (auto done = files_.remove(path); !done) return Err{done.error().message};
        if (auto done = plain_.sync_directory(request_.directory); !done) {
            return Err{done.error().message};
        }
        return Unit{};
    }

    FileSystem& plain_;
    CompressedFiles files_;
    FileTimes& times_;
    const HasherMaker& chain_hasher_;
    const RetentionRequest& request_;
    std::ostream& out_;
    Survey survey_;
    std::uint32_t removed_ = 0;  // segments up to this one are gone, or would be
};

}  // namespace

int retain_journal(FileSystem& files, FileTimes& times, const HasherMaker& chain_hasher,
                   const RetentionRequest& request, std::ostream& out, std::ostream& err) {
    const auto done = Retention(files, times, chain_hasher, request, out).run();
    if (done) return 0;
    out.flush();
    err << done.error() << '\n';
    return 1;
}

}  // namespace fermata
