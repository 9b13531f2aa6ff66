#include "ops/control/control_server.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "ops/control/connection.hpp"
#include "ops/control/local_socket.hpp"
#include "ops/control/protocol.hpp"

namespace fermata::console {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = Connection::Stream;
using Clock = Connection::Clock;
using ConnectionPtr = std::shared_ptr<Connection>;

constexpr std::chrono::milliseconds kTick{50};
constexpr std::size_t kEventsATick = 512;
/// Of every tick, what the questions of one user may take. Commands are not counted and not held
/// up: whoever asks much does not delay whoever halts.
constexpr std::chrono::milliseconds kQuestionsATick{10};
/// A client's requests wait while so much of its answers is under way.
constexpr std::size_t kPauseAt = std::size_t{128} << 10;

}  // namespace

class ControlServer::Impl {
public:
    Impl(ServerOptions options, Roles roles, ControlPort& port)
        : options_(std::move(options)),
          roles_(std::move(roles)),
          port_(port),
          acceptor_(io_),
          ticker_(io_) {
        listen();
        accept();
        tick();
        start_thread();
    }
    ~Impl() {
        asio::post(io_, [this] { io_.stop(); });
        if (thread_.joinable()) thread_.join();
        clients_.clear();
        // Not a socket that somebody else put there meanwhile.
        struct stat now{};
        if (::lstat(options_.socket.c_str(), &now) == 0 && now.st_ino == inode_) {
            ::unlink(options_.socket.c_str());
        }
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] ServerCounts counts() const {
        const std::scoped_lock lock(counts_lock_);
        return published_;
    }

private:
    void listen() {
        const std::filesystem::path& path = options_.socket;
        make_room(path);
        try {
            acceptor_.open(Stream());
            // Before it has a name, so that it is never open to more.
            ::fchmod(acceptor_.native_handle(), 0660);
            acceptor_.bind(Stream::endpoint(path.string()));
            if (::chmod(path.c_str(), 0660) != 0)
                fail_socket(path, std::generic_category().message(errno));
            acceptor_.listen(128);
            acceptor_.non_blocking(true);
        } catch (const boost::system::system_error& e) {
            fail_socket(path, e.code().message());
        }
        struct stat made{};
        if (::lstat(path.c_str(), &made) == 0) inode_ = made.st_ino;
    }

