#include "daemon/control/control_service.hpp"

#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "daemon/assembly/start_refusal.hpp"

namespace fermata {
namespace {

RunControlSetup completed(const ControlConfig& config, RunControlSetup setup) {
    setup.admins = config.admins;
    if (!setup.clock) setup.clock = utc_now_ns;
    return setup;
}

console::Roles roles_of(const ControlConfig& config) {
    try {
        return {config.roles, ::geteuid()};
    } catch (const std::runtime_error& e) {
        throw StartRefusal(e.what());
    }
}

}  // namespace

std::int64_t utc_now_ns() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

ControlService::ControlService(const ControlConfig& config, RunControlSetup setup, RunView& view,
                               ControlQueue& queue)
    : control_(completed(config, std::move(setup)), view, queue),
      server_({.socket = config.socket}, roles_of(config), control_) {}

}  // namespace fermata
