#pragma once

#include <span>

#include "core/port/latch.hpp"
#include "core/port/order_link.hpp"
#include "daemon/live/drop_copy_desk.hpp"
#include "daemon/live/venue_desk.hpp"

namespace fermata {

/// The venues of a run, outside of the process.
///
/// Owner: the feed's thread. The links belong to the venue loop while it runs.
class OutsideVenues {
public:
    OutsideVenues() = default;
    OutsideVenues(const OutsideVenues&) = delete;
    OutsideVenues& operator=(const OutsideVenues&) = delete;
    virtual ~OutsideVenues() = default;

    /// By VenueId.
    [[nodiscard]] virtual std::span<OrderLink* const> links() noexcept = 0;
    /// What stands latched, as the venue loop reads it; null: nothing ever is.
    [[nodiscard]] virtual Latch* latch() noexcept = 0;
    /// Who reconciles; null where there is nothing to be reconciled with.
    [[nodiscard]] virtual VenueDesk* desk() noexcept = 0;
    /// Who compares with the drop copies; null where there are none.
    [[nodiscard]] virtual DropCopyDesk* copies() noexcept { return nullptr; }
    /// The sessions connect, once.
    virtual void start() = 0;
    /// They end in order; what came until then can still be polled.
    virtual void stop() noexcept = 0;
};

}  // namespace fermata
