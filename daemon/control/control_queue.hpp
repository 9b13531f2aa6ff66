#pragma once

#include <mutex>

#include "core/event/order_event.hpp"
#include "core/loop/lane.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Commands on their way to the trading stage: from any thread that commands to the feed's, which
/// alone may send controls.
///
/// Threads: `push` from any; it never waits for the feed. `drain` from the feed's thread; it never
///          waits for anybody and costs one load while nothing is commanded.
class ControlQueue {
public:
    static constexpr std::size_t kCapacity = 256;

    /// False when the feed's thread did not take the commands before: it hangs, or there are too
    /// many.
    [[nodiscard]] bool push(const OrderEvent& command) {
        const std::scoped_lock lock(producers_);
        return lane_.try_push(command);
    }

    /// Hands every command to `send`, at the time `now`, until it returns false. False then: the
    /// run is over.
    template <class Send>
    bool drain(Timestamp now, Send send) {
        OrderEvent command;
        while (lane_.take(command)) {
            command.ts = now;
            if (!send(command)) return false;
        }
        return true;
    }

private:
    std::mutex producers_;
    Lane<OrderEvent> lane_{kCapacity};
};

}  // namespace fermata
