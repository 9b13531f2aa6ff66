#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/trips.hpp"

namespace fermata {

class StateArchive;

/// DRAWDOWN: the loss of every account from its flow-adjusted high-water mark. One account that
/// loses more than its limit trips the firm, once; released by an operator, every account starts
/// again from its equity of that moment.
///
/// The mark moves with deposits and withdrawals by their amount, so that neither looks like profit
/// or loss. An account whose mark is not positive has nothing to lose a share of and cannot trip.
class Drawdown {
public:
    Drawdown(LimitTable& limits, std::size_t accounts);
    /// Limits were changed while this runs. An account that gets its first one begins at its next
    /// equity.
    void adopt(LimitTable& limits) noexcept;

    /// True when this equity trips it. Afterwards false until released.
    [[nodiscard]] bool on_equity(AccountId a, Money equity) noexcept;
    /// Money came in (positive) or went out.
    void on_flow(AccountId a, Money amount) noexcept;
    void release() noexcept;

    void check(const Request& r, Findings& out) const noexcept;

    /// Some account has a limit.
    [[nodiscard]] bool watches() const noexcept { return any_; }
    [[nodiscard]] bool tripped() const noexcept { return tripped_; }
    /// Of an account that has just tripped it.
    [[nodiscard]] Measured measured(AccountId a, Money equity) const noexcept {
        const Account& account = accounts_[a.value];
        return {LimitUnit::kRatio, loss_share(account.high, equity), account.limit.raw()};
    }
    [[nodiscard]] Money high_water(AccountId a) const noexcept { return accounts_[a.value].high; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    void explain(const Request& r, Findings& out) const noexcept;

    struct Account {
        Money high;
        Ratio limit;
        bool on = false;
        bool known = false;  // an equity was seen since the start or the release
        void persist(StateArchive& a);
    };
    std::vector<Account> accounts_;
    bool any_ = false;
    bool tripped_ = false;
};

}  // namespace fermata
