#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "ops/control/control_port.hpp"
#include "ops/control/places.hpp"
#include "ops/control/roles.hpp"

namespace fermata::console {

struct ServerOptions {
    std::filesystem::path socket;
    PlaceLimits places = {};
    /// So long a program may take between two steps before its connection counts as one that idles.
    std::chrono::milliseconds fresh{2'000};
    /// A client that has not taken so much gets nothing more until it reads; one that follows
    /// events is dropped.
    std::size_t output_max = std::size_t{1} << 20;
    std::chrono::milliseconds idle{60'000};      ///< Without a request, unless it follows events.
    std::chrono::milliseconds half_sent{5'000};  ///< From the first byte of a line to its end.
    std::chrono::milliseconds unread{5'000};     ///< Without taking anything of an answer.
};

/// What happened so far.
struct ServerCounts {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;    ///< Nobody was to give way, or that user has no role.
    std::uint64_t displaced = 0;  ///< Closed in favour of a newer connection.
    std::uint64_t dropped = 0;    ///< Too slow, too long, silent for too long.
    std::uint64_t requests = 0;
    std::uint64_t bad_requests = 0;
    std::size_t connected = 0;
    std::size_t output_bytes = 0;  ///< That clients have not taken yet.
};

/// Serves the control protocol on a Unix socket, on a thread of its own: whatever clients do, it
/// uses a bounded amount of memory and delays nobody but them. Connections that idle or follow
/// keep nobody out (places.hpp).
///
/// Owner:  whoever makes it. The port is called on the server's thread only.
/// Socket: mode 0660, removed at the end. One that nobody listens on any more is replaced.
/// Errors: the constructor throws std::runtime_error when the socket cannot be had: its path is too
///         long, or taken by another daemon or file.
class ControlServer {
public:
    /// Listens and serves from here on. `port` outlives the server.
    ControlServer(ServerOptions options, Roles roles, ControlPort& port);
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    /// Ends all connections and the thread.
    ~ControlServer();

    [[nodiscard]] ServerCounts counts() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fermata::console
