#pragma once

#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/margin.hpp"
#include "core/event/order_event.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/margin_need.hpp"
#include "risk/order_reserves.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// CREDIT: what an account may still open by its broker's word, or, before the broker said
/// anything, by the account's own margin model. Accounts with neither are not judged: a cash
/// account by CASH.
///
/// Poll:    the buying power that the broker stated, less what was approved after it was asked.
///          An order counts with its value at the reserve price. A poll that is older than the
///          limit refuses what increases.
/// Model:   excess equity (equity less initial margin, of what is held at its marks), less what the
///          open orders need. An order counts with its own initial margin, as if nothing were held.
///          The excess is taken anew when MarginClock says so.
/// Reserve: taken at the approval of what increases, see OrderReserves. What was filled stays until
///          the next poll or the next excess shows it.
/// Memory:  fixed at construction.
/// Cost:    constant.
class Credit {
public:
    Credit(LimitTable& limits, std::size_t accounts);

    /// The margin accounts that a model is configured for are judged by it until their first poll.
    /// Before the first event; the model must outlive this.
    void use(const MarginModel& model, const AccountBook& accounts);

    /// The broker grants so much; it was asked at `asked`. Requires a known account. What is older
    /// than the newest one says nothing.
    void on_poll(AccountId a, Money granted, Timestamp asked) noexcept;
    /// The model is to judge the account: its margin is wanted.
    [[nodiscard]] bool wants_margin(AccountId a) const noexcept {
        const Account& account = accounts_[a.value];
        return account.on && account.has_model && !account.polled;
    }
    /// What is held needs and leaves so much. Requires wants_margin.
    void on_margin(AccountId a, const MarginState& margin, Timestamp now) noexcept;

    /// Requires a known instrument and account.
    void check(const Request& r, const Valuation& valuation, Findings& out) const noexcept;
    void approved(const Request& r, const Valuation& valuation) noexcept;
    /// After the fill was booked.
    void on_fill(const FillData& fill, const Instrument& instrument,
                 const Valuation& valuation) noexcept;
    /// An order as it stands now, after anything that happened to it.
    void on_order(const Order& order) noexcept {
        if (any_ && is_terminal(order.state)) forget(order.tag);
    }
    /// The order is over, or its manager does not know it (any more).
    void forget(OrderTag tag) noexcept {
        if (any_) reserves_.end(tag);
    }

    [[nodiscard]] bool watches_market() const noexcept { return any_model_; }
    [[nodiscard]] bool watches_orders() const noexcept { return any_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Account {
        Money granted;  // buying power, or excess equity
        Timestamp asked = Timestamp::min();
        bool on = false;
        bool has_model = false;
        bool polled = false;
        bool known = false;  // `granted` is
        [[nodiscard]] bool judges() const noexcept { return on && (polled || has_model); }
        void persist(StateArchive& a);
    };

    [[nodiscard]] Valued cost(const Account& account, const Request& r,
                              const Valuation& valuation) const noexcept;

    const MarginModel* model_ = nullptr;
    std::vector<Account> accounts_;
    OrderReserves reserves_;
    bool any_ = false;
    bool any_model_ = false;
};

}  // namespace fermata
