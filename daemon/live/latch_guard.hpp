#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/latch/run_latch.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// Looks after the latch file of a running process.
///
/// The loops look at it only when its word changes, which a file that is removed, replaced or
/// written over need not bring about. Then it halts the firm by that word, in the memory that the
/// loops have in common, and says so, once. Whoever releases the firm before the process is started
/// again finds it halted again: what else stood latched in the lost file is in the record alone,
/// from which a start brings it back.
///
/// A file that was absent when the process started is taken up when it is there: the firm stays
/// HALTED until it is released in that file, also where the file itself does not say so.
///
/// Called every few milliseconds by the feed's thread; `next` is asked every time. One look at the
/// file's name every 100 ms, one at its contents every second.
class LatchGuard {
public:
    using Watch = std::function<std::optional<OrderEvent>(Timestamp)>;

    /// `loops`: the process's readers of the file, which outlive this. `next` may be empty.
    /// Throws std::runtime_error when the file that they opened is gone already.
    LatchGuard(std::string path, std::vector<latch::RunLatch*> loops,
               std::function<void(const std::string&)> report, Watch next);

    std::optional<OrderEvent> operator()(Timestamp now);

private:
    [[nodiscard]] bool open();
    void take_up(Timestamp now);
    void look(Timestamp now, bool contents);
    [[nodiscard]] std::string fault(bool contents) const;
    [[nodiscard]] bool firm_halted() const;

    std::string path_;
    std::vector<latch::RunLatch*> loops_;
    std::function<void(const std::string&)> report_;
    Watch next_;
    std::shared_ptr<latch::File> file_;    // null: there is none yet
    std::shared_ptr<latch::State> state_;  // large
    bool lost_ = false;                    // what stood latched is not in the file any more
    bool damaged_ = false;                 // since it was found: people mend it in place
    dev_t device_ = 0;
    ino_t number_ = 0;
    std::int64_t looked_ns_ = 0;
    std::int64_t read_ns_ = 0;
};

}  // namespace fermata
