#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fermata {

/// Names that only a running daemon knows: of a `kind` ("strategy", "account", "instrument",
/// "venue" or "limit"), from the daemon behind `socket`. Empty where nobody answers.
using NamesOf =
    std::function<std::vector<std::string>(const std::string& kind, const std::string& socket)>;

/// What may stand in the place of the last of `words` (the others stand before it, without the
/// program's name), in the order of the help: commands, options, or values of the option or
/// argument whose place it is. Empty where a file may stand there, or anything.
[[nodiscard]] std::vector<std::string> completions(const CLI::App& app,
                                                   const std::vector<std::string>& words,
                                                   const NamesOf& names_of);

/// Asks a daemon; waits for a moment only, for somebody has a key pressed.
[[nodiscard]] std::vector<std::string> names_in_daemon(const std::string& kind,
                                                       const std::string& socket);

/// The script by which a shell ("bash", "zsh" or "fish") asks `fermata complete` for completions.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

}  // namespace fermata
