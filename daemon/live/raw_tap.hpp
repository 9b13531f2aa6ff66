#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/journal/raw_lane.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Where the sessions of a run leave their messages for the journal.
///
/// Threads: `keep` on any; what it reports to is called on the same.
class RawTap {
public:
    /// `report` gets a line for the operator when the first message does not fit.
    explicit RawTap(std::function<void(const std::string&)> report, std::size_t bytes = kBytes)
        : lane_(bytes), report_(std::move(report)) {}

    [[nodiscard]] RawLane& lane() noexcept { return lane_; }

    /// `session` is the index in the configuration. A flood of market data leaves half of the room
    /// to messages of other sessions (`flood`).
    void keep(Timestamp ts, std::uint16_t session, bool sent, std::string_view bytes,
              bool flood = false) noexcept {
        if (lane_.try_push(ts, session, sent, bytes, flood ? lane_.capacity() / 2 : 0)) return;
        if (lost_one_.exchange(true)) return;  // the journal says how many
        try {
            if (report_) {
                report_("messages come faster than the journal takes them: some are not on record");
            }
        } catch (const std::exception&) {  // no memory to say so; they are counted
        }
    }

private:
    static constexpr std::size_t kBytes = std::size_t{8} << 20;

    RawLane lane_;
    std::function<void(const std::string&)> report_;
    std::atomic<bool> lost_one_{false};
};

}  // namespace fermata
