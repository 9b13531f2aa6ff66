#pragma once

#include <cstdint>

#include "adapters/postgres/connection.hpp"
#include "core/base/result.hpp"
#include "core/journal/format.hpp"
#include "core/port/event_store.hpp"

namespace fermata::postgres {

/// How many records of the run, from the first one on in the order of its journal, are committed; 0
/// for a run that the database does not have. Connects as fermata_reader (`options.role` is set
/// here) and changes nothing.
[[nodiscard]] Result<std::uint64_t, StoreError> loaded_records(ConnectOptions options,
                                                               const RunId& run);

}  // namespace fermata::postgres
