#include <algorithm>
#include <ostream>
#include <vector>

#include "adapters/openssl/openssl_hasher.hpp"
#include "core/journal/journal_verifier.hpp"
#include "core/market/date.hpp"
#include "daemon/cli/journal_report.hpp"
#include "daemon/retention/anchors.hpp"
#include "daemon/retention/prune_log.hpp"

namespace fermata {
namespace {

constexpr std::size_t kProblemsListed = 100;

std::string counted(std::uint64_t n, std::string_view what) {
    return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

/// Checks one journal and collects what to say about it.
class Verification {
public:
    Verification(FileSystem& files, const std::string& directory)
        : files_(files), directory_(directory) {}

    void check_front() {
        const auto front = check_pruned_front(files_, directory_);
        if (!front) {
            problem("missing_segment: " + front.error());
            pruned_ = true;  // the rest is checked all the same
            return;
        }
        pruned_ = front->segments != 0;
        if (!pruned_) return;
        const std::string which =
            front->segments == 1 ? "segment 1 was"
                                 : "segments 1 to " + std::to_string(front->segments) + " were";
        notes_.push_back(which + " removed (" + counted(front->records, "record") + "), last on " +
                         format_iso_timestamp(front->last_removed) +
                         "; the next one goes on there");
    }

    void check_bytes(bool open) {
        JournalVerifierOptions options;
        options.first_segment = pruned_ ? 0 : 1;
        options.records_hasher = make_sha256;
        options.chain_hasher = make_hasher;
        options.problems_max = kProblemsListed;
        found_ = verify_journal(files_, directory_, options);
        for (const JournalProblem& each : found_.problems) {
            if (open && each.torn) {
                notes_.push_back("open: " + each.message);
                --found_.problem_count;
                continue;
            }
            problems_.push_back(std::string(fermata::name(each.kind)) +
                                (each.torn ? " (torn tail): " : ": ") + each.message);
        }
        problem_count_ += found_.problem_count;
    }

    void check_anchors(const std::string& path, bool demanded) {
        const auto anchors = read_anchors(files_, path);
        if (!anchors) return problem("bad_anchor: " + anchors.error());
        const auto found = find_anchors(files_, directory_, *anchors);
        if (!found) return problem("bad_anchor: " + found.error());
        std::uint64_t contained = 0;
        std::uint64_t pruned = 0;
        std::uint64_t absent = 0;
        for (std::size_t i = 0; i < anchors->size(); ++i) {
            const Anchor& anchor = (*anchors)[i];
            contained += (*found)[i] == AnchorFound::kYes ? 1 : 0;
            pruned += (*found)[i] == AnchorFound::kPruned ? 1 : 0;
            if ((*found)[i] != AnchorFound::kNo) continue;
            ++absent;
            problem("not_anchored: " + path + ":" + std::to_string(i + 1) +
                    ": the journal does not contain the head of block " +
                    std::to_string(anchor.head.block) + ", taken at " +
                    format_iso_timestamp(anchor.time) +
                    ": what stood before it was rewritten or is lost");
        }
        if (contained + pruned != 0) {
            notes_.push_back(path + ": " + counted(contained, "anchor") + " contained" +
                             (pruned == 0 ? "" : ", " + std::to_string(pruned) + " pruned"));
        }
        if (!demanded || contained != 0) return;
        if (pruned != 0) {
            // Whoever forges a journal can pretend that everything before it was removed; what was
            // removed in truth was anchored first, at its end or behind it.
            problem("not_anchored: " + path + " holds only anchors (" + std::to_string(pruned) +
                    ") from before the first segment that is left: nothing in it vouches for "
                    "what the journal holds. Compare with the newest anchor that was given to the "
                    "witness, or trust the journal no more than the one who can write to it");
        } else if (absent == 0) {
            problem("not_anchored: " + path + " holds no anchor of this run");
        }
    }

    int print(std::ostream& out, std::ostream& err) const {
        for (const std::string& note : notes_) out << note << '\n';
        if (problem_count_ == 0) {
            out << "ok: " << found_.records << " records in "
                << counted(found_.segments, "segment");
            if (!pruned_) out << ", " << found_.hash;
            out << '\n';
            if (found_.head) {
                out << "chain: " << counted(found_.head->block, "block") << ", "
                    << fermata::name(found_.head->algorithm) << ':' << head_hex(*found_.head)
                    << '\n';
            } else {
                out << "chain: none\n";
            }
            return 0;
        }
        out.flush();
        for (const std::string& each : problems_) err << each << '\n';
        if (problem_count_ > problems_.size()) {
            err << "and " << problem_count_ - problems_.size() << " more\n";
        }
        err << counted(problem_count_, "problem") << ", " << found_.records << " whole records\n";
        return 1;
    }

private:
    void problem(std::string message) {
        problems_.push_back(std::move(message));
        ++problem_count_;
    }

    FileSystem& files_;
    const std::string& directory_;
    bool pruned_ = false;
    JournalVerification found_;
    std::vector<std::string> notes_;
    std::vector<std::string> problems_;
    std::uint64_t problem_count_ = 0;
};

}  // namespace

int print_journal_verification(FileSystem& files, const std::string& directory,
                               const JournalExpectation& expected, std::ostream& out,
                               std::ostream& err) {
    if (const auto names = files.list(directory); !names) {
        err << "unreadable: " << names.error().message << '\n';
        return 1;
    }
    Verification verification(files, directory);
    verification.check_front();
    verification.check_bytes(expected.open);
    verification.check_anchors(directory + "/" + std::string(kAnchorsFile), false);
    if (!expected.anchor_file.empty()) verification.check_anchors(expected.anchor_file, true);
    return verification.print(out, err);
}

}  // namespace fermata
