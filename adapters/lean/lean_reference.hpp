#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/event/market_event.hpp"
#include "core/market/date.hpp"
#include "core/port/byte_source.hpp"

namespace fermata::lean {

/// The ticker under which an instrument traded, from `first` to `last`, both included.
struct TickerSpan {
    Date first;
    Date last;
    std::string ticker;
    friend bool operator==(const TickerSpan&, const TickerSpan&) = default;
};

/// Reads a map file: rows "yyyymmdd,ticker[,...]", ascending. A row's ticker is in force up to and
/// including its date; the first row is the listing date, before which rows of the same ticker
/// belong to another instrument. Neighbouring spans of one ticker are joined.
/// Throws FeedError with file and line.
[[nodiscard]] std::vector<TickerSpan> read_map_file(std::unique_ptr<ByteSource> source);

/// Adjusts raw prices and quantities for splits and dividends with the factors of a factor file.
///
/// With p and s the price and split factor that are in force on a date and p', s' those of the
/// basis date: price x (p s) / (p' s'), quantity x s' / s; both rounded half to even. So the basis
/// date's own prices stay as they are.
class LeanFactors {
public:
    /// Reads rows "yyyymmdd,price factor,split factor[,...]", ascending; a row holds up to and
    /// including its date, the last one also after it. `basis`: nullopt means the file's end.
    /// Throws FeedError with file and line.
    LeanFactors(std::unique_ptr<ByteSource> source, std::optional<Date> basis);

    /// False when a result does not fit.
    [[nodiscard]] bool adjust(Date date, Price& price) noexcept;
    [[nodiscard]] bool adjust(Date date, Quantity& quantity) noexcept;
    [[nodiscard]] bool adjust(Date date, BarData& bar) noexcept;

private:
    struct Fraction {
        std::int64_t numerator = 1;
        std::int64_t denominator = 1;
    };
    struct Row {
        Date through;
        std::int64_t price_factor = 0;  // in 1e-12
        std::int64_t split_factor = 0;
        Fraction price;
        Fraction quantity;
    };

    [[nodiscard]] std::size_t index_at(Date date) const noexcept;
    [[nodiscard]] const Row& row_at(Date date) noexcept;
    [[nodiscard]] static Fraction fraction(__int128 numerator, __int128 denominator) noexcept;
    [[nodiscard]] static bool scale(const Fraction& by, std::int64_t& raw) noexcept;

    std::vector<Row> rows_;
    std::size_t last_ = 0;  // the row found last: dates ascend
};

}  // namespace fermata::lean
