#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fermata {

/// A bash completion of all commands and options below `app`.
[[nodiscard]] std::string bash_completion(const CLI::App& app);
/// A manual page (roff, section 1) of all commands and options below `app`.
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// Adds `completion` and `man`, which print them. After all other commands.
void register_page_commands(CLI::App& app);

}  // namespace fermata
