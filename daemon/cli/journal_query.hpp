#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "core/port/file.hpp"
#include "core/types/time.hpp"
#include "daemon/cli/progress_line.hpp"
#include "daemon/cli/record_printer.hpp"

namespace fermata {

/// A question to a journal, with the names that its asker uses. Conditions of different kinds must
/// all hold; within one list one of the names must fit. An empty list asks for nothing.
struct JournalQuery {
    std::string directory;
    std::vector<std::string> types;       ///< "fill", "verdict", ...; "raw": query_raw.
    std::vector<std::string> strategies;  ///< As in the configuration; the next two likewise.
    std::vector<std::string> accounts;
    std::vector<std::string> instruments;
    std::vector<std::string> verdicts;  ///< "POSITION", "approved" or "denied".
    std::vector<std::string> streams;   ///< "trading", "feed", "venue.0", "shard.3".
    std::string order;                  ///< Order id, as text or number, or tag such as "sma#3".
    std::string execution;              ///< The venue's text (ExecID), or the number on record.
    std::optional<Timestamp> from;      ///< Inclusive.
    std::optional<Timestamp> to;        ///< Exclusive.
    std::uint64_t limit = 0;            ///< At most so many records; 0: all.
    RecordFormat format = RecordFormat::kTable;
};

/// Prints the records that answer the question to `out`, in file order, in one pass: memory does
/// not grow with the journal. A problem of the journal goes to `err` after the records before it.
/// `progress` may be null. Returns 0; 1 when the journal has a problem before the last wanted
/// record or no record is about the order or execution; 2 when a name is unknown (the message lists
/// those that there are).
int query_journal(FileSystem& files, const JournalQuery& query, std::ostream& out,
                  std::ostream& err, ProgressLine* progress = nullptr);

}  // namespace fermata
