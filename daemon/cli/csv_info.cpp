#include <algorithm>
#include <array>
#include <fstream>

#include "adapters/csv/gzip_source.hpp"
#include "adapters/file/posix_file.hpp"
#include "adapters/lean/zip_source.hpp"
#include "core/market/date.hpp"
#include "core/port/file_source.hpp"
#include "daemon/cli/csv_guess.hpp"
#include "daemon/cli/data_info.hpp"
#include "daemon/cli/event_census.hpp"

namespace fermata {
namespace {

constexpr std::array<const char*, 4> kKinds{"bar", "quote", "trade", "depth"};
constexpr std::array<const char*, 4> kUnits{"ns", "us", "ms", "s"};

std::string time_text(const CsvGuess& guess) {
    if (!guess.time_is_known) return "unknown";
    if (guess.time.unit == csv::CsvTimeUnit::kFormat) return "format " + guess.time.format;
    return std::string(kUnits[static_cast<std::size_t>(guess.time.unit)]) + " since 1970";
}

void report_rows(const CsvGuess& guess, std::size_t head, Report& report) {
    if (head == 0) return;
    report["head"] = Report::array();
    for (std::size_t r = 0; r < std::min(head, guess.sample.size()); ++r) {
        Report row;
        for (std::size_t c = 0; c < guess.columns.size(); ++c) {
            row[guess.columns[c]] = guess.sample[r][c];
        }
        report["head"].push_back(row);
    }
}

void report_guess(const CsvGuess& guess, Report& report) {
    report["delimiter"] = guess.delimiter == '\t' ? "tab" : std::string(1, guess.delimiter);
    report["header"] = guess.header;
    report["columns"] = guess.columns;
    report["rows_looked_at"] =
        with_commas(guess.rows) + (guess.whole_file ? " (all)" : " (there are more)");
    report["kind"] =
        guess.kind ? Report(kKinds[static_cast<std::size_t>(*guess.kind)]) : Report("unknown");
    report["time_column"] = guess.time_column ? Report(*guess.time_column) : Report("unknown");
    report["time"] = time_text(guess);
    if (guess.first) {
        report["first"] = format_iso_timestamp(*guess.first);
        report["last_looked_at"] = format_iso_timestamp(*guess.last);
    }
    if (guess.kind == csv::CsvKind::kBar && guess.interval.ns > 0) {
        report["interval"] = interval_text(guess.interval);
    }
    if (!guess.symbols.empty()) report["symbols_looked_at"] = guess.symbols;
    if (!guess.notes.empty()) {
        std::string notes;
        for (const std::string& note : guess.notes) notes += note + "\n";
        report["notes"] = notes;
    }
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

/// What the path of a file in LEAN's layout says; empty strings where it is not in that layout.
struct LeanPath {
    std::string root, security, market, resolution, ticker, data;
};

LeanPath lean_path(const std::filesystem::path& file) {
    std::vector<std::string> parts;
    for (const auto& part : file) parts.push_back(part.string());
    LeanPath out;
    std::size_t at = parts.size();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (const char* name : {"equity", "forex", "crypto"}) {
            if (parts[i] == name) at = i;
        }
    }
    if (at + 3 >= parts.size()) return out;
    for (std::size_t i = 0; i < at; ++i) {
        out.root = (std::filesystem::path(out.root) / parts[i]).string();
    }
    if (out.root.empty()) out.root = ".";
    out.security = parts[at];
    out.market = parts[at + 1];
    out.resolution = parts[at + 2];
    const std::string stem = lower(std::filesystem::path(parts.back()).stem().string());
    const std::size_t mark = stem.rfind('_');
    out.data = mark == std::string::npos ? "trade" : stem.substr(mark + 1);
    out.ticker = at + 4 < parts.size() ? parts[at + 3] : stem.substr(0, mark);
    return out;
}

}  // namespace

DataFileKind data_file_kind(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::exists(file, error)) throw FeedError("there is no file " + file.string());
    if (std::filesystem::is_directory(file, error)) {
        throw FeedError(file.string() +
                        " is a folder, expected a tape, a CSV file, a zip archive or a "
                        "configuration");
    }
    std::ifstream in(file, std::ios::binary);
    std::array<char, 8> start{};
    in.read(start.data(), start.size());
    if (!in && !in.eof()) throw FeedError("cannot read " + file.string());
    const std::string_view bytes(start.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes == "FERMTAPE" || file.extension() == ".tape") return DataFileKind::kTape;
    if (bytes.starts_with("PK\x03\x04") || file.extension() == ".zip") return DataFileKind::kZip;
    const std::string extension = lower(file.extension().string());
    if (extension == ".yaml" || extension == ".yml") return DataFileKind::kConfig;
    return DataFileKind::kCsv;
}

