#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/trips.hpp"

namespace fermata {

class StateArchive;

/// COLLAR_TIME: how far the prices of the firm's own fills in an instrument lie apart within one
/// minute: more than the limit, as a share of the smaller of lowest and highest in size, trips the
/// instrument, once, until it is released. Whoever drives a price is stopped even though each of
/// his orders was inside the collar of its moment.
///
/// The minute is 60 whole seconds of event time, that of the fill and the 59 before it.
/// Cost: a walk over 60 entries a fill.
class FillDrift {
public:
    static constexpr std::int64_t kSeconds = 60;

    FillDrift(LimitTable& limits, std::size_t instruments);
    /// Limits were changed while this runs.
    void adopt(LimitTable& limits) noexcept;

    /// True when this fill trips the instrument.
    [[nodiscard]] bool note(InstrumentId i, Price price, Timestamp now) noexcept;
    /// Of an instrument that has just tripped at `now`.
    [[nodiscard]] Measured measured(InstrumentId i, Timestamp now) const noexcept;
    /// Its prices are on another scale from now on.
    void forget(InstrumentId i) noexcept;
    /// Forgets what led to it. Nothing happens to an instrument that is not tripped.
    void release(InstrumentId i) noexcept;
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Second {
        std::int64_t number = std::numeric_limits<std::int64_t>::min();
        Price lowest, highest;
        void persist(StateArchive& a);
    };
    struct Slot {
        Ratio limit;
        bool on = false;
        bool tripped = false;
        std::array<Second, kSeconds> seconds;
        void persist(StateArchive& a);
    };
    struct Range {
        Price lowest, highest;
    };
    /// Of the minute that ends with the second `number`, `price` included.
    [[nodiscard]] static std::int64_t share_of_smaller(const Range& range) noexcept;
    [[nodiscard]] static std::int64_t drift_now(const Slot& slot, Timestamp now) noexcept;
    [[nodiscard]] static Range range(const Slot& slot, std::int64_t number, Price price) noexcept;

    std::vector<Slot> slots_;  // by InstrumentId
    bool any_;
};

}  // namespace fermata
