#pragma once

#include <string>
#include <vector>

#include "adapters/lean/lean_config.hpp"
#include "adapters/lean/lean_reference.hpp"
#include "core/market/calendar.hpp"
#include "core/port/file.hpp"

namespace fermata::lean {

/// One file of the series, and the dates for which its rows count.
struct LeanPart {
    Date first;
    Date last;
    std::string path;
    bool missing = false;  ///< The file should exist and does not.
};

/// `root`/equity/usa: where the data of one security type and market lies.
[[nodiscard]] std::string market_folder(const LeanFeedConfig& config);
/// The name of the instrument in the data: lower case.
[[nodiscard]] std::string ticker_of(const LeanFeedConfig& config);
/// The path of its map or factor file.
[[nodiscard]] std::string map_file_path(const LeanFeedConfig& config);
[[nodiscard]] std::string factor_file_path(const LeanFeedConfig& config);

/// Throws FeedError when it exists but cannot be opened.
[[nodiscard]] bool file_exists(FileSystem& files, const std::string& path);

/// The files that make up the series, ascending and not overlapping:
///
///   daily, hour            MARKET/daily/TICKER.zip, crypto TICKER_trade.zip or TICKER_quote.zip
///   minute, second, tick   MARKET/minute/TICKER/YYYYMMDD_trade.zip or ..._quote.zip
///
/// `spans` tells which ticker counts when. With a calendar each session date from config.from (or
/// the first file) to config.to (or the last file) needs a dated file; without one only the files
/// that exist count. Throws FeedError when a folder cannot be listed, or no file exists at all.
[[nodiscard]] std::vector<LeanPart> find_parts(const LeanFeedConfig& config,
                                               const std::vector<TickerSpan>& spans,
                                               FileSystem& files, const Calendar* calendar);

}  // namespace fermata::lean
