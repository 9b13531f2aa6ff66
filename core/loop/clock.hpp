#pragma once

#include <concepts>

#include "core/base/assert.hpp"
#include "core/base/state_archive.hpp"
#include "core/types/time.hpp"

namespace fermata {

/// Tells the time to what drives a loop; never to a stage.
template <class C>
concept Clock = requires(const C& clock) {
    { clock.now() } -> std::same_as<Timestamp>;
};

/// The clock of a replay: it stands where the scheduler puts it and never goes back.
class VirtualClock {
public:
    [[nodiscard]] Timestamp now() const noexcept { return now_; }
    void advance_to(Timestamp t) {
        FERMATA_ASSERT(t >= now_);
        now_ = t;
    }
    void persist(StateArchive& a) { a(now_); }

private:
    Timestamp now_ = Timestamp::min();
};
static_assert(Clock<VirtualClock>);

}  // namespace fermata
