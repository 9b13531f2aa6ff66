#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// ORDER_TO_TRADE: approved orders and replaces for each fill of the firm in an instrument and day
/// (UTC). A day without a fill counts as one with one fill, so that its first orders pass.
class OrderToTrade {
public:
    OrderToTrade(LimitTable& limits, std::size_t instruments);

    /// Requires a known instrument.
    void check(const Request& r, Findings& out) noexcept;
    /// It was approved.
    void count_order(const Request& r) noexcept;
    void count_fill(InstrumentId i, Timestamp now) noexcept;

    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Slot {
        std::int32_t day = 0;
        std::uint32_t orders = 0;
        std::uint32_t fills = 0;
        void persist(StateArchive& a);
    };
    /// Of the day of `now`.
    [[nodiscard]] Slot& at(InstrumentId i, Timestamp now) noexcept;

    std::vector<Slot> slots_;  // by InstrumentId
    DayClock clock_;
    bool any_ = false;
};

/// TURNOVER: what was bought and sold in a day (UTC), in the base currency of the account, with
/// what this order may add, against the account's equity; and the same of all instruments, over all
/// accounts with that base currency. Beyond it only what reduces passes. Fills that are taken back
/// later still count: the market saw them. Other open orders do not count before they fill.
class Turnover {
public:
    Turnover(LimitTable& limits, std::size_t accounts, std::size_t instruments);

    /// Requires a known instrument, account and strategy.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept;
    /// A fill of that value in the account's base currency.
    void count(AccountId a, InstrumentId i, Value value, Timestamp now) noexcept;

    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(AccountId a, InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[a.value * instruments_ + i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Sum {
        Value value = 0;
        std::int32_t day = 0;
        void persist(StateArchive& a);
    };
    [[nodiscard]] static Value of_day(const Sum& sum, std::int32_t day) noexcept {
        return sum.day == day ? sum.value : 0;
    }
    void add(Sum& sum, Value value) noexcept;
    void check_firm(const Request& r, const Valued& own, std::int32_t day,
                    const Valuation& valuation, Findings& out) const noexcept;

    std::size_t instruments_;
    std::vector<Sum> slots_;     // by AccountId, InstrumentId
    std::vector<Sum> accounts_;  // by AccountId
    DayClock clock_;
    bool any_ = false;
};

}  // namespace fermata
