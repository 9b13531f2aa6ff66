#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fermata::testing {

/// A TCP port that leads to a Unix socket, with faults on demand: connections are cut after so many
/// bytes, or nothing passes any more while everything stays open.
class FaultProxy {
public:
    explicit FaultProxy(std::string socket_file) : target_(std::move(socket_file)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (listener_ < 0 ||
            ::bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
            ::listen(listener_, 16) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            throw std::runtime_error("the proxy cannot listen");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;
    ~FaultProxy() {
        thread_.request_stop();
        thread_.join();
        close_all();
        ::close(listener_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Cuts all connections when the clients have sent so many more bytes; once.
    void cut_after(std::uint64_t bytes) { cut_at_ = sent_ + bytes; }
    [[nodiscard]] int cuts() const { return cuts_; }
    /// While set, nothing passes in either direction, and nobody is told.
    void swallow(bool on) { swallow_ = on; }

private:
    struct Pair {
        int client;
        int server;
    };
    static void send_all(int to, const char* data, std::size_t size) {
        while (size > 0) {
            const ssize_t n = ::send(to, data, size, MSG_NOSIGNAL);
            if (n <= 0) return;  // the other side is gone; its own end will say so
            data += n;
            size -= static_cast<std::size_t>(n);
        }
    }
    void close_all() {
        for (const Pair& pair : pairs_) {
            ::close(pair.client);
            ::close(pair.server);
        }
        pairs_.clear();
    }
    void accept_one() {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, target_.c_str(), sizeof address.sun_path - 1);
        if (::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(client);
            ::close(server);
            return;
        }
        pairs_.push_back({client, server});
    }
    /// False when the connection is over.
    bool pass(int from, int to, bool counts) {
        const ssize_t n = ::recv(from, buffer_.data(), buffer_.size(), 0);
        if (n <= 0) return false;
        if (counts) sent_ += static_cast<std::uint64_t>(n);
        if (cut_at_ != 0 && sent_ >= cut_at_) {
            cut_at_ = 0;
            ++cuts_;
            return false;
        }
        send_all(to, buffer_.data(), static_cast<std::size_t>(n));
        return true;
    }
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::vector<pollfd> wanted = {{listener_, POLLIN, 0}};
            if (!swallow_) {
                for (const Pair& pair : pairs_) {
                    wanted.push_back({pair.client, POLLIN, 0});
                    wanted.push_back({pair.server, POLLIN, 0});
                }
            }
            if (::poll(wanted.data(), wanted.size(), 10) <= 0) continue;
            for (std::size_t i = 1; i + 1 < wanted.size(); i += 2) {
                const Pair pair = pairs_[(i - 1) / 2];
                bool open = true;
                if (wanted[i].revents != 0) open = pass(pair.client, pair.server, true);
                if (open && wanted[i + 1].revents != 0)
                    open = pass(pair.server, pair.client, false);
                if (!open) {
                    ::close(pair.client);
                    ::close(pair.server);
                    pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>((i - 1) / 2));
                    break;
                }
            }
            if (wanted[0].revents != 0) accept_one();
        }
    }

    std::string target_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::vector<Pair> pairs_;  // the thread's own
    std::array<char, 32'768> buffer_;
    std::atomic<std::uint64_t> sent_{0};
    std::atomic<std::uint64_t> cut_at_{0};
    std::atomic<int> cuts_{0};
    std::atomic<bool> swallow_{false};
    std::jthread thread_;
};

}  // namespace fermata::testing
