#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/order/order.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/venue_capabilities.hpp"

namespace fermata {

class LinkedShares;
struct SharingGroup;

/// What the open orders of one account in one instrument may still do, at worst. An order counts
/// from the moment it is accepted until its terminal state, in state Unknown too.
struct alignas(64) Exposure {
    Quantity buy;     ///< Sum of the buys' worst leaves (a pending replace counts its larger side).
    Quantity sell;    ///< Sum of the sells' worst leaves, positive.
    Money buy_value;  ///< The same valued at each order's reserve price (the limit, or the collar
                      ///< for orders without one), absolute, in the instrument's currency.
    Money sell_value;
    /// What of the sums of quantities linked orders share with a larger one of their group: see
    /// LinkedShares.
    Quantity buy_shared;
    Quantity sell_shared;
    std::uint32_t buy_orders = 0;
    std::uint32_t sell_orders = 0;

    [[nodiscard]] std::uint32_t open_orders() const noexcept { return buy_orders + sell_orders; }
};

/// What one order adds to the sums; kept with the order, so that it can be taken back exactly.
struct ExposureShare {
    Quantity quantity;
    Money value;
};

/// Exposure of the open orders, kept incrementally by the order manager in constant time.
///
/// Owner:      the order manager; the gate reads it on the same thread.
/// Memory:     fixed at construction.
/// Invariants: each sum equals the sum of the shares of the orders that are open; all are zero when
///             none is. An order whose share would not fit the sums is not accepted (`fits`); what
///             a venue or a split makes of it later saturates the sums (`limited`).
class ExposureBook {
public:
    ExposureBook(const InstrumentTable& instruments, std::size_t accounts, std::size_t strategies,
                 const std::vector<VenueCapabilities>& venues = {});

    [[nodiscard]] const Exposure& at(AccountId a, InstrumentId i) const noexcept {
        return exposures_[index(a, i)];
    }
    /// Both sides of all accounts together. Wider, so that it cannot overflow.
    [[nodiscard]] __int128 open_quantity(InstrumentId i) const noexcept { return firm_[i.value]; }
    /// A reduce-only order counts there like any other: its venue does not see to it, and what the
    /// order manager does instead may come too late.
    [[nodiscard]] bool counts_reduce_only(VenueId v) const noexcept {
        return v.value < counts_reduce_only_.size() && counts_reduce_only_[v.value] != 0;
    }
    /// What the open orders of a group that shares one quantity count for together.
    [[nodiscard]] Quantity counted_once(const SharingGroup& group) const noexcept;
    /// Cash that open buys may still need, by the currency of their instruments.
    [[nodiscard]] Money reserved_cash(AccountId a, CurrencyId c) const noexcept {
        return reserved_[a.value * currencies_ + c.value];
    }
    [[nodiscard]] std::uint32_t open_orders(StrategyId s) const noexcept {
        return strategy_orders_[s.value];
    }
    [[nodiscard]] std::uint32_t open_orders(AccountId a) const noexcept {
        return account_orders_[a.value];
    }
    /// All accounts together.
    [[nodiscard]] std::uint32_t open_orders() const noexcept { return open_orders_; }

    // --- for the order manager ---

    /// Which linked orders share a quantity; it outlives this.
    void use_shares(const LinkedShares& shares) noexcept { shares_ = &shares; }
    /// What linked orders share with larger ones of the group of `order` is so much more.
    void share(const Order& order, Quantity change) noexcept;
    /// The sums have room for a share that grows from `before` to `after`.
    [[nodiscard]] bool fits(const Order& order, ExposureShare before,
                            ExposureShare after) const noexcept;
    /// The share itself, or as much of it as the sums have room for.
    [[nodiscard]] ExposureShare limited(const Order& order, ExposureShare before,
                                        ExposureShare after) const noexcept;
    /// An order is open from now on.
    void open(const Order& order, ExposureShare share) noexcept;
    /// Its share changed from `before` to `after`.
    void change(const Order& order, ExposureShare before, ExposureShare after) noexcept;
    /// It is no longer open; `share` is what it still had.
    void close(const Order& order, ExposureShare share) noexcept;

private:
    [[nodiscard]] std::size_t index(AccountId a, InstrumentId i) const noexcept {
        return a.value * instruments_.size() + i.value;
    }

    [[nodiscard]] std::size_t reserve_index(const Order& order) const noexcept {
        return order.account.value * currencies_ + instruments_[order.instrument].currency.value;
    }

    const InstrumentTable& instruments_;
    std::size_t currencies_;
    std::vector<Exposure> exposures_;               // by AccountId, InstrumentId
    std::vector<Money> reserved_;                   // by AccountId, CurrencyId
    std::vector<__int128> firm_;                    // by InstrumentId
    std::vector<std::uint8_t> counts_reduce_only_;  // by VenueId
    const LinkedShares* shares_ = nullptr;
    std::vector<std::uint32_t> strategy_orders_;  // by StrategyId
    std::vector<std::uint32_t> account_orders_;   // by AccountId
    std::uint32_t open_orders_ = 0;
};

}  // namespace fermata
