#include "daemon/replay/recover_stages.hpp"

#include <stdexcept>
#include <utility>

namespace fermata {
namespace {

/// Follows what is on record; stages from a snapshot know the first `known` records already.
void follow(RunJournal& journal, std::uint64_t known, ConcurrentReplica& replica,
            const std::function<void(const OrderEvent&)>& on_record) {
    const auto reader = open_journal(journal.files(), journal.directory());
    const std::uint64_t records =
        journal.finished() ? ~std::uint64_t{0} : journal.resumed()->records;
    for (std::uint64_t n = 0; n < records; ++n) {
        const JournalRecord* record = reader->next();
        if (record == nullptr) break;
        if (record->is_market) continue;
        if (record->stream == JournalStream::kTrading) on_record(record->event);
        if (n >= known && !replica.boots.take(*record)) break;
    }
}

}  // namespace

Recovered recover_stages(RunJournal& journal, const JournalManifest& manifest,
                         const std::function<std::unique_ptr<ConcurrentReplica>()>& fresh_replica,
                         const std::function<void(const OrderEvent&)>& on_record,
                         const std::function<void(const std::string&)>& report) {
    Recovered result;
    std::uint64_t known = 0;  // records whose effect the snapshot holds
    if (journal.resumed()) {
        const auto say = [&](const std::string& text) {
            if (report) report(text);
        };
        SnapshotStore store(journal.files(), journal.directory(), journal.resumed()->run, manifest);
        auto restored =
            restore<ConcurrentReplica>(store, [&](JournalReader&) { return fresh_replica(); });
        for (const SnapshotRefusal& refusal : store.refused()) {
            say(refusal.file + " is not used: " + refusal.reason);
        }
        if (restored) {
            say("began with " + restored->file + ", which holds the state after " +
                std::to_string(restored->header.records) + " records");
            known = restored->header.records;
            result.replica = std::move(restored->replica);
            result.replica->boots.go_on_in(restored->header.boot_epoch);
        }
    }
    if (!result.replica) result.replica = fresh_replica();
    if (!journal.resumed() && !journal.finished()) return result;
    ConcurrentReplica& replica = *result.replica;
    follow(journal, known, replica, on_record);
    StageRerun& rerun = replica.rerun;
    if (!rerun.divergence()) {
        (void)replica.boots.finish(journal.finished() ? JournalEnding::kClosed
                                                      : JournalEnding::kTorn);
    }
    if (rerun.divergence()) {
        throw std::runtime_error(
            journal.directory() + ": the run does not do again what is on record (stream " +
            std::to_string(static_cast<int>(rerun.divergence()->stream)) + ", position " +
            std::to_string(rerun.divergence()->position) + ": " + rerun.divergence()->what +
            "); compare with fermata journal rerun");
    }
    if (!rerun.started() || journal.finished()) return result;  // nothing was on record
    rerun.begin_boot(static_cast<std::uint16_t>(journal.resumed()->boot_epoch));
    result.feed_position = rerun.next_feed_position();
    return result;
}

}  // namespace fermata
