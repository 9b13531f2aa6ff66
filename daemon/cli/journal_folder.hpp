#pragma once

#include <filesystem>
#include <string>

namespace fermata {

/// The folder of a journal, given itself or as the folder of its run.
[[nodiscard]] inline std::string journal_folder(const std::string& given) {
    const std::filesystem::path inside = std::filesystem::path(given) / "journal";
    return std::filesystem::is_directory(inside) ? inside.string() : given;
}

}  // namespace fermata