    /// Signals are for the daemon's other threads.
    void start_thread() {
        sigset_t all{}, before{};
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        thread_ = std::thread([this] { run(); });
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    /// No handler throws but for want of memory; then the connections go, not the daemon.
    void run() {
        for (;;) {
            try {
                io_.run();
                return;
            } catch (const std::exception&) {
                for (const auto& [id, client] : clients_) client->close();
                clients_.clear();
                followers_ = 0;
                port_.follow(false);
                // Whichever of the two was cut off goes on.
                acceptor_.cancel();
                ticker_.cancel();
                accept();
                tick();
            }
        }
    }

    void accept() {
        acceptor_.async_accept([this](error_code ec, Stream::socket socket) {
            if (ec == asio::error::operation_aborted) return;
            if (ec) {
                accept_later_ = true;  // no descriptors: at the next tick
                return;
            }
            welcome(std::move(socket));
            accept();
        });
    }

    void welcome(Stream::socket socket) {
        Peer peer = peer_of(socket.native_handle(), roles_);
        if (peer.role == Role::kNone) {
            return refuse(socket, Error::kForbidden,
                          "uid " + std::to_string(peer.uid) + " has no role here");
        }
        if (!make_place(peer)) return refuse(socket, Error::kBusy, "too many connections");
        ++counts_.accepted;
        auto client = std::make_shared<Connection>(std::move(socket), std::move(peer));
        clients_.emplace(client.get(), client);
        read(client);
    }
    void refuse(Stream::socket& socket, Error error, const std::string& why) {
        ++counts_.refused;
        turn_away(socket, error, why);
    }

    /// False: nobody is to give way to this newcomer.
    bool make_place(const Peer& peer) {
        look_at_places();
        for (;;) {
            const Admission admission = admit(places_, peer.uid, peer.role, options_.places);
            if (!admission.giver) {
                places_of_.clear();
                return admission.admitted;
            }
            const ConnectionPtr giver = places_of_[*admission.giver];
            Place& place = places_[*admission.giver];
            if (place.use != Use::kBusy && place.use != Use::kFollows && giver->has_unread()) {
                place.use = Use::kBusy;  // what it asks was not read yet
                continue;
            }
            displace(giver, admission.crowd);
            places_of_.clear();
            return true;
        }
    }
    void look_at_places() {
        const Clock::time_point now = Clock::now();
        places_.clear();
        places_of_.clear();
        for (const auto& [id, client] : clients_) {
            places_.push_back({client->peer.uid, client->peer.role,
                               client->use(now, options_.fresh), client->since});
            places_of_.push_back(client);
        }
    }
    void displace(const ConnectionPtr& client, Crowd crowd) {
        ++counts_.displaced;
        // A line that is under way must not be cut by another.
        if (client->output() == 0) {
            turn_away(client->socket, Error::kBusy,
                      std::string(name(crowd)) + ": closed in favour of a newer one");
        }
        end(client);
    }

    void read(const ConnectionPtr& client) {
        if (client->in_read || client->last || !client->socket.is_open()) return;
        client->in_read = true;
        client->socket.async_read_some(asio::buffer(client->input.data() + client->filled,
                                                    client->input.size() - client->filled),
                                       [this, client](error_code ec, std::size_t bytes) {
                                           client->in_read = false;
                                           if (ec) return end(client);
                                           if (client->filled == 0) client->since = Clock::now();
                                           client->filled += bytes;
                                           serve(client);
                                       });
    }

    /// One request; the next one when everybody else had a turn.
    void serve(const ConnectionPtr& client) {
        if (client->last || !client->socket.is_open()) return;
        if (client->output() >= kPauseAt) return;  // goes on when it has read
        char* const begin = client->input.data();
        char* const until = begin + client->filled;
        char* const feed = std::find(begin, until, '\n');
        if (feed == until) {
            if (client->filled < client->input.size()) return read(client);
            // Nobody can tell where the next request begins.
            answer(client, 0,
                   {Error::kBadRequest,
                    "the line is longer than " + std::to_string(kLineMax) + " bytes",
                    {},
                    port_.state_version()});
            ++counts_.bad_requests;
            return finish(client);
        }
        if (!take({begin, static_cast<std::size_t>(feed - begin)}, client)) return;
        std::memmove(begin, feed + 1, static_cast<std::size_t>(until - feed) - 1);
        client->filled -= static_cast<std::size_t>(feed - begin) + 1;
        client->since = Clock::now();
        if (client->filled == 0) return read(client);
        asio::post(io_, [this, client] { serve(client); });
    }

    /// False: a question whose user has asked enough in this tick; it waits for the next one.
    bool take(std::string_view line, const ConnectionPtr& client) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto request = parse_request(line);
        Clock::duration& asked = asked_[client->peer.uid];
        const bool command = request && definition(request->method).command;
        client->turn = !command && asked >= kQuestionsATick;
        if (client->turn) return false;
        const Clock::time_point begin = Clock::now();
        ++counts_.requests;
        if (request) {
            client->asked = true;
            judge(*request, client);
        } else {
            ++counts_.bad_requests;
            const Refusal& refusal = request.error();
            answer(client, refusal.id, {refusal.error, refusal.message, {}, port_.state_version()});
        }
        if (!command) asked += Clock::now() - begin;
        return true;
    }

    void judge(const Request& request, const ConnectionPtr& client) {
        Answer reply;
        const std::string why = objection(client->peer, request);
        if (!why.empty()) {
            reply = {Error::kForbidden, why, {}, port_.state_version()};
        } else if (request.method == Method::kTail) {
            follow_one_more(*client);
            reply = {Error::kNone, {}, {}, port_.state_version()};
        } else {
            try {
                reply = port_.answer(client->peer, request);
            } catch (const std::exception& e) {
                reply = {Error::kFailed, e.what(), {}, port_.state_version()};
            }
        }
        answer(client, request.id, reply);
    }

    /// Everybody may ask again.
    void begin_turn() {
        asked_.clear();
        std::vector<ConnectionPtr> waiting;
        for (const auto& [id, client] : clients_) {
            if (client->turn) waiting.push_back(client);
        }
        // Who waited longest is first, or those that come after the tick is used up never are.
        std::ranges::sort(waiting, {}, [](const ConnectionPtr& c) { return c->since; });
        for (const ConnectionPtr& client : waiting) serve(client);
    }

    void answer(const ConnectionPtr& client, std::uint64_t id, const Answer& reply) {
        send(client, answer_line(id, reply));
    }

