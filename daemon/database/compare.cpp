#include "daemon/database/compare.hpp"

#include "daemon/database/journal_tail.hpp"

namespace fermata {

ComparisonResult compare_with_database(FileSystem& files, const std::string& directory,
                                       EventStore& store) {
    ComparisonResult result;
    JournalTail tail(files, directory);
    tail.start(0, {});
    JournalTail::State state = tail.next();
    if (!tail.run()) {
        result.problem = tail.problem().empty() ? directory + " holds no records" : tail.problem();
        return result;
    }
    auto comparison = store.compare(*tail.run(), {});
    if (!comparison) {
        result.problem = comparison.error().message;
        return result;
    }
    for (; state == JournalTail::State::kRecord; state = tail.next()) {
        auto difference = (*comparison)->compare(tail.current().record);
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
    if (state == JournalTail::State::kDamaged) {
        result.problem = tail.problem();
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
