#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fix/out_message.hpp"
#include "adapters/fix/venue_request.hpp"
#include "core/types/time.hpp"

namespace fermata::fix {

/// The FIX 4.4 sessions that a venue accepts.
struct AcceptorSettings {
    std::uint16_t port = 0;
    std::string comp_id;               ///< The venue's own.
    std::vector<std::string> members;  ///< Their CompIDs; a session is called by its place here.
    /// Sequence numbers, and the reports that may have to be sent again; made when not there.
    std::string store_folder;
    /// A logon with this tag = Y asks for cancel on disconnect, N forbids it. 0: no such tag.
    int cancel_on_disconnect_tag = 0;
    /// For how long a connection may be without a session that is logged on.
    Duration logon_timeout = Duration::seconds(10);
    /// What a member may leave unread: bytes behind which `behind` says so, and behind which it is
    /// disconnected.
    std::size_t behind_bytes = std::size_t{256} << 10;
    std::size_t unread_bytes_max = std::size_t{8} << 20;
};

/// Who is told what members do. Called on the acceptor's thread, one call at a time; the session's
/// lock is held: never wait for a thread that sends.
class AcceptorClient {
public:
    enum class CancelOnDisconnect : std::uint8_t { kNotSaid, kNo, kYes };

    AcceptorClient() = default;
    AcceptorClient(const AcceptorClient&) = delete;
    AcceptorClient& operator=(const AcceptorClient&) = delete;
    virtual ~AcceptorClient() = default;

    virtual void on_logon(std::size_t session, CancelOnDisconnect wish) noexcept = 0;
    virtual void on_logout(std::size_t session) noexcept = 0;
    /// A well formed request, and the bytes that it stood in. False: there is no room for it, and
    /// it is answered so (BusinessMessageReject, 380=4).
    [[nodiscard]] virtual bool on_request(std::size_t session, VenueRequest request,
                                          std::string_view bytes) noexcept = 0;
    /// A connection is closed: of a stranger, or of a member who sends what is not FIX. `peer` is
    /// its address, and the CompID that it named. Without a session's lock.
    virtual void on_refused(std::string_view peer, std::string_view why) noexcept = 0;
    /// For whoever runs the venue: what a session said beside messages.
    virtual void on_text(std::size_t session, std::string_view text) noexcept = 0;
};

/// Threads:  one of its own accepts, receives and keeps heartbeats. `send` may be called on one
///           other thread. Nothing blocks for a member who does not read.
/// Strangers: see wire_acceptor.hpp.
/// Listens:  on all addresses of the machine; it knows members by their CompIDs and nothing else.
/// Numbers:  survive a restart, as do reports (8, 9, r, N, j): what a member asks to be sent again
///           is sent again with PossDupFlag=Y. Market data is not: a gap is sent instead. What
///           was never sent cannot be asked for (Reject).
/// Flow:     what a member has not read yet is measured with TestRequests, whose answers come
///           behind what was sent before them.
/// Errors:   what cannot be configured, or a port that is taken, throws std::runtime_error.
class Acceptor {
public:
    /// The client outlives it.
    Acceptor(AcceptorSettings settings, AcceptorClient& client);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    /// Once.
    void start();
    /// Logs members out and ends the thread.
    void stop() noexcept;

    /// Hands a message over. Reports to a member who is away are stored, and sent when they ask;
    /// anything else to them is dropped. False: neither was possible (the disk is full).
    [[nodiscard]] bool send(std::size_t session, const OutMessage& message) noexcept;
    /// The member has not read what was sent to it before this much.
    [[nodiscard]] bool behind(std::size_t session) const noexcept;
    [[nodiscard]] bool logged_on(std::size_t session) const noexcept;
    /// Ends the connection without a word, as soon as the acceptor's thread hears of the member;
    /// within three seconds in any case.
    void disconnect(std::size_t session) noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fermata::fix
