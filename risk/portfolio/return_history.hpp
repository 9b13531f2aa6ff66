#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/market_event.hpp"
#include "core/market/date.hpp"
#include "risk/portfolio/matrix.hpp"

namespace fermata {
class StateArchive;
}

namespace fermata::portfolio {

/// What the return of one instrument on one trading day is.
enum class ReturnState : std::uint8_t {
    kOneDay,    ///< From the close of the trading day before.
    kBridged,   ///< From an older close, because there was none on the days between.
    kMissing,   ///< No close on this day.
    kUnusable,  ///< A close that is not a positive number, or none left to measure it from.
    kNotYet,    ///< Before, or on the day of, the instrument's first close.
};

enum class HistoryError : std::uint8_t {
    kDateNotAscending,  ///< A day at or before the newest one.
    kWrongSize,         ///< Not one close for each instrument.
    kTooFewDays,        ///< Fewer complete days than were asked for.
};
[[nodiscard]] std::string_view describe(HistoryError error) noexcept;

/// Days of the window by ReturnState, for one instrument.
struct ReturnCounts {
    std::size_t one_day = 0;
    std::size_t bridged = 0;
    std::size_t missing = 0;
    std::size_t unusable = 0;
    std::size_t not_yet = 0;
    [[nodiscard]] std::size_t returns() const noexcept { return one_day + bridged; }
    friend bool operator==(const ReturnCounts&, const ReturnCounts&) = default;
};

/// The days on which every asked-for instrument has a return.
struct CompleteReturns {
    std::vector<Date> dates;  ///< Ascending.
    Matrix returns;           ///< A row a date, a column an asked-for instrument.
    std::size_t dropped = 0;  ///< Days of the window that are left out, as one was missing.
};

/// Simple daily returns of N instruments, aligned by trading day, of the last `window` days.
///
/// A trading day is a day that was added. The rule for missing days, because a return of zero that
/// nobody saw would make every measure of risk too small:
///  - no close on a day: no return on that day, and the day is counted as missing;
///  - the next close gives the return from the last known close, over all days between, on the day
///    on which it was seen: a loss over a suspension is not lost. It is counted as bridged;
///  - who needs a rectangle of numbers asks for the complete days and is told how many were left
///    out. Nothing is ever filled in.
///
/// Returns are those of prices adjusted for corporate actions: an action rescales the last close
/// before the ex date as core/market/adjustment.hpp does (split of n for d: times d / n; dividend:
/// minus the cash), so a return is exact whatever happens later and no past is rewritten.
///
/// Owner: one thread, off the hot path. Memory: fixed at construction; adding allocates nothing.
class ReturnHistory {
public:
    /// `window` trading days at most; both at least 1.
    ReturnHistory(std::size_t instruments, std::size_t window);

    /// Takes effect before the next day that is added. Unknown last close: nothing to rescale.
    void apply(std::size_t instrument, const CorporateActionData& action);

    /// The closes of one day by instrument, raw; NaN where there was none. After an error nothing
    /// has changed. The first day gives no return, only closes to begin with.
    [[nodiscard]] Status<HistoryError> add_day(Date date, std::span<const double> closes);

    [[nodiscard]] std::size_t instruments() const noexcept { return instruments_; }
    [[nodiscard]] std::size_t window() const noexcept { return window_; }
    /// Rows of returns held, at most `window`.
    [[nodiscard]] std::size_t days() const noexcept { return days_; }
    /// Row 0 is the oldest.
    [[nodiscard]] Date date(std::size_t row) const;
    [[nodiscard]] ReturnState state(std::size_t row, std::size_t instrument) const;
    /// Nothing where the state is not kOneDay or kBridged.
    [[nodiscard]] std::optional<double> value(std::size_t row, std::size_t instrument) const;
    [[nodiscard]] const ReturnCounts& counts(std::size_t instrument) const;
    /// The newest usable close, in the basis of now.
    [[nodiscard]] std::optional<double> last_close(std::size_t instrument) const;

    /// The rows of the window in which every one of `instruments` has a return. kTooFewDays when
    /// there are fewer than `at_least`.
    [[nodiscard]] Result<CompleteReturns, HistoryError> complete(
        std::span<const std::size_t> instruments, std::size_t at_least) const;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    [[nodiscard]] std::size_t slot(std::size_t row) const;
    [[nodiscard]] static std::size_t& counter(ReturnCounts& counts, ReturnState state) noexcept;

    std::size_t instruments_;
    std::size_t window_;
    std::size_t days_ = 0;
    std::size_t first_ = 0;  // slot of the oldest row
    bool any_day_ = false;
    Date newest_;
    std::vector<Date> dates_;
    std::vector<double> values_;  // window x instruments; meaningful by state
    std::vector<ReturnState> states_;
    std::vector<ReturnCounts> counts_;
    std::vector<double> last_;         // NaN: none
    std::vector<std::uint8_t> stale_;  // no close since: the next return is bridged
    std::vector<std::uint8_t> seen_;   // had a usable close
};

}  // namespace fermata::portfolio
