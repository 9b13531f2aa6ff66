#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/csv/csv_config.hpp"

namespace fermata::csv {

/// A column that the feed reads: where it stands and how messages call it.
struct CsvField {
    static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
    std::size_t index = kAbsent;
    std::string name;  ///< "column high" or "column 3".
    [[nodiscard]] bool present() const noexcept { return index != kAbsent; }
};

/// The columns of a file, resolved once against its header (or first row).
struct CsvLayout {
    std::size_t columns = 0;  ///< Every row has exactly this many.
    CsvField time, symbol;
    CsvField open, high, low, close, volume;
    CsvField bid, bid_size, ask, ask_size;
    CsvField price, quantity, side, trade_id, exchange, conditions;
    CsvField orders, snapshot, group;
    std::vector<CsvField> filters;  ///< In the order of CsvFeedConfig::filters.
};

/// Finds the configured columns among `header` (the names, or with config.header == false the cells
/// of the first row, of which only the number counts). `place` is "file:1" for messages. Throws
/// FeedError when a column that the kind needs is not configured, is not in the file (the text
/// lists the columns and suggests the nearest) or stands there twice.
[[nodiscard]] CsvLayout resolve_layout(const CsvFeedConfig& config,
                                       const std::vector<std::string>& header,
                                       std::string_view place);

}  // namespace fermata::csv
