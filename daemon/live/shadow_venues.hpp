#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "daemon/live/outside_venues.hpp"

namespace fermata {

/// A venue to which nothing is sent: every order is canceled as soon as it is accepted, unfilled.
///
/// Owner: the venue loop.
class ShadowLink final : public OrderLink {
public:
    explicit ShadowLink(VenueId venue) : venue_(venue) {}

    [[nodiscard]] bool adopt(const KnownOrder& order) noexcept override {
        report(order.id, order.instrument, ExecType::kCanceled, Timestamp{0});
        return true;
    }
    void resume_after(std::uint64_t) noexcept override {}
    [[nodiscard]] OrderReason send(const OrderEvent& request) noexcept override {
        if (request.type == OrderEventType::kSendNew) {
            const NewOrderData& d = request.data.new_order;
            report(d.order_id, request.instrument, ExecType::kNew, request.ts, d.quantity);
            report(d.order_id, request.instrument, ExecType::kCanceled, request.ts);
            return OrderReason::kNone;
        }
        return OrderReason::kTooLateToCancel;  // nothing is open here, ever
    }
    [[nodiscard]] bool poll(OrderEvent& out) noexcept override {
        if (reports_.empty()) return false;
        out = reports_.front();
        reports_.pop_front();
        return true;
    }
    [[nodiscard]] bool up() const noexcept override { return true; }

private:
    void report(ClientOrderId id, InstrumentId instrument, ExecType type, Timestamp ts,
                Quantity leaves = {}) {
        OrderEvent e = make_order_event(OrderEventType::kExecution, ts, instrument);
        e.source = venue_.value;
        e.data.execution = ExecutionData{};
        e.data.execution.venue = venue_;
        e.data.execution.order_id = id;
        e.data.execution.exec_type = type;
        e.data.execution.leaves_quantity = leaves;
        reports_.push_back(e);
    }

    VenueId venue_;
    std::deque<OrderEvent> reports_;
};

/// The venues of mode shadow.
class ShadowVenues final : public OutsideVenues {
public:
    explicit ShadowVenues(std::size_t count) {
        for (std::size_t v = 0; v < count; ++v) {
            all_.push_back(std::make_unique<ShadowLink>(VenueId{static_cast<std::uint16_t>(v)}));
            links_.push_back(all_.back().get());
        }
    }
    [[nodiscard]] std::span<OrderLink* const> links() noexcept override { return links_; }
    [[nodiscard]] Latch* latch() noexcept override { return nullptr; }
    [[nodiscard]] VenueDesk* desk() noexcept override { return nullptr; }
    void start() override {}
    void stop() noexcept override {}

private:
    std::vector<std::unique_ptr<ShadowLink>> all_;
    std::vector<OrderLink*> links_;
};

}  // namespace fermata
