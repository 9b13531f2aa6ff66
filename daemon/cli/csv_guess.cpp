#include "daemon/cli/csv_guess.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "adapters/calendar/time_format.hpp"
#include "core/base/csv_line.hpp"
#include "core/market/line_reader.hpp"
#include "core/port/feed.hpp"
#include "core/types/decimal.hpp"
#include "core/types/number.hpp"
#include "daemon/config/codec.hpp"

namespace fermata {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t kLineBytes = std::size_t{1} << 20;
constexpr std::size_t kFieldsMax = 1000;
constexpr std::size_t kSampleRows = 5;

constexpr std::array<const char*, 12> kFormats{"%Y-%m-%d",
                                               "%Y-%m-%d %H:%M:%S",
                                               "%Y-%m-%d %H:%M:%S.%f",
                                               "%Y-%m-%dT%H:%M:%S",
                                               "%Y-%m-%dT%H:%M:%SZ",
                                               "%Y-%m-%dT%H:%M:%S%z",
                                               "%Y-%m-%d %H:%M",
                                               "%Y%m%d",
                                               "%Y%m%d %H:%M:%S",
                                               "%Y%m%d %H:%M",
                                               "%d.%m.%Y",
                                               "%m/%d/%Y"};

/// Letters and digits only, in lower case: "Bid Price" is "bidprice".
std::string plain(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

bool is_number(std::string_view text) { return parse_decimal_rounded(text, 9).ok(); }

std::optional<Row> split(std::string_view line, char delimiter) {
    std::vector<std::string_view> fields(kFieldsMax);
    const auto count = split_csv_line(line, delimiter, fields);
    if (!count) return std::nullopt;
    Row row;
    for (std::size_t i = 0; i < *count; ++i) row.push_back(unescape_csv(fields[i]));
    return row;
}

/// The names that stand for one key of `columns`, the surest first.
struct Role {
    const char* key;
    std::vector<std::string> names;
};

const std::vector<Role>& roles() {
    static const std::vector<Role> kRoles{
        {"time",
         {"tsns", "ts", "timestamp", "time", "datetime", "date", "tsevent", "exchangetime",
          "localtimestamp", "tsus", "tsms"}},
        {"symbol", {"symbol", "ticker", "instrument", "sym", "ric", "code"}},
        {"open", {"open", "o", "openprice"}},
        {"high", {"high", "h", "highprice"}},
        {"low", {"low", "l", "lowprice"}},
        {"close", {"close", "c", "closeprice"}},
        {"volume", {"volume", "vol", "v"}},
        {"bid", {"bid", "bidprice", "bidpx", "bestbid", "bidpx00", "bidprice1"}},
        {"bid_size", {"bidsize", "bidqty", "bidamount", "bidquantity", "bidsz00", "bidvolume"}},
        {"ask", {"ask", "askprice", "askpx", "bestask", "offer", "askpx00", "askprice1"}},
        {"ask_size", {"asksize", "askqty", "askamount", "askquantity", "asksz00", "askvolume"}},
        {"price", {"price", "px", "tradeprice", "lastprice"}},
        {"quantity", {"quantity", "qty", "size", "amount", "shares"}},
        {"side", {"side", "aggressor", "takerside", "aggressorside"}},
        {"trade_id", {"tradeid", "id"}},
        {"orders", {"orders", "numorders", "count"}},
        {"snapshot", {"issnapshot", "snapshot"}},
        {"group", {"group", "sequence", "seq", "updateid"}}};
    return kRoles;
}

/// What stands where: the column index of each role.
std::map<std::string, std::size_t> match_roles(const Row& columns) {
    std::vector<std::string> names;
    for (const std::string& column : columns) names.push_back(plain(column));
    std::map<std::string, std::size_t> found;
    for (const Role& role : roles()) {
        for (const std::string& name : role.names) {
            const auto at = std::find(names.begin(), names.end(), name);
            if (at == names.end()) continue;
            found[role.key] = static_cast<std::size_t>(at - names.begin());
            break;
        }
    }
    return found;
}

std::optional<csv::CsvKind> kind_of(const std::map<std::string, std::size_t>& found) {
    const auto has = [&](const char* role) { return found.count(role) != 0; };
    if (has("open") && has("high") && has("low") && has("close")) return csv::CsvKind::kBar;
    if (has("bid") && has("ask")) return csv::CsvKind::kQuote;
    if (!has("price") || !has("quantity")) return std::nullopt;
    const bool depth = has("side") && (has("snapshot") || has("orders") || has("group"));
    return depth && !has("trade_id") ? csv::CsvKind::kDepth : csv::CsvKind::kTrade;
}

std::vector<std::string> keys_of(csv::CsvKind kind) {
    switch (kind) {
        case csv::CsvKind::kBar:
            return {"symbol", "open", "high", "low", "close", "volume"};
        case csv::CsvKind::kQuote:
            return {"symbol", "bid", "bid_size", "ask", "ask_size"};
        case csv::CsvKind::kTrade:
            return {"symbol", "price", "quantity", "side", "trade_id"};
        case csv::CsvKind::kDepth:
            return {"symbol", "side", "price", "quantity", "orders", "snapshot", "group"};
    }
    return {};
}

/// The unit or format that reads every one of the cells.
bool guess_time(const std::vector<std::string>& cells, csv::CsvTime& time) {
    if (cells.empty()) return false;
    if (const auto unit = guess_time_unit(cells.front())) {
        time.unit = *unit;
        return true;
    }
    for (const char* format : kFormats) {
        const auto parser = make_time_parser(format, "UTC");
        const bool all = std::all_of(cells.begin(), cells.end(), [&](const std::string& cell) {
            return parser->parse(cell).ok();
        });
        if (!all) continue;
        time.unit = csv::CsvTimeUnit::kFormat;
        time.format = format;
        return true;
    }
    return false;
}

std::optional<Timestamp> read_time(const std::string& cell, const csv::CsvTime& time,
                                   TimeParser* parser) {
    if (parser != nullptr) {
        const auto t = parser->parse(cell);
        return t ? std::optional(*t) : std::nullopt;
    }
    static constexpr std::array<int, 4> kDecimals{0, 3, 6, 9};  // of ns, us, ms, s
    const auto ns = parse_decimal(cell, kDecimals[static_cast<std::size_t>(time.unit)]);
    return ns ? std::optional(Timestamp{*ns}) : std::nullopt;
}

/// Reads lines of the file until there are enough.
class Rows {
public:
    Rows(std::unique_ptr<ByteSource> source, std::size_t most)
        : reader_(std::move(source), kLineBytes) {
        for (Line line = reader_.next(); lines_.size() <= most; line = reader_.next()) {
            if (line.status == LineStatus::kEnd) {
                whole_ = true;
                break;
            }
            if (line.status == LineStatus::kLine) {
                lines_.emplace_back(line.text);
            } else {
                ++unreadable_;
            }
        }
        if (lines_.empty()) {
            throw FeedError(std::string(reader_.source().name()) +
                            ": no line of text: not a CSV file");
        }
    }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    [[nodiscard]] bool whole() const { return whole_; }
    [[nodiscard]] std::size_t unreadable() const { return unreadable_; }

private:
    LineReader reader_;
    std::vector<std::string> lines_;
    bool whole_ = false;
    std::size_t unreadable_ = 0;
};

char guess_delimiter(std::string_view line) {
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char c : {',', ';', '\t', '|'}) {
        const auto n = std::count(line.begin(), line.end(), c);
        if (n > most) {
            most = n;
            best = c;
        }
    }
    return best;
}

/// Six columns without names whose numbers behave as a bar's do.
bool looks_like_bars(const std::vector<Row>& rows) {
    return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const Row& row) {
        if (row.size() < 5) return false;
        std::array<std::int64_t, 4> p{};
        for (std::size_t i = 0; i < 4; ++i) {
            const auto value = parse_decimal_rounded(row[i + 1], 9);
            if (!value) return false;
            p[i] = *value;
        }
        return p[1] >= std::max(p[0], p[3]) && p[2] <= std::min(p[0], p[3]);
    });
}

