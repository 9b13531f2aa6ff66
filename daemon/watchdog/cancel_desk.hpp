#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/port/order_link.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// The watchdog's own sessions, by number.
class CancelPort {
public:
    CancelPort() = default;
    CancelPort(const CancelPort&) = delete;
    CancelPort& operator=(const CancelPort&) = delete;
    virtual ~CancelPort() = default;

    [[nodiscard]] virtual bool up(std::size_t way) noexcept = 0;
    /// Each returns whether it was handed over; the answer comes as an event.
    [[nodiscard]] virtual bool cancel_all(std::size_t way) noexcept = 0;
    [[nodiscard]] virtual bool ask_all(std::size_t way) noexcept = 0;
    [[nodiscard]] virtual bool cancel(std::size_t way, const LinkOrderStatus& order) noexcept = 0;
};

/// Cancels every order of the firm at every venue, and believes only what the venues confirm.
///
/// A round asks for a mass cancel where the venue has it, then for the status of every order where
/// it tells; what is still open is canceled one by one. A way is done after two rounds that found
/// nothing open, `retry_every` apart: an order of the process that was killed may have been on its
/// way during the first. Until then it goes on, also through a session that is down for now.
///
/// Owner: the watchdog's thread; what the sessions say is handed in by it. Pure: time comes with
///        the call, in ns of a clock that nobody sets.
class CancelDesk {
public:
    struct Way {
        std::string name;
        bool mass_cancel = false;
        bool mass_status = false;
    };
    /// `alarm`: an operator must know of it.
    using Report = std::function<void(bool alarm, const std::string& text)>;

    /// `port` outlives it.
    CancelDesk(std::vector<Way> ways, CancelPort& port, Duration retry_every, Report report);

    /// From now on. Where a round is under way, it does not count as one that found nothing, and
    /// the next one follows it at once.
    void begin(std::int64_t now_ns);
    /// No more cancels: orders are wanted again.
    void stop(const std::string& why);
    void on_event(std::size_t way, const LinkEvent& event, std::int64_t now_ns);
    void on_status(std::size_t way, const LinkOrderStatus& order);
    /// Does what is due.
    void step(std::int64_t now_ns);

    /// Something is not confirmed yet.
    [[nodiscard]] bool busy() const noexcept;
    /// Ways that could not be brought to an end since the last `begin`: with `busy`, so far.
    [[nodiscard]] std::size_t unconfirmed() const noexcept;
    /// When the first cancel since `begin` was handed over; 0: none was.
    [[nodiscard]] std::int64_t first_cancel_ns() const noexcept { return first_cancel_ns_; }
    [[nodiscard]] const std::vector<Way>& ways() const noexcept { return ways_; }

private:
    enum class Stand : std::uint8_t {
        kIdle,       // nothing was asked for
        kDue,        // a round begins at `at_ns`
        kCanceling,  // an answer to a mass cancel is waited for, until `at_ns`
        kAsking,     // the orders are being told, until `at_ns`
        kDone,
        kHopeless,  // no way to cancel here
        kStopped,
    };
    struct Side {
        Stand stand = Stand::kIdle;
        std::int64_t at_ns = 0;
        unsigned clean = 0;   // rounds in a row that found nothing open
        unsigned rounds = 0;  // that were brought to an end
        unsigned silences = 0;
        bool refused = false;
        bool told_down = false;
        bool again = false;                 // this round began too early to count
        std::vector<LinkOrderStatus> open;  // told in this round
        std::size_t beyond = 0;             // open ones that `open` has no room for
    };

    void begin_round(std::size_t way, std::int64_t now_ns);
    void ask(std::size_t way, std::int64_t now_ns);
    void end_round(std::size_t way, std::int64_t now_ns);
    void cancel_open(std::size_t way, std::int64_t now_ns);
    void handed_over(std::int64_t now_ns) {
        if (first_cancel_ns_ == 0) first_cancel_ns_ = now_ns;
    }

    std::vector<Way> ways_;
    std::vector<Side> sides_;
    CancelPort& port_;
    Duration retry_every_;
    Report report_;
    std::int64_t first_cancel_ns_ = 0;
};

}  // namespace fermata
