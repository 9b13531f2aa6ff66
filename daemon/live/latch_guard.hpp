#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/latch/latch_file.hpp"
#include "core/event/order_event.hpp"

namespace fermata {

/// Looks after the latch file of a running process: the loops look at it only when its word
/// changes, which a file that is removed, replaced or written over need not bring about. Then it
/// halts the firm by that word, in the memory that the loops have in common, and says so, once.
///
/// Called every few milliseconds by the feed's thread; `next` is asked every time. One look at the
/// file's name every 100 ms, one at its contents every second.
class LatchGuard {
public:
    using Watch = std::function<std::optional<OrderEvent>(Timestamp)>;

    /// A file that cannot be opened is not looked after: the loops know it as HALTED. `next` may be
    /// empty.
    LatchGuard(std::string path, std::function<void(const std::string&)> report, Watch next);

    std::optional<OrderEvent> operator()(Timestamp now);

private:
    [[nodiscard]] std::string fault(bool contents) const;

    std::string path_;
    std::function<void(const std::string&)> report_;
    Watch next_;
    std::shared_ptr<latch::File> file_;    // null: nothing to look after, any more
    std::shared_ptr<latch::State> state_;  // large
    dev_t device_ = 0;
    ino_t number_ = 0;
    std::int64_t looked_ns_ = 0;
    std::int64_t read_ns_ = 0;
};

}  // namespace fermata
