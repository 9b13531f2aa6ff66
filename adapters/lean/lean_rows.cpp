#include "adapters/lean/lean_rows.hpp"

#include <charconv>

#include "core/base/csv_line.hpp"
#include "core/types/decimal.hpp"

namespace fermata::lean {
namespace {

constexpr std::string_view kFieldNames[] = {
    "field 1", "field 2",  "field 3",  "field 4",  "field 5",  "field 6",  "field 7",  "field 8",
    "field 9", "field 10", "field 11", "field 12", "field 13", "field 14", "field 15", "field 16"};

std::size_t least_cells(LeanSecurity security, LeanResolution resolution, LeanData data) noexcept {
    if (resolution != LeanResolution::kTick) return data == LeanData::kTrade ? 6 : 11;
    if (data == LeanData::kTrade) return security == LeanSecurity::kEquity ? 6 : 3;
    switch (security) {
        case LeanSecurity::kEquity:
            return 8;
        case LeanSecurity::kCrypto:
            return 5;
        case LeanSecurity::kForex:
            return 3;
    }
    return 0;
}

bool two_digits(std::string_view text, std::size_t at, int& out) noexcept {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (!digit(at) || !digit(at + 1)) return false;
    out = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return true;
}

}  // namespace

LeanRowReader::LeanRowReader(LeanSecurity security, LeanResolution resolution, LeanData data,
                             Price max_price)
    : security_(security),
      resolution_(resolution),
      data_(data),
      max_price_(max_price),
      // Ten-thousandths are read as whole numbers whose unit is 1e-4.
      price_decimals_(security == LeanSecurity::kEquity ? Price::kDecimals - 4 : Price::kDecimals),
      least_cells_(least_cells(security, resolution, data)),
      expected_price_("a price of at most " + to_string(max_price) + " (max_price)"),
      expected_cells_("at least " + std::to_string(least_cells_) + " fields") {}

bool LeanRowReader::malformed(std::size_t cell, std::string_view expected,
                              RecordFault& fault) const {
    fault = {SkipReason::kMalformed, kFieldNames[cell], cells_[cell], expected};
    return false;
}

bool LeanRowReader::read(std::string_view line, LeanRow& row, RecordFault& fault) {
    row = LeanRow{};
    const auto count = split_csv_line(line, ',', cells_);
    if (!count || *count < least_cells_) {
        fault = {SkipReason::kMalformed, {}, line, expected_cells_};
        return false;
    }
    count_ = *count;
    if (!read_time(cells_[0], row, fault)) return false;
    if (resolution_ != LeanResolution::kTick) {
        return data_ == LeanData::kTrade ? read_trade_bar(row, fault) : read_quote_bar(row, fault);
    }
    return data_ == LeanData::kTrade ? read_tick_trade(row, fault) : read_tick_quote(row, fault);
}

bool LeanRowReader::read_time(std::string_view text, LeanRow& row, RecordFault& fault) const {
    if (resolution_ == LeanResolution::kDaily || resolution_ == LeanResolution::kHour) {
        int hour = 0;
        int minute = 0;
        constexpr std::string_view kExpected = "a time \"YYYYMMDD HH:MM\"";
        if (text.size() != 14 || text[8] != ' ' || text[11] != ':' || !two_digits(text, 9, hour) ||
            !two_digits(text, 12, minute) || hour > 23 || minute > 59) {
            return malformed(0, kExpected, fault);
        }
        row.date = parse_basic_date(text.substr(0, 8));
        if (!row.date.has_value()) return malformed(0, kExpected, fault);
        row.time = Duration::hours(hour) + Duration::minutes(minute);
        return true;
    }
    const auto time = parse_decimal(text, 6);  // milliseconds to nanoseconds
    if (!time || *time < 0 || *time >= Duration::days(1).ns) {
        return malformed(0, "milliseconds since midnight, below 86400000", fault);
    }
    row.time = Duration::nanoseconds(*time);
    return true;
}

bool LeanRowReader::read_price(std::size_t cell, Price& out, RecordFault& fault) const {
    const auto raw = parse_decimal(cells_[cell], price_decimals_);
    if (!raw && raw.error() != DecimalError::kOutOfRange) {
        return malformed(cell, "a decimal number", fault);
    }
    if (!raw || Price::from_raw(*raw) > max_price_ ||
        Price::from_raw(*raw) < Price::zero() - max_price_) {
        fault = {SkipReason::kPriceOutOfRange, kFieldNames[cell], cells_[cell], expected_price_};
        return false;
    }
    out = Price::from_raw(*raw);
    return true;
}

bool LeanRowReader::read_quantity(std::size_t cell, Quantity& out, RecordFault& fault) const {
    const auto raw = parse_decimal(cells_[cell], Quantity::kDecimals);
    if (!raw && raw.error() != DecimalError::kOutOfRange) {
        return malformed(cell, "a decimal number", fault);
    }
    if (!raw || *raw < 0) {
        fault = {SkipReason::kQuantityOutOfRange, kFieldNames[cell], cells_[cell],
                 "a quantity that is not negative and fits 64 bits in units of 1e-8"};
        return false;
    }
    out = Quantity::from_raw(*raw);
    return true;
}

bool LeanRowReader::read_trade_bar(LeanRow& row, RecordFault& fault) const {
    return read_price(1, row.bar.open, fault) && read_price(2, row.bar.high, fault) &&
           read_price(3, row.bar.low, fault) && read_price(4, row.bar.close, fault) &&
           read_quantity(5, row.bar.volume, fault);
}

bool LeanRowReader::read_bar_side(std::size_t first, bool& present, Price& price, Quantity& size,
                                  RecordFault& fault) const {
    present = !cells_[first + 3].empty();
    if (!present) return true;
    Price other;
    for (std::size_t i = first; i < first + 3; ++i) {
        if (!read_price(i, other, fault)) return false;
    }
    if (!read_price(first + 3, price, fault)) return false;
    return cells_[first + 4].empty() || read_quantity(first + 4, size, fault);
}

bool LeanRowReader::read_quote_bar(LeanRow& row, RecordFault& fault) const {
    return read_bar_side(1, row.has_bid, row.quote.bid, row.quote.bid_quantity, fault) &&
           read_bar_side(6, row.has_ask, row.quote.ask, row.quote.ask_quantity, fault);
}

/// Exchange, conditions and the suspicious flag, from cell `first` on.
bool LeanRowReader::read_tick_tail(std::size_t first, TradeData& trade, bool& suspicious,
                                   RecordFault& fault) const {
    const std::string_view exchange = cells_[first];
    if (exchange.size() > 1) return malformed(first, "one letter", fault);
    trade.exchange = exchange.empty() ? 0 : static_cast<std::uint8_t>(exchange[0]);
    const std::string_view conditions = cells_[first + 1];
    if (!conditions.empty()) {
        const char* const end = conditions.data() + conditions.size();
        const auto parsed = std::from_chars(conditions.data(), end, trade.conditions, 16);
        if (parsed.ec != std::errc{} || parsed.ptr != end) {
            return malformed(first + 1, "a hexadecimal number of 32 bits", fault);
        }
    }
    const std::string_view flag = cells_[first + 2];
    if (flag != "0" && flag != "1") return malformed(first + 2, "0 or 1", fault);
    suspicious = flag == "1";
    return true;
}

bool LeanRowReader::read_tick_trade(LeanRow& row, RecordFault& fault) const {
    if (!read_price(1, row.trade.price, fault) || !read_quantity(2, row.trade.quantity, fault)) {
        return false;
    }
    return security_ != LeanSecurity::kEquity ||
           read_tick_tail(3, row.trade, row.suspicious, fault);
}

bool LeanRowReader::read_tick_quote(LeanRow& row, RecordFault& fault) const {
    if (security_ == LeanSecurity::kForex) {
        row.has_bid = row.has_ask = true;
        return read_price(1, row.quote.bid, fault) && read_price(2, row.quote.ask, fault);
    }
    const auto side = [&](std::size_t first, bool& present, Price& price, Quantity& size) {
        if (!cells_[first].empty() && !read_price(first, price, fault)) return false;
        if (!cells_[first + 1].empty() && !read_quantity(first + 1, size, fault)) return false;
        present = !cells_[first].empty() && !(price.is_zero() && size.is_zero());
        return true;
    };
    if (!side(1, row.has_bid, row.quote.bid, row.quote.bid_quantity) ||
        !side(3, row.has_ask, row.quote.ask, row.quote.ask_quantity)) {
        return false;
    }
    return security_ != LeanSecurity::kEquity ||
           read_tick_tail(5, row.trade, row.suspicious, fault);
}

}  // namespace fermata::lean
