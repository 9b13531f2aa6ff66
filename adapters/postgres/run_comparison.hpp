#pragma once

#include <optional>
#include <string>

#include "adapters/postgres/connection.hpp"
#include "core/base/result.hpp"
#include "core/port/event_store.hpp"

namespace fermata::postgres {

/// Compares the tables run, run_name, run_source, run_boot and run_end with what the journal says
/// about its run. The first difference names table, row and column.
///
/// A boot whose part of the journal was pruned, or that left no record, is known by the database
/// alone: its manifest must be of the same run as the others, and agree with itself.
[[nodiscard]] Result<std::optional<StoreDifference>, StoreError> compare_run(
    Connection& connection, const std::string& run_no, const RunFacts& facts);

}  // namespace fermata::postgres
