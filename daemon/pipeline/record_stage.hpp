#pragma once

#include <cstddef>

#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"
#include "core/port/record_sink.hpp"

namespace fermata {

/// Drains the journal lane of the trading stage into a sink.
class RecordStage {
public:
    RecordStage(Lane<OrderEvent>& lane, RecordSink* sink) : lane_(lane), sink_(sink) {}

    Polled poll(std::size_t budget) {
        std::size_t consumed = 0;
        for (; consumed < budget && lane_.take(in_hand_); ++consumed) {
            if (sink_ != nullptr) sink_->on_record(in_hand_);
        }
        // What was released counts as an emission: the loop must not come to rest before it went.
        const bool released = consumed != 0 && sink_ != nullptr && sink_->on_batch();
        return {consumed, released ? std::size_t{1} : 0};
    }

private:
    Lane<OrderEvent>& lane_;
    RecordSink* sink_;
    OrderEvent in_hand_;  // a local would be cleared at every poll
};

}  // namespace fermata
