#include "daemon/control/control_service.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace fermata {
namespace {

RunControlSetup completed(const ControlConfig& config, RunControlSetup setup) {
    setup.admins = config.admins;
    if (!setup.clock) setup.clock = utc_now_ns;
    return setup;
}

}  // namespace

std::int64_t utc_now_ns() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

ControlService::ControlService(const ControlConfig& config, RunControlSetup setup, RunView& view,
                               ControlQueue& queue)
    : control_(completed(config, std::move(setup)), view, queue),
      server_({.socket = config.socket}, console::Roles(config.roles, ::geteuid()), control_) {}

}  // namespace fermata
