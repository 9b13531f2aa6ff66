#pragma once

#include <cstdint>
#include <vector>

#include "core/account/account_book.hpp"
#include "core/account/margin.hpp"
#include "core/event/order_event.hpp"
#include "core/order/id_index.hpp"
#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
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
///          The excess is taken anew, linear in the instruments, at the first market event a second
///          after the last time; in between it is what it was then.
/// Reserve: taken at the approval of what increases. What an order did not use is given back when
///          it ends; what was filled stays until the next poll or the next excess shows it.
/// Memory:  fixed at construction, for 65,536 orders. What does not fit counts as filled.
/// Cost:    constant, but for the excess.
class Credit {
public:
    static constexpr std::size_t kOrdersMax = 65'536;
    static constexpr Duration kRefreshEvery = Duration::seconds(1);

    Credit(LimitTable& limits, std::size_t accounts);

    /// The margin accounts that a model is configured for are judged by it until their first poll.
    /// Before the first event; the model must outlive this.
    void use(const MarginModel& model, const AccountBook& accounts);

    /// The broker grants so much; it was asked at `asked`. Requires a known account. What is older
    /// than the newest one says nothing.
    void on_poll(AccountId a, Money granted, Timestamp asked) noexcept;
    /// Market data has come, before it is booked.
    void on_market(Timestamp now, const AccountBook& accounts) noexcept;

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
    void forget(OrderTag tag) noexcept;

    [[nodiscard]] bool watches_market() const noexcept { return any_model_; }
    [[nodiscard]] bool watches_orders() const noexcept { return any_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = IdIndex::kNone;
    struct Reserve {
        OrderTag tag;
        AccountId account;
        Value reserved = 0;
        Value filled = 0;
        Timestamp approved;
        std::uint32_t next = kNone;  // of the account, approved later; or the next free one
        std::uint32_t previous = kNone;
        void persist(StateArchive& a);
    };
    struct Account {
        Money granted;  // buying power, or excess equity
        Timestamp asked = Timestamp::min();
        Value reserved = 0;  // by orders in the list
        Value spent = 0;     // filled, or without room in the list
        Timestamp spent_at = Timestamp::min();
        std::uint32_t oldest = kNone;
        std::uint32_t newest = kNone;
        bool on = false;
        bool has_model = false;
        bool polled = false;
        bool known = false;  // `granted` is
        [[nodiscard]] bool judges() const noexcept { return on && (polled || has_model); }
        void persist(StateArchive& a);
    };

    [[nodiscard]] static IdIndex::Key key(OrderTag tag) noexcept { return {0, tag.value}; }
    [[nodiscard]] Valued cost(const Account& account, const Request& r,
                              const Valuation& valuation) const noexcept;
    [[nodiscard]] Valued margin(const AccountBook& accounts, AccountId a, InstrumentId i, Side side,
                                WideQuantity quantity, Price price) const noexcept;
    void remove(std::uint32_t at) noexcept;
    void link_newest(std::uint32_t at) noexcept;
    void unlink(std::uint32_t at) noexcept;

    const MarginModel* model_ = nullptr;
    std::vector<Account> accounts_;
    std::vector<Reserve> orders_;
    IdIndex index_{0};
    std::uint32_t free_ = kNone;
    Timestamp refreshed_ = Timestamp::min();
    bool any_ = false;
    bool any_model_ = false;
};

}  // namespace fermata
