#include "adapters/lean/lean_reference.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/csv_line.hpp"
#include "core/market/line_reader.hpp"
#include "core/market/record_faults.hpp"
#include "core/types/decimal.hpp"

namespace fermata::lean {
namespace {

constexpr std::size_t kMaxLine = 4096;
constexpr int kFactorDecimals = 12;
constexpr std::int64_t kMaxFactor = 1'000'000'000'000'000'000;  // a factor of a million

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

LeanFactors::LeanFactors(std::unique_ptr<ByteSource> source, std::optional<Date> basis) {
    read_dated_rows(
        std::move(source), 3, [&](Date date, const Cells& cells, const std::string& place) {
            Row row;
            row.through = date;
            std::int64_t* const factors[] = {&row.price_factor, &row.split_factor};
            for (std::size_t i = 0; i < 2; ++i) {
                const auto factor = parse_decimal_rounded(cells[i + 1], kFactorDecimals);
                if (!factor || *factor <= 0 || *factor > kMaxFactor) {
                    throw FeedError(place + ": found \"" + clip(cells[i + 1]) +
                                    "\", expected a positive factor");
                }
                *factors[i] = *factor;
            }
            rows_.push_back(row);
        });
    const Row to = rows_[basis.has_value() ? index_at(*basis) : rows_.size() - 1];
    for (Row& row : rows_) {
        row.price = fraction(static_cast<__int128>(row.price_factor) * row.split_factor,
                             static_cast<__int128>(to.price_factor) * to.split_factor);
        row.quantity = fraction(to.split_factor, row.split_factor);
    }
}

/// The same ratio with both terms below 2^62: products with a 64-bit raw value then fit 128 bits.
/// Exact up to a part in 2^40 and better for every factor file, whose own digits are far fewer.
LeanFactors::Fraction LeanFactors::fraction(__int128 numerator, __int128 denominator) noexcept {
    __int128 a = numerator;
    __int128 b = denominator;
    while (b != 0) a = std::exchange(b, a % b);
    numerator /= a;
    denominator /= a;
    constexpr __int128 kLimit = static_cast<__int128>(1) << 62;
    while (numerator >= kLimit || denominator >= kLimit) {
        numerator = (numerator + 1) / 2;
        denominator = (denominator + 1) / 2;
    }
    return {static_cast<std::int64_t>(numerator), static_cast<std::int64_t>(denominator)};
}

std::size_t LeanFactors::index_at(Date date) const noexcept {
    const auto found =
        std::lower_bound(rows_.begin(), rows_.end(), date,
                         [](const Row& row, Date wanted) { return row.through < wanted; });
    return found == rows_.end() ? rows_.size() - 1
                                : static_cast<std::size_t>(found - rows_.begin());
}

const LeanFactors::Row& LeanFactors::row_at(Date date) noexcept {
    const bool same =
        date <= rows_[last_].through && (last_ == 0 || date > rows_[last_ - 1].through);
    if (!same) last_ = index_at(date);
    return rows_[last_];
}

bool LeanFactors::scale(const Fraction& by, std::int64_t& raw) noexcept {
    if (by.numerator == by.denominator) return true;
    const auto scaled = divide_half_even(static_cast<__int128>(raw) * by.numerator, by.denominator);
    if (!scaled) return false;
    raw = *scaled;
    return true;
}

bool LeanFactors::adjust(Date date, Price& price) noexcept {
    std::int64_t raw = price.raw();
    if (!scale(row_at(date).price, raw)) return false;
    price = Price::from_raw(raw);
    return true;
}

bool LeanFactors::adjust(Date date, Quantity& quantity) noexcept {
    std::int64_t raw = quantity.raw();
    if (!scale(row_at(date).quantity, raw)) return false;
    quantity = Quantity::from_raw(raw);
    return true;
}

bool LeanFactors::adjust(Date date, BarData& bar) noexcept {
    return adjust(date, bar.open) && adjust(date, bar.high) && adjust(date, bar.low) &&
           adjust(date, bar.close) && adjust(date, bar.volume);
}

}  // namespace fermata::lean
