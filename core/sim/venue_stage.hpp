#pragma once

#include <cstddef>
#include <cstdint>

#include "core/event/market_event.hpp"
#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/order/event_buffer.hpp"
#include "core/sim/simulated_exchange.hpp"

namespace fermata {

/// Puts a simulated exchange on lanes: market data and orders in, execution reports out.
///
/// Owner:  the loop that polls it.
/// Inputs: market data first, then orders: an order never meets the event that caused it.
class VenueStage {
public:
    struct Lanes {
        Lane<MarketEvent>* market;
        Lane<OrderEvent>* orders;
        Lane<OrderEvent>* reports;
    };

    VenueStage(SimulatedExchange& exchange, Lanes lanes)
        : exchange_(exchange), lanes_(lanes), out_(exchange.events_max()) {}

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        const std::uint64_t sent = sent_;
        for (std::size_t n = 0; n < budget; ++n, ++consumed) {
            const MarketEvent* e = lanes_.market->front();
            if (e == nullptr) break;
            exchange_.on_market(*e, out_);
            lanes_.market->pop();
            if (!out_.empty()) send();
        }
        for (std::size_t n = 0; n < budget && lanes_.orders->take(order_); ++n, ++consumed) {
            exchange_.on_order(order_, out_);
            send();
        }
        return {consumed, sent_ - sent};
    }

    /// The earliest delayed order or report inside.
    [[nodiscard]] Timestamp due() const noexcept { return exchange_.next_due(); }
    /// Performs what is due at `now`.
    void advance(Timestamp now) {
        do {  // the exchange stops early when its buffer is full
            exchange_.advance(now, out_);
            send();
        } while (exchange_.next_due() <= now);
    }

    /// The report lane was full and a report could not be sent: the owner must halt trading.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

private:
    void send() {
        for (OrderEvent& e : out_.span()) {
            e.seq = ++sent_;
            if (!lanes_.reports->try_push(e)) overflowed_ = true;
        }
        out_.clear();
    }

    SimulatedExchange& exchange_;
    Lanes lanes_;
    EventBuffer out_;
    OrderEvent order_;  // in hand; a local would be cleared at every poll
    std::uint64_t sent_ = 0;
    bool overflowed_ = false;
};

}  // namespace fermata