    void send(const ConnectionPtr& client, const std::string& line) {
        if (client->output() == 0) client->taken = Clock::now();
        client->waiting += line;
        write(client);
    }
    void write(const ConnectionPtr& client) {
        if (client->in_write || !client->socket.is_open()) return;
        if (client->writing.empty()) {
            if (client->waiting.empty()) {
                if (client->last) end(client);
                return;
            }
            std::swap(client->writing, client->waiting);
        }
        client->in_write = true;
        client->socket.async_write_some(
            asio::buffer(client->writing), [this, client](error_code ec, std::size_t bytes) {
                client->in_write = false;
                if (ec) return end(client);
                client->taken = Clock::now();
                const bool paused = client->output() >= kPauseAt;
                client->writing.erase(0, bytes);
                if (client->writing.empty() && client->writing.capacity() > kPauseAt) {
                    client->writing.shrink_to_fit();
                }
                write(client);
                if (paused && client->output() < kPauseAt) serve(client);
            });
    }

    void follow_one_more(Connection& client) {
        if (client.follows) return;
        look_at_places();
        if (const auto oldest = oldest_follower(places_, client.peer.uid, options_.places)) {
            displace(ConnectionPtr(places_of_[*oldest]), Crowd::kFollowing);
        }
        places_of_.clear();
        follow(client, true);
    }
    void follow(Connection& client, bool on) {
        if (client.follows == on) return;
        client.follows = on;
        followers_ += on ? 1 : -1;
        if (followers_ == (on ? 1 : 0)) port_.follow(on);
    }

    /// What was answered still goes out.
    void finish(const ConnectionPtr& client) {
        client->last = true;
        ++counts_.dropped;
        write(client);
    }
    void drop(const ConnectionPtr& client) {
        ++counts_.dropped;
        end(client);
    }
    void end(const ConnectionPtr& client) {
        if (clients_.erase(client.get()) == 0) return;
        follow(*client, false);
        client->close();
    }
    void tick() {
        ticker_.expires_after(kTick);
        ticker_.async_wait([this](error_code ec) {
            if (ec) return;
            if (std::exchange(accept_later_, false)) accept();
            drop_the_slow();
            begin_turn();
            tell_followers();
            publish();
            tick();
        });
    }

    void drop_the_slow() {
        const Clock::time_point now = Clock::now();
        late_.clear();
        for (const auto& [id, client] : clients_) {
            if (client->overdue(now, options_, options_.output_max + kPauseAt)) {
                late_.push_back(client);
            }
        }
        for (const ConnectionPtr& client : late_) drop(client);
        late_.clear();
    }

    void tell_followers() {
        if (followers_ == 0) return;
        events_.clear();
        try {
            port_.take_events(kEventsATick, events_);
        } catch (const std::exception&) {
            events_.clear();
        }
        for (const std::string& event : events_) {
            const std::string line = event_line(event);
            for (const auto& [id, client] : clients_) {
                if (!client->follows || client->last) continue;
                if (client->output() + line.size() > options_.output_max) {
                    late_.push_back(client);
                    client->last = true;
                } else {
                    client->waiting += line;
                }
            }
        }
        for (const ConnectionPtr& client : late_) drop(client);
        late_.clear();
        for (const auto& [id, client] : clients_) {
            if (!client->follows || client->output() == 0) continue;
            if (!client->in_write && client->writing.empty()) client->taken = Clock::now();
            write(client);
        }
    }

    void publish() {
        counts_.connected = clients_.size();
        counts_.output_bytes = 0;
        for (const auto& [id, client] : clients_) counts_.output_bytes += client->output();
        const std::scoped_lock lock(counts_lock_);
        published_ = counts_;
    }

    ServerOptions options_;
    Roles roles_;
    ControlPort& port_;
    asio::io_context io_{1};
    Stream::acceptor acceptor_;
    asio::steady_timer ticker_;
    std::map<Connection*, ConnectionPtr> clients_;
    std::map<std::uint32_t, Clock::duration> asked_;  // of each user in this tick
    std::vector<ConnectionPtr> late_;
    std::vector<Place> places_;             // as of the last look
    std::vector<ConnectionPtr> places_of_;  // whose each is; empty but for a look
    std::vector<std::string> events_;
    int followers_ = 0;
    bool accept_later_ = false;
    ino_t inode_ = 0;
    ServerCounts counts_;
    mutable std::mutex counts_lock_;
    ServerCounts published_;  // under counts_lock_
    std::thread thread_;
};

ControlServer::ControlServer(ServerOptions options, Roles roles, ControlPort& port)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(roles), port)) {}

ControlServer::~ControlServer() = default;

ServerCounts ControlServer::counts() const { return impl_->counts(); }

}  // namespace fermata::console
