#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// DAY_TRADE, the regime of the house: day trades of a margin account in five business days (Monday
/// to Friday, UTC; a weekend belongs to its Friday) while its equity is below a bound.
///
/// Day trade: an order that closes what was opened in the same instrument on the same day. What was
///            held overnight is closed first, and that is none. Partial fills of one order count
///            once, as long as no more than kOrdersAtATime orders make day trades in turns; beyond
///            that some count again, which errs on the strict side.
/// Judged:    an order that could complete one, even if only after open orders of the other side
///            fill. What it would only close of an overnight position passes.
class DayTrades {
public:
    static constexpr std::uint32_t kOrdersAtATime = 16;

    DayTrades(LimitTable& limits, const AccountBook& accounts, std::size_t instruments);

    /// A fill after it was booked.
    void on_fill(const FillData& fill, InstrumentId i, Timestamp now) noexcept;
    /// All that is held counts as held overnight from now on: its quantity changed without a trade.
    void forget(InstrumentId i) noexcept;
    /// Requires a known instrument, account and strategy.
    void check(const Request& r, Findings& out) noexcept;

    /// Of the five business days that end with the newest time that was seen.
    [[nodiscard]] std::int64_t count(AccountId a, const DayClock& clock) const noexcept;
    [[nodiscard]] bool watches() const noexcept { return any_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Slot {
        std::int64_t overnight = 0;  // what is left of the position that the day began with
        std::int32_t day = kNever;
        std::array<ClientOrderId, kOrdersAtATime> counted;  // orders of the last day trades, a ring
        std::uint32_t next = 0;
        void persist(StateArchive& a);
    };
    struct Day {
        std::int32_t business_day = kNever;
        std::uint32_t trades = 0;
        void persist(StateArchive& a);
    };
    struct Account {
        std::array<Day, 5> days;
        bool margin = false;
        void persist(StateArchive& a);
    };
    static constexpr std::int32_t kNever = -0x7fff'ffff;

    [[nodiscard]] static std::int32_t business_day(const DayClock& clock) noexcept;
    [[nodiscard]] Slot& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[a.value * instruments_ + i.value];
    }

    std::size_t instruments_;
    std::vector<Slot> slots_;        // by AccountId, InstrumentId
    std::vector<Account> accounts_;  // by AccountId
    DayClock clock_;
    bool any_;
};

}  // namespace fermata
