#pragma once

#include <cstdint>

#include "daemon/config/control_config.hpp"
#include "daemon/control/run_control.hpp"
#include "ops/control/control_server.hpp"

namespace fermata {

/// Serves the control socket of one run from its construction to its end.
///
/// Owner: the thread that assembles the daemon. `view` is the sink of the journal's stage (or in
///        front of it) and `queue` is drained by the feed's thread; both outlive the service, and
///        may be gone on with when it has ended.
/// Errors: the constructor throws StartRefusal (roles) and std::runtime_error (socket, log).
class ControlService {
public:
    ControlService(const ControlConfig& config, RunControlSetup setup, RunView& view,
                   ControlQueue& queue);

    [[nodiscard]] console::ServerCounts counts() const { return server_.counts(); }

private:
    RunControl control_;
    console::ControlServer server_;
};

/// UTC now, as nanoseconds since 1970.
[[nodiscard]] std::int64_t utc_now_ns();

}  // namespace fermata
