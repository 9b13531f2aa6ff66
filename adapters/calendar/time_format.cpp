#include "adapters/calendar/time_format.hpp"

#include <limits>
#include <utility>

#include "adapters/calendar/time_zone_database.hpp"
#include "core/base/assert.hpp"
#include "core/types/decimal.hpp"

namespace fermata {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_any_case(std::string_view text, std::string_view prefix) noexcept {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (lower(text[i]) != lower(prefix[i])) return false;
    }
    return true;
}

/// Takes text from the front; every method says whether it could.
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
    [[nodiscard]] bool literal(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// A number of `min` to `max` digits.
    [[nodiscard]] bool number(std::size_t min, std::size_t max, std::int32_t& out) noexcept {
        std::size_t n = 0;
        std::int32_t value = 0;
        while (n < max && n < rest_.size() && is_digit(rest_[n])) {
            value = value * 10 + (rest_[n] - '0');
            ++n;
        }
        if (n < min) return false;
        rest_.remove_prefix(n);
        out = value;
        return true;
    }
    [[nodiscard]] bool fraction(std::int64_t& ns) noexcept {
        const std::size_t before = rest_.size();
        std::int32_t value = 0;
        if (!number(1, 9, value)) return false;
        ns = value;
        for (std::size_t n = before - rest_.size(); n < 9; ++n) ns *= 10;
        return true;
    }
    [[nodiscard]] bool month_name(std::int32_t& month) noexcept {
        for (std::size_t i = 0; i < kMonths.size(); ++i) {
            if (!starts_with_any_case(rest_, kMonths[i].substr(0, 3))) continue;
            month = static_cast<std::int32_t>(i) + 1;
            rest_.remove_prefix(starts_with_any_case(rest_, kMonths[i]) ? kMonths[i].size() : 3);
            return true;
        }
        return false;
    }
    [[nodiscard]] bool am_pm(int& half) noexcept {
        if (!starts_with_any_case(rest_, "AM") && !starts_with_any_case(rest_, "PM")) return false;
        half = lower(rest_.front()) == 'p' ? 1 : 0;
        rest_.remove_prefix(2);
        return true;
    }
    [[nodiscard]] bool offset(std::int64_t& ns) noexcept {
        if (literal('Z')) return true;
        if (rest_.empty() || (rest_.front() != '+' && rest_.front() != '-')) return false;
        const int direction = rest_.front() == '-' ? -1 : 1;
        rest_.remove_prefix(1);
        std::int32_t hours = 0;
        std::int32_t minutes = 0;
        if (!number(2, 2, hours)) return false;
        const bool colon = literal(':');
        if (!number(2, 2, minutes) && colon) return false;
        if (hours > 23 || minutes > 59) return false;
        ns = direction * (Duration::hours(hours).ns + Duration::minutes(minutes).ns);
        return true;
    }
    [[nodiscard]] bool epoch(std::int64_t& seconds, bool& negative) noexcept {
        negative = !rest_.empty() && rest_.front() == '-';
        std::size_t n = negative ? 1 : 0;
        while (n < rest_.size() && is_digit(rest_[n])) ++n;
        const auto value = parse_decimal(rest_.substr(0, n), 0);
        if (!value) return false;
        rest_.remove_prefix(n);
        seconds = *value;
        return true;
    }

private:
    std::string_view rest_;
};

TimeParseError as_parse_error(LocalTimeError error) noexcept {
    switch (error) {
        case LocalTimeError::kAmbiguous:
            return TimeParseError::kAmbiguous;
        case LocalTimeError::kNonexistent:
            return TimeParseError::kNonexistent;
        case LocalTimeError::kOutOfRange:
            return TimeParseError::kOutOfRange;
    }
    return TimeParseError::kOutOfRange;
}

Result<Timestamp, TimeParseError> from_count(std::int64_t count, std::int64_t unit_ns,
                                             std::int64_t extra_ns) noexcept {
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(count, unit_ns, &ns) || __builtin_add_overflow(ns, extra_ns, &ns)) {
        return Err{TimeParseError::kOutOfRange};
    }
    return Timestamp{ns};
}

const TimeZone& checked(const std::shared_ptr<const TimeZone>& zone) {
    FERMATA_ASSERT(zone != nullptr);
    return *zone;
}

/// A date alone names its first instant, whatever the clocks do at midnight.
LocalTimePolicy policy_of(const TimeFormat& format, LocalTimePolicy policy) noexcept {
    if (format.has_time_of_day()) return policy;
    return {AmbiguousTime::kEarlier, NonexistentTime::kNextInstant};
}

}  // namespace

/// What a text says, before a zone makes it an instant.
struct FormatTimeParser::Fields {
    std::int32_t year = 1970;
    std::int32_t month = 1;
    std::int32_t day = 1;
    std::int32_t day_of_year = -1;  // negative = not given
    std::int32_t hour = 0;
    std::int32_t minute = 0;
    std::int32_t second = 0;
    std::int64_t fraction_ns = 0;
    std::int64_t offset_ns = 0;
    std::int64_t epoch_seconds = 0;
    int half_of_day = -1;  // 0 AM, 1 PM, negative = a clock of 24 hours
    bool is_epoch = false;
    bool before_epoch = false;

