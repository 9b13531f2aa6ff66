#include "risk/portfolio/return_history.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"

namespace fermata::portfolio {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::uint64_t kReturnStates = 5;

bool has_return(ReturnState state) noexcept {
    return state == ReturnState::kOneDay || state == ReturnState::kBridged;
}

}  // namespace

std::string_view describe(HistoryError error) noexcept {
    switch (error) {
        case HistoryError::kDateNotAscending:
            return "the day is not after the newest one";
        case HistoryError::kWrongSize:
            return "not one close for each instrument";
        case HistoryError::kTooFewDays:
            return "too few days on which every instrument has a return";
    }
    return "unknown";
}

ReturnHistory::ReturnHistory(std::size_t instruments, std::size_t window)
    : instruments_(instruments),
      window_(window),
      dates_(window),
      values_(window * instruments),
      states_(window * instruments, ReturnState::kNotYet),
      counts_(instruments),
      last_(instruments, kNone),
      stale_(instruments),
      seen_(instruments) {
    FERMATA_ASSERT(instruments > 0 && window > 0);
}

void ReturnHistory::apply(std::size_t instrument, const CorporateActionData& action) {
    FERMATA_ASSERT(instrument < instruments_);
    double& last = last_[instrument];
    if (action.kind == CorporateActionKind::kSplit) {
        last *= static_cast<double>(action.denominator) / static_cast<double>(action.numerator);
    } else {
        last -= static_cast<double>(action.cash.raw()) / static_cast<double>(Price::kOne);
    }
    // A dividend that takes the whole price leaves nothing to measure the next return from.
    if (!(last > 0)) last = kNone;
}

std::size_t& ReturnHistory::counter(ReturnCounts& counts, ReturnState state) noexcept {
    switch (state) {
        case ReturnState::kOneDay:
            return counts.one_day;
        case ReturnState::kBridged:
            return counts.bridged;
        case ReturnState::kMissing:
            return counts.missing;
        case ReturnState::kUnusable:
            return counts.unusable;
        case ReturnState::kNotYet:
            break;
    }
    return counts.not_yet;
}

Status<HistoryError> ReturnHistory::add_day(Date date, std::span<const double> closes) {
    if (closes.size() != instruments_) return Err{HistoryError::kWrongSize};
    if (any_day_ && date <= newest_) return Err{HistoryError::kDateNotAscending};
    const bool row_wanted = any_day_;
    any_day_ = true;
    newest_ = date;

    std::size_t at = 0;
    if (row_wanted) {
        if (days_ == window_) {  // the oldest row makes room
            at = first_;
            for (std::size_t i = 0; i < instruments_; ++i) {
                --counter(counts_[i], states_[at * instruments_ + i]);
            }
            first_ = (first_ + 1) % window_;
        } else {
            at = days_++;
        }
        dates_[at] = date;
    }
    for (std::size_t i = 0; i < instruments_; ++i) {
        const double close = closes[i];
        const bool usable = std::isfinite(close) && close > 0;
        ReturnState state = ReturnState::kNotYet;
        double value = 0;
        if (usable) {
            if (!std::isnan(last_[i])) {
                state = stale_[i] != 0 ? ReturnState::kBridged : ReturnState::kOneDay;
                value = close / last_[i] - 1;
            } else if (seen_[i] != 0) {
                state = ReturnState::kUnusable;
            }
            last_[i] = close;
            seen_[i] = 1;
            stale_[i] = 0;
        } else {
            if (seen_[i] != 0) {
                state = std::isnan(close) ? ReturnState::kMissing : ReturnState::kUnusable;
            }
            stale_[i] = 1;
        }
        if (!row_wanted) continue;
        values_[at * instruments_ + i] = value;
        states_[at * instruments_ + i] = state;
        ++counter(counts_[i], state);
    }
    return Unit{};
}

std::size_t ReturnHistory::slot(std::size_t row) const {
    FERMATA_ASSERT(row < days_);
    return (first_ + row) % window_;
}

Date ReturnHistory::date(std::size_t row) const { return dates_[slot(row)]; }

ReturnState ReturnHistory::state(std::size_t row, std::size_t instrument) const {
    FERMATA_ASSERT(instrument < instruments_);
    return states_[slot(row) * instruments_ + instrument];
}

std::optional<double> ReturnHistory::value(std::size_t row, std::size_t instrument) const {
    if (!has_return(state(row, instrument))) return std::nullopt;
    return values_[slot(row) * instruments_ + instrument];
}

const ReturnCounts& ReturnHistory::counts(std::size_t instrument) const {
    FERMATA_ASSERT(instrument < instruments_);
    return counts_[instrument];
}

std::optional<double> ReturnHistory::last_close(std::size_t instrument) const {
    FERMATA_ASSERT(instrument < instruments_);
    if (std::isnan(last_[instrument])) return std::nullopt;
    return last_[instrument];
}

void ReturnHistory::persist(StateArchive& a) {
    // Equal histories have equal bytes: the oldest row stands first, and only rows that are held.
    const auto turn = [this](auto& values, std::size_t width) {
        const auto middle = static_cast<std::ptrdiff_t>(first_ * width);
        std::rotate(values.begin(), values.begin() + middle, values.end());
    };
    turn(dates_, 1);
    turn(values_, instruments_);
    turn(states_, instruments_);
    first_ = 0;
    a.section("returns", 1, [&] {
        days_ = a.count(days_, window_);
        a(any_day_, newest_.days);
        for (std::size_t row = 0; row < days_ && a.ok(); ++row) {
            a(dates_[row].days);
            a.require((row == 0 || dates_[row - 1] < dates_[row]) && dates_[row] <= newest_,
                      "the days do not ascend");
            for (std::size_t cell = row * instruments_; cell < (row + 1) * instruments_; ++cell) {
                a(values_[cell], choice(states_[cell], kReturnStates));
                a.require(std::isfinite(values_[cell]), "a return is not a number");
            }
        }
        a(last_, stale_, seen_);
        a.require(
            std::all_of(last_.begin(), last_.end(),
                        [](double v) { return std::isnan(v) || (std::isfinite(v) && v > 0); }),
            "a close is not a positive number");
    });
    if (!a.reading() || !a.ok()) return;
    counts_.assign(instruments_, {});
    for (std::size_t cell = 0; cell < days_ * instruments_; ++cell) {
        ++counter(counts_[cell % instruments_], states_[cell]);
    }
}

Result<CompleteReturns, HistoryError> ReturnHistory::complete(
    std::span<const std::size_t> instruments, std::size_t at_least) const {
    const auto is_complete = [&](std::size_t row) {
        const ReturnState* const states = states_.data() + slot(row) * instruments_;
        return std::all_of(instruments.begin(), instruments.end(), [&](std::size_t i) {
            FERMATA_ASSERT(i < instruments_);
            return has_return(states[i]);
        });
    };
    CompleteReturns complete;
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < days_; ++row) {
        if (is_complete(row)) rows.push_back(row);
    }
    if (rows.size() < at_least) return Err{HistoryError::kTooFewDays};
    complete.dropped = days_ - rows.size();
    complete.returns = Matrix(rows.size(), instruments.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        complete.dates.push_back(date(rows[r]));
        const double* const values = values_.data() + slot(rows[r]) * instruments_;
        for (std::size_t c = 0; c < instruments.size(); ++c) {
            complete.returns(r, c) = values[instruments[c]];
        }
    }
    return complete;
}

}  // namespace fermata::portfolio
