#include "ops/client/control_client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace fermata::console {
namespace {

using Clock = std::chrono::steady_clock;

std::string text_of(int error) { return std::generic_category().message(error); }

}  // namespace

Result<ControlClient, ControlClient::Error> ControlClient::connect(const std::string& path) {
    const auto failed = [&](ErrorCode code, const std::string& what) {
        return Err{Error{code, path + ": " + what}};
    };
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        return failed(ErrorCode::kSystem, "no path of a socket (1 to 107 bytes)");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return failed(ErrorCode::kSystem, text_of(errno));
    ControlClient client(descriptor, path);
    // For the place in the daemon's queue, which others may have filled.
    const timeval most{.tv_sec = 10, .tv_usec = 0};
    if (::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) != 0) {
        return failed(ErrorCode::kSystem, text_of(errno));
    }
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        const int why = errno;
        if (why == EACCES || why == EPERM) {
            return failed(ErrorCode::kDenied,
                          "this user may not use the socket (its group may): " + text_of(why));
        }
        if (why == ENOENT || why == ECONNREFUSED) {
            return failed(ErrorCode::kNoDaemon, "no daemon listens there: " + text_of(why));
        }
        if (why == EAGAIN) return failed(ErrorCode::kTimeout, "the daemon takes no connections");
        return failed(ErrorCode::kSystem, text_of(why));
    }
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    return client;
}

ControlClient::ControlClient(ControlClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      input_(std::move(other.input_)),
      searched_(other.searched_) {}

ControlClient& ControlClient::operator=(ControlClient&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(path_, other.path_);
    std::swap(input_, other.input_);
    std::swap(searched_, other.searched_);
    return *this;
}

ControlClient::~ControlClient() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Err<ControlClient::Error> ControlClient::failure(ErrorCode code, const std::string& what) const {
    return Err{Error{code, path_ + ": " + what}};
}

bool ControlClient::wait(short what, Clock::time_point until) const {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd p{descriptor_, what, 0};
        const int ready =
            ::poll(&p, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;  // what follows fails and says why
        if (left <= 0) return false;
    }
}

Status<ControlClient::Error> ControlClient::send(std::string_view bytes,
                                                 std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (!bytes.empty()) {
        const ssize_t sent =
            ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN || errno == EINTR) {
            if (!wait(POLLOUT, until)) {
                return failure(ErrorCode::kTimeout, "the daemon does not read");
            }
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return failure(ErrorCode::kClosed, "the daemon ended the connection");
        } else {
            return failure(ErrorCode::kSystem, text_of(errno));
        }
    }
    return Unit{};
}

Result<std::string, ControlClient::Error> ControlClient::receive(std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    for (;;) {
        const std::size_t feed = input_.find('\n', searched_);
        if (feed != std::string::npos) {
            std::string line = input_.substr(0, feed);
            input_.erase(0, feed + 1);
            searched_ = 0;
            return line;
        }
        searched_ = input_.size();
        if (input_.size() > kAnswerMax) {
            return failure(ErrorCode::kTooLong, "the daemon's answer has no end");
        }
        std::array<char, 65'536> bytes;
        const ssize_t got = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0) {
            input_.append(bytes.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno == ECONNRESET) {
            return failure(ErrorCode::kClosed, "the daemon ended the connection");
        } else if (errno != EAGAIN && errno != EINTR) {
            return failure(ErrorCode::kSystem, text_of(errno));
        } else if (!wait(POLLIN, until)) {
            return failure(ErrorCode::kTimeout, "no answer from the daemon");
        }
    }
}

Result<std::string, ControlClient::Error> ControlClient::ask(const std::string& request,
                                                             std::chrono::milliseconds limit) {
    const auto sent = send(request + "\n", limit);
    if (!sent && sent.error().code != ErrorCode::kClosed) return Err{sent.error()};
    return receive(limit);
}

}  // namespace fermata::console
