#pragma once

#include <cstddef>

#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/loop/stage.hpp"

namespace fermata {

/// Takes every record of the trading stream, in order: the journal and the files of a run.
class RecordSink {
public:
    RecordSink() = default;
    RecordSink(const RecordSink&) = delete;
    RecordSink& operator=(const RecordSink&) = delete;
    virtual ~RecordSink() = default;
    /// One call a record. May do I/O and throw: it runs behind the hot stages.
    virtual void on_record(const OrderEvent& event) = 0;
    /// After a batch of records. True when orders that waited for their record may go now.
    virtual bool on_batch() { return false; }
};

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
