#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds the commands that look at a running daemon or command it, through its control socket:
/// status, positions, orders, strategies, limits, sessions, latency, alerts, tail; kill, halt,
/// reduce, cancel, flatten, disable, enable, release, tighten, loosen, acknowledge.
void register_control_commands(CLI::App& app);

}  // namespace fermata
