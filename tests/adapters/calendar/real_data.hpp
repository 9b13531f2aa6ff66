#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace fermata::test {

/// A file below the folder of real market data that FERMATA_DATA names; nullopt when the variable
/// is not set.
inline std::optional<std::string> data_path(const std::string& relative) {
    const char* folder = std::getenv("FERMATA_DATA");
    if (folder == nullptr || *folder == '\0') return std::nullopt;
    return std::string(folder) + "/" + relative;
}

inline std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

inline std::vector<std::string> read_column(std::istream& file, std::size_t column) {
    std::string line;
    std::getline(file, line);
    std::vector<std::string> cells;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string cell;
        for (std::size_t i = 0; i <= column; ++i) std::getline(fields, cell, ',');
        cells.push_back(cell);
    }
    return cells;
}

/// One column of a plain comma-separated file with a header line.
inline std::vector<std::string> read_column(const std::string& path, std::size_t column) {
    std::ifstream file(path);
    return read_column(file, column);
}

/// The same for a compressed file.
inline std::vector<std::string> read_gzip_column(const std::string& path, std::size_t column) {
    std::stringstream text;
    FILE* pipe = popen(("gzip -dc '" + path + "'").c_str(), "r");
    if (pipe == nullptr) return {};
    char buffer[4096];
    std::size_t n = 0;
    while ((n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) {
        text.write(buffer, static_cast<std::streamsize>(n));
    }
    pclose(pipe);
    return read_column(text, column);
}

}  // namespace fermata::test
