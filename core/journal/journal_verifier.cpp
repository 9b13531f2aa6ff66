#include "core/journal/journal_verifier.hpp"

#include <utility>

#include "core/journal/journal_reader.hpp"

namespace fermata {

JournalVerification verify_journal(FileSystem& files, const std::string& directory,
                                   const JournalVerifierOptions& options) {
    JournalVerification found;
    const auto report = [&](const JournalProblem& problem) {
        ++found.problem_count;
        if (found.problems.size() < options.problems_max) found.problems.push_back(problem);
    };
    JournalReaderOptions reading;
    reading.first_segment = options.first_segment;
    reading.records_hasher = options.records_hasher;
    reading.chain_hasher = options.chain_hasher;
    reading.anchor = options.anchor;
    auto opened = JournalReader::open(files, directory, reading);
    if (!opened) {
        report(opened.error());
        return found;
    }
    JournalReader& reader = **opened;
    for (;;) {
        while (reader.next() != nullptr) {
        }
        if (reader.problem() == nullptr) break;
        report(*reader.problem());
        reader.resume();
    }
    found.records = reader.records();
    found.segments = static_cast<std::uint32_t>(reader.segments().size());
    if (found.segments > 0) found.first_segment = reader.segments().front().segment;
    found.hash = reader.hash();
    found.head = reader.head();
    if (options.anchor && !reader.anchor_found()) {
        const JournalHead& anchor = *options.anchor;
        std::string message = directory + " does not contain the head of block " +
                              std::to_string(anchor.block) + " of run " + to_hex(anchor.run);
        if (reader.run() && *reader.run() != anchor.run) {
            message += ": it is the journal of run " + to_hex(*reader.run());
        } else if (found.head && found.head->block < anchor.block) {
            message += ": it ends with block " + std::to_string(found.head->block);
        } else {
            message += ": what stands before it was rewritten or removed";
        }
        report({JournalProblemKind::kNotAnchored, false, anchor.segment, 0, std::move(message)});
    }
    return found;
}

}  // namespace fermata
