#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <vector>

#include "core/journal/journal_reader.hpp"
#include "core/journal/manifest.hpp"
#include "daemon/cli/event_subject.hpp"

namespace fermata {

enum class RecordFormat : std::uint8_t {
    kTable,  ///< A header and a sentence a record, for the eye.
    kCsv,    ///< A header and a column for every field of the chosen types.
    kJson,   ///< One object a line, with every field.
};

/// Types of events to choose by.
struct EventTypes {
    std::vector<OrderEventType> orders;
    std::vector<MarketEventType> market;
    /// Nothing was chosen: every type is wanted.
    [[nodiscard]] bool all() const noexcept { return orders.empty() && market.empty(); }
};

[[nodiscard]] inline Timestamp time_of(const JournalRecord& record) noexcept {
    return record.is_market ? record.market.ts : record.event.ts;
}

/// Writes records in one format. Flushes nothing.
class RecordPrinter {
public:
    RecordPrinter() = default;
    RecordPrinter(const RecordPrinter&) = delete;
    RecordPrinter& operator=(const RecordPrinter&) = delete;
    virtual ~RecordPrinter() = default;
    /// `subject` says more than the record where its order is known from earlier ones.
    virtual void print(const JournalRecord& record, const EventSubject& subject) = 0;
};

/// `types` are those that may come, for the columns of kCsv. `out` and `manifest` outlive the
/// printer.
[[nodiscard]] std::unique_ptr<RecordPrinter> make_record_printer(RecordFormat format,
                                                                 const EventTypes& types,
                                                                 const JournalManifest& manifest,
                                                                 std::ostream& out);

}  // namespace fermata
