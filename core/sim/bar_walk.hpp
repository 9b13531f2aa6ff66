#pragma once

#include <cstdint>

#include "core/event/market_event.hpp"
#include "core/sim/executor.hpp"
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
/// Market and immediate orders take no part: they meet opens (and closes) only.
class BarWalk {
public:
    /// `number` is not zero and differs from that of all bars before.
    BarWalk(const FillConfig& fill, RestingBook& book, Executor& executor, const MarketEvent& bar,
            std::uint32_t number, Supply& supply);

    void run();

private:
    /// The next order on the way, up or down.
    struct Step {
        SimSlot slot = kNoOrder;
        Price level;
        std::uint64_t distance = 0;  ///< Zero: the price is there or beyond already.
        bool stop = false;
    };

    [[nodiscard]] bool takes_part(const SimOrder& order) const noexcept;
    [[nodiscard]] Step nearest(Side side, OrderQueue queue, Price bound, bool upwards) const;
    [[nodiscard]] Step next_step(Price bound, bool upwards) const;
    [[nodiscard]] const Step& choose(const Step& a, const Step& b) const noexcept;
    void walk_freely();
    void walk_to(Price end);
    void finish_at_close();
    void execute(const Step& step);
    void execute_stop(const Step& step);
    [[nodiscard]] Price taker_price(Side side) const noexcept;

    const FillConfig& fill_;
    RestingBook& book_;
    Executor& executor_;
    Supply& supply_;
    InstrumentId instrument_;
    Timestamp end_;
    Price open_, high_, low_, close_;
    Price at_;
    std::uint32_t number_;
};

}  // namespace fermata
