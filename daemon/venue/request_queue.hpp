#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "adapters/fix/venue_request.hpp"

namespace fermata::venue {

/// What the acceptor's thread hands to the matching thread.
struct Arrival {
    /// kRefused: a connection was closed; `bytes` says whose, and why.
    enum class Kind : std::uint8_t { kRequest, kLogon, kLogout, kRefused };
    Kind kind = Kind::kRequest;
    std::size_t session = 0;
    std::uint64_t number = 0;           ///< Of a request, in the journal.
    std::optional<bool> cancel_wish{};  ///< Of a logon.
    fix::VenueRequest request{};
    std::string bytes{};  ///< What it stood in.
};

/// A queue between two threads. Everything but requests always has room.
class RequestQueue {
public:
    explicit RequestQueue(std::size_t requests_max) : requests_max_(requests_max) {}

    [[nodiscard]] bool has_room() {
        const std::lock_guard lock(mutex_);
        return arrivals_.size() < requests_max_;
    }
    void push(Arrival arrival) {
        {
            const std::lock_guard lock(mutex_);
            arrivals_.push_back(std::move(arrival));
        }
        changed_.notify_one();
    }
    /// The next arrival, waiting for it at most so long.
    [[nodiscard]] std::optional<Arrival> pop(std::chrono::nanoseconds wait) {
        std::unique_lock lock(mutex_);
        if (arrivals_.empty() && wait.count() > 0) {
            changed_.wait_for(lock, wait, [&] { return !arrivals_.empty(); });
        }
        if (arrivals_.empty()) return std::nullopt;
        std::optional<Arrival> first(std::move(arrivals_.front()));
        arrivals_.pop_front();
        return first;
    }

private:
    const std::size_t requests_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Arrival> arrivals_;
};

}  // namespace fermata::venue
