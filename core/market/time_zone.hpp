#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/market/date.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// What a wall clock shows: nanoseconds since 1970-01-01T00:00 on that clock. Not an instant until
/// a zone makes it one.
struct LocalTime {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(LocalTime, LocalTime) = default;
    friend constexpr LocalTime operator+(LocalTime t, Duration d) { return {t.ns + d.ns}; }
};

/// A wall-clock time that comes twice, when clocks go back.
enum class AmbiguousTime : std::uint8_t { kRefuse, kEarlier, kLater };
/// A wall-clock time that never comes, when clocks go forward.
enum class NonexistentTime : std::uint8_t {
    kRefuse,
    kNextInstant,  ///< The first instant behind the gap.
};

/// What to do with local times that do not name one instant. Refusing is the default: a feed must
/// say which one it means.
struct LocalTimePolicy {
    AmbiguousTime ambiguous = AmbiguousTime::kRefuse;
    NonexistentTime nonexistent = NonexistentTime::kRefuse;
};

enum class LocalTimeError : std::uint8_t { kAmbiguous, kNonexistent, kOutOfRange };
[[nodiscard]] std::string_view describe(LocalTimeError error) noexcept;

/// The offsets of one time zone as a table that was computed at start-up (adapters/calendar reads
/// the time-zone database; core does not).
///
/// Constant after construction; any thread may read it. Look-ups are O(log n); who converts many
/// ascending times keeps a ZoneCursor.
class TimeZone {
public:
    /// One span of time with one offset: local = UTC + offset, for begin <= t < end.
    struct Interval {
        Timestamp begin;
        Timestamp end;
        Duration offset;
    };

    /// `intervals` ascending, each beginning where the one before ends, offsets below 26 hours.
    /// Times outside them are out of range. A table that breaks these rules is a bug and aborts.
    TimeZone(std::string name, std::vector<Interval> intervals);
    /// The zone UTC, for all of Timestamp but a day at either end.
    [[nodiscard]] static TimeZone utc();

    /// The name in the time-zone database: "America/New_York".
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::vector<Interval>& intervals() const noexcept { return intervals_; }

    [[nodiscard]] Result<Timestamp, LocalTimeError> to_utc(
        LocalTime local, LocalTimePolicy policy = {}) const noexcept;
    /// nullopt outside the table.
    [[nodiscard]] std::optional<LocalTime> to_local(Timestamp t) const noexcept;
    /// The first instant of a civil date, midnight but for zones that skip or repeat it; nullopt
    /// outside the table.
    [[nodiscard]] std::optional<Timestamp> start_of(Date date) const noexcept;
    /// The civil date at `t`; nullopt outside the table.
    [[nodiscard]] std::optional<Date> date_at(Timestamp t) const noexcept;

private:
    friend class ZoneCursor;
    /// Local times that one interval alone explains: begin <= local < end names local - offset.
    struct Unique {
        LocalTime begin;
        LocalTime end;
    };

    /// Index of the last interval that begins at or before `t`; size() when there is none.
    [[nodiscard]] std::size_t interval_at(Timestamp t) const noexcept;

    std::string name_;
    std::vector<Interval> intervals_;
    std::vector<Unique> unique_;  // parallel to intervals_
};

/// Converts many local times of one zone: remembers the span of the last one, so that the next
/// costs two comparisons. One owner at a time; `zone` must outlive it.
class ZoneCursor {
public:
    explicit ZoneCursor(const TimeZone& zone, LocalTimePolicy policy = {}) noexcept
        : zone_(&zone), policy_(policy) {}

    [[nodiscard]] Result<Timestamp, LocalTimeError> to_utc(LocalTime local) noexcept {
        if (begin_ <= local && local < end_) return Timestamp{local.ns - offset_.ns};
        return search(local);
    }

private:
    [[nodiscard]] Result<Timestamp, LocalTimeError> search(LocalTime local) noexcept;

    const TimeZone* zone_;
    LocalTimePolicy policy_;
    LocalTime begin_;
    LocalTime end_;
    Duration offset_;
};

/// Midnight on the wall clock that begins `date`; nullopt outside the range of 64 bits.
[[nodiscard]] constexpr std::optional<LocalTime> local_midnight(Date date) noexcept {
    const auto as_utc = utc_midnight(date);
    if (!as_utc) return std::nullopt;
    return LocalTime{as_utc->ns};
}

}  // namespace fermata
