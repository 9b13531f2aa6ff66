#pragma once

#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/order/event_buffer.hpp"
#include "core/sim/delay_queue.hpp"
#include "core/sim/sim_config.hpp"
#include "core/sim/sim_order.hpp"

namespace fermata {

class StateArchive;

/// Writes the exchange's execution reports: gives them execution ids, and sends them to the output
/// at once or, with latency out, after it. `seq` is the router's to set.
///
/// Owner: the simulated exchange, which says with `begin` what it is doing before anything is
///        reported.
class Reporter {
public:
    Reporter(const SimConfig& config, DelayQueue& queue) : config_(config), queue_(queue) {}

    /// What follows happens at `now` because of `cause` and goes to `out`.
    void begin(EventBuffer& out, Timestamp now, std::uint64_t cause,
               std::uint64_t feed_position) noexcept {
        out_ = &out;
        now_ = now;
        cause_ = cause;
        feed_position_ = feed_position;
    }

    /// Everything but a fill. Reports that end an order say that nothing is left of it.
    void report(const SimOrder& order, ExecType type, OrderReason reason = OrderReason::kNone);
    /// `order` already contains the fill.
    ExecId fill(const SimOrder& order, Price price, Quantity quantity, Money fee,
                CurrencyId currency, Liquidity liquidity);
    /// A fill was taken back (CorrectionKind::kBust) or changed; `data` lacks its execution id.
    ExecId correct(InstrumentId instrument, CorrectionData data);
    /// A report that was under way arrives.
    void deliver(const OrderEvent& report);

    [[nodiscard]] VenueOrderId next_venue_order_id() noexcept {
        return VenueOrderId{numbered(++orders_)};
    }
    [[nodiscard]] Timestamp now() const noexcept { return now_; }

    /// See core/base/state_archive.hpp. What `begin` sets holds for one call only.
    void persist(StateArchive& a);

private:
    [[nodiscard]] std::uint64_t numbered(std::uint32_t count) const noexcept {
        return (static_cast<std::uint64_t>(config_.id_epoch) << 32) | count;
    }
    [[nodiscard]] OrderEvent make(const SimOrder& order, ExecType type) noexcept;
    void send(const OrderEvent& report);

    const SimConfig& config_;
    DelayQueue& queue_;
    EventBuffer* out_ = nullptr;
    Timestamp now_;
    std::uint64_t cause_ = 0;
    std::uint64_t feed_position_ = 0;
    std::uint32_t orders_ = 0;
    std::uint32_t executions_ = 0;
};

}  // namespace fermata
