#pragma once

#include <CLI/CLI.hpp>

namespace fermata {

/// Adds `fermata replay CONFIG [--out DIR] [--from T] [--to T] [--speed S] [--set key=value ...]`.
/// The command's callback throws CLI::RuntimeError with the exit code: 0 done, 1 the run failed or
/// was halted, 2 the configuration or the data is wrong.
void register_replay_command(CLI::App& app);

}  // namespace fermata
