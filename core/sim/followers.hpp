#pragma once

#include <vector>

#include "core/sim/executor.hpp"
#include "core/sim/market_state.hpp"
#include "core/sim/reporter.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_order.hpp"
#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Moves the orders that follow the market: the triggers of trailing orders and the limits of
/// pegged ones (core/market/moving_price.hpp). New terms are reported as kRestated (kRepriced),
/// once an event, and a pegged order that moves goes to the end of the queue at its new price.
///
///                 trailing                          pegged
///   quotes        sales follow the bid, purchases   mid, primary: own side, market: other side
///                 the ask; trades where there are
///   trades only   the last trade                    the last trade
///   bars          open, extremes and close, each    open and close
///                 when the walk has passed it
///
/// What is matched is matched at the price that stood before; only then does an order follow.
/// Where the reference is missing (no quote stands, a side is empty) a price stays where it is.
///
/// Owner: the simulated exchange.
/// Cost:  in the number of the instrument's orders, and only where one of them is moving.
class Followers {
public:
    Followers(const InstrumentTable& instruments, MarketStates& markets, RestingBook& book,
              Executor& executor, Reporter& reporter, std::size_t orders_max);

    /// Gives a new or changed order its first trigger or price, if the market is known. True when
    /// it has one now that it was not given. The order must not be queued.
    bool place(SimOrder& order) const;

    /// A pegged order that may take: its reference is the other side, or a quote. That somebody
    /// stands at a last price is not known.
    [[nodiscard]] bool may_take(const SimOrder& order) const noexcept {
        return !order.is_post_only() &&
               (order.offset_kind == OffsetKind::kPegMarket || markets_[order.instrument].quoted);
    }

    /// The moving orders that arrived before `end` follow the market. True when one has moved.
    bool follow(InstrumentId i, Timestamp end);
    /// Inside a bar: trailing orders that arrived before its open (at or before `opened`) follow
    /// `price`.
    void trail(InstrumentId i, Price price, Timestamp opened);
    /// Where the trigger of a trailing order would be with the market at `price`: never further
    /// away than it is.
    [[nodiscard]] Price trail_of(const SimOrder& order, Price price) const;
    /// Moves one trailing order; false when its trigger is there already.
    bool move_trigger(SimSlot slot, Price trigger);

private:
    void collect_moving(InstrumentId i);
    [[nodiscard]] bool trail_reference(const SimOrder& order, Price& price) const;
    [[nodiscard]] bool peg_reference(const SimOrder& order, Price& price) const;
    [[nodiscard]] bool pegged(const SimOrder& order, Price& price) const;
    bool reprice(SimSlot slot, Price price);
    [[nodiscard]] Price tick(const SimOrder& order) const;
    static void set_trigger(SimOrder& order, Price trigger) noexcept;

    const InstrumentTable& instruments_;
    MarketStates& markets_;
    RestingBook& book_;
    Executor& executor_;
    Reporter& reporter_;
    std::vector<SimSlot> scratch_;  // room for every live order
};

}  // namespace fermata
