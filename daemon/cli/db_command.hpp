#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata db init|migrate|status|partitions|detach`. The callbacks throw CLI::RuntimeError
/// with the exit code when it is not zero: 1 the database does not do it (the message says why).
void register_db_commands(CLI::App& app);

}  // namespace fermata
