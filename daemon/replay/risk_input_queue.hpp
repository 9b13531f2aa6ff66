#pragma once

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "core/event/order_event.hpp"

namespace fermata {

/// What the gate is told from outside during a run over history, in the order of time. An input
/// comes before the market events of the same time.
class RiskInputQueue {
public:
    /// Ascending times.
    explicit RiskInputQueue(std::vector<OrderEvent> inputs) : inputs_(std::move(inputs)) {}

    /// The next one, if its time is not after `market`; else nullptr.
    [[nodiscard]] const OrderEvent* due(Timestamp market) const noexcept {
        return next_ < inputs_.size() && inputs_[next_].ts <= market ? &inputs_[next_] : nullptr;
    }
    void pop() noexcept { ++next_; }

    /// A record of the run that is resumed: leaves out the next one if this is it.
    void skip(const OrderEvent& record) noexcept {
        if (record.type != OrderEventType::kRiskInput || next_ == inputs_.size()) return;
        const OrderEvent& next = inputs_[next_];
        const bool same =
            next.ts == record.ts && next.instrument == record.instrument &&
            std::memcmp(&next.data.risk_input, &record.data.risk_input, sizeof(RiskInputData)) == 0;
        if (same) pop();
    }

private:
    std::vector<OrderEvent> inputs_;
    std::size_t next_ = 0;
};

}  // namespace fermata
