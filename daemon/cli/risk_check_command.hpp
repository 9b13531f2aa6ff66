#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `check` to `fermata risk`: the verdict that orders would get, without sending them. Leaves
/// as CLI::RuntimeError with exit code 3 when one is refused; problems as register_risk_commands.
void add_risk_check(CLI::App& risk);

}  // namespace fermata
