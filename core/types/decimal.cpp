#include "core/types/decimal.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace fermata {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Accumulates the digits of a decimal number into units of 10^-decimals.
struct Accumulator {
    unsigned __int128 value = 0;
    bool overflow = false;
    bool inexact = false;        // a non-zero digit fell below the resolution
    int first_dropped = -1;      // the most significant digit that fell below
    bool rest_non_zero = false;  // anything non-zero behind it

    void keep(char digit) noexcept {
        value = value * 10 + static_cast<unsigned>(digit - '0');
        if (value > static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max()) + 1) {
            overflow = true;
            value = 0;
        }
    }
    void drop(char digit) noexcept {
        if (digit != '0') inexact = true;
        if (first_dropped < 0) {
            first_dropped = digit - '0';
        } else if (digit != '0') {
            rest_non_zero = true;
        }
    }
};

constexpr std::uint64_t kPowersOfTen[] = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

/// The common case in few instructions: an optional minus, digits with or without a point, at most
/// 19 of them, none below the resolution. False for everything else, which parse_any then judges.
bool parse_plain(std::string_view text, int decimals, std::int64_t& raw) noexcept {
    const char* p = text.data();
    const char* const end = p + text.size();
    const bool negative = p != end && *p == '-';
    if (negative) ++p;
    std::uint64_t value = 0;
    const char* const digits = p;
    for (unsigned d = 0; p != end && (d = static_cast<unsigned>(*p - '0')) < 10; ++p) {
        value = value * 10 + d;
    }
    std::ptrdiff_t count = p - digits;
    std::ptrdiff_t missing = decimals;
    if (p != end && *p == '.') {
        const char* const fraction = ++p;
        for (unsigned d = 0; p != end && (d = static_cast<unsigned>(*p - '0')) < 10; ++p) {
            value = value * 10 + d;
        }
        count += p - fraction;
        missing -= p - fraction;
    }
    if (p != end || count == 0 || count > 19 || missing < 0 || missing > 9) return false;
    if (__builtin_mul_overflow(value, kPowersOfTen[missing], &value)) return false;
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
    raw = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
    return true;
}

Result<std::int64_t, DecimalError> parse_any(std::string_view text, int decimals,
                                             bool round) noexcept {
    if (std::int64_t raw = 0; parse_plain(text, decimals, raw)) return raw;
    if (text.empty()) return Err{DecimalError::kEmpty};
    std::size_t i = 0;
    const bool negative = text[0] == '-';
    if (text[0] == '-' || text[0] == '+') ++i;

    const std::size_t digits_begin = i;
    std::size_t point = std::string_view::npos;
    std::size_t digit_count = 0;
    for (; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            ++digit_count;
        } else if (text[i] == '.' && point == std::string_view::npos) {
            point = i;
        } else {
            break;
        }
    }
    if (digit_count == 0) return Err{DecimalError::kNotANumber};
    const std::size_t digits_end = i;
    int exponent = 0;
    if (i < text.size()) {
        if (text[i] != 'e' && text[i] != 'E') return Err{DecimalError::kNotANumber};
        ++i;
        bool exponent_negative = false;
        if (i < text.size() && (text[i] == '-' || text[i] == '+'))
            exponent_negative = text[i++] == '-';
        if (i == text.size()) return Err{DecimalError::kNotANumber};
        for (; i < text.size(); ++i) {
            if (!is_digit(text[i])) return Err{DecimalError::kNotANumber};
            if (exponent < 10'000) exponent = exponent * 10 + (text[i] - '0');
        }
        if (exponent_negative) exponent = -exponent;
    }

    // Position of the decimal point counted in digits from the first one, after the exponent.
    const std::int64_t whole_digits =
        static_cast<std::int64_t>((point == std::string_view::npos ? digits_end : point) -
                                  digits_begin) +
        exponent;
    const std::int64_t kept = whole_digits + decimals;  // digits above the resolution
    Accumulator acc;
    std::int64_t index = 0;
    if (kept < 0) acc.first_dropped = 0;  // zeros stand between the resolution and the first digit
    for (std::size_t k = digits_begin; k < digits_end; ++k) {
        if (text[k] == '.') continue;
        if (index < kept) {
            acc.keep(text[k]);
        } else {
            acc.drop(text[k]);
        }
        ++index;
        if (acc.overflow) return Err{DecimalError::kOutOfRange};
    }
    for (; index < kept; ++index) {
        acc.keep('0');
        if (acc.overflow) return Err{DecimalError::kOutOfRange};
        if (acc.value == 0) break;
    }
    if (acc.inexact) {
        if (!round) return Err{DecimalError::kTooManyDecimals};
        const bool half = acc.first_dropped == 5 && !acc.rest_non_zero;
        if (acc.first_dropped > 5 || (acc.first_dropped == 5 && acc.rest_non_zero) ||
            (half && (acc.value & 1) != 0)) {
            ++acc.value;
        }
    }
    const auto limit = static_cast<unsigned __int128>(std::numeric_limits<std::int64_t>::max());
    if (acc.value > limit) return Err{DecimalError::kOutOfRange};
    const auto raw = static_cast<std::int64_t>(acc.value);
    return negative ? -raw : raw;
}

}  // namespace

std::string_view describe(DecimalError error) noexcept {
    switch (error) {
        case DecimalError::kEmpty:
            return "empty";
        case DecimalError::kNotANumber:
            return "not a decimal number";
        case DecimalError::kTooManyDecimals:
            return "more decimals than the type holds";
        case DecimalError::kOutOfRange:
            return "out of range";
    }
    return "unknown";
}

Result<std::int64_t, DecimalError> parse_decimal(std::string_view text, int decimals) noexcept {
    return parse_any(text, decimals, false);
}

Result<std::int64_t, DecimalError> parse_decimal_rounded(std::string_view text,
                                                         int decimals) noexcept {
    return parse_any(text, decimals, true);
}

std::size_t format_decimal(std::int64_t raw, int decimals, int min_decimals, char* out) noexcept {
    char reversed[32];
    std::size_t n = 0;
    std::uint64_t magnitude =
        raw < 0 ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
    int fraction_digits = decimals;
    while (fraction_digits > min_decimals && magnitude % 10 == 0) {
        magnitude /= 10;
        --fraction_digits;
    }
    for (int i = 0; i < fraction_digits; ++i) {
        reversed[n++] = static_cast<char>('0' + magnitude % 10);
        magnitude /= 10;
    }
    if (fraction_digits > 0) reversed[n++] = '.';
    do {
        reversed[n++] = static_cast<char>('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (raw < 0) reversed[n++] = '-';
    for (std::size_t i = 0; i < n; ++i) out[i] = reversed[n - 1 - i];
    return n;
}

std::string format_decimal(std::int64_t raw, int decimals, int min_decimals) {
    char buffer[32];
    return std::string(buffer, format_decimal(raw, decimals, min_decimals, buffer));
}

}  // namespace fermata
