#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <utility>

#include "risk/gate.hpp"
#include "tests/risk/gate_inputs.hpp"

namespace fermata::testing {

/// PERMISSION and RESTRICTED by looking through the lists.
class ReferenceLists {
public:
    struct What {
        StrategyId strategy;
        AccountId account;
        InstrumentId instrument;
        VenueId venue;
    };
    ReferenceLists() = default;
    explicit ReferenceLists(const RiskConfig& config)
        : permissions_(config.permissions()), restrictions_(config.restrictions()) {}

    [[nodiscard]] bool permits(const What& w) const {
        const auto allows = [&](const Permission& p) {
            return p.strategy == w.strategy.value &&
                   p.account.value_or(w.account.value) == w.account.value &&
                   p.instrument.value_or(w.instrument.value) == w.instrument.value &&
                   p.venue.value_or(w.venue.value) == w.venue.value;
        };
        return permissions_.empty() || std::ranges::any_of(permissions_, allows);
    }
    [[nodiscard]] bool restricts(std::uint32_t instrument, Timestamp t) const {
        const auto listed = [&](const Restriction& r) {
            return r.instrument == instrument && r.from <= t && t < r.until;
        };
        return at_run_time(instrument, t) || std::ranges::any_of(restrictions_, listed);
    }
    /// At run time: a set of moments of which nothing that is to come is taken away without two
    /// different people. False when it is refused.
    bool set(std::uint32_t instrument, const RiskInputData& input, Timestamp now) {
        const Timestamp from{input.values[0]}, until{input.values[1]};
        bool frees = false;
        // Both sets are intervals: if there is such a moment, one of these is it.
        for (const Timestamp t : {now, set_[instrument].first, until}) {
            frees = frees || (t >= now && at_run_time(instrument, t) && !(t >= from && t < until));
        }
        const auto [a, b] = std::pair(input.actors[0], input.actors[1]);
        if (frees && (a == kNoActor || b == kNoActor || a == b)) return false;
        set_[instrument] = {from, until};
        return true;
    }

private:
    [[nodiscard]] bool at_run_time(std::uint32_t instrument, Timestamp t) const {
        const auto found = set_.find(instrument);
        return found != set_.end() && t >= found->second.first && t < found->second.second;
    }

    std::vector<Permission> permissions_;
    std::vector<Restriction> restrictions_;
    std::map<std::uint32_t, std::pair<Timestamp, Timestamp>> set_;
};

/// Restricts one of three instruments, or one that does not exist, for some minutes around now.
/// False when gate and reference do not agree on whether that is allowed.
inline bool restrict_at_run_time(Gate& gate, ReferenceLists& lists, std::mt19937_64& random,
                                 Timestamp now) {
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    RiskInputData input;
    input.kind = RiskInputKind::kRestrict;
    input.values[0] = (now + Duration::seconds(pick(600) - 300)).ns;
    input.values[1] = input.values[0] + Duration::seconds(pick(5) * 60).ns;
    for (std::uint32_t& actor : input.actors) {
        actor = pick(10) == 0 ? kNoActor : static_cast<std::uint32_t>(pick(2));
    }
    const auto i = static_cast<std::uint32_t>(pick(4));
    const bool taken = !tell(gate, input, {i}, now).has_value();
    return taken == (i < 3 && lists.set(i, input, now));
}

}  // namespace fermata::testing