/// The names of the roles by index, for a file without a header.
std::map<std::string, std::size_t> roles_without_header(const std::vector<Row>& rows) {
    if (!looks_like_bars(rows)) return {};
    std::map<std::string, std::size_t> found{
        {"time", 0}, {"open", 1}, {"high", 2}, {"low", 3}, {"close", 4}};
    if (rows.front().size() > 5 && is_number(rows.front()[5])) found["volume"] = 5;
    return found;
}

void look_at_times(CsvGuess& guess, const std::vector<Row>& rows,
                   const std::map<std::string, std::size_t>& found) {
    const std::size_t column = found.at("time");
    guess.time_column = guess.columns[column];
    std::vector<std::string> cells;
    for (const Row& row : rows) cells.push_back(row[column]);
    guess.time_is_known = guess_time(cells, guess.time);
    if (!guess.time_is_known) {
        guess.notes.push_back("the time " + (cells.empty() ? "" : "'" + cells.front() + "' ") +
                              "is of no known unit or format: say columns.time.format");
        return;
    }
    const bool text = guess.time.unit == csv::CsvTimeUnit::kFormat;
    const auto parser = text ? make_time_parser(guess.time.format, "UTC") : nullptr;
    std::map<std::int64_t, std::size_t> distances;
    std::map<std::string, Timestamp> before;  // by symbol
    bool ascending = true;
    const auto symbol = found.find("symbol");
    for (const Row& row : rows) {
        const auto t = read_time(row[column], guess.time, parser.get());
        if (!t) continue;
        if (!guess.first) guess.first = t;
        ascending &= !guess.last || *guess.last <= *t;
        guess.last = t;
        const std::string key = symbol == found.end() ? "" : row[symbol->second];
        const auto [at, fresh] = before.try_emplace(key, *t);
        if (!fresh && at->second < *t) ++distances[(*t - at->second).ns];
        at->second = *t;
    }
    if (!ascending) guess.notes.push_back("the rows do not ascend in time: sort the file first");
    std::size_t most = 0;
    for (const auto& [ns, count] : distances) {
        if (count <= most) continue;
        most = count;
        guess.interval = Duration{ns};
    }
    if (symbol == found.end()) return;
    for (const auto& [name, t] : before) guess.symbols.push_back(name);
}

}  // namespace

