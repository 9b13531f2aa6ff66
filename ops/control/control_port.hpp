#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ops/control/request.hpp"

namespace fermata::console {

/// What stands behind the control socket: a run that can be looked at and commanded.
///
/// Thread: all calls come from the server's one thread. None may wait for more than the disk.
class ControlPort {
public:
    ControlPort() = default;
    ControlPort(const ControlPort&) = delete;
    ControlPort& operator=(const ControlPort&) = delete;
    virtual ~ControlPort() = default;

    /// Answers a request that the peer may make. A command has a reason and an expected version.
    /// What is thrown is answered with Error::kFailed.
    [[nodiscard]] virtual Answer answer(const Peer& peer, const Request& request) = 0;
    /// Changes whenever something changes that a command could be based on.
    [[nodiscard]] virtual std::uint64_t state_version() const noexcept = 0;

    /// Somebody follows the events (true), nobody does any more (false).
    virtual void follow(bool on) = 0;
    /// Appends at most `most` events since the last call, each a JSON object; the events that were
    /// lost in between are told as one.
    virtual void take_events(std::size_t most, std::vector<std::string>& out) = 0;
};

}  // namespace fermata::console
