#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/market/bad_record_policy.hpp"
#include "core/market/calendar.hpp"
#include "core/types/ids.hpp"
#include "core/types/number.hpp"

namespace fermata::lean {

enum class LeanSecurity : std::uint8_t { kEquity, kForex, kCrypto };
enum class LeanResolution : std::uint8_t { kDaily, kHour, kMinute, kSecond, kTick };
enum class LeanData : std::uint8_t { kTrade, kQuote };

enum class LeanAdjust : std::uint8_t {
    kRaw,
    kAdjusted,  ///< Splits and dividends, backward, by the factor file.
};

/// One instrument of a data folder in LEAN's layout as a feed. Plain data: the daemon fills it from
/// YAML. The folder is `root`/`security`/`market`/`resolution`/...
struct LeanFeedConfig {
    std::string root;  ///< The folder that holds equity/, forex/, ...
    LeanSecurity security = LeanSecurity::kEquity;
    std::string market;  ///< Empty: usa, oanda or coinbase.
    std::string symbol;  ///< The instrument's symbol in this run.
    std::string ticker;  ///< Name in the data; empty: the symbol, in lower case.
    StreamId stream;
    LeanResolution resolution = LeanResolution::kDaily;
    LeanData data = LeanData::kTrade;
    std::optional<Date> from;  ///< First trading date.
    std::optional<Date> to;    ///< Last trading date, included.
    LeanAdjust adjust = LeanAdjust::kRaw;
    /// Adjusted prices are in the basis of this date; without it in that of `to`, and without that
    /// in that of the factor file's end.
    std::optional<Date> adjust_basis;
    bool map_files = true;       ///< Follow ticker changes by the map file, where there is one.
    bool extended_hours = true;  ///< Keep what lies outside the calendar's sessions.
    Price max_price = Price::from_units(10'000'000);
    BadRecordPolicy on_bad = BadRecordPolicy::lean();
    std::size_t max_line_bytes = 4096;
};

}  // namespace fermata::lean
