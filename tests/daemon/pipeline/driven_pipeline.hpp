#pragma once

#include <utility>
#include <vector>

#include "core/loop/clock.hpp"
#include "core/loop/lockstep.hpp"
#include "daemon/pipeline/pipeline.hpp"

namespace fermata::testing {

/// Keeps all that goes on record.
class Collector final : public RecordSink {
public:
    void on_record(const OrderEvent& event) override { events.push_back(event); }
    std::vector<OrderEvent> events;
};

/// A pipeline with what drives it.
struct DrivenPipeline {
    explicit DrivenPipeline(PipelineSetup setup) : pipeline(std::move(setup)) {}
    void persist(StateArchive& a) { a(pipeline, scheduler); }

    Pipeline pipeline;
    VirtualClock clock;
    LockstepScheduler<Pipeline> scheduler{pipeline, clock};
};

}  // namespace fermata::testing
