#pragma once

#include <cstdint>

#include "core/event/market_event.hpp"
#include "core/sim/executor.hpp"
#include "core/sim/followers.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"

namespace fermata {

/// The way of the price through one finished bar, and what it does to the orders that rest there.
///
/// Only open, high, low and close are known. Every level between low and high was touched, so every
/// limit and stop there is executed; the path decides in which ORDER that happens, and thereby
/// whether the position and the cash are there, who gets the capped volume, and whether a
/// stop-limit order that is triggered inside the bar is filled.
///
///   kOpenHighLowClose, kOpenLowHighClose   the path is given.
///   kAdverse      The price goes to the next level above or below at will, but never jumps over
///   one.
///                 If one of the two is a stop and the other a limit, it goes to the stop; else to
///                 the nearer one; else to the earlier order. A stop-limit that is triggered on the
///                 way and is not marketable there is filled only if the close is beyond its limit,
///                 because no other way back is certain.
///   kOptimistic   The same, but it goes to the limit, and a stop-limit is filled where any way
///                 from its trigger to its limit exists.
///
/// Orders that arrived inside the bar meet the whole path. Where the open is already beyond their
/// price, a kAdverse bar fills them at its worst price within their limit, others at the open.
///
/// If-touched orders count as limits when the path is chosen: the market comes to them.
///
/// The trigger of a TRAILING order moves at the end of each leg of a given path, and only by what
/// that leg has shown. Where the path is open, the trigger that stood at the bar's open is a stop
/// as any other; an order that it did not end is looked at once more when the levels are done:
///
///   kAdverse      The extreme that moves the trigger came first: if the other extreme reaches the
///                 moved trigger, the order is executed there.
///   kOptimistic   The other extreme came first, unless it reached the trigger of the open: the
///                 order is executed only if the close is at or beyond the moved trigger.
///
/// Either way the order leaves the market at a price that it certainly passed. An order that
/// arrived inside the bar follows the close only: whether it saw the extreme is not known.
///
/// Market and immediate orders take no part: they meet opens (and closes) only. A walk is one pass
/// of the executor.
class BarWalk {
public:
    /// `opened` is when the bar began.
    BarWalk(const FillConfig& fill, RestingBook& book, Executor& executor, Followers& followers,
            const MarketEvent& bar, Timestamp opened, Supply& supply);

    void run();

private:
    /// The next order on the way, up or down.
    struct Step {
        SimSlot slot = kNoOrder;
        Price level;
        std::uint64_t distance = 0;  ///< Zero: the price is there or beyond already.
        bool stop = false;           ///< Waits for a trigger that hurts.
        bool touch = false;          ///< Waits for a trigger that helps.
    };

    [[nodiscard]] bool takes_part(const SimOrder& order) const noexcept;
    [[nodiscard]] Step nearest(Side side, OrderQueue queue, Price bound, bool upwards) const;
    [[nodiscard]] Step next_step(Price bound, bool upwards) const;
    [[nodiscard]] const Step& choose(const Step& a, const Step& b) const noexcept;
    void walk_freely();
    void walk_to(Price end);
    void finish_at_close();
    void execute(const Step& step);
    void execute_trigger(const Step& step);
    void take_or_wait(SimSlot slot, Price price, bool certain);
    void finish_trailing();
    void finish_trailing(SimSlot slot);
    [[nodiscard]] bool needs_more(const SimOrder& order) const noexcept;
    [[nodiscard]] Price taker_price(Side side) const noexcept;

    const FillConfig& fill_;
    RestingBook& book_;
    Executor& executor_;
    Followers& followers_;
    Supply& supply_;
    InstrumentId instrument_;
    Timestamp opened_;
    Timestamp end_;
    Price open_, high_, low_, close_;
    Price at_;
    std::uint64_t number_;
};

}  // namespace fermata
