#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/port/order_link.hpp"
#include "daemon/config/config.hpp"

namespace fermata {

/// How the FIX sessions of this process stand, for `fermata sessions`: each that the configuration
/// names and this mode opens, whatever it is for. It also reports a logon that a venue refused,
/// which is no event: each reason once until the session is up, whatever numbers it names, for a
/// session tries again every second, and its number goes up with every try.
///
/// Threads: any. `on_raw` takes no lock, for an order is sent on the loop of its venue.
class SessionBoard {
public:
    /// `now`: since when none of them is up. `report` is for the operator, and called on any
    /// thread; empty: nobody is told.
    SessionBoard(const Config& config, Timestamp now,
                 std::function<void(const std::string&)> report = {});

    /// `session` is the index in Config::sessions; what is not on the board is ignored.
    void on_link(std::size_t session, const LinkEvent& event) noexcept;
    void on_raw(std::size_t session, Timestamp ts, bool sent, std::string_view bytes) noexcept;

    struct Row {
        std::string name;
        SessionRole role = SessionRole::kOrders;
        VenueId venue;
        bool up = false;
        Timestamp since;             ///< Logged on, or not: since the start, or since then.
        std::uint64_t sent = 0;      ///< MsgSeqNum (34) of the newest message; 0: none yet.
        std::uint64_t received = 0;  ///< The same.
        std::string error;           ///< The newest one, visible ASCII; empty: none yet.
        Timestamp error_at;
    };
    /// In the order of the configuration.
    [[nodiscard]] std::vector<Row> rows() const;

private:
    struct Slot {
        bool open = false;  ///< By this process.
        Row row;            ///< Under mutex_, but for the numbers.
        std::atomic<std::uint64_t> sent{0}, received{0};
        std::set<std::string> refusals;  ///< Of logons, without their numbers; told.
    };
    void note_error(Slot& slot, Timestamp at, std::string_view what, std::string_view text);

    /// What the operator is to be told of a refused logon; empty: it was told.
    static std::string refusal(Slot& slot, std::string_view why);

    const std::function<void(const std::string&)> report_;
    std::deque<Slot> slots_;  // by index in the configuration
    mutable std::mutex mutex_;
};

}  // namespace fermata
