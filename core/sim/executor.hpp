#pragma once

#include <cstddef>

#include "core/sim/broker.hpp"
#include "core/sim/delay_queue.hpp"
#include "core/sim/reporter.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

/// Carries out what the matchers decide: fills with slippage, fee and the broker's check, triggers,
/// and the ends of orders. An order that is over leaves the book at once; its slot is not used
/// again before the next request, so `RestingBook::is_live` answers what became of it.
///
/// Owner: the simulated exchange.
class Executor {
public:
    Executor(const SimConfig& config, const InstrumentTable& instruments, RestingBook& book,
             SimBroker& broker, Reporter& reporter, DelayQueue& queue)
        : config_(config),
          instruments_(instruments),
          book_(book),
          broker_(broker),
          reporter_(reporter),
          queue_(queue) {}

    /// The order takes what `supply` offers at `price`, worsened by slippage but never beyond its
    /// limit. A fill-or-kill order takes all or nothing.
    void take(SimSlot slot, Price price, Supply& supply);
    /// The order is hit at its own limit price.
    void make(SimSlot slot, Supply& supply);
    /// The trigger of a stop order was reached.
    void trigger(SimSlot slot);
    /// The order is over without a fill.
    void end(SimSlot slot, ExecType type, OrderReason reason);
    /// Its only chance has passed: cancels the order if it is immediate and still there.
    void end_if_immediate(SimSlot slot) {
        if (book_.is_live(slot) && book_[slot].is_immediate()) {
            end(slot, ExecType::kCanceled, OrderReason::kNoLiquidity);
        }
    }

private:
    void fill(SimSlot slot, Price price, Quantity quantity, Liquidity liquidity, Supply& supply);
    /// The broker does not let it happen: the whole order goes.
    void refuse(SimSlot slot, OrderReason reason);
    void forget(SimSlot slot);

    const SimConfig& config_;
    const InstrumentTable& instruments_;
    RestingBook& book_;
    SimBroker& broker_;
    Reporter& reporter_;
    DelayQueue& queue_;
};

}  // namespace fermata
