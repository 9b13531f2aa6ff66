#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/root.hpp"

namespace fermata::config {
namespace {

struct Cell {
    std::string text;
    Place place;
};
using Row = std::vector<Cell>;

/// The text of the quoted cell that begins at `i`, which moves to the comma or the end of the line
/// behind it. False when the quotes do not close there.
bool take_quoted(std::string_view line, std::size_t& i, std::string& text) {
    for (++i; i < line.size(); ++i) {
        if (line[i] != '"') {
            text += line[i];
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
            text += '"';
            ++i;
        } else {
            ++i;
            return i == line.size() || line[i] == ',';
        }
    }
    return false;
}

/// Rows of a CSV text (RFC 4180 without line breaks inside quotes); blank lines and lines that
/// begin with '#' are left out. Problems go to `reader`.
std::vector<Row> split_rows(Reader& reader, std::string_view text,
                            const std::shared_ptr<const std::string>& origin) {
    std::vector<Row> rows;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int line = 1; !text.empty(); ++line) {
        const std::size_t end = text.find('\n');
        std::string_view rest = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (rest.ends_with('\r')) rest.remove_suffix(1);
        if (rest.find_first_not_of(" \t") == std::string_view::npos || rest.front() == '#')
            continue;
        Row row;
        for (std::size_t i = 0; i <= rest.size(); ++i) {  // steps over the comma
            Cell cell{"", Place{origin, line, static_cast<int>(i) + 1}};
            if (i < rest.size() && rest[i] == '"') {
                if (!take_quoted(rest, i, cell.text)) {
                    reader.problem(cell.place,
                                   "found a quoted cell that does not end, expected a closing "
                                   "quote before the comma");
                    break;
                }
            } else {
                const std::size_t comma = std::min(rest.find(',', i), rest.size());
                cell.text = rest.substr(i, comma - i);
                i = comma;
            }
            row.push_back(std::move(cell));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// The rows of a CSV file; none, and a problem at `key`, when it cannot be read.
std::vector<Row> read_rows(Reader& reader, const Place& place, const FilePath& file,
                           const std::string& key) {
    const auto refuse = [&](const std::string& message) {
        reader.mark_incomplete(kSymbolName);
        reader.problem_at(key, place, message);
        return std::vector<Row>();
    };
    std::error_code error;
    if (std::filesystem::exists(file.resolved, error) &&
        !std::filesystem::is_regular_file(file.resolved, error)) {
        // A pipe or device could not be read again when the checked configuration is run.
        return refuse("found " + in_quotes(file.written) + ", expected a regular file");
    }
    try {
        const std::string text = read_text_file(file.resolved);
        check_encoding(text, file.written);
        std::vector<Row> rows =
            split_rows(reader, text, std::make_shared<const std::string>(file.written));
        if (!rows.empty()) return rows;
        return refuse("found the empty file " + in_quotes(file.written) +
                      ", expected a header and rows");
    } catch (const ConfigError& e) {
        const ConfigProblem& problem = e.problems().front();
        if (problem.place.line == 0) {  // the file itself: tell where it is named
            return refuse("found " + in_quotes(file.written) + ": " + problem.message);
        }
        reader.mark_incomplete(kSymbolName);
        reader.problem(problem.place, problem.message);
        return {};
    }
}

/// A row as a map of the header's keys; empty cells are left out.
Node row_node(const Row& header, const Row& row) {
    Node node = Node::map();
    node.place = row.front().place;
    for (std::size_t c = 0; c < row.size(); ++c) {
        if (row[c].text.empty()) continue;
        Node value = Node::scalar(row[c].text);
        value.place = row[c].place;
        node.add(header[c].text, std::move(value));
    }
    return node;
}

/// A table whose header names the keys.
std::vector<Node> read_table(Reader& reader, const Place& place, const FilePath& file,
                             const std::string& key) {
    const std::vector<Row> rows = read_rows(reader, place, file, key);
    if (rows.empty()) return {};
    const Row& header = rows.front();
    std::set<std::string> names;
    for (const Cell& cell : header) {
        if (names.insert(cell.text).second) continue;
        reader.mark_incomplete(kSymbolName);
        reader.problem(cell.place,
                       "found the column " + in_quotes(cell.text) + " twice in the header");
        return {};
    }
    std::vector<Node> nodes;
    for (std::size_t r = 1; r < rows.size(); ++r) {
        const Row& row = rows[r];
        if (row.size() == header.size()) {
            nodes.push_back(row_node(header, row));
            continue;
        }
        reader.problem(row.empty() ? place : row.front().place,
                       "found " + std::to_string(row.size()) + " cells, expected " +
                           std::to_string(header.size()) + " as in the header");
    }
    return nodes;
}

/// A row of the tick table.
struct TickRow {
    std::string symbol;
    TickSettings tick;
};

Section<TickRow> tick_row_section() {
    Section<TickSettings> tick("", "");
    tick.key("from", &TickSettings::from, "First time at which the tick applies.");
    tick.key("tick", &TickSettings::tick, "Smallest change of a price.",
             {.required = true, .above = Price::zero()});
    Section<TickRow> s("", "");
    s.key("symbol", &TickRow::symbol, "The instrument.", {.required = true});
    s.include(tick, &TickRow::tick);
    s.check([](Reader&, const Node& node, TickRow& row) { row.tick.place = node.place; });
    return s;
}

}  // namespace

void read_instrument_file(Reader& reader, const Place& place,
                          const InstrumentFileSettings& settings,
                          std::vector<InstrumentSettings>& out) {
    // Dated ticks first: an instrument that has some needs no tick of its own.
    std::map<std::string, Node> ticks;
    if (settings.ticks) {
        const auto spec = tick_row_section().spec();
        for (Node& row : read_table(reader, place, *settings.ticks, "ticks")) {
            TickRow parsed;
            read_section(reader, row, *spec, &parsed);
            const auto [found, added] = ticks.try_emplace(parsed.symbol, Node::list());
            if (added) found->second.place = row.place;
            std::erase_if(row.entries, [](const Entry& e) { return e.key == "symbol"; });
            found->second.items.push_back(std::move(row));
        }
    }
    const auto spec = instrument_section().spec();
    for (Node& row : read_table(reader, place, settings.file, "file")) {
        const Node* symbol = row.find("symbol");
        const auto dated = symbol == nullptr ? ticks.end() : ticks.find(symbol->text);
        if (dated != ticks.end()) {
            if (const Node* tick = row.find("tick")) {
                // The table's own tick is the one before the first date.
                Node first = Node::map();
                first.place = tick->place;
                first.add("tick", *tick);
                dated->second.items.insert(dated->second.items.begin(), std::move(first));
                std::erase_if(row.entries, [](const Entry& e) { return e.key == "tick"; });
            }
            row.add("tick", std::move(dated->second));
            ticks.erase(dated);
        }
        read_section(reader, row, *spec, &out.emplace_back());
    }
    for (const auto& [symbol, list] : ticks) {
        reader.problem(list.place, "found ticks of " + in_quotes(symbol) +
                                       ", expected a symbol of " +
                                       in_quotes(settings.file.written));
    }
}

}  // namespace fermata::config
