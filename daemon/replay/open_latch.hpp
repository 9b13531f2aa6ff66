#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/latch/run_latch.hpp"
#include "daemon/config/config.hpp"
#include "daemon/replay/run_names.hpp"

namespace fermata {

/// The latch of the configuration, with the run's names; null without one. `report` is told when it
/// cannot be read, which is a HALT. May be empty.
[[nodiscard]] std::unique_ptr<latch::RunLatch> open_latch(
    const Config& config, const RunNames& names,
    const std::function<void(const std::string&)>& report);

}  // namespace fermata
