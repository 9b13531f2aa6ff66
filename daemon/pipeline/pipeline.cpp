#include "daemon/pipeline/pipeline.hpp"

#include <utility>

namespace fermata {

Pipeline::Pipeline(PipelineSetup setup)
    : sink_(setup.sink),
      stages_(std::move(setup), StageWiring{}),
      records_(*stages_.trading_journal, sink_),
      loop_(stages_.venues, stages_.portfolios, *stages_.trading, stages_.shards, records_) {}

void Pipeline::stop(Timestamp now) {
    stages_.stop_strategies(now);
    stages_.record_marks(now);
    run_to_quiescence();
}

}  // namespace fermata
