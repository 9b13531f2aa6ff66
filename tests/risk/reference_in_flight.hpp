#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/risk/reference_health.hpp"

namespace fermata::testing {

/// IN_FLIGHT: every request that was ever sent, and by what it was answered.
class ReferenceInFlight : public ReferenceHealth {
public:
    using ReferenceHealth::ReferenceHealth;

    struct Sent {
        OrderEventType type;
        OrderTag tag;
        ClientOrderId id;
        InstrumentId instrument;
        std::int64_t ns;
        bool over = false;
    };

    void note_sent(const OrderEvent& e) {
        const bool is_new = e.type == OrderEventType::kSendNew;
        if (!is_new && e.type != OrderEventType::kSendCancel &&
            e.type != OrderEventType::kSendReplace) {
            return;
        }
        requests_.push_back({e.type, is_new ? e.data.new_order.tag : e.data.change.tag,
                             is_new ? e.data.new_order.order_id : e.data.change.order_id,
                             e.instrument, e.ts.ns});
    }

protected:
    /// A venue reported about an order, which may be over by that.
    void answered(ClientOrderId id, ExecType type, bool order_over) {
        for (Sent& s : requests_) {
            if (s.id != id) continue;
            const bool canceled = type == ExecType::kCanceled || type == ExecType::kCancelRejected;
            const bool replaced = type == ExecType::kReplaced || type == ExecType::kReplaceRejected;
            s.over = s.over || order_over || s.type == OrderEventType::kSendNew ||
                     (s.type == OrderEventType::kSendCancel && canceled) ||
                     (s.type == OrderEventType::kSendReplace && replaced);
        }
        std::erase_if(requests_, [](const Sent& s) { return s.over; });
    }

public:
    /// The oldest request that has waited for too long. It is not waited for any more, nor is a
    /// cancel of that order, of which nothing is known now.
    std::optional<Sent> next_late(Timestamp now) {
        for (std::size_t n = 0; n < requests_.size(); ++n) {
            const Sent late = requests_[n];
            if (now.ns - late.ns <= limits_.raw(LimitId::kInFlight)) continue;
            requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(n));
            std::erase_if(requests_, [&](const Sent& s) {
                return s.id == late.id && s.type == OrderEventType::kSendCancel;
            });
            return late;
        }
        return std::nullopt;
    }
    std::vector<Trip> after_late(const Sent& late) {
        return trip_if(true,
                       {ControlId::kInFlight, static_cast<std::uint16_t>(late.instrument.value)});
    }

private:
    std::vector<Sent> requests_;
};

}  // namespace fermata::testing
