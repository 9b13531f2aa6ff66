#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace fermata {

/// A manual page (roff, section 1) of all commands and options below `app`.
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// Adds `completion` (completion.hpp) and `man`, which prints the page. After all other commands.
void register_page_commands(CLI::App& app);

}  // namespace fermata
