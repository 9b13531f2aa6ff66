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

/// `types` are those that may come (for the columns of kCsv); empty: all. `out` and `manifest`
/// outlive the printer.
[[nodiscard]] std::unique_ptr<RecordPrinter> make_record_printer(
    RecordFormat format, const std::vector<OrderEventType>& types, const JournalManifest& manifest,
    std::ostream& out);

}  // namespace fermata
