#pragma once

#include <algorithm>
#include <cstdint>

#include "core/market/mark_table.hpp"
#include "core/order/closing_tag.hpp"
#include "core/order/exposure.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

/// Signed quantities wider than Quantity, so that sums of what was asked for cannot overflow.
using WideQuantity = __int128;

/// A position and where fills of open orders alone could take it.
struct Reach {
    WideQuantity position = 0;
    WideQuantity lowest = 0;   ///< When all sales fill.
    WideQuantity highest = 0;  ///< When all purchases fill.

    /// max(W+, W-): the largest size, long or short.
    [[nodiscard]] WideQuantity worst() const noexcept { return std::max(highest, -lowest); }
    /// By how much the size can grow from now.
    [[nodiscard]] WideQuantity excess() const noexcept {
        return worst() - (position < 0 ? -position : position);
    }
    /// By how much it can grow from the smallest size that fills may bring it to in between. Fills
    /// and cancels narrow the reach, so this is never less than excess() at any later time.
    [[nodiscard]] WideQuantity excess_bound() const noexcept {
        if (lowest <= 0 && highest >= 0) return worst();
        return worst() - (lowest > 0 ? lowest : -highest);
    }
};

/// One new order or one replace as every control sees it. Built once by the gate; controls read it.
struct Request {
    Timestamp now;
    bool is_replace = false;
    bool is_release = false;  ///< Approved before, and sent now: see Gate::check_release.
    bool is_preview = false;  ///< Only asked about: nothing is to be remembered.
    OrderTag tag;
    ClientOrderId order_id;
    InstrumentId instrument_id;
    StrategyId strategy;
    AccountId account;
    VenueId venue;
    bool knows_strategy = false;
    bool knows_account = false;
    bool is_owner = true;                    ///< Replace: by the order's own strategy and account.
    bool was_touched = false;                ///< Replace: its trigger was, so it waits no longer.
    bool placed = false;                     ///< Replace: see PriceTerms.
    bool limited = false;                    ///< It has a limit price, and where that is is known.
    const Instrument* instrument = nullptr;  ///< nullptr: unknown.
    const Limits* limits = nullptr;          ///< In force for this order; never nullptr.

    Side side = Side::kBuy;
    OrderType type = OrderType::kMarket;
    TimeInForce tif = TimeInForce::kDay;
    std::uint8_t flags = 0;  ///< OrderFlag bits.
    OffsetKind offset_kind = OffsetKind::kNone;
    LinkRole link_role = LinkRole::kNone;
    std::uint32_t link = 0;
    std::int64_t offset = 0;
    Quantity display;
    Timestamp expire_time;
    Price price;
    Price stop_price;
    Quantity quantity;                ///< Total asked for.
    std::uint32_t repeat_bucket = 0;  ///< New orders: see Duplicates::prepare.
    Quantity cumulative;              ///< Replace: filled already.

    // Valid when instrument, strategy and account are known.
    const Mark* mark = nullptr;  ///< nullptr: no price known.
    Price reference;             ///< Mid or last; valid with `mark`.
    Price limit;                 ///< The worst price it could trade at now; valid if `limited`.
    Price trigger;               ///< Where it is triggered: as given, or where it would trail.
    Price worst;                 ///< A peg's: how far it may follow, at most.
    Price reserve;               ///< What it is valued at, see reserve_price().
    Price reserve_before;        ///< The same with the terms in force; zero if new.
    Money reserved_before;       ///< What the books hold for it, in the instrument's currency.
    Money equity;
    bool knows_equity = false;
    Quantity position;          ///< The account's, signed.
    WideQuantity open_buy = 0;  ///< Open orders of the account in the instrument, without this one.
    WideQuantity open_sell = 0;
    /// Of the order's side: the same with linked orders that share a quantity counted once, and
    /// without those that share this one's, which count for `group` together. See LinkedShares.
    WideQuantity open_once = 0;
    WideQuantity group = 0;
    WideQuantity open_before = 0;  ///< What this order could still do before the request; 0 if new.
    WideQuantity open_after = 0;   ///< What it could do once approved, at worst.
    WideQuantity firm_open = 0;    ///< All open orders in the instrument, without this one.
    std::uint32_t open_orders = 0;  ///< Live orders of the account in the instrument, this one too.
    Money open_value;               ///< Their reserved value, in the instrument's currency.

    [[nodiscard]] bool has(OrderFlag flag) const noexcept { return (flags & flag) != 0; }
    /// Meant never to open or turn a position, so that no limit on values keeps a position from
    /// being closed by it. Where its venue sees to that, it adds nothing to what may come either;
    /// where nobody but the order manager does, it counts as what it could do (see locate).
    [[nodiscard]] bool is_reduce_only() const noexcept { return has(kOrderReduceOnly); }
    /// Never sent: its children are judged one by one when they come.
    [[nodiscard]] bool is_parent() const noexcept { return has(kOrderParent); }

    [[nodiscard]] bool is_limit() const noexcept { return has_limit_price(type); }
    [[nodiscard]] bool is_stop() const noexcept { return has_stop_price(type); }

    /// Replace: the total quantity that the order could reach so far.
    [[nodiscard]] WideQuantity total_before() const noexcept {
        return cumulative.raw() + open_before;
    }
    /// The price at which the rest of the order could still trade: with either terms while a
    /// replace is on its way.
    [[nodiscard]] Price worst_reserve() const noexcept { return std::max(reserve, reserve_before); }

    /// The reach of the position with `open` of this order.
    [[nodiscard]] Reach reach(WideQuantity open) const noexcept {
        const bool buys = side == Side::kBuy;
        return {position.raw(), position.raw() - open_sell - (buys ? 0 : open),
                position.raw() + open_buy + (buys ? open : 0)};
    }
    /// The worst case grows: what a passive breach still forbids.
    [[nodiscard]] bool increases() const noexcept {
        return reach(open_after).worst() > reach(open_before).worst();
    }
    /// It can only bring the position nearer to zero, even if every open order on its side fills:
    /// of linked orders that share a quantity, the largest.
    [[nodiscard]] bool reduces() const noexcept {
        const std::int64_t size = side == Side::kSell ? position.raw() : -position.raw();
        return size > 0 && open_once + std::max(group, open_after) <= size;
    }
    /// The trading stage itself closes a position with it, and nothing else: passes what is HALTED.
    [[nodiscard]] bool closes() const noexcept { return is_closing(tag) && reduces(); }
    /// What "reduce only" lets through: what reduces, and a replace to a smaller quantity.
    [[nodiscard]] bool reduces_or_shrinks() const noexcept {
        return reduces() || (is_replace && quantity.raw() < total_before());
    }
};

}  // namespace fermata