Report csv_report(const std::filesystem::path& file, std::size_t head) {
    PosixFileSystem files;
    const CsvGuess guess =
        guess_csv(csv::decompressed(std::make_unique<FileSource>(files, file.string())));
    Report report;
    report["file"] = file.string();
    report["format"] = "CSV";
    report["bytes"] = std::uint64_t{std::filesystem::file_size(file)};
    report_guess(guess, report);
    report_rows(guess, head, report);
    if (guess.kind && guess.time_column) {
        report["a_feed_to_begin_with"] = feed_yaml(guess, file.filename().string());
    }
    return report;
}

Report lean_zip_report(const std::filesystem::path& file, std::size_t head) {
    PosixFileSystem files;
    auto source = lean::open_zipped_csv(files, file.string());
    Report report;
    report["file"] = file.string();
    report["format"] = "zip archive";
    report["member"] = source->name();
    report["bytes"] = std::uint64_t{std::filesystem::file_size(file)};
    const CsvGuess guess = guess_csv(std::move(source));
    report["columns"] = std::uint64_t{guess.columns.size()};
    report["rows_looked_at"] =
        with_commas(guess.rows) + (guess.whole_file ? " (all)" : " (there are more)");
    report_rows(guess, head, report);
    const LeanPath path = lean_path(std::filesystem::absolute(file));
    if (path.security.empty()) {
        report["notes"] =
            "not in LEAN's layout (equity|forex|crypto/MARKET/RESOLUTION/...): unpack it for a csv "
            "feed";
        return report;
    }
    report["a_feed_to_begin_with"] =
        "- {type: lean, root: " + path.root + ", security: " + path.security +
        ", market: " + path.market + ",\n   symbol: SYMBOL, ticker: " + path.ticker +
        ", resolution: " + path.resolution + ", data: " + path.data + "}";
    return report;
}

std::string feed_yaml(const CsvGuess& guess, const std::string& path) {
    const std::string kind = kKinds[static_cast<std::size_t>(*guess.kind)];
    std::string yaml = "- type: csv\n  kind: " + kind + "\n";
    if (guess.kind == csv::CsvKind::kBar) {
        yaml += "  interval: " +
                (guess.interval.ns > 0 ? interval_text(guess.interval) : std::string("1d")) + "\n";
    }
    const bool has_symbols = std::any_of(guess.roles.begin(), guess.roles.end(),
                                         [](const auto& role) { return role.first == "symbol"; });
    if (!has_symbols) yaml += "  symbol: SYMBOL        # of instruments\n";
    yaml += "  path: " + path + "\n";
    if (guess.delimiter != ',') {
        yaml += std::string("  delimiter: ") +
                (guess.delimiter == '\t' ? "tab" : std::string("'") + guess.delimiter + "'") + "\n";
    }
    if (!guess.header) yaml += "  header: false\n";
    yaml += "  time: {column: \"" + *guess.time_column + "\"";
    if (guess.time_is_known && guess.time.unit == csv::CsvTimeUnit::kFormat) {
        yaml +=
            ", format: \"" + guess.time.format + "\"}  # add zone: where the file's clock runs\n";
    } else if (guess.time_is_known) {
        yaml += ", unit: " + std::string(kUnits[static_cast<std::size_t>(guess.time.unit)]) + "}\n";
    } else {
        yaml += ", format: FORMAT, zone: ZONE}\n";
    }
    yaml += "  columns: {";
    for (std::size_t i = 0; i < guess.roles.size(); ++i) {
        const auto& [key, column] = guess.roles[i];
        yaml += (i == 0 ? "" : ", ") + key + ": \"" + column + "\"";
    }
    return yaml + "}\n";
}

}  // namespace fermata
