#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// `fermata venue`: a FIX 4.4 exchange, until SIGTERM or SIGINT.
void register_venue_command(CLI::App& app);

}  // namespace fermata
