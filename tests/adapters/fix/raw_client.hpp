#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace fermata::fix::test {

/// A FIX message of this body ("35=0|49=A|..."), with the length and sum that it must have.
inline std::string fix_message(std::string body) {
    std::replace(body.begin(), body.end(), '|', '\x01');
    std::string all =
        "8=FIX.4.4\x01"
        "9=" +
        std::to_string(body.size()) + '\x01' + body;
    unsigned sum = 0;
    for (const char c : all) sum += static_cast<unsigned char>(c);
    char trailer[8];
    (void)std::snprintf(trailer, sizeof trailer, "10=%03u", sum % 256);
    return all + trailer + '\x01';
}

/// A TCP connection to a port of this machine that sends what the test says.
class RawClient {
public:
    explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(socket_);
            throw std::runtime_error("nobody listens");
        }
    }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient() { ::close(socket_); }

    void send(const std::string& bytes) const {
        (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// Today's time is the sender's to know: "20260104-14:30:00".
    void log_on(const std::string& comp_id, const std::string& time) const {
        send(fix_message("35=A|49=" + comp_id + "|56=VENUE|34=1|52=" + time +
                         "|98=0|108=30|141=Y|"));
    }
    /// What comes until `text` is in it, or the other side closes the connection, or half a minute
    /// is over.
    std::string read_until(const std::string& text) {
        while (text.empty() || got_.find(text) == std::string::npos) {
            pollfd p{socket_, POLLIN, 0};
            if (::poll(&p, 1, 30'000) != 1) break;
            char bytes[4'096];
            const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
            closed_ = closed_ || count <= 0;
            if (count <= 0) break;
            got_.append(bytes, static_cast<std::size_t>(count));
        }
        return got_;
    }
    /// Waits until the other side closes it.
    bool is_closed() {
        (void)read_until("");
        return closed_;
    }
    /// "127.0.0.1:PORT", as the other side sees it.
    [[nodiscard]] std::string name() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    }

private:
    int socket_;
    std::string got_;
    bool closed_ = false;
};

}  // namespace fermata::fix::test
