#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/lean/lean_config.hpp"
#include "core/event/market_event.hpp"
#include "core/market/date.hpp"
#include "core/market/record_faults.hpp"

namespace fermata::lean {

/// One row of a LEAN file, in Fermata's units.
struct LeanRow {
    std::optional<Date> date;  ///< Daily and hour files; the others have it in their name.
    Duration time;             ///< Since midnight.
    BarData bar;               ///< Trade bars.
    QuoteData quote;           ///< Quotes, and the close of quote bars.
    bool has_bid = false;
    bool has_ask = false;
    TradeData trade;          ///< Tick trades.
    bool suspicious = false;  ///< Ticks of equities: the vendor's outlier flag.
};

/// Reads the rows of one kind of LEAN file. The columns, by file:
///
///   trade bars           time,open,high,low,close,volume
///   quote bars           time,bid open,high,low,close,size,ask open,high,low,close,size
///   tick trades, equity  ms,price,size,exchange,conditions in hex,suspicious
///   tick trades, crypto  ms,price,size
///   tick quotes, equity  ms,bid,size,ask,size,exchange,conditions,suspicious; price 0: unchanged
///   tick quotes, crypto  ms,bid,size,ask,size
///   tick quotes, forex   ms,bid,ask
///
/// `time` is "YYYYMMDD HH:MM" in daily and hour files, else milliseconds since midnight (decimals
/// allowed). Prices of equities are in 1/10000, all else in plain decimals. A quote bar may leave
/// one side empty. Further columns are ignored, as LEAN does.
class LeanRowReader {
public:
    LeanRowReader(LeanSecurity security, LeanResolution resolution, LeanData data, Price max_price);

    /// False with `fault` filled in when the row cannot be read. Whether what it says makes sense
    /// (positive prices, low <= high, bid <= ask) is for the feed to judge.
    [[nodiscard]] bool read(std::string_view line, LeanRow& row, RecordFault& fault);

private:
    using Cells = std::array<std::string_view, 16>;

    [[nodiscard]] bool read_time(std::string_view text, LeanRow& row, RecordFault& fault) const;
    [[nodiscard]] bool read_trade_bar(LeanRow& row, RecordFault& fault) const;
    [[nodiscard]] bool read_quote_bar(LeanRow& row, RecordFault& fault) const;
    [[nodiscard]] bool read_bar_side(std::size_t first, bool& present, Price& price, Quantity& size,
                                     RecordFault& fault) const;
    [[nodiscard]] bool read_tick_trade(LeanRow& row, RecordFault& fault) const;
    [[nodiscard]] bool read_tick_quote(LeanRow& row, RecordFault& fault) const;
    [[nodiscard]] bool read_tick_tail(std::size_t first, TradeData& trade, bool& suspicious,
                                      RecordFault& fault) const;
    [[nodiscard]] bool read_price(std::size_t cell, Price& out, RecordFault& fault) const;
    [[nodiscard]] bool read_quantity(std::size_t cell, Quantity& out, RecordFault& fault) const;
    [[nodiscard]] bool malformed(std::size_t cell, std::string_view expected,
                                 RecordFault& fault) const;

    LeanSecurity security_;
    LeanResolution resolution_;
    LeanData data_;
    Price max_price_;
    int price_decimals_;
    std::size_t least_cells_;
    std::string expected_price_;
    std::string expected_cells_;
    Cells cells_;
    std::size_t count_ = 0;
};

}  // namespace fermata::lean
