#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/number.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// LULD: the price band of an instrument as its market publishes it; never computed here. A
/// purchase is not made above the band nor a sale below it. An instrument without a band is not
/// judged, nor are orders that name no limit: the market does not trade outside the band.
class PriceBands {
public:
    explicit PriceBands(std::size_t instruments) : bands_(instruments) {}

    /// From now on. A band that is upside down says nothing and is taken as none.
    void set(InstrumentId i, Price lowest, Price highest) noexcept;
    void clear(InstrumentId i) noexcept;
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Band {
        Price lowest, highest;
        bool known = false;
        void persist(StateArchive& a);
    };
    std::vector<Band> bands_;  // by InstrumentId
};

/// CLOCK: how far the machine's clock is off, as whoever watches it says. Beyond the limit, in
/// either direction, trips the firm, once, until it is released.
class ClockOffset {
public:
    explicit ClockOffset(const LimitTable& limits)
        : limit_(limits.common().duration(LimitId::kClock)),
          on_(limits.common().on(LimitId::kClock)) {}

    /// True when this offset trips the firm.
    [[nodiscard]] bool note(Duration offset) noexcept {
        // Not by its size: the smallest number has none.
        const bool off = offset > limit_ || offset < Duration{-limit_.ns};
        if (!on_ || tripped_ || !off) return false;
        tripped_ = true;
        return true;
    }
    void release() noexcept { tripped_ = false; }
    void check(Findings& out) const noexcept {
        if (!on_) return;
        out.checked(ControlId::kClock);
        if (tripped_) out.refuse(ControlId::kClock, Scope::kFirm, Fault::kTripped);
    }
    [[nodiscard]] bool tripped() const noexcept { return tripped_; }

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    Duration limit_;
    bool on_;
    bool tripped_ = false;
};

}  // namespace fermata
