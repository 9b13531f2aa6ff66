#pragma once

#include "core/port/record_sink.hpp"

namespace fermata {

/// Gives every record to two sinks, of which the second may be null.
///
/// Owner: whoever calls `on_record`; the sinks outlive it.
class RecordTee final : public RecordSink {
public:
    RecordTee(RecordSink& first, RecordSink* second) : first_(first), second_(second) {}

    void on_record(const OrderEvent& event) override {
        first_.on_record(event);
        if (second_ != nullptr) second_->on_record(event);
    }

private:
    RecordSink& first_;
    RecordSink* second_;
};

}  // namespace fermata
