#include "adapters/csv/csv_cells.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/port/feed.hpp"

namespace fermata::csv {
namespace {

/// k when `scale` is 10^k.
bool power_of_ten(Ratio scale, int& k) noexcept {
    std::int64_t raw = scale.raw();
    k = -9;
    while (raw % 10 == 0 && raw > 1) {
        raw /= 10;
        ++k;
    }
    return raw == 1;
}

int decimals_of(CsvTimeUnit unit) noexcept {
    switch (unit) {
        case CsvTimeUnit::kNanoseconds:
            return 0;
        case CsvTimeUnit::kMicroseconds:
            return 3;
        case CsvTimeUnit::kMilliseconds:
            return 6;
        case CsvTimeUnit::kSeconds:
            return 9;
        case CsvTimeUnit::kFormat:
            break;
    }
    return 0;
}

std::string_view name_of(CsvTimeUnit unit) noexcept {
    switch (unit) {
        case CsvTimeUnit::kNanoseconds:
            return "nanoseconds";
        case CsvTimeUnit::kMicroseconds:
            return "microseconds";
        case CsvTimeUnit::kMilliseconds:
            return "milliseconds";
        case CsvTimeUnit::kSeconds:
            return "seconds";
        case CsvTimeUnit::kFormat:
            break;
    }
    return "a time";
}

bool contains(const std::vector<std::string>& values, std::string_view text) noexcept {
    return std::find(values.begin(), values.end(), text) != values.end();
}

std::string_view expected_of(DecimalError error) noexcept {
    return error == DecimalError::kTooManyDecimals
               ? "no more decimals than are held exactly (rounding: nearest rounds them)"
               : "a decimal number";
}

}  // namespace

ScaledDecimal::ScaledDecimal(Ratio scale, int decimals, CsvRounding rounding)
    : scale_(scale), decimals_(decimals), nearest_(rounding == CsvRounding::kNearest) {
    int k = 0;
    power_of_ten_ = power_of_ten(scale, k);
    shifted_decimals_ = decimals + k;
}

Result<std::int64_t, DecimalError> ScaledDecimal::parse(std::string_view text) const noexcept {
    if (!power_of_ten_) return parse_general(text);
    return nearest_ ? parse_decimal_rounded(text, shifted_decimals_)
                    : parse_decimal(text, shifted_decimals_);
}

Result<std::int64_t, DecimalError> ScaledDecimal::parse_general(
    std::string_view text) const noexcept {
    const auto unscaled =
        nearest_ ? parse_decimal_rounded(text, decimals_) : parse_decimal(text, decimals_);
    if (!unscaled) return unscaled;
    const __int128 product = static_cast<__int128>(*unscaled) * scale_.raw();
    if (!nearest_ && product % Ratio::kOne != 0) return Err{DecimalError::kTooManyDecimals};
    const auto scaled = divide_half_even(product, Ratio::kOne);
    if (!scaled) return Err{DecimalError::kOutOfRange};
    return *scaled;
}

CsvCells::CsvCells(const CsvFeedConfig& config, TimeParser* time_parser)
    : unit_(config.time.unit),
      time_decimals_(decimals_of(config.time.unit)),
      time_parser_(time_parser),
      price_(config.price_scale, Price::kDecimals, config.rounding),
      quantity_(config.quantity_scale, Quantity::kDecimals, config.rounding),
      max_price_(config.max_price),
      expected_price_("a price of at most " + to_string(config.max_price) + " (max_price)"),
      buy_(config.buy_values),
      sell_(config.sell_values) {
    if (!config.price_scale.is_positive() || !config.quantity_scale.is_positive()) {
        throw FeedError(config.path + ": price_scale and quantity_scale must be positive");
    }
    if (unit_ == CsvTimeUnit::kFormat) {
        if (time_parser_ == nullptr) {
            throw FeedError(config.path + ": a time format needs a time parser, which is missing");
        }
        expected_time_ = std::string(time_parser_->expected());
    } else {
        expected_time_ = std::string(name_of(unit_)) + " since 1970-01-01 UTC";
    }
}

bool CsvCells::time(std::string_view text, Timestamp& out, RecordFault& fault) const {
    if (unit_ == CsvTimeUnit::kFormat) {
        const auto parsed = time_parser_->parse(text);
        if (parsed) {
            out = *parsed;
            return true;
        }
    } else {
        const auto parsed = parse_decimal(text, time_decimals_);
        if (parsed) {
            out = {*parsed};
            return true;
        }
    }
    fault = {SkipReason::kMalformed, {}, text, expected_time_};
    return false;
}

bool CsvCells::price(std::string_view text, Price& out, RecordFault& fault) const {
    const auto parsed = price_.parse(text);
    if (!parsed) {
        fault = parsed.error() == DecimalError::kOutOfRange
                    ? RecordFault{SkipReason::kPriceOutOfRange, {}, text, expected_price_}
                    : RecordFault{SkipReason::kMalformed, {}, text, expected_of(parsed.error())};
        return false;
    }
    out = Price::from_raw(*parsed);
    if (out > max_price_ || out < Price::zero() - max_price_) {
        fault = {SkipReason::kPriceOutOfRange, {}, text, expected_price_};
        return false;
    }
    return true;
}

bool CsvCells::quantity(std::string_view text, Quantity& out, RecordFault& fault) const {
    const auto parsed = quantity_.parse(text);
    if (!parsed) {
        fault = parsed.error() == DecimalError::kOutOfRange
                    ? RecordFault{SkipReason::kQuantityOutOfRange,
                                  {},
                                  text,
                                  "a quantity that fits 64 bits in units of 1e-8"}
                    : RecordFault{SkipReason::kMalformed, {}, text, expected_of(parsed.error())};
        return false;
    }
    out = Quantity::from_raw(*parsed);
    if (out.is_negative()) {
        fault = {SkipReason::kQuantityOutOfRange, {}, text, "a quantity that is not negative"};
        return false;
    }
    return true;
}

bool CsvCells::side(std::string_view text, std::uint8_t& out, RecordFault& fault) const {
    if (text.empty()) {
        out = 0;
    } else if (contains(buy_, text)) {
        out = 1;
    } else if (contains(sell_, text)) {
        out = 2;
    } else {
        fault = {SkipReason::kMalformed, {}, text, "one of buy_values or sell_values"};
        return false;
    }
    return true;
}

bool CsvCells::unsigned_integer(std::string_view text, int base, std::uint64_t most,
                                std::uint64_t& out, RecordFault& fault) {
    out = 0;
    if (text.empty()) return true;
    std::string_view digits = text;
    if (base == 16 && (digits.starts_with("0x") || digits.starts_with("0X")))
        digits.remove_prefix(2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
    if (error == std::errc{} && end == digits.data() + digits.size() && out <= most) return true;
    fault = {SkipReason::kMalformed,
             {},
             text,
             base == 16 ? "a hexadecimal number" : "an unsigned integer"};
    return false;
}

bool CsvCells::letter(std::string_view text, std::uint8_t& out, RecordFault& fault) {
    if (text.size() > 1 || (text.size() == 1 && (text[0] <= ' ' || text[0] > '~'))) {
        fault = {SkipReason::kMalformed, {}, text, "one letter"};
        return false;
    }
    out = text.empty() ? 0 : static_cast<std::uint8_t>(text[0]);
    return true;
}

}  // namespace fermata::csv
