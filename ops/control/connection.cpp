#include "ops/control/connection.hpp"

#include <sys/socket.h>

#include "ops/control/protocol.hpp"

namespace fermata::console {

Use Connection::use(Clock::time_point now, std::chrono::milliseconds fresh) const {
    if (follows) return Use::kFollows;
    if (filled != 0 || output() != 0) return Use::kBusy;
    const bool recent = now - since <= fresh;
    if (!asked) return recent ? Use::kSilent : Use::kSilentLong;
    return recent ? Use::kRests : Use::kRestsLong;
}

bool Connection::overdue(Clock::time_point now, const ServerOptions& options,
                         std::size_t output_max) const {
    const bool unread = output() != 0 && now - taken > options.unread;
    const bool half = filled != 0 && !turn && output() == 0 && now - since > options.half_sent;
    const bool idle = filled == 0 && !follows && output() == 0 && now - since > options.idle;
    return unread || half || idle || output() > output_max;
}

bool Connection::has_unread() {
    char byte = 0;
    return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void Connection::close() {
    boost::system::error_code ignored;
    socket.close(ignored);
}

void turn_away(Connection::Stream::socket& socket, Error error, const std::string& why) {
    const std::string line = answer_line(0, {error, why, {}, 0});
    (void)::send(socket.native_handle(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace fermata::console
