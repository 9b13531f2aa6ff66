#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/market/time_zone.hpp"
#include "core/port/time_parser.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A compiled strptime-like format.
///
/// Directives: %Y year (4 digits) %y year (2 digits, 69..99 are 19xx) %m month %d day %e day, space
/// padded %b month name (Jan or January, any case) %j day of the year %H hour %I hour of 12 %p AM
/// or PM %M minute %S second %f fraction of a second (1 to 9 digits) %z offset (Z, +hh, +hhmm,
/// +hh:mm) %s seconds since 1970 UTC %F = %Y-%m-%d %T = %H:%M:%S %R = %H:%M %D = %m/%d/%y %% a
/// percent sign. Numbers of two digits may be written with one where what follows is not a digit.
/// Every other character stands for itself. The whole text must match: no white space is skipped,
/// no locale.
///
/// Instead of a pattern, `ns`, `us`, `ms` or `s` means a decimal integer count of that unit since
/// 1970-01-01T00:00:00Z.
class TimeFormat {
public:
    /// nullopt when the pattern is not usable; `why` (if given) gets the reason: an unknown
    /// directive, a field given twice, or a date that stays incomplete.
    [[nodiscard]] static std::optional<TimeFormat> compile(std::string_view pattern,
                                                           std::string* why = nullptr);

    [[nodiscard]] const std::string& pattern() const noexcept { return pattern_; }
    /// Carries a time of day (or is an instant). A date alone means the first instant of that day.
    [[nodiscard]] bool has_time_of_day() const noexcept { return has_time_; }
    /// Carries its own offset or counts from 1970 UTC: no zone is needed.
    [[nodiscard]] bool is_absolute() const noexcept { return absolute_; }

private:
    friend class FormatTimeParser;
    enum class Op : std::uint8_t {
        kLiteral,
        kYear,
        kYear2,
        kMonth,
        kMonthName,
        kDay,
        kDaySpaced,
        kDayOfYear,
        kHour,
        kHour12,
        kAmPm,
        kMinute,
        kSecond,
        kFraction,
        kOffset,
        kEpochSeconds,
        kCount
    };
    struct Step {
        Op op = Op::kLiteral;
        char literal = 0;
    };
    static constexpr std::size_t kMaxSteps = 48;

    [[nodiscard]] bool add(char directive, std::string* why);
    /// Fills in the flags; what is wrong with the steps, or nullptr.
    [[nodiscard]] const char* check();
    [[nodiscard]] bool push(Op op, char literal, std::string* why);

    std::string pattern_;
    std::array<Step, kMaxSteps> steps_{};
    std::uint8_t size_ = 0;
    bool has_time_ = false;
    bool absolute_ = false;
    std::int64_t unit_ns_ = 0;  // of `ns`, `us`, `ms`, `s`; 0 for a pattern
};

/// Parses the time column of a source by a format, in a zone. Total: every text gives a time or an
/// error; no allocation, no exception. One owner thread (it caches the zone's current offset).
class FormatTimeParser final : public TimeParser {
public:
    /// `zone` gives meaning to texts without an offset of their own; never nullptr.
    FormatTimeParser(TimeFormat format, std::shared_ptr<const TimeZone> zone,
                     LocalTimePolicy policy = {});

    [[nodiscard]] Result<Timestamp, TimeParseError> parse(std::string_view text) noexcept override;
    [[nodiscard]] std::string_view expected() const noexcept override { return expected_; }

private:
    struct Fields;
    [[nodiscard]] bool scan(std::string_view text, Fields& fields) const noexcept;

    TimeFormat format_;
    std::shared_ptr<const TimeZone> zone_;
    ZoneCursor cursor_;
    std::string expected_;
};

/// A parser for `pattern` in the zone called `zone`, for a feed's configuration.
/// Throws CalendarError that says what is wrong with either.
[[nodiscard]] std::unique_ptr<TimeParser> make_time_parser(std::string_view pattern,
                                                           std::string_view zone,
                                                           LocalTimePolicy policy = {});

}  // namespace fermata
