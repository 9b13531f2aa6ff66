#pragma once

#include "core/event/order_event.hpp"

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

}  // namespace fermata