    /// Checks every field and turns a clock of 12 hours into one of 24.
    /// Whether every field names a date and time that exist; turns a clock of 12 hours into one of
    /// 24.
    [[nodiscard]] bool normalize() noexcept {
        if (half_of_day >= 0) {
            if (hour < 1 || hour > 12) return false;
            hour = hour % 12 + 12 * half_of_day;
        }
        const std::int32_t year_days = is_leap_year(year) ? 366 : 365;
        return hour <= 23 && minute <= 59 && second <= 59 && day_of_year != 0 &&
               day_of_year <= year_days && is_valid(CivilDate{year, month, day});
    }
};

FormatTimeParser::FormatTimeParser(TimeFormat format, std::shared_ptr<const TimeZone> zone,
                                   LocalTimePolicy policy)
    : format_(std::move(format)),
      zone_(std::move(zone)),
      cursor_(checked(zone_), policy_of(format_, policy)),
      expected_(format_.pattern() + (format_.is_absolute() ? "" : " in " + zone_->name())) {}

bool FormatTimeParser::scan(std::string_view text, Fields& f) const noexcept {
    using Op = TimeFormat::Op;
    Scanner in(text);
    for (std::size_t i = 0; i < format_.size_; ++i) {
        bool ok = false;
        switch (format_.steps_[i].op) {
            case Op::kLiteral:
                ok = in.literal(format_.steps_[i].literal);
                break;
            case Op::kYear:
                ok = in.number(4, 4, f.year);
                break;
            case Op::kYear2:
                ok = in.number(2, 2, f.year);
                f.year += f.year >= 69 ? 1900 : 2000;
                break;
            case Op::kMonth:
                ok = in.number(1, 2, f.month);
                break;
            case Op::kMonthName:
                ok = in.month_name(f.month);
                break;
            case Op::kDay:
                ok = in.number(1, 2, f.day);
                break;
            case Op::kDaySpaced:
                ok = in.number(1, in.literal(' ') ? 1 : 2, f.day);
                break;
            case Op::kDayOfYear:
                ok = in.number(1, 3, f.day_of_year);
                break;
            case Op::kHour:
                ok = in.number(1, 2, f.hour);
                break;
            case Op::kHour12:
                ok = in.number(1, 2, f.hour);
                break;
            case Op::kAmPm:
                ok = in.am_pm(f.half_of_day);
                break;
            case Op::kMinute:
                ok = in.number(1, 2, f.minute);
                break;
            case Op::kSecond:
                ok = in.number(1, 2, f.second);
                break;
            case Op::kFraction:
                ok = in.fraction(f.fraction_ns);
                break;
            case Op::kOffset:
                ok = in.offset(f.offset_ns);
                break;
            case Op::kEpochSeconds:
                ok = in.epoch(f.epoch_seconds, f.before_epoch);
                f.is_epoch = true;
                break;
            case Op::kCount:
                break;
        }
        if (!ok) return false;
    }
    return in.done();
}

Result<Timestamp, TimeParseError> FormatTimeParser::parse(std::string_view text) noexcept {
    if (format_.unit_ns_ != 0) {
        const auto count = parse_decimal(text, 0);
        if (count) return from_count(*count, format_.unit_ns_, 0);
        return Err{count.error() == DecimalError::kOutOfRange ? TimeParseError::kOutOfRange
                                                              : TimeParseError::kFormat};
    }
    Fields f;
    if (!scan(text, f)) return Err{TimeParseError::kFormat};
    if (f.is_epoch) {
        return from_count(f.epoch_seconds, Duration::seconds(1).ns,
                          f.before_epoch ? -f.fraction_ns : f.fraction_ns);
    }
    if (!f.normalize()) return Err{TimeParseError::kOutOfRange};

    const Date date = f.day_of_year < 0 ? to_date(f.year, f.month, f.day)
                                        : to_date(f.year, 1, 1) + (f.day_of_year - 1);
    const std::int64_t of_day = Duration::seconds(f.hour * 3600 + f.minute * 60 + f.second).ns +
                                f.fraction_ns - f.offset_ns;
    const auto midnight = from_count(date.days, Duration::days(1).ns, of_day);
    if (!midnight || format_.absolute_) return midnight;
    const auto t = cursor_.to_utc(LocalTime{midnight->ns});
    if (!t) return Err{as_parse_error(t.error())};
    return *t;
}

std::unique_ptr<TimeParser> make_time_parser(std::string_view pattern, std::string_view zone,
                                             LocalTimePolicy policy) {
    std::string why;
    auto format = TimeFormat::compile(pattern, &why);
    if (!format) throw CalendarError("'" + std::string(pattern) + "': " + why);
    return std::make_unique<FormatTimeParser>(*std::move(format), load_time_zone(zone), policy);
}

}  // namespace fermata
