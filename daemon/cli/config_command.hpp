#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata config check FILE [--print] [--set key=value ...]` and
/// `fermata config schema [--format text|markdown|json]`.
///
/// `check` prints OK with the configuration's hashes and a summary (or, with --print, the effective
/// configuration alone) to standard output, or every problem to standard error; its callback then
/// throws CLI::RuntimeError with exit code 2.
void register_config_commands(CLI::App& app);

}  // namespace fermata
