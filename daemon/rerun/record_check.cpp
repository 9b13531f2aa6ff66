#include "daemon/rerun/record_check.hpp"

namespace fermata {

const JournalRecord* RecordCheck::next_trading() {
    for (;;) {
        const JournalRecord* record = reader_.next();
        if (record == nullptr) {
            at_end_ = true;
            return nullptr;
        }
        if (record->stream == JournalStream::kTrading) return record;
    }
}

void RecordCheck::on_record(const OrderEvent& event) {
    if (done()) return;
    const JournalRecord* record = next_trading();
    if (record == nullptr) {
        // A run that was cut off goes on here; one that was closed must not.
        if (reader_.ending() != JournalEnding::kClosed) return;
        divergence_ =
            Divergence{JournalStream::kTrading, event.seq,
                       "the run goes on where the journal was closed", std::nullopt, event};
        return;
    }
    ++compared_;
    last_ = record;
    if (same_record(record->event, event)) [[likely]]
        return;
    divergence_ =
        Divergence{JournalStream::kTrading, record->position,
                   "the trading stage put something else on record", record->event, event};
}

void RecordCheck::finish() {
    if (done()) return;
    const JournalRecord* record = next_trading();
    if (record == nullptr) return;
    divergence_ = Divergence{JournalStream::kTrading, record->position,
                             "the run ends where the journal goes on", record->event, std::nullopt};
}

}  // namespace fermata
