#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/wire.hpp"

namespace fermata::fix {

/// QuickFIX's acceptor over sockets of our own.
///
/// Thread:    one, which accepts, receives, and gives each session a turn every second.
/// Strangers: a connection that is not logged on in time is closed; so is one whose first message
///            is no Logon of a session that is known and free, or is longer than a Logon is; and
///            beyond kStrangersMax at a time the oldest one. A member's connection is closed where
///            what it sends cannot be cut into messages of at most kBodyMax. `refused` is told.
/// Sockets:   TCP_NODELAY; IPv4, on all addresses.
class WireAcceptor final : public FIX::Acceptor {
public:
    static constexpr std::size_t kStrangersMax = 256;
    static constexpr std::size_t kLogonMax = std::size_t{8} << 10;   ///< Its body, in bytes.
    static constexpr std::size_t kBodyMax = std::size_t{256} << 10;  ///< Of a member's message.

    struct Rules {
        std::uint16_t port = 0;
        std::chrono::nanoseconds logon_timeout{};
        std::size_t waiting_max = 0;  ///< Bytes that may wait for a member who does not read.
    };
    /// Whose connection is closed, and why. On the thread of the acceptor.
    using Refused = std::function<void(std::string_view peer, std::string_view why)>;

    WireAcceptor(FIX::Application& application, FIX::MessageStoreFactory& stores,
                 const FIX::SessionSettings& settings, FIX::LogFactory& logs, const Rules& rules,
                 Refused refused);
    /// Stopped before: `stop`.
    ~WireAcceptor() override;
    /// From now on a session that was logged out stays so: `stop` follows. Any thread.
    void close_doors() noexcept { closing_ = true; }

private:
    using Clock = std::chrono::steady_clock;
    struct Line {
        std::unique_ptr<WireConnection> connection;
        std::string peer;
        Clock::time_point logon_until;
        FIX::Session* session = nullptr;  // once a Logon named it
        bool member = false;              // was logged on
    };

    void onInitialize(const FIX::SessionSettings&) override;
    void onStart() override;
    bool onPoll(double) override { return false; }
    void onStop() override { wake_up_.ring(); }

    void wait(Clock::time_point until);
    void accept(Clock::time_point now);
    void take_in(int socket, std::string peer, Clock::time_point now);
    /// False: the connection is to be closed.
    [[nodiscard]] bool handle(Line& line, short events);
    [[nodiscard]] bool read(Line& line);
    [[nodiscard]] bool assign(Line& line, const std::string& logon);
    [[nodiscard]] bool next(Line& line, const std::string& message);
    void close_late(Clock::time_point now);
    void close(Line& line);
    /// To say `return refuse(...)`: false.
    bool refuse(const Line& line, std::string_view why) const;
    void remove_closed();

    std::atomic<bool> closing_{false};
    const Rules rules_;
    const Refused refused_;
    WakeUp wake_up_;
    int listening_ = -1;
    Clock::time_point accept_at_{};  // not before: there was no room for a socket
    std::vector<std::unique_ptr<Line>> lines_;
    std::vector<pollfd> polled_;
};

}  // namespace fermata::fix
