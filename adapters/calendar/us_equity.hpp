#pragma once

#include "adapters/calendar/calendars.hpp"
#include "core/market/date.hpp"

namespace fermata {

/// The first date for which the rules of us_equity are complete.
inline constexpr Date kUsEquityFrom = to_date(1990, 1, 1);

/// Regular sessions of the NYSE (Nasdaq keeps the same holidays and hours), 09:30-16:00 New York.
///
/// Holidays (NYSE Rule 7.2): New Year's Day; Martin Luther King Day, third Monday of January, since
/// 1998; Washington's Birthday, third Monday of February; Good Friday; Memorial Day, last Monday of
/// May; Juneteenth, June 19, since 2022; Independence Day; Labor Day, first Monday of September;
/// Thanksgiving, fourth Thursday of November; Christmas. One that falls on a Sunday is kept on the
/// Monday after it, on a Saturday on the Friday before it; but when that Friday ends the month or
/// the year (New Year's Day on a Saturday), the exchange opens.
///
/// Early closes, 13:00 (14:00 before 1993): the day after Thanksgiving since 1992; Christmas Eve on
/// Monday to Thursday (not in 1993 to 1995, when it was no trading day); since 1995 July 3 when
/// July 4 is a Tuesday, Wednesday or Friday, and for July 4 on a Thursday July 5 until 2012 and
/// July 3 since 2013.
///
/// One-off closures, early closes and late opens of half an hour or more are listed in the source
/// (NYSE, "Special Closings"). Halts inside a session and openings delayed by minutes of silence
/// are not modelled.
///
/// `from` and `to` (included) choose the years that are filled in.
[[nodiscard]] CalendarSpec us_equity_spec(Date from, Date to);

}  // namespace fermata
