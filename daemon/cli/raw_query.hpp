#pragma once

#include <iosfwd>

#include "core/journal/manifest.hpp"
#include "core/port/file.hpp"
#include "daemon/cli/journal_query.hpp"

namespace fermata {

/// The messages of a journal as they went over the wire, for `--type raw`: one a line, parts put
/// together, the separators of FIX (0x01) as '|' and other control characters as '?'. Of the
/// question time, order, execution, limit and format count. Returns as query_journal does.
int query_raw(FileSystem& files, const JournalQuery& query, std::ostream& out, std::ostream& err);

}  // namespace fermata
