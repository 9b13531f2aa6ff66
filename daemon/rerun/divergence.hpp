#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/event/order_event.hpp"
#include "core/journal/format.hpp"

namespace fermata {

/// The first place at which a re-run does not do what the journal says.
struct Divergence {
    JournalStream stream = JournalStream::kTrading;
    std::uint64_t position = 0;  ///< In the stream.
    std::string what;            ///< "the stage emitted another event", ...
    std::optional<OrderEvent> recorded;
    std::optional<OrderEvent> rerun;
};

/// Whether the two stand for the same bytes in a journal.
[[nodiscard]] bool same_record(const OrderEvent& a, const OrderEvent& b) noexcept;

}  // namespace fermata
