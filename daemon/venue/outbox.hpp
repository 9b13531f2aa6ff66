#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "daemon/venue/exchange_core.hpp"
#include "daemon/venue/faults.hpp"

namespace fermata::venue {

/// Of those messages that must not be lost: they are counted in the journal as they are handed
/// over.
[[nodiscard]] bool is_report(const fix::OutMessage& message) noexcept;

/// What is on its way to the members: in the order of its session, with the faults that it meets.
///
/// Owner: the matching thread. Times are nanoseconds of a clock that nobody sets.
class Outbox {
public:
    explicit Outbox(std::size_t sessions) : lines_(sessions), owed_(sessions) {}

    /// `fault`: null, or a delay, drop or duplicate.
    void add(Outgoing out, const Fault* fault, std::int64_t now_ns);
    [[nodiscard]] bool any_due(std::int64_t now_ns) const noexcept;
    /// Sends what is due, and says of each session how many reports are done with, also those that
    /// a fault dropped.
    void send_due(std::int64_t now_ns, const std::function<void(const Outgoing&)>& send,
                  const std::function<void(std::size_t, std::uint64_t)>& done);

    // In replay: reports that were made, and how many of a session's were done with.
    void remember(std::vector<Outgoing>& out);
    void forget(std::size_t session, std::uint64_t reports);
    /// What was made and not done with, as PossResend: the member may have had it.
    void resend(const std::function<void(const Outgoing&)>& send,
                const std::function<void(std::size_t, std::uint64_t)>& done);

    [[nodiscard]] std::uint64_t faults() const noexcept { return faults_; }

private:
    struct Waiting {
        Outgoing out;
        std::int64_t due_ns = 0;
        bool drop = false, twice = false, report = false;
    };
    std::vector<std::deque<Waiting>> lines_;  // by session
    std::vector<std::deque<Outgoing>> owed_;  // by session, in replay
    std::size_t waiting_ = 0;
    std::uint64_t faults_ = 0;
};

}  // namespace fermata::venue
