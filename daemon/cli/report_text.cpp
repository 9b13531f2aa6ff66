#include "daemon/cli/report_text.hpp"

#include <algorithm>
#include <vector>

namespace fermata {
namespace {

std::string scalar_text(const Report& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_unsigned()) return with_commas(value.get<std::uint64_t>());
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_null()) return "-";
    return value.dump();
}

/// Numbers that are names are to be typed again as they stand.
bool is_name(const std::string& key) {
    return key == "id" || key == "pid" || key == "order" || key.ends_with("_id") ||
           key.ends_with("version");
}
std::string cell_text(const std::string& key, const Report& value) {
    return is_name(key) && value.is_number() ? value.dump() : scalar_text(value);
}

bool is_table(const Report& value) {
    return value.is_array() && !value.empty() && value.front().is_object();
}

std::string heading(const std::string& key) {
    std::string text = key;
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string list_text(const Report& list, std::size_t most) {
    std::string out;
    for (std::size_t i = 0; i < list.size() && i < most; ++i) {
        out += (i == 0 ? "" : ", ") + scalar_text(list[i]);
    }
    if (list.size() > most) {
        out += ", ... (" + with_commas(list.size()) + " altogether; --json lists all)";
    }
    return out.empty() ? "none" : out;
}

/// Numbers stand to the right.
void write_table(const Report& table, std::size_t rows_max, std::string& out) {
    std::vector<std::string> columns;
    for (const auto& [key, value] : table.front().items()) columns.push_back(key);
    const std::size_t rows = std::min(table.size(), rows_max);
    std::vector<std::vector<std::string>> cells{{}};
    std::vector<bool> right(columns.size(), true);
    for (const std::string& column : columns) cells.front().push_back(heading(column));
    for (std::size_t r = 0; r < rows; ++r) {
        cells.emplace_back();
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const Report value = table[r].value(columns[c], Report());
            if (!value.is_number()) right[c] = false;
            cells.back().push_back(cell_text(columns[c], value));
        }
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& row : cells) {
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    for (const auto& row : cells) {
        std::string line = "  ";
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string pad(widths[c] - row[c].size(), ' ');
            line += (right[c] ? pad + row[c] : row[c] + pad) + "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    if (table.size() > rows) {
        out += "  ... and " + with_commas(table.size() - rows) + " more; --json lists all\n";
    }
}

void write_block(const std::string& text, std::string& out) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += "  " + text.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
}

void write_object(const Report& object, const std::string& indent, std::size_t rows_max,
                  std::string& out) {
    std::size_t width = 0;
    for (const auto& [key, value] : object.items()) width = std::max(width, heading(key).size());
    for (const auto& [key, value] : object.items()) {
        const std::string title = heading(key);
        if (is_table(value)) {
            out += "\n" + indent + title + "\n";
            write_table(value, rows_max, out);
            continue;
        }
        if (value.is_object()) {
            out += "\n" + indent + title + "\n";
            write_object(value, indent + "  ", rows_max, out);
            continue;
        }
        if (value.is_string() &&
            value.get_ref<const std::string&>().find('\n') != std::string::npos) {
            out += "\n" + indent + title + "\n";
            write_block(value.get<std::string>(), out);
            continue;
        }
        const std::string text =
            value.is_array() ? list_text(value, rows_max) : cell_text(key, value);
        out += indent + title + std::string(width - title.size() + 2, ' ') + text + "\n";
    }
}

}  // namespace

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
    return text;
}

std::string report_text(const Report& report, std::size_t rows_max) {
    std::string out;
    write_object(report, "", rows_max, out);
    return out;
}

}  // namespace fermata
