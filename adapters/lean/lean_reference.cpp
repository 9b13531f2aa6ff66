#include "adapters/lean/lean_reference.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/csv_line.hpp"
#include "core/market/line_reader.hpp"
#include "core/market/record_faults.hpp"
#include "core/types/decimal.hpp"

namespace fermata::lean {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr int kFactorDecimals = 12;  // of a factor with more digits than Factor takes

using Cells = std::array<std::string_view, 8>;

/// Calls `use(date, cells, count, place)` for each row; the dates must ascend.
template <class Use>
void read_dated_rows(std::unique_ptr<ByteSource> source, std::size_t least, const Use& use) {
    const std::string name(source->name());
    LineReader reader(std::move(source), kMaxLine);
    std::optional<Date> before;
    for (Line line = reader.next(); line.status != LineStatus::kEnd; line = reader.next()) {
        const std::string place = place_of(name, line.number);
        Cells cells;
        const auto count = split_csv_line(line.text, ',', cells);
        const std::optional<Date> date =
            count && line.status == LineStatus::kLine ? parse_basic_date(cells[0]) : std::nullopt;
        if (!date.has_value() || *count < least) {
            throw FeedError(
                place + ": found \"" + clip(line.text) +
                "\", expected a row that begins with a date yyyymmdd and has at least " +
                std::to_string(least) + " fields");
        }
        if (before.has_value() && *date <= *before) {
            throw FeedError(place + ": the date " + format_iso_date(*date) + " does not follow " +
                            format_iso_date(*before));
        }
        before = date;
        use(*date, cells, place);
    }
    if (!before.has_value()) throw FeedError(name + ": the file has no rows");
}

Factor read_factor(std::string_view text, const std::string& place) {
    if (const std::optional<Factor> factor = Factor::parse(text)) return *factor;
    const auto rounded = parse_decimal_rounded(text, kFactorDecimals);
    if (!rounded || *rounded <= 0) {
        throw FeedError(place + ": found \"" + clip(text) + "\", expected a positive factor");
    }
    return Factor(*rounded, 1'000'000'000'000);
}

}  // namespace

std::vector<TickerSpan> read_map_file(std::unique_ptr<ByteSource> source) {
    std::vector<TickerSpan> spans;
    read_dated_rows(std::move(source), 2,
                    [&](Date date, const Cells& cells, const std::string& place) {
                        if (cells[1].empty()) throw FeedError(place + ": the ticker is empty");
                        std::string ticker(cells[1]);
                        for (char& c : ticker) {
                            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
                        }
                        if (!spans.empty() && spans.back().ticker == ticker) {
                            spans.back().last = date;
                            return;
                        }
                        const Date first = spans.empty() ? date : spans.back().last + 1;
                        spans.push_back({first, date, std::move(ticker)});
                    });
    return spans;
}

std::vector<FactorRow> read_factor_file(std::unique_ptr<ByteSource> source) {
    std::vector<FactorRow> rows;
    read_dated_rows(
        std::move(source), 3, [&](Date date, const Cells& cells, const std::string& place) {
            rows.push_back({date, read_factor(cells[1], place), read_factor(cells[2], place)});
        });
    return rows;
}

}  // namespace fermata::lean
