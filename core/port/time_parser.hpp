#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/types/time.hpp"

namespace fermata {

enum class TimeParseError : std::uint8_t {
    kFormat,       ///< The text does not follow the format.
    kOutOfRange,   ///< No such date or time of day, or outside what a Timestamp holds.
    kNonexistent,  ///< A local time that daylight saving skips.
    kAmbiguous,    ///< A local time that occurs twice.
};

/// What the error means, for a message: "does not follow the format".
[[nodiscard]] constexpr std::string_view describe(TimeParseError error) noexcept {
    switch (error) {
        case TimeParseError::kFormat:
            return "does not follow the format";
        case TimeParseError::kOutOfRange:
            return "no such date or time";
        case TimeParseError::kNonexistent:
            return "a local time that daylight saving skips";
        case TimeParseError::kAmbiguous:
            return "a local time that occurs twice";
    }
    return "unknown";
}

/// Reads the text of one time column. Formats and time zones need a time-zone database, which core
/// does not read: adapters/calendar implements this, and the daemon hands it to the feed.
///
/// One thread at a time; an implementation may remember the last date that it looked up.
class TimeParser {
public:
    TimeParser() = default;
    TimeParser(const TimeParser&) = delete;
    TimeParser& operator=(const TimeParser&) = delete;
    virtual ~TimeParser() = default;

    [[nodiscard]] virtual Result<Timestamp, TimeParseError> parse(
        std::string_view text) noexcept = 0;
    /// What a valid text looks like, for messages: "%Y-%m-%d in America/New_York".
    [[nodiscard]] virtual std::string_view expected() const noexcept = 0;
};

}  // namespace fermata
