#pragma once

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/daemon/replay/run_fixture.hpp"

namespace fermata::test {

using Row = std::map<std::string, std::string>;

inline std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> found;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, ',');) found.push_back(cell);
    return found;
}

/// A file of a run whose cells hold no commas, by the names in its head.
inline std::vector<Row> rows_of(const std::filesystem::path& file) {
    std::istringstream in(read_text(file));
    std::string line;
    std::getline(in, line);
    const std::vector<std::string> names = cells(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
        const std::vector<std::string> values = cells(line);
        Row row;
        for (std::size_t i = 0; i < names.size(); ++i) {
            row[names[i]] = i < values.size() ? values[i] : "";
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace fermata::test
