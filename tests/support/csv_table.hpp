#pragma once

#include <zlib.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fermata::test {

/// Where the real market data and its oracles are, if this machine has them: the folder named by
/// the environment variable FERMATA_DATA. A test that needs a file which is not there skips itself:
///
///     const auto file = data_file("daily/lean/SPY.csv");
///     if (!file) GTEST_SKIP() << kNoData;
inline constexpr const char* kNoData = "FERMATA_DATA does not name a folder that holds this file";

[[nodiscard]] inline std::optional<std::filesystem::path> data_file(const std::string& relative) {
    const char* const root = std::getenv("FERMATA_DATA");
    if (root == nullptr || *root == '\0') return std::nullopt;
    std::filesystem::path path = std::filesystem::path(root) / relative;
    if (!std::filesystem::exists(path)) return std::nullopt;
    return path;
}

/// A comma-separated file with a header line, read whole; plain or gzip. For tests: no quoting, and
/// every error throws std::runtime_error with the file and line.
class CsvTable {
public:
    [[nodiscard]] static CsvTable read(const std::filesystem::path& path) {
        CsvTable table;
        table.path_ = path.string();
        std::size_t line_number = 0;
        for (const std::string& line : lines_of(path)) {
            ++line_number;
            std::vector<std::string> cells = split(line);
            if (line_number == 1) {
                for (std::size_t i = 0; i < cells.size(); ++i) table.columns_[cells[i]] = i;
                continue;
            }
            if (cells.size() != table.columns_.size()) {
                throw std::runtime_error(table.path_ + ":" + std::to_string(line_number) +
                                         ": wrong number of cells");
            }
            table.rows_.push_back(std::move(cells));
        }
        if (line_number == 0) throw std::runtime_error(table.path_ + ": empty file");
        return table;
    }

    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    [[nodiscard]] bool has(const std::string& column) const { return columns_.contains(column); }

    [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
        const auto found = columns_.find(column);
        if (found == columns_.end()) throw std::runtime_error(path_ + ": no column " + column);
        return rows_.at(row).at(found->second);
    }

    /// Nothing when the cell is empty.
    [[nodiscard]] std::optional<double> maybe_number(std::size_t row,
                                                     const std::string& column) const {
        const std::string& cell = text(row, column);
        if (cell.empty()) return std::nullopt;
        double value = 0;
        const char* const end = cell.data() + cell.size();
        const auto [rest, error] = std::from_chars(cell.data(), end, value);
        if (error != std::errc{} || rest != end) {
            throw std::runtime_error(path_ + ":" + std::to_string(row + 2) + ": column " + column +
                                     ": not a number: " + cell);
        }
        return value;
    }
    [[nodiscard]] double number(std::size_t row, const std::string& column) const {
        const auto value = maybe_number(row, column);
        if (value) return *value;
        throw std::runtime_error(path_ + ":" + std::to_string(row + 2) + ": column " + column +
                                 ": empty");
    }
    /// A whole column; every cell must be a number.
    [[nodiscard]] std::vector<double> numbers(const std::string& column) const {
        std::vector<double> values;
        values.reserve(size());
        for (std::size_t row = 0; row < size(); ++row) values.push_back(number(row, column));
        return values;
    }

private:
    static std::vector<std::string> split(std::string_view line) {
        std::vector<std::string> cells;
        for (std::size_t start = 0;;) {
            const std::size_t comma = line.find(',', start);
            cells.emplace_back(line.substr(start, comma - start));
            if (comma == std::string_view::npos) return cells;
            start = comma + 1;
        }
    }

    /// zlib reads plain files through the same calls.
    static std::vector<std::string> lines_of(const std::filesystem::path& path) {
        gzFile file = gzopen(path.c_str(), "rb");
        if (file == nullptr) throw std::runtime_error(path.string() + ": cannot be opened");
        std::string content;
        char buffer[1 << 16];
        int got = 0;
        while ((got = gzread(file, buffer, sizeof buffer)) > 0) {
            content.append(buffer, static_cast<std::size_t>(got));
        }
        const bool complete = gzclose(file) == Z_OK && got == 0;
        if (!complete) throw std::runtime_error(path.string() + ": cannot be read to its end");

        std::vector<std::string> lines;
        for (std::size_t start = 0; start < content.size();) {
            std::size_t end = content.find('\n', start);
            if (end == std::string::npos) end = content.size();
            std::string line = content.substr(start, end - start);
            if (!line.empty() && line.back() == '\r') line.pop_back();
            if (!line.empty()) lines.push_back(std::move(line));
            start = end + 1;
        }
        return lines;
    }

    std::string path_;
    std::map<std::string, std::size_t> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace fermata::test
