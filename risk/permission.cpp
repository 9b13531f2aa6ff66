#include "risk/permission.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/assert.hpp"

namespace fermata {
namespace {

/// The ids that `chosen` stands for, out of `count`.
struct Range {
    std::size_t first, end;
    Range(const std::optional<std::uint32_t>& chosen, std::size_t count)
        : first(chosen ? *chosen : 0), end(chosen ? *chosen + std::size_t{1} : count) {
        FERMATA_ASSERT(end <= count);
    }
};

}  // namespace

Permissions::Permissions(const RiskConfig& config, std::size_t strategies, std::size_t accounts,
                         std::size_t instruments)
    : accounts_(accounts), instruments_(instruments) {
    if (config.permissions().empty()) return;
    for (const Permission& p : config.permissions()) {
        if (p.venue) venues_ = std::max<std::size_t>(venues_, *p.venue + std::size_t{2});
    }
    bits_.resize((index(strategies, 0, 0, 0) + 63) / 64);
    const auto set = [this](std::size_t n) { bits_[n / 64] |= std::uint64_t{1} << (n % 64); };
    for (const Permission& p : config.permissions()) {
        FERMATA_ASSERT(p.strategy < strategies);
        const Range a(p.account, accounts_), v(p.venue, venues_), i(p.instrument, instruments_);
        for (std::size_t x = a.first; x < a.end; ++x) {
            for (std::size_t y = v.first; y < v.end; ++y) {
                for (std::size_t z = i.first; z < i.end; ++z) set(index(p.strategy, x, y, z));
            }
        }
    }
}

bool Permissions::allows(StrategyId s, AccountId a, InstrumentId i, VenueId v) const noexcept {
    if (bits_.empty()) return true;
    const std::size_t venue = std::min<std::size_t>(v.value, venues_ - 1);
    const std::size_t n = index(s.value, a.value, venue, i.value);
    return (bits_[n / 64] >> (n % 64) & 1) != 0;
}

void Permissions::check(const Request& r, Findings& out) const noexcept {
    out.checked(ControlId::kPermission);
    if (allows(r.strategy, r.account, r.instrument_id, r.venue)) return;
    out.refuse(ControlId::kPermission, Scope::kOrder, Fault::kNotPermitted);
}

RestrictedList::RestrictedList(const RiskConfig& config, std::size_t instruments)
    : listed_((instruments + 63) / 64),
      restrictions_(config.restrictions()),
      at_run_time_(instruments) {
    std::ranges::sort(restrictions_, {},
                      [](const Restriction& r) { return std::tuple(r.instrument, r.from.ns); });
    for (const Restriction& r : restrictions_) {
        FERMATA_ASSERT(r.instrument < instruments);
        list(r.instrument);
    }
}

RestrictedList::Outcome RestrictedList::set(InstrumentId i, Timestamp from, Timestamp until,
                                            Timestamp now, bool two_agree) noexcept {
    if (i.value >= at_run_time_.size()) return Outcome::kUnknown;
    Window& window = at_run_time_[i.value];
    // What is over frees nothing any more.
    const Timestamp held = std::max(window.from, now);
    const bool frees = held < window.until && (from > held || until < window.until);
    if (frees && !two_agree) return Outcome::kNeedsTwo;
    window = from < until ? Window{from, until} : Window{};
    list(i.value);
    return Outcome::kSet;
}

void RestrictedList::check(const Request& r, Findings& out) const noexcept {
    out.checked(ControlId::kRestricted);
    const std::uint32_t i = r.instrument_id.value;
    if (!listed(i)) [[likely]]
        return;
    if (at_run_time_[i].holds(r.now)) {
        out.refuse(ControlId::kRestricted, Scope::kFirm, Fault::kRestricted);
        return;
    }
    const auto [first, last] =
        std::ranges::equal_range(restrictions_, i, {}, &Restriction::instrument);
    for (auto it = first; it != last; ++it) {
        if (r.now < it->from || r.now >= it->until) continue;
        out.refuse(ControlId::kRestricted, Scope::kFirm, Fault::kRestricted);
        return;
    }
}

}  // namespace fermata
