#include "adapters/fix/wire_acceptor.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace fermata::fix {
namespace {

using std::chrono::seconds;

std::string name_of(const sockaddr_in& address) {
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(address.sin_port));
}

}  // namespace

WireAcceptor::WireAcceptor(FIX::Application& application, FIX::MessageStoreFactory& stores,
                           const FIX::SessionSettings& settings, FIX::LogFactory& logs,
                           const Rules& rules, Refused refused)
    : FIX::Acceptor(application, stores, settings, logs),
      rules_(rules),
      refused_(std::move(refused)) {}

WireAcceptor::~WireAcceptor() {
    stop(true);
    if (listening_ >= 0) ::close(listening_);
}

void WireAcceptor::onInitialize(const FIX::SessionSettings&) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(rules_.port);
    if (listening_ < 0 || ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listening_, SOMAXCONN) != 0) {
        throw FIX::RuntimeError("port " + std::to_string(rules_.port) + " cannot be listened on: " +
                                std::generic_category().message(errno));
    }
}

void WireAcceptor::onStart() {
    Clock::time_point turn_at = Clock::now();
    while (!isStopped()) {
        const Clock::time_point now = Clock::now();
        if (now >= turn_at) {
            for (const auto& line : lines_) {
                if (line->session != nullptr) line->session->next();
            }
            turn_at = now + seconds(1);
        }
        close_late(now);
        remove_closed();
        Clock::time_point until = turn_at;
        for (const auto& line : lines_) {
            if (!line->member) until = std::min(until, line->logon_until);
        }
        wait(until);
    }
    for (const auto& line : lines_) close(*line);
    lines_.clear();
}

void WireAcceptor::wait(Clock::time_point until) {
    const Clock::time_point now = Clock::now();
    polled_.clear();
    for (const auto& line : lines_) polled_.push_back(line->connection->wanted());
    polled_.push_back({wake_up_.descriptor(), POLLIN, 0});
    polled_.push_back({now >= accept_at_ ? listening_ : -1, POLLIN, 0});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    if (::poll(polled_.data(), polled_.size(), left > 0 ? static_cast<int>(left) : 0) < 0) return;
    const std::size_t count = lines_.size();
    if (polled_[count].revents != 0) wake_up_.clear();
    for (std::size_t n = 0; n < count; ++n) {
        Line& line = *lines_[n];
        if (line.connection->stage() == WireConnection::Stage::kClosed) continue;
        if (!handle(line, polled_[n].revents)) close(line);
    }
    if (polled_[count + 1].revents != 0) accept(now);
    remove_closed();
}

void WireAcceptor::accept(Clock::time_point now) {
    for (;;) {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        const int socket = ::accept4(listening_, reinterpret_cast<sockaddr*>(&address), &size,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            take_in(socket, name_of(address), now);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno != EAGAIN) {
            accept_at_ = now + seconds(1);
            refused_("somebody", std::generic_category().message(errno));
        }
        return;
    }
}

void WireAcceptor::take_in(int socket, std::string peer, Clock::time_point now) {
    auto line = std::make_unique<Line>();
    line->connection = std::make_unique<WireConnection>(wake_up_, kLogonMax, rules_.waiting_max);
    line->connection->adopt(socket);
    line->peer = std::move(peer);
    line->logon_until = now + rules_.logon_timeout;
    // The oldest stands first.
    const auto stranger = [](const auto& l) {
        return !l->member && l->connection->stage() != WireConnection::Stage::kClosed;
    };
    const auto strangers = std::count_if(lines_.begin(), lines_.end(), stranger);
    if (static_cast<std::size_t>(strangers) >= kStrangersMax) {
        Line& oldest = **std::find_if(lines_.begin(), lines_.end(), stranger);
        refuse(oldest, "too many connections are not logged on");
        close(oldest);
    }
    lines_.push_back(std::move(line));
}

bool WireAcceptor::handle(Line& line, short events) {
    if ((events & POLLOUT) != 0) line.connection->send_waiting();
    if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && !read(line)) return false;
    return !line.connection->ended();
}

bool WireAcceptor::read(Line& line) {
    WireConnection& connection = *line.connection;
    const bool alive = connection.receive();
    std::string message;
    while (!connection.ended() && connection.frames().next(message)) {
        if (line.session == nullptr && !assign(line, message)) return false;
        if (!next(line, message)) return false;
        if (!line.member && line.session->isLoggedOn()) {
            line.member = true;
            connection.frames().set_body_max(kBodyMax);
        }
    }
    const std::string& problem = connection.frames().problem();
    if (!problem.empty()) return refuse(line, problem);
    return alive;
}

/// A connection without a session becomes that of the one that its Logon names.
bool WireAcceptor::assign(Line& line, const std::string& logon) {
    FIX::Session* session = nullptr;
    try {
        session = FIX::Session::lookupSession(logon, true);
    } catch (const FIX::Exception&) {  // not even a header
    }
    if (session == nullptr || !has(session->getSessionID())) {
        return refuse(line, "it names no session that is known");
    }
    for (const auto& other : lines_) {
        if (other->session != session) continue;
        // Whoever comes back at once must not be kept out by an end that was not read yet.
        if (!other->connection->ended() && !other->connection->hung_up()) {
            return refuse(line, "its session is connected already");
        }
        close(*other);
    }
    // It may have been told to log out by another thread in the moment in which its connection
    // ended: that must not keep it out for good.
    if (!session->isEnabled() && !closing_) session->logon();
    line.session = getSession(logon, *line.connection);
    return line.session != nullptr || refuse(line, "its first message is no Logon");
}

bool WireAcceptor::next(Line& line, const std::string& message) {
    try {
        line.session->next(message, FIX::UtcTimeStamp());
        return true;
    } catch (const FIX::InvalidMessage& e) {
        return line.session->isLoggedOn() || refuse(line, e.what());
    }
}

void WireAcceptor::close_late(Clock::time_point now) {
    for (const auto& line : lines_) {
        if (line->member || now < line->logon_until) continue;
        refuse(*line, "it is not logged on in time");
        close(*line);
    }
}

/// The session comes first: it may still say something, which then goes nowhere. Behind its
/// `disconnect` no thread uses the connection.
void WireAcceptor::close(Line& line) {
    if (line.connection->stage() == WireConnection::Stage::kClosed) return;
    if (line.session != nullptr) std::exchange(line.session, nullptr)->disconnect();
    line.connection->close();
}

bool WireAcceptor::refuse(const Line& line, std::string_view why) const {
    refused_(
        line.session == nullptr
            ? line.peer
            : line.peer + " (" + line.session->getSessionID().getTargetCompID().getString() + ")",
        why);
    return false;
}

void WireAcceptor::remove_closed() {
    std::erase_if(lines_, [](const auto& line) {
        return line->connection->stage() == WireConnection::Stage::kClosed;
    });
}

}  // namespace fermata::fix
