#include "adapters/fix/wire.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace fermata::fix {

WakeUp::WakeUp() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void WakeUp::ring() noexcept {
    const std::uint64_t one = 1;
    // It fails only where it is ringing already.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
}

void WakeUp::clear() noexcept {
    std::uint64_t rings = 0;
    [[maybe_unused]] const ssize_t got = ::read(descriptor_, &rings, sizeof rings);
}

// --- WireConnection ---

bool WireConnection::send(const std::string& message) {
    const std::lock_guard lock(mutex_);
    if (socket_ < 0 || ended_) return false;
    std::size_t done = 0;
    if (waiting_.empty()) {
        const ssize_t sent =
            ::send(socket_, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            end();
            return false;
        }
        if (sent > 0) done = static_cast<std::size_t>(sent);
        if (done == message.size()) [[likely]]
            return true;
    }
    if (waiting_.size() + message.size() - done > waiting_max_) {
        end();
        return false;
    }
    waiting_.append(message, done);
    wake_up_.ring();
    return true;
}

void WireConnection::disconnect() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) end();
}

void WireConnection::end() noexcept {
    ended_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    wake_up_.ring();
}

bool WireConnection::ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
}

bool WireConnection::begin_connect(const std::string& host, int port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        return false;
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    // A host with several addresses: another one at each attempt.
    std::size_t count = 0;
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) ++count;
    const addrinfo* address = found;
    for (std::size_t n = attempts_++ % count; n > 0; --n) address = address->ai_next;

    const int s =
        ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (s < 0) return false;
    const int on = 1;
    ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(s, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        ::close(s);
        return false;
    }
    begin(s);
    stage_ = Stage::kConnecting;
    return true;
}

void WireConnection::begin(int socket) {
    const std::lock_guard lock(mutex_);
    socket_ = socket;
    ended_ = false;
    waiting_.clear();
    frames_ = WireFrames(body_max_);
    buffer_.resize(std::size_t{64} << 10);
}

void WireConnection::adopt(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    begin(socket);
    stage_ = Stage::kOpen;
}

bool WireConnection::finish_connect() {
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
    stage_ = Stage::kOpen;
    return true;
}

pollfd WireConnection::wanted() {
    const std::lock_guard lock(mutex_);
    const bool writes = stage_ == Stage::kConnecting || !waiting_.empty();
    return {socket_, static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0};
}

void WireConnection::send_waiting() {
    const std::lock_guard lock(mutex_);
    if (socket_ < 0 || ended_ || waiting_.empty()) return;
    const ssize_t sent =
        ::send(socket_, waiting_.data(), waiting_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) waiting_.erase(0, static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) end();
}

bool WireConnection::receive() {
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    frames_.add(buffer_.data(), static_cast<std::size_t>(got));
    return got > 0;
}

bool WireConnection::hung_up() const noexcept {
    pollfd look{socket_, POLLRDHUP, 0};
    return ::poll(&look, 1, 0) == 1;
}

void WireConnection::close() noexcept {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    stage_ = Stage::kClosed;
    ended_ = false;
    waiting_.clear();
}

// --- Wire ---

Wire::Wire(FIX::Application& application, FIX::MessageStoreFactory& stores,
           const FIX::SessionSettings& settings, FIX::LogFactory& logs, int reconnect_s)
    : FIX::Initiator(application, stores, settings, logs), reconnect_(reconnect_s) {
    for (const FIX::SessionID& id : getSessions()) {
        lines_.push_back({id, getSession(id), std::make_unique<WireConnection>(wake_up_), {}});
    }
}

Wire::~Wire() { stop(true); }

void Wire::onStart() {
    using std::chrono::seconds;
    Clock::time_point connect_at = Clock::now();
    Clock::time_point turn_at = connect_at;
    while (!isStopped()) {
        const Clock::time_point now = Clock::now();
        if (now >= connect_at) {
            connect();
            connect_at = now + reconnect_;
        }
        if (now >= turn_at) {
            for (Line& line : lines_) {
                if (line.connection->stage() == WireConnection::Stage::kOpen) line.session->next();
            }
            turn_at = now + seconds(1);
        }
        wait(turn_at);
    }
    for (Line& line : lines_) drop(line);
}

void Wire::wait(Clock::time_point until) {
    polled_.clear();
    for (Line& line : lines_) polled_.push_back(line.connection->wanted());
    polled_.push_back({wake_up_.descriptor(), POLLIN, 0});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (::poll(polled_.data(), polled_.size(), left > 0 ? static_cast<int>(left) : 0) < 0) return;
    if (polled_.back().revents != 0) wake_up_.clear();
    for (std::size_t n = 0; n < lines_.size(); ++n) handle(lines_[n], polled_[n].revents);
}

void Wire::handle(Line& line, short events) {
    WireConnection& connection = *line.connection;
    if (connection.stage() == WireConnection::Stage::kClosed) return;
    if (connection.stage() == WireConnection::Stage::kConnecting) {
        if (events == 0) return;
        if (!connection.finish_connect()) return drop(line);
        setConnected(line.id);
        line.session->setResponder(&connection);
        line.session->next();
    } else {
        if ((events & POLLOUT) != 0) connection.send_waiting();
        if ((events & (POLLIN | POLLERR | POLLHUP)) != 0) read(line);
    }
    if (connection.ended()) drop(line);
}

void Wire::read(Line& line) {
    WireConnection& connection = *line.connection;
    const bool alive = connection.receive();
    std::string message;
    while (!connection.ended() && connection.frames().next(message)) {
        try {
            line.session->next(message, FIX::UtcTimeStamp());
        } catch (const FIX::InvalidMessage&) {
            if (!line.session->isLoggedOn()) return drop(line);
        }
    }
    const std::string& problem = connection.frames().problem();
    if (!problem.empty()) {
        line.session->getLog()->onEvent(std::string(kClosingText) + line.peer + ": " + problem);
    }
    if (!alive || !problem.empty()) drop(line);
}

/// The session comes first: it may still say something, which then goes nowhere.
void Wire::drop(Line& line) {
    if (line.connection->stage() == WireConnection::Stage::kClosed) return;
    line.session->disconnect();
    line.connection->close();
    setDisconnected(line.id);
}

void Wire::doConnect(const FIX::SessionID& id, const FIX::Dictionary& settings) {
    for (Line& line : lines_) {
        if (line.id != id || line.connection->stage() != WireConnection::Stage::kClosed) continue;
        const std::string host = settings.getString(FIX::SOCKET_CONNECT_HOST);
        const int port = settings.getInt(FIX::SOCKET_CONNECT_PORT);
        line.session->getLog()->onEvent("Connecting to " + host + " on port " +
                                        std::to_string(port));
        line.peer = host + ":" + std::to_string(port);
        if (line.connection->begin_connect(host, port)) setPending(id);
    }
}

}  // namespace fermata::fix
