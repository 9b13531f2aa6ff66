#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/day.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/trips.hpp"

namespace fermata {

class StateArchive;

/// DAY_LOSS and WEEK_LOSS: what an account lost since the day and the week (UTC, from Monday)
/// began. One that lost its limit or more trips, once in the period, and until the period ends or
/// an operator releases it only what reduces is let through.
///
/// A period starts from the last equity that was seen before it; the first one from the first
/// equity at all. Deposits and withdrawals move the start by their amount, so that neither looks
/// like profit or loss. An account that does not start with a positive equity has nothing to lose a
/// share of and cannot trip.
class PeriodLosses {
public:
    PeriodLosses(LimitTable& limits, std::size_t accounts);
    /// Limits were changed while this runs.
    void adopt(LimitTable& limits) noexcept;

    /// What trips by this equity.
    struct Trips {
        bool day = false;
        bool week = false;
    };
    [[nodiscard]] Trips on_equity(AccountId a, Money equity, Timestamp now) noexcept;
    /// Money came in (positive) or went out.
    void on_flow(AccountId a, Money amount) noexcept;
    /// An operator accepts the loss of an account that tripped: its periods start again from its
    /// equity of this moment.
    void release(AccountId a) noexcept;
    void release_all() noexcept;

    void check(const Request& r, Findings& out) noexcept;
    /// Of an account that has just tripped `id`.
    [[nodiscard]] Measured measured(ControlId id, AccountId a) const noexcept {
        const Account& account = accounts_[a.value];
        const Period& p = account.periods[id == ControlId::kDayLoss ? 0 : 1];
        return {LimitUnit::kRatio, loss_share(p.start, account.last), p.limit.raw()};
    }

    /// Some account has a limit.
    [[nodiscard]] bool watches() const noexcept { return any_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Period {
        Money start;
        Ratio limit;
        bool on = false;
        bool tripped = false;
        void persist(StateArchive& a);
    };
    struct Account {
        Money last;
        bool known = false;             // an equity was seen
        std::array<Period, 2> periods;  // day, week
        void persist(StateArchive& a);
    };

    void advance(Timestamp now) noexcept;

    std::vector<Account> accounts_;
    DayClock clock_;
    std::int32_t week_ = 0;
    bool any_ = false;
};

}  // namespace fermata
