#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/port/file.hpp"

namespace fermata {

// Small files of lines that only grow: what was anchored, what was removed.

/// The file's lines without their line feeds; none when there is no such file.
[[nodiscard]] Result<std::vector<std::string>, FileError> read_lines(FileSystem& files,
                                                                     const std::string& path);

/// Adds a line, so that after a crash or a loss of power the file holds either its lines of before
/// or these and the new one. When it returns without an error, the line is durable.
[[nodiscard]] Status<FileError> append_line(FileSystem& files, const std::string& path,
                                            std::string_view line);

}  // namespace fermata
