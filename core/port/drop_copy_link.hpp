#pragma once

#include <array>
#include <cstdint>

#include "core/event/order_event.hpp"
#include "core/types/ids.hpp"
#include "core/types/order_enums.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// A report of a drop copy: what the venue says that the firm did, whoever did it.
struct DropCopyReport {
    /// A kExecution or kCorrection, stamped with the time at which it arrived; its cause is the
    /// number of the message of the session.
    OrderEvent event;
    /// What the venue calls it (ExecID), filled up with zeros; all zeros where it does not fit.
    std::array<char, 64> exec_text{};
    AccountId account{0xffff};  ///< 0xffff: not said, or not ours.
    std::uint8_t side = 0xff;   ///< Side; 0xff: not said.
    bool counts = false;        ///< It says how much of the order is filled, and how much open.
    Timestamp transacted;       ///< When it happened, by the venue's clock; zero: not said.
    /// Ends a gap: this many reports before this one were lost. Zero but for an overflow.
    std::uint64_t lost = 0;
};

/// The way from one venue's drop copy into the process. Never used to trade.
///
/// Owner:    one loop calls `poll`; reports are received on threads of the link's own and wait, in
///           their order, until they are polled. Of more than the link's bound the newest are lost,
///           and counted.
class DropCopyLink {
public:
    DropCopyLink() = default;
    DropCopyLink(const DropCopyLink&) = delete;
    DropCopyLink& operator=(const DropCopyLink&) = delete;
    virtual ~DropCopyLink() = default;

    /// Before the link starts: what the venue told behind this message is to be told again. 0:
    /// everything that it has told in this session.
    virtual void resume_after(std::uint64_t message) noexcept = 0;
    [[nodiscard]] virtual bool poll(DropCopyReport& report) noexcept = 0;
    [[nodiscard]] virtual bool up() const noexcept = 0;
};

}  // namespace fermata
