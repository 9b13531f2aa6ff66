#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres/connection.hpp"
#include "core/base/result.hpp"
#include "core/port/event_store.hpp"

namespace fermata::postgres {

// What the tables of the loader say, read with distrust: somebody may have changed them.

/// Whether the connected database has the version of the schema that this build works with; the
/// error (kSchema) names the command that helps.
[[nodiscard]] Status<StoreError> check_schema(Connection& connection);

/// PostgreSQL's text of two arrays, "{1,64}" and "{5131,20}", as positions of streams. Nothing when
/// they are not arrays of one length, of streams in ascending order, each with a position from 1.
[[nodiscard]] std::optional<StreamPositions> parse_positions(std::string_view streams,
                                                             std::string_view positions);
/// The other way round: one of the two arrays.
[[nodiscard]] std::string array_text(const StreamPositions& streams, bool positions);

/// The batches of a run in order, all or the last one only. kRejected when a row makes no sense.
[[nodiscard]] Result<std::vector<StoredBatch>, StoreError> read_batches(Connection& connection,
                                                                        const std::string& run_no,
                                                                        bool last_only = false);

}  // namespace fermata::postgres
