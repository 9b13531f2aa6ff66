#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "ops/client/control_client.hpp"
#include "ops/control/control_server.hpp"

namespace fermata::console::testing {

using namespace std::chrono_literals;

/// A run that knows only how often it was commanded: each command raises the version by one.
class PlainPort final : public ControlPort {
public:
    Answer answer(const Peer& peer, const Request& request) override {
        const std::scoped_lock lock(lock_);
        if (request.method == Method::kSessions) throw std::runtime_error("it broke");
        if (!definition(request.method).command) {
            return {Error::kNone,
                    {},
                    "{\"rows\":\"" + std::string(answer_bytes, 'x') + "\"}",
                    version_.load()};
        }
        if (*request.expect != version_) return {Error::kStale, "look again", {}, version_.load()};
        commands_.push_back({peer, request});
        ++version_;
        return {Error::kNone, {}, "{\"done\":true}", version_.load()};
    }
    std::uint64_t state_version() const noexcept override { return version_; }
    void follow(bool on) override { followed = on; }
    void take_events(std::size_t most, std::vector<std::string>& out) override {
        const std::scoped_lock lock(lock_);
        for (; most > 0 && !events_.empty(); --most) {
            out.push_back(std::move(events_.front()));
            events_.pop_front();
        }
    }

    void say(std::string event) {
        const std::scoped_lock lock(lock_);
        events_.push_back(std::move(event));
    }
    std::vector<std::pair<Peer, Request>> commands() {
        const std::scoped_lock lock(lock_);
        return commands_;
    }
    std::size_t answer_bytes = 1;  ///< Before the server starts.
    std::atomic<bool> followed{false};

private:
    std::mutex lock_;
    std::atomic<std::uint64_t> version_{7};
    std::vector<std::pair<Peer, Request>> commands_;
    std::deque<std::string> events_;
};

/// A folder that others may enter and that goes at the end.
class OpenFolder {
public:
    OpenFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "controlXXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
        std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
    OpenFolder(const OpenFolder&) = delete;
    OpenFolder& operator=(const OpenFolder&) = delete;
    ~OpenFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

inline ControlClient connected(const std::filesystem::path& socket) {
    auto client = ControlClient::connect(socket.string());
    if (!client) throw std::runtime_error(client.error().message);
    return std::move(client).value();
}

/// One request, and the line that answers it.
inline std::string ask(ControlClient& client, const std::string& request) {
    const auto line = client.ask(request, 10s);
    return line ? *line : line.error().message;
}

/// Waits for what must come; false when it does not in a long time.
template <class Condition>
bool comes(Condition condition) {
    for (int n = 0; n < 3'000; ++n) {
        if (condition()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

/// A connection without any manners; -1 when the system refuses it.
inline int raw(const std::filesystem::path& socket) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket.c_str());
    for (int n = 0; n < 5'000; ++n) {
        if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
        if (errno != EAGAIN) break;  // else: many wait to be accepted
        std::this_thread::sleep_for(1ms);
    }
    ::close(fd);
    return -1;
}
inline bool send_all(int fd, std::string_view bytes) {
    for (int n = 0; !bytes.empty() && n < 2'000; ++n) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            std::this_thread::sleep_for(1ms);
        } else {
            return false;
        }
    }
    return bytes.empty();
}
/// The daemon has ended the connection.
inline bool is_closed(int fd) {
    char bytes[4096];
    for (;;) {
        const ssize_t got = ::recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
        if (got < 0) return false;
    }
}

struct Served {
    explicit Served(ServerOptions options = {}, std::vector<RoleRule> rules = {},
                    std::size_t answer_bytes = 1) {
        port.answer_bytes = answer_bytes;
        options.socket = folder / "c.sock";
        socket = options.socket;
        server =
            std::make_unique<ControlServer>(std::move(options), Roles(rules, ::getuid()), port);
    }
    OpenFolder folder;
    std::filesystem::path socket;
    PlainPort port;
    std::unique_ptr<ControlServer> server;
};

}  // namespace fermata::console::testing
