#include "daemon/database/compare.hpp"

#include "daemon/database/journal_follower.hpp"

namespace fermata {

ComparisonResult compare_with_database(FileSystem& files, const std::string& directory,
                                       EventStore& store) {
    ComparisonResult result;
    JournalFollower journal(files, directory, false);
    journal.start(0, {});
    JournalFollower::State state = journal.next();
    const std::optional<RunDescription>& run = journal.run();
    if (!run) {
        result.problem =
            journal.problem().empty() ? directory + " holds no records" : journal.problem();
        return result;
    }
    auto comparison = store.compare(*run, {});
    if (!comparison) {
        result.problem = comparison.error().message;
        return result;
    }
    for (; state == JournalFollower::State::kRecord; state = journal.next()) {
        auto difference = (*comparison)->compare(journal.current().record);
        if (!difference) {
            result.problem = difference.error().message;
            return result;
        }
        if (*difference) {
            result.difference = std::move(*difference);
            return result;
        }
        ++result.records;
    }
    if (state == JournalFollower::State::kDamaged) {
        result.problem = journal.problem();
        return result;
    }
    auto surplus = (*comparison)->finish();
    if (!surplus) {
        result.problem = surplus.error().message;
    } else {
        result.difference = std::move(*surplus);
    }
    return result;
}

}  // namespace fermata
