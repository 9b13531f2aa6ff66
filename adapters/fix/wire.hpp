#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/quickfix.hpp"
#include "adapters/fix/wire_frames.hpp"

namespace fermata::fix {

/// How the text begins that tells the session's log that what came was not FIX, or too long; the
/// peer and the reason follow.
inline constexpr std::string_view kClosingText = "Closing the connection to ";

/// An eventfd that ends a poll of the wire's thread.
class WakeUp {
public:
    WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    ~WakeUp() { ::close(descriptor_); }
    void ring() noexcept;
    void clear() noexcept;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// The socket of one session. A message goes out on the thread that sends it, with one system call;
/// what the socket does not take waits, and the wire's thread sends it on.
///
/// Threads: `send` and `disconnect` on any (QuickFIX's lock of the session is held), the rest on
///          the wire's.
class WireConnection final : public FIX::Responder {
public:
    /// Bytes that may wait for a peer that does not read; beyond that the connection is ended.
    static constexpr std::size_t kWaitingMax = std::size_t{4} << 20;

    /// The body of a message that comes in; beyond that the connection is ended. A venue tells of
    /// as many orders as one message may have (r, N) in one.
    static constexpr std::size_t kBodyMax = std::size_t{4} << 20;

    explicit WireConnection(WakeUp& wake_up, std::size_t body_max = kBodyMax,
                            std::size_t waiting_max = kWaitingMax)
        : wake_up_(wake_up), body_max_(body_max), waiting_max_(waiting_max), frames_(body_max) {}
    ~WireConnection() override { close(); }

    bool send(const std::string& message) override;
    void disconnect() override;

    enum class Stage { kClosed, kConnecting, kOpen };
    /// Begins to connect, without waiting for the peer. False: not possible now.
    [[nodiscard]] bool begin_connect(const std::string& host, int port);
    /// The peer accepted; false: it did not.
    [[nodiscard]] bool finish_connect();
    /// A connection that a peer made; does not wait in any call.
    void adopt(int socket);
    [[nodiscard]] Stage stage() const noexcept { return stage_; }
    /// To be closed by the wire's thread.
    [[nodiscard]] bool ended();
    [[nodiscard]] pollfd wanted();
    void send_waiting();
    /// What has arrived goes into `frames`; false: the peer is gone.
    [[nodiscard]] bool receive();
    /// The peer has ended it; what it sent before may still have to be received.
    [[nodiscard]] bool hung_up() const noexcept;
    [[nodiscard]] WireFrames& frames() noexcept { return frames_; }
    void close() noexcept;

private:
    void end() noexcept;     // under the mutex
    void begin(int socket);  // the state of before is gone

    WakeUp& wake_up_;
    Stage stage_ = Stage::kClosed;
    const std::size_t body_max_, waiting_max_;
    WireFrames frames_;
    std::vector<char> buffer_;
    std::size_t attempts_ = 0;
    std::mutex mutex_;
    int socket_ = -1;
    bool ended_ = false;
    std::string waiting_;
};

/// QuickFIX's initiator over sockets of our own. With the library's own, each send asks select
/// first and copies the message into a queue.
///
/// Thread:  one, which connects, receives, and gives each session a turn every second.
/// Sockets: TCP_NODELAY; IPv4 and IPv6.
class Wire final : public FIX::Initiator {
public:
    Wire(FIX::Application& application, FIX::MessageStoreFactory& stores,
         const FIX::SessionSettings& settings, FIX::LogFactory& logs, int reconnect_s);
    /// Stopped before: `stop`.
    ~Wire() override;

private:
    using Clock = std::chrono::steady_clock;
    struct Line {
        FIX::SessionID id;
        FIX::Session* session;
        std::unique_ptr<WireConnection> connection;
        std::string peer;  // "host:port" of the newest attempt
    };

    void onStart() override;
    bool onPoll(double) override { return false; }
    void onStop() override { wake_up_.ring(); }
    void doConnect(const FIX::SessionID& id, const FIX::Dictionary& settings) override;

    void wait(Clock::time_point until);
    void handle(Line& line, short events);
    void read(Line& line);
    void drop(Line& line);

    const std::chrono::seconds reconnect_;
    WakeUp wake_up_;
    std::vector<Line> lines_;
    std::vector<pollfd> polled_;
};

}  // namespace fermata::fix
