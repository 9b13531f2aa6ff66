#include "core/journal/journal_verifier.hpp"

#include "core/journal/journal_reader.hpp"

namespace fermata {

JournalVerification verify_journal(FileSystem& files, const std::string& directory,
                                   const HasherFactory& hasher_factory, std::size_t problems_max) {
    JournalVerification found;
    const auto report = [&](const JournalProblem& problem) {
        ++found.problem_count;
        if (found.problems.size() < problems_max) found.problems.push_back(problem);
    };
    auto opened = JournalReader::open(files, directory, hasher_factory);
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
    found.hash = reader.hash();
    return found;
}

}  // namespace fermata
