#pragma once

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "ops/control/control_server.hpp"

namespace fermata::console {

/// One client of the control server: what came from it, and what goes to it.
///
/// Owner: the server's thread.
struct Connection : std::enable_shared_from_this<Connection> {
    using Stream = boost::asio::local::stream_protocol;
    using Clock = std::chrono::steady_clock;

    Connection(Stream::socket s, Peer who) : socket(std::move(s)), peer(std::move(who)) {}

    Stream::socket socket;
    Peer peer;
    std::array<char, kLineMax> input{};
    std::size_t filled = 0;  ///< Of `input`.
    std::string writing;     ///< Given to the system.
    std::string waiting;     ///< Behind it.
    bool in_write = false;
    bool in_read = false;
    bool follows = false;
    bool asked = false;                      ///< One request at least.
    bool turn = false;                       ///< Its next request waits for the next tick.
    bool last = false;                       ///< Nothing more is read; closed once all is written.
    Clock::time_point since = Clock::now();  ///< Last whole request, or first byte of a part.
    Clock::time_point taken = Clock::now();  ///< When it last took output.

    [[nodiscard]] std::size_t output() const { return writing.size() + waiting.size(); }
    [[nodiscard]] Use use(Clock::time_point now, std::chrono::milliseconds fresh) const;
    /// Longer than the options allow: without a request, within one, or without reading.
    [[nodiscard]] bool overdue(Clock::time_point now, const ServerOptions& options,
                               std::size_t output_max) const;
    /// The system holds bytes of it that were not read yet.
    [[nodiscard]] bool has_unread();
    void close();
};

/// Tells a client that it is not served (any more), as far as that goes without waiting.
void turn_away(Connection::Stream::socket& socket, Error error, const std::string& why);

}  // namespace fermata::console
