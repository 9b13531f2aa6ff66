#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"
#include "core/market/calendar.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Which end of its bar a source's time stamp names.
enum class BarStamp : std::uint8_t { kStart, kEnd };

/// What a daily (or longer) bar covers when its instrument has a calendar.
enum class DailySpan : std::uint8_t {
    kSession,  ///< The regular session of its trading date: from the open to the close.
    kStamp,    ///< Exactly stamp to stamp + interval; for sources whose day is not the exchange's
               ///< (UTC days of a market that trades around the clock).
};

struct BarClockSettings {
    Duration interval;  ///< Positive. A multiple of 24 hours makes the bar a daily one.
    BarStamp stamp = BarStamp::kStart;
    DailySpan daily_span = DailySpan::kSession;
};

/// When a bar begins and when it is complete and known.
struct BarTimes {
    Timestamp start;              ///< For kBarOpen.
    Timestamp end;                ///< For kBar. Always > start.
    bool out_of_session = false;  ///< There is a calendar and no session of it touches the bar.
    friend constexpr bool operator==(BarTimes, BarTimes) = default;
};

enum class BarClockError : std::uint8_t {
    kOutOfRange,       ///< The bar's times do not fit a Timestamp.
    kOutsideCalendar,  ///< The calendar's table does not reach that date: whether there was a
                       ///< session is unknown.
};
[[nodiscard]] std::string_view describe(BarClockError error) noexcept;

/// Turns the time stamp that a source gives a bar into the bar's start and end. Every bar feed
/// (CSV, LEAN, generator) uses this one rule:
///
///   bar                                        start              end
///   shorter than a day                         stamp              stamp + interval
///   n days, calendar, a session on these dates first session open last session close
///   n days, calendar, no session               stamp              stamp + interval, out of session
///   n days, no calendar                        stamp              stamp + interval
///
/// With BarStamp::kEnd, read "stamp - interval" for start and "stamp" for end.
///
/// The dates of a daily bar are civil dates in the calendar's zone: the date of the stamp and the
/// n - 1 that follow (kStart), or the date of the instant before the stamp and the n - 1 before it
/// (kEnd: both 16:00 of the day and midnight after it name that day). A date without a time of day
/// must therefore be read as midnight in the calendar's zone, not as midnight UTC.
///
/// An intraday bar is in session when any part of it is, so that an hourly bar from 09:00 that
/// holds the trades from 09:30 on counts.
///
/// Owner: the thread of one feed; remembers the last session it found, so that ascending stamps
/// cost no search. `calendar` must outlive the clock.
class BarClock {
public:
    /// `calendar` may be nullptr: open at all times. Requires interval > 0.
    BarClock(BarClockSettings settings, const Calendar* calendar);

    [[nodiscard]] Result<BarTimes, BarClockError> times(Timestamp stamp) noexcept;

    [[nodiscard]] const BarClockSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] const Calendar* calendar() const noexcept { return calendar_; }

private:
    [[nodiscard]] Result<BarTimes, BarClockError> session_times(Timestamp stamp,
                                                                BarTimes plain) noexcept;
    [[nodiscard]] Result<bool, BarClockError> touches_session(BarTimes plain) noexcept;

    BarClockSettings settings_;
    const Calendar* calendar_;
    Timestamp table_begin_;  // of the calendar, when there is one
    Timestamp table_end_;
    std::int32_t days_;       // whole days of the interval; 0 for an intraday bar
    std::size_t cursor_ = 0;  // index of the session found last, within sessions()
};

}  // namespace fermata
