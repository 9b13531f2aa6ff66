#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/risk/reference_books.hpp"

namespace fermata::testing {

/// The controls that act by themselves: what trips them, and until when.
class ReferenceTrips : public ReferenceBooks {
public:
    using ReferenceBooks::ReferenceBooks;

    /// What a control halted or limits, and nobody has released.
    struct Trip {
        ControlId control;
        std::uint16_t target;
        friend auto operator<=>(const Trip&, const Trip&) = default;
    };
    std::set<Trip> trips;

    /// Takes in the fill that came last, or a venue's reject; what trips by it.
    std::vector<Trip> after_fill() {
        const Fill& last = fills.back();
        std::int64_t recent = 0;
        for (std::size_t n = released_[{0, last.strategy.value}]; n < fills.size(); ++n) {
            recent += fills[n].strategy == last.strategy &&
                              last.ns - fills[n].ns < limits_.raw(LimitId::kRepeatWindow)
                          ? 1
                          : 0;
        }
        std::vector<Trip> out = drift_of(last);
        for (const Trip& t : trip_if(recent > limits_.raw(LimitId::kRepeat),
                                     {ControlId::kRepeat, last.strategy.value})) {
            out.push_back(t);
        }
        return out;
    }
    std::vector<Trip> after_reject(StrategyId s, Timestamp now) {
        rejects_.push_back({s, now.ns});
        std::int64_t recent = 0;
        for (std::size_t n = released_[{1, s.value}]; n < rejects_.size(); ++n) {
            recent += rejects_[n].strategy == s &&
                              now.ns - rejects_[n].ns < limits_.raw(LimitId::kRejectRateWindow)
                          ? 1
                          : 0;
        }
        return trip_if(recent > limits_.raw(LimitId::kRejectRate),
                       {ControlId::kRejectRate, s.value});
    }
    /// A child of that strategy asked for more than its parent has left.
    std::vector<Trip> after_excess(StrategyId s, Timestamp now) {
        excesses_.push_back({s, now.ns});
        std::int64_t recent = 0;
        for (std::size_t n = released_[{3, s.value}]; n < excesses_.size(); ++n) {
            const bool in_window = now.ns - excesses_[n].ns < limits_.raw(LimitId::kParentWindow);
            recent += excesses_[n].strategy == s && in_window ? 1 : 0;
        }
        return trip_if(recent > limits_.raw(LimitId::kParent), {ControlId::kParent, s.value});
    }
    /// The states that trips set. DAY_LOSS and WEEK_LOSS set none.
    void halt(const std::vector<Trip>& by) {
        for (const Trip& t : by) {
            const bool strategy = t.control == ControlId::kRepeat ||
                                  t.control == ControlId::kRejectRate ||
                                  t.control == ControlId::kParent;
            const bool firm = t.control == ControlId::kClock || t.control == ControlId::kDrawdown ||
                              t.control == ControlId::kBuild || t.control == ControlId::kJournal ||
                              t.control == ControlId::kDropCopy;
            if (!strategy && !firm && t.control != ControlId::kCollarTime &&
                t.control != ControlId::kInFlight) {
                continue;
            }
            const ControlScope scope = strategy ? ControlScope::kStrategy
                                       : firm   ? ControlScope::kFirm
                                                : ControlScope::kInstrument;
            states[{scope, t.target}] = TradingState::kHalted;
        }
    }
    bool halted() const {
        return std::ranges::any_of(states,
                                   [](const auto& s) { return s.second != TradingState::kActive; });
    }
    std::vector<Trip> after_clock(Duration offset) {
        const std::int64_t off = offset.ns < 0 ? -offset.ns : offset.ns;
        return trip_if(off > limits_.raw(LimitId::kClock), {ControlId::kClock, 0});
    }
    void release_strategy(std::uint16_t s) {
        if (trips.erase({ControlId::kRepeat, s}) != 0) released_[{0, s}] = fills.size();
        if (trips.erase({ControlId::kRejectRate, s}) != 0) released_[{1, s}] = rejects_.size();
        if (trips.erase({ControlId::kParent, s}) != 0) released_[{3, s}] = excesses_.size();
    }

    void release_instrument(std::uint16_t i) {
        if (trips.erase({ControlId::kCollarTime, i}) != 0) released_[{2, i}] = fills.size();
        trips.erase({ControlId::kInFlight, i});
    }

