#include "daemon/database/compare.hpp"

#include <memory>
#include <utility>

#include "daemon/database/batch_check.hpp"
#include "daemon/database/journal_follower.hpp"

namespace fermata {
namespace {

/// A journal at its first record beside the comparison that it begins.
struct Sides {
    std::unique_ptr<StoreComparison> comparison;
    std::vector<StoredBatch> batches;
};

Result<Sides, std::string> open_sides(JournalFollower& journal, const std::string& directory,
                                      EventStore& store) {
    if (!journal.run()) {
        return Err{journal.problem().empty() ? directory + " holds no records" : journal.problem()};
    }
    ComparisonScope scope;
    scope.from_given = journal.number() > 1;
    auto comparison = store.compare(*journal.run(), scope);
    if (!comparison) return Err{comparison.error().message};
    auto batches = (*comparison)->batches();
    if (!batches) return Err{batches.error().message};
    return Sides{std::move(*comparison), std::move(*batches)};
}

/// What a step of a comparison found; true when that ends it.
bool ended_by(Result<std::optional<StoreDifference>, StoreError> step, ComparisonResult& result) {
    if (!step) {
        result.problem = step.error().message;
    } else {
        result.difference = std::move(*step);
    }
    return !result.equal();
}

}  // namespace

ComparisonResult compare_with_database(FileSystem& files, const std::string& directory,
                                       EventStore& store) {
    ComparisonResult result;
    JournalFollower journal(files, directory, false);
    journal.start(0, {});
    JournalFollower::State state = journal.next();
    auto sides = open_sides(journal, directory, store);
    if (!sides) {
        result.problem = sides.error();
        return result;
    }
    StoreComparison& comparison = *sides->comparison;
    BatchCheck batches(std::move(sides->batches));
    RunFacts facts;
    for (; state == JournalFollower::State::kRecord; state = journal.next()) {
        const FollowedRecord& current = journal.current();
        if (!facts.boots.contains(current.boot)) facts.boots.emplace(current.boot, *journal.run());
        if (ended_by(comparison.compare(current.record), result)) return result;
        batches.take(current, journal.number());
        ++result.records;
    }
    if (state == JournalFollower::State::kDamaged) {
        result.problem = journal.problem();
        return result;
    }
    if (ended_by(comparison.finish(), result)) return result;
    batches.finish(journal.number());
    if (const std::optional<std::string>& wrong = batches.wrong()) {
        result.difference =
            StoreDifference{StoreDifference::Kind::kDiffers, JournalStream::kControl, 0, *wrong};
        return result;
    }
    // A journal without records has a run all the same.
    if (facts.boots.empty()) {
        facts.boots.emplace(journal.run()->manifest.boot_epoch, *journal.run());
    }
    facts.last_boot = journal.last_boot();
    facts.closed = state == JournalFollower::State::kClosed;
    facts.records = journal.number();
    facts.hash = journal.hash();
    ended_by(comparison.compare_run(facts), result);
    return result;
}

Result<std::uint64_t, std::string> records_held(FileSystem& files, const std::string& directory,
                                                EventStore& store, std::uint64_t wanted) {
    JournalFollower journal(files, directory, false);
    journal.start(0, {});
    JournalFollower::State state = journal.next();
    auto sides = open_sides(journal, directory, store);
    if (!sides) return Err{sides.error()};
    const std::uint64_t loaded = sides->batches.empty() ? 0 : sides->batches.back().total;
    std::uint64_t held = state == JournalFollower::State::kRecord ? journal.number() - 1 : 0;
    for (; held < wanted; state = journal.next()) {
        if (state != JournalFollower::State::kRecord) {
            return Err{"the journal in " + directory + " cannot be read up to record " +
                       std::to_string(wanted) + ": " + journal.problem()};
        }
        auto difference = sides->comparison->compare(journal.current().record);
        if (!difference) return Err{difference.error().message};
        if (*difference) {
            const bool not_yet =
                (*difference)->kind == StoreDifference::Kind::kMissing && journal.number() > loaded;
            if (not_yet) return held;
            return Err{(*difference)->message};
        }
        held = journal.number();
    }
    return held;
}

}  // namespace fermata
