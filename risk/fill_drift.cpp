#include "risk/fill_drift.hpp"

#include <algorithm>

#include "risk/wide.hpp"

namespace fermata {

FillDrift::FillDrift(LimitTable& limits, std::size_t instruments)
    : any_(limits.anywhere(LimitId::kCollarTime)) {
    if (!any_) return;
    slots_.resize(instruments);
    adopt(limits);
}

void FillDrift::adopt(LimitTable& limits) noexcept {
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
        const Limits& own = limits.of_instrument({i});
        slots_[i].limit = own.ratio(LimitId::kCollarTime);
        slots_[i].on = own.on(LimitId::kCollarTime);
    }
}

bool FillDrift::note(InstrumentId i, Price price, Timestamp now) noexcept {
    if (i.value >= slots_.size() || !slots_[i.value].on) return false;
    Slot& slot = slots_[i.value];
    const std::int64_t number = now.ns / 1'000'000'000;
    Second& second =
        slot.seconds[static_cast<std::size_t>(number % kSeconds + kSeconds) % kSeconds];
    if (second.number != number) second = Second{number, price, price};
    second.lowest = std::min(second.lowest, price);
    second.highest = std::max(second.highest, price);
    if (slot.tripped) return false;
    const auto [lowest, highest] = range(slot, number, price);
    const __int128 drift = static_cast<__int128>(highest.raw()) - lowest.raw();
    const std::uint64_t base = std::min(magnitude(lowest.raw()), magnitude(highest.raw()));
    slot.tripped = static_cast<Value>(drift) * static_cast<std::uint64_t>(Ratio::kOne) >
                   static_cast<Value>(magnitude(slot.limit.raw())) * base;
    return slot.tripped;
}

FillDrift::Range FillDrift::range(const Slot& slot, std::int64_t number, Price price) noexcept {
    Range all{price, price};
    for (const Second& s : slot.seconds) {
        if (s.number <= number - kSeconds || s.number > number) continue;
        all.lowest = std::min(all.lowest, s.lowest);
        all.highest = std::max(all.highest, s.highest);
    }
    return all;
}

Measured FillDrift::measured(InstrumentId i, Timestamp now) const noexcept {
    const Slot& slot = slots_[i.value];
    const std::int64_t number = now.ns / 1'000'000'000;
    const Second& last =
        slot.seconds[static_cast<std::size_t>(number % kSeconds + kSeconds) % kSeconds];
    return {LimitUnit::kRatio, share_of_smaller(range(slot, number, last.lowest)),
            slot.limit.raw()};
}

std::int64_t FillDrift::share_of_smaller(const Range& range) noexcept {
    const auto [lowest, highest] = range;
    const __int128 drift = static_cast<__int128>(highest.raw()) - lowest.raw();
    const std::uint64_t base = std::min(magnitude(lowest.raw()), magnitude(highest.raw()));
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const __int128 share = base == 0 ? kMost : drift * Ratio::kOne / base;
    return static_cast<std::int64_t>(std::min<__int128>(share, kMost));
}

void FillDrift::forget(InstrumentId i) noexcept {
    if (i.value < slots_.size()) slots_[i.value].seconds.fill(Second{});
}

void FillDrift::release(InstrumentId i) noexcept {
    if (i.value >= slots_.size() || !slots_[i.value].tripped) return;
    slots_[i.value].tripped = false;
    forget(i);
}

void FillDrift::check(const Request& r, Findings& out) const noexcept {
    if (!any_) return;
    const Slot& slot = slots_[r.instrument_id.value];
    if (!slot.on) return;
    out.checked(ControlId::kCollarTime);
    if (slot.tripped) {
        out.refuse(ControlId::kCollarTime, Scope::kInstrument, Fault::kTripped);
    } else if (out.explains()) [[unlikely]] {
        out.passes(ControlId::kCollarTime, Scope::kInstrument, LimitUnit::kRatio,
                   drift_now(slot, r.now), slot.limit.raw());
    }
}

/// How far the fills of the minute that ends at `now` lie apart; zero without one.
std::int64_t FillDrift::drift_now(const Slot& slot, Timestamp now) noexcept {
    const std::int64_t number = now.ns / 1'000'000'000;
    for (const Second& s : slot.seconds) {
        if (s.number > number - kSeconds && s.number <= number) {
            return share_of_smaller(range(slot, number, s.lowest));
        }
    }
    return 0;
}

}  // namespace fermata
