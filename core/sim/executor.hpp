#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/sim/broker.hpp"
#include "core/sim/delay_queue.hpp"
#include "core/sim/fill_tape.hpp"
#include "core/sim/reporter.hpp"
#include "core/sim/resting_book.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/supply.hpp"
#include "core/types/instrument.hpp"

namespace fermata {

class StateArchive;

/// Carries out what the matchers decide: fills with slippage, fee and the broker's check, triggers,
/// and the ends of orders. An order that is over leaves the book at once; its slot is not used
/// again before the next request, so `RestingBook::is_live` answers what became of it.
///
/// What follows from a fill happens with it, before any other order is dealt with: an OCO order
/// cancels the others of its group and an OUO order takes as much from them, an iceberg shows its
/// next part behind the orders at its price, a market-to-limit order becomes a limit order, and a
/// reduce-only order goes when there is nothing left to reduce.
///
/// A matcher goes through its orders in a *pass*, each order once (`SimOrder::visited`); an iceberg
/// twice: the part that it shows at its turn, all the rest behind the others at its price. When a
/// fill moved or ended another order (`disturbances` has grown) the matcher begins again at the
/// head of its queue.
///
/// Owner: the simulated exchange.
class Executor {
public:
    Executor(const SimConfig& config, const InstrumentTable& instruments, RestingBook& book,
             SimBroker& broker, Reporter& reporter, DelayQueue& queue, std::size_t orders_max);

    std::uint64_t begin_pass() noexcept { return ++pass_; }
    [[nodiscard]] std::uint64_t pass() const noexcept { return pass_; }
    [[nodiscard]] std::uint64_t disturbances() const noexcept { return disturbances_; }
    [[nodiscard]] bool was_visited(const SimOrder& order) const noexcept {
        return order.visited == pass_;
    }

    /// The order takes what `supply` offers at `price`, worsened by slippage but never beyond its
    /// limit. A fill-or-kill order takes all or nothing. A post-only order does not take: it is hit
    /// at its own price, or canceled if it was a stop until now.
    void take(SimSlot slot, Price price, Supply& supply);
    /// The order is hit at its own limit price; an iceberg with what it shows, the second time in a
    /// pass with the rest.
    void make(SimSlot slot, Supply& supply);
    /// The trigger of a stop or if-touched order was reached.
    void trigger(SimSlot slot);
    /// The order is over without a fill.
    void end(SimSlot slot, ExecType type, OrderReason reason);
    /// Its only chance has passed: cancels the order if it is immediate and still there.
    void end_if_immediate(SimSlot slot) {
        if (book_.is_live(slot) && book_[slot].is_immediate()) {
            end(slot, ExecType::kCanceled, OrderReason::kNoLiquidity);
        }
    }
    /// The terms of the order have changed: reported once, when the event is over.
    void restate(SimSlot slot, OrderReason reason);
    /// The event is over: reports the new terms of the orders that are still there.
    void report_restated();
    /// How much of the order its account's position lets it fill.
    [[nodiscard]] Quantity allowed(const SimOrder& order) const;

    [[nodiscard]] FillTape& tape() noexcept { return tape_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    void fill(SimSlot slot, Price price, Quantity quantity, Liquidity liquidity, Supply& supply);
    void follow_up(SimSlot slot, Price price, Quantity quantity);
    void update_links(SimSlot slot, Quantity quantity);
    void show_next(SimSlot slot, Quantity quantity);
    /// The broker does not let it happen: the whole order goes.
    void refuse(SimSlot slot, OrderReason reason);
    void forget(SimSlot slot);

    const SimConfig& config_;
    const InstrumentTable& instruments_;
    RestingBook& book_;
    SimBroker& broker_;
    Reporter& reporter_;
    DelayQueue& queue_;
    FillTape tape_;
    std::vector<SimSlot> restated_;  // room for every live order; empty between events
    std::uint64_t pass_ = 0;
    std::uint64_t disturbances_ = 0;
};

}  // namespace fermata
