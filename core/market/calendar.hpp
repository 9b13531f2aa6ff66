#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/market/date.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// One regular trading session of a calendar, in UTC.
struct Session {
    Date date;        ///< The trading date in the exchange's time zone.
    Timestamp open;   ///< First instant of the session.
    Timestamp close;  ///< First instant after it.
    bool early_close = false;
};

/// The regular trading sessions of an exchange as a table that was computed at start-up (time zones
/// and holiday rules live in adapters/calendar; core reads no time-zone database).
///
/// Constant after construction; any thread may read it. Look-ups by session are O(log n),
/// by day O(1).
class Calendar {
public:
    /// `sessions` ascending by date and time and not overlapping; `day_start[i]` is local midnight
    /// of day `first_day + i`, so day_start has one more entry than there are days (at least one).
    /// A table that breaks these rules is a bug and aborts.
    Calendar(std::string name, std::string zone, std::vector<Session> sessions, Date first_day,
             std::vector<Timestamp> day_start);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& zone() const noexcept { return zone_; }
    [[nodiscard]] const std::vector<Session>& sessions() const noexcept { return sessions_; }
    /// First date of the table, and the first date behind its end.
    [[nodiscard]] Date first_day() const noexcept { return first_day_; }
    [[nodiscard]] Date end_day() const noexcept {
        return first_day_ + static_cast<std::int32_t>(day_start_.size() - 1);
    }
    /// Whether the table knows this date; where it does not, "no session" means "unknown".
    [[nodiscard]] bool covers(Date date) const noexcept {
        return first_day_ <= date && date < end_day();
    }

    /// The session of a trading date; nullptr on a holiday or outside the table.
    [[nodiscard]] const Session* session_on(Date date) const noexcept;
    /// The session that contains `t` (open <= t < close), or nullptr.
    [[nodiscard]] const Session* session_at(Timestamp t) const noexcept;
    /// The first session that opens at or after `t`, or nullptr behind the table's end.
    [[nodiscard]] const Session* next_session(Timestamp t) const noexcept;
    /// The first session of a trading date >= `date`, or nullptr behind the table's end.
    [[nodiscard]] const Session* next_session_on(Date date) const noexcept;
    [[nodiscard]] bool is_open(Timestamp t) const noexcept { return session_at(t) != nullptr; }
    /// The civil date at `t` in the exchange's zone; nullopt outside the table.
    [[nodiscard]] std::optional<Date> date_at(Timestamp t) const noexcept;
    /// Local midnight that begins `date`; nullopt outside the table.
    [[nodiscard]] std::optional<Timestamp> start_of(Date date) const noexcept;

private:
    std::string name_;
    std::string zone_;
    std::vector<Session> sessions_;
    Date first_day_;
    std::vector<Timestamp> day_start_;
};

}  // namespace fermata
