#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/csv/csv_config.hpp"
#include "core/market/record_faults.hpp"
#include "core/types/decimal.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata::csv {

/// Reads decimal numbers of a file and scales them into raw units, without `double`.
class ScaledDecimal {
public:
    /// Number in the file x `scale` = value; the raw value has `decimals` decimals.
    ScaledDecimal(Ratio scale, int decimals, CsvRounding rounding);

    [[nodiscard]] Result<std::int64_t, DecimalError> parse(std::string_view text) const noexcept;

private:
    [[nodiscard]] Result<std::int64_t, DecimalError> parse_general(
        std::string_view text) const noexcept;

    Ratio scale_;
    int decimals_;
    bool power_of_ten_ = false;
    int shifted_decimals_ = 0;
    bool nearest_;
};

/// Reads the cells of a row. Each reader returns true, or false with `fault` filled in (without the
/// field's name).
class CsvCells {
public:
    /// `time_parser` is needed for CsvTimeUnit::kFormat and outlives this.
    CsvCells(const CsvFeedConfig& config, TimeParser* time_parser);

    [[nodiscard]] bool time(std::string_view text, Timestamp& out, RecordFault& fault) const;
    [[nodiscard]] bool price(std::string_view text, Price& out, RecordFault& fault) const;
    [[nodiscard]] bool quantity(std::string_view text, Quantity& out, RecordFault& fault) const;
    /// 1 for a buy value, 2 for a sell value, 0 for an empty cell.
    [[nodiscard]] bool side(std::string_view text, std::uint8_t& out, RecordFault& fault) const;
    /// An unsigned integer, in hexadecimal (with or without 0x) for base 16; 0 for an empty cell.
    [[nodiscard]] static bool unsigned_integer(std::string_view text, int base, std::uint64_t most,
                                               std::uint64_t& out, RecordFault& fault);
    /// One printable character; 0 for an empty cell.
    [[nodiscard]] static bool letter(std::string_view text, std::uint8_t& out, RecordFault& fault);

private:
    CsvTimeUnit unit_;
    int time_decimals_ = 0;
    TimeParser* time_parser_;
    std::string expected_time_;
    ScaledDecimal price_;
    ScaledDecimal quantity_;
    Price max_price_;
    std::string expected_price_;
    std::vector<std::string> buy_;
    std::vector<std::string> sell_;
};

}  // namespace fermata::csv