std::optional<csv::CsvTimeUnit> guess_time_unit(std::string_view text) {
    const auto seconds = parse_decimal_rounded(text, 0);
    if (!seconds) return std::nullopt;
    constexpr std::int64_t k1980 = 315'532'800;
    constexpr std::int64_t k2100 = 4'102'444'800;
    const std::array units{std::pair{csv::CsvTimeUnit::kSeconds, std::int64_t{1}},
                           std::pair{csv::CsvTimeUnit::kMilliseconds, std::int64_t{1'000}},
                           std::pair{csv::CsvTimeUnit::kMicroseconds, std::int64_t{1'000'000}},
                           std::pair{csv::CsvTimeUnit::kNanoseconds, std::int64_t{1'000'000'000}}};
    for (const auto& [unit, scale] : units) {
        if (*seconds >= k1980 * scale && *seconds / scale < k2100) return unit;
    }
    return std::nullopt;
}

CsvGuess guess_csv(std::unique_ptr<ByteSource> source, std::size_t rows_max) {
    const Rows input(std::move(source), rows_max);
    CsvGuess guess;
    guess.whole_file = input.whole();
    guess.delimiter = guess_delimiter(input.lines().front());
    const Row first = split(input.lines().front(), guess.delimiter).value_or(Row{});
    // A header names its columns: not one of its cells is a number or empty.
    guess.header = !first.empty() && std::none_of(first.begin(), first.end(), is_number) &&
                   (first.size() > 1 || input.lines().size() > 1);
    std::vector<Row> rows;
    std::size_t odd = input.unreadable();
    for (std::size_t i = guess.header ? 1 : 0; i < input.lines().size(); ++i) {
        auto row = split(input.lines()[i], guess.delimiter);
        if (row && row->size() == first.size()) {
            rows.push_back(std::move(*row));
        } else {
            ++odd;
        }
    }
    guess.rows = rows.size();
    if (odd > 0) {
        guess.notes.push_back(std::to_string(odd) +
                              " rows are unreadable or have another number of columns");
    }
    for (std::size_t i = 0; i < first.size(); ++i) {
        guess.columns.push_back(guess.header ? first[i] : std::to_string(i));
    }
    guess.sample.assign(rows.begin(), rows.begin() + std::min(rows.size(), kSampleRows));

    const auto found = guess.header ? match_roles(guess.columns) : roles_without_header(rows);
    guess.kind = kind_of(found);
    if (guess.kind) {
        for (const std::string& key : keys_of(*guess.kind)) {
            const auto at = found.find(key);
            if (at != found.end()) guess.roles.emplace_back(key, guess.columns[at->second]);
        }
    } else {
        guess.notes.push_back("the columns are not those of a bar, quote, trade or depth row");
    }
    if (found.count("time") != 0) look_at_times(guess, rows, found);
    return guess;
}

}  // namespace fermata
