#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/market/adjustment.hpp"
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

/// Reads a factor file: rows "yyyymmdd,price factor,split factor[,...]", ascending; a row holds up
/// to and including its date, the last one also after it. Throws FeedError with file and line.
[[nodiscard]] std::vector<FactorRow> read_factor_file(std::unique_ptr<ByteSource> source);

}  // namespace fermata::lean
