#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fermata {

/// What `--json` prints of a command that failed, on the standard output in one line; people read
/// the same on the standard error output. Shape: docs/control-protocol.md. `code`: as the protocol
/// has it where it has one; `state_version`: of the daemon's answer.
void print_json_error(std::string_view code, std::string_view message,
                      std::optional<std::uint64_t> state_version = {});

/// Whether the command that the line names was given `--json`.
[[nodiscard]] bool wants_json(const CLI::App& app);

}  // namespace fermata
