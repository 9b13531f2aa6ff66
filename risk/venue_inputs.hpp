#pragma once

#include <cstdint>
#include <optional>
#include <utility>
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

    enum class Outcome : std::uint8_t { kSet = 0, kUnknown = 1, kUpsideDown = 2 };
    /// From now on. A band that is upside down says nothing: the one before stays.
    [[nodiscard]] Outcome set(InstrumentId i, Price lowest, Price highest) noexcept;
    void clear(InstrumentId i) noexcept;
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(InstrumentId i) const noexcept {
        __builtin_prefetch(&bands_[i.value]);
    }
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
/// either direction, trips the firm, once, until it is released. Beyond a smaller one there is
/// something to say, once until it is within that again.
class ClockOffset {
public:
    explicit ClockOffset(const LimitTable& limits) { adopt(limits); }
    /// Limits were changed while this runs.
    void adopt(const LimitTable& limits) noexcept {
        limit_ = limits.common().duration(LimitId::kClock);
        alert_ = limits.common().duration(LimitId::kClockAlert);
        on_ = limits.common().on(LimitId::kClock);
        alert_on_ = limits.common().on(LimitId::kClockAlert);
    }
    [[nodiscard]] Duration limit() const noexcept { return limit_; }

    /// True when this offset trips the firm.
    [[nodiscard]] bool note(Duration offset) noexcept {
        if (!on_ || tripped_ || !beyond(offset, limit_)) return false;
        tripped_ = true;
        return true;
    }
    /// The limit to name when there is something to say about this offset.
    [[nodiscard]] std::optional<Duration> says(Duration offset) noexcept {
        const bool off = alert_on_ && beyond(offset, alert_);
        if (std::exchange(said_, off) || !off) return std::nullopt;
        return alert_;
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
    /// Not by its size: the smallest number has none.
    [[nodiscard]] static bool beyond(Duration offset, Duration limit) noexcept {
        return offset > limit || offset < Duration{-limit.ns};
    }

    Duration limit_, alert_;
    bool on_ = false, alert_on_ = false;
    bool tripped_ = false;
    bool said_ = false;
};

}  // namespace fermata