    void equity_seen(AccountId a, Timestamp now) {
        equities_[a.value].push_back(equity(a));
        seen_[a.value].push_back({now.ns, equity(a)});
    }
    /// After equity_seen: what trips by it.
    std::vector<Trip> after_equity(AccountId a, Timestamp now) {
        std::vector<Trip> out;
        for (const Loss& loss : kLosses) {
            const std::int64_t start = start_of(a.value, loss, now);
            const std::int64_t lost_since = start - seen_[a.value].back().second;
            const bool too_much =
                start > 0 && static_cast<__int128>(lost_since) * Ratio::kOne >=
                                 static_cast<__int128>(start) * limits_.raw(loss.limit);
            for (const Trip& t : trip_if(too_much, {loss.control, a.value})) out.push_back(t);
        }
        return out;
    }
    /// A new day or week: what tripped in the one before is over.
    void at(Timestamp now) {
        for (const Loss& loss : kLosses) {
            if (period(loss, now.ns) == period(loss, now_)) continue;
            std::erase_if(trips, [&](const Trip& t) { return t.control == loss.control; });
            for (auto& [account, accepted] : accepted_) accepted.erase(loss.control);
        }
        now_ = now.ns;
    }
    std::int64_t time() const { return now_; }
    void release_losses(std::uint16_t a) {
        for (const Loss& loss : kLosses) {
            if (trips.erase({loss.control, a}) != 0) {
                accepted_[a][loss.control] = seen_[a].back().second;
            }
        }
    }
    /// The equity that an account has now is too far below its highest since the last release.
    bool drawn_down(AccountId a) const {
        const std::vector<std::int64_t>& history = equities_.at(a.value);
        const std::int64_t high = std::ranges::max(history);
        const __int128 lost = static_cast<__int128>(high) - history.back();
        const __int128 limit = limits_.raw(LimitId::kDrawdown);
        return high > 0 && lost * Ratio::kOne > high * limit;
    }
    void release() { equities_.clear(); }
    void release_firm() {
        for (const ControlId id : {ControlId::kClock, ControlId::kJournal, ControlId::kDropCopy}) {
            trips.erase({id, 0});
        }
    }
    /// The last equity before the day of `ns`, or the first at all.
    std::int64_t prior_close(std::uint16_t a, std::int64_t ns) const {
        std::int64_t close = seen_.at(a).front().second;
        for (const auto& [then, equity_then] : seen_.at(a)) {
            if (then / kDay < ns / kDay) close = equity_then;
        }
        return close;
    }
    bool tripped = false;

protected:
    std::vector<Trip> trip_if(bool condition, const Trip& trip) {
        if (!condition || !trips.insert(trip).second) return {};
        return {trip};
    }

private:
    struct Loss {
        ControlId control;
        LimitId limit;
        std::int64_t days;  // of its period
    };
    static constexpr std::array<Loss, 2> kLosses = {
        {{ControlId::kDayLoss, LimitId::kDayLoss, 1},
         {ControlId::kWeekLoss, LimitId::kWeekLoss, 7}}};
    /// 1970-01-05 was a Monday.
    static std::int64_t period(const Loss& loss, std::int64_t ns) {
        return (ns / kDay - 4 + 700) / loss.days;
    }
    /// The last equity before the period, the first at all, or what an operator accepted in it.
    std::int64_t start_of(std::uint16_t a, const Loss& loss, Timestamp now) {
        if (accepted_[a].contains(loss.control)) return accepted_[a][loss.control];
        std::int64_t start = seen_[a].front().second;
        for (const auto& [ns, equity_then] : seen_[a]) {
            if (period(loss, ns) < period(loss, now.ns)) start = equity_then;
        }
        return start;
    }
    /// COLLAR_TIME: the fills of the last 60 whole seconds.
    std::vector<Trip> drift_of(const Fill& last) {
        const auto target = static_cast<std::uint16_t>(last.instrument.value);
        constexpr std::int64_t s = 1'000'000'000;
        std::int64_t low = last.price.raw(), high = low;
        for (std::size_t n = released_[{2, target}]; n < fills.size(); ++n) {
            const Fill& f = fills[n];
            if (f.instrument != last.instrument || f.ns / s <= last.ns / s - 60) continue;
            low = std::min(low, f.price.raw());
            high = std::max(high, f.price.raw());
        }
        const bool apart = static_cast<__int128>(high - low) * Ratio::kOne >
                           static_cast<__int128>(std::min(size(low), size(high))) *
                               limits_.raw(LimitId::kCollarTime);
        return trip_if(apart, {ControlId::kCollarTime, target});
    }

    std::map<std::uint16_t, std::vector<std::int64_t>> equities_;
    std::map<std::uint16_t, std::vector<std::pair<std::int64_t, std::int64_t>>>
        seen_;                                                             // ns, equity
    std::map<std::uint16_t, std::map<ControlId, std::int64_t>> accepted_;  // losses, in this period
    std::map<std::pair<int, std::uint16_t>, std::size_t> released_;  // what came before is over
    std::vector<Message> rejects_;
    std::vector<Message> excesses_;
    std::int64_t now_ = 0;
};

}  // namespace fermata::testing
