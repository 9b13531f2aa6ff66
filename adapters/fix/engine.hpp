#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "adapters/fix/session_settings.hpp"
#include "core/port/drop_copy_link.hpp"
#include "core/port/market_link.hpp"
#include "core/port/order_link.hpp"
#include "core/types/ids.hpp"

namespace fermata::fix {

/// FIX sessions of a process: each an OrderLink, a MarketLink or a DropCopyLink, by its kind.
///
/// Threads: one of its own receives, keeps heartbeats and connects again. Who calls a link's `send`
///          and `poll` is its owner. The observer is called on both.
/// Resends: what a venue asks to be sent again is answered with a gap, never with an order.
/// Resets:  of orders and drop copies, sequence numbers that a venue sets back, or forward without
/// being asked, end the
///          session for this process: the observer is told kSequenceReset, and nobody connects
///          again.
/// Errors:  what cannot be configured throws std::runtime_error, in the constructor.
class Engine {
public:
    /// The observer outlives it.
    Engine(std::vector<SessionSettings> sessions, LinkObserver& observer);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Connects, and goes on trying. Once.
    void start();
    /// Logs out and ends the thread; at most ten seconds.
    void stop() noexcept;

    // In the order of the settings; each of the kind that they say.
    [[nodiscard]] OrderLink& link(std::size_t session) noexcept;
    [[nodiscard]] MarketLink& market(std::size_t session) noexcept;
    [[nodiscard]] DropCopyLink& drop_copy(std::size_t session) noexcept;

    // Any thread. False: the venue does not know such a request, or the session is down.
    /// OrderMassCancelRequest (q) for everything of ours there; answered by kMassCanceled or
    /// kMassCancelRefused, and by a report for every order.
    [[nodiscard]] bool cancel_all(std::size_t session) noexcept;
    /// OrderMassStatusRequest (AF), 585=7: every open order is told to the observer, then
    /// kStatusEnd. Orders of ours that were not known become known, so that they can be canceled.
    [[nodiscard]] bool ask_all(std::size_t session) noexcept;
    /// OrderStatusRequest (H) of one order that this link sent. Its owner's thread only.
    [[nodiscard]] bool ask(std::size_t session, ClientOrderId order) noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fermata::fix
