#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/port/file.hpp"
#include "core/types/time.hpp"

namespace fermata {

enum class DumpFormat : std::uint8_t {
    kTable,  ///< Columns for the eye; only the fields that have a meaning.
    kCsv,    ///< A header and a column for every field of the chosen types.
    kJson,   ///< One object a line.
};

struct DumpOptions {
    std::string directory;
    std::vector<OrderEventType> types;  ///< Empty: all.
    std::string strategy;               ///< By name; empty: all.
    std::string order;                  ///< Order id, or tag ("sma#3"); empty: all.
    std::optional<Timestamp> from;      ///< Inclusive.
    std::optional<Timestamp> to;        ///< Exclusive.
    std::uint64_t limit = 0;            ///< 0: no limit.
    DumpFormat format = DumpFormat::kTable;
};

/// Prints the chosen records of a journal to `out`. A problem of the journal goes to `err` after
/// the records before it. Returns 0, 1 when the journal has a problem before the last wanted
/// record, 2 when the strategy is unknown.
int dump_journal(FileSystem& files, const DumpOptions& options, std::ostream& out,
                 std::ostream& err);

}  // namespace fermata
