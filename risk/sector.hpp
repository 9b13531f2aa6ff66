#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/instrument.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/limit_table.hpp"
#include "risk/request.hpp"
#include "risk/valuation.hpp"

namespace fermata {

class StateArchive;

/// SECTOR: the gross worst case of an account in one sector: the sum of max(W+, W-) at the marks
/// over the instruments of that sector. Kept is an upper bound, instrument by instrument, that
/// later fills, cancels and rejects cannot make too small.
///
/// What the bound allows passes at once; else the exact sum decides. So a refusal always rests on
/// the exact sum. The bound follows every price and every order event of its instrument; rates of
/// exchange, by which the values of instruments in other currencies than the account's own move as
/// well, may be up to kRefreshEvery old in it.
///
/// Cost: constant for an event and for an approval; a walk over the sector's instruments before a
///       refusal, and every kRefreshEvery of event time where there are other currencies.
class SectorExposure {
public:
    static constexpr Duration kRefreshEvery = Duration::seconds(1);

    SectorExposure(const LimitTable& limits, const InstrumentTable& instruments,
                   const AccountBook& accounts);

    /// Requires a known instrument, account and strategy.
    void check(const Request& r, const Valuation& valuation, Findings& out) noexcept;
    /// It was approved: its worst case counts from now on.
    void approved(const Request& r, const Valuation& valuation) noexcept;
    [[nodiscard]] bool watches() const noexcept { return any_; }
    /// The price of an instrument changed, or what is held or open in it.
    void revalue(InstrumentId i, const Valuation& valuation) noexcept;

    /// Before a check: what it will read, by instrument and so seldom in the cache.
    [[gnu::always_inline]] void fetch(AccountId a, InstrumentId i) const noexcept {
        if (any_) __builtin_prefetch(&slots_[a.value * sector_of_.size() + i.value]);
    }
    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    struct Sector {       // of one account
        Value bound = 0;  // sum of the slots
        Timestamp refreshed = Timestamp::min();
        bool mixed = false;  // instruments in other currencies; does not change
        void persist(StateArchive& a);
    };

    void put(AccountId a, InstrumentId i, std::uint32_t s, Value worst) noexcept;
    [[nodiscard]] Sector& sector(AccountId a, std::uint32_t s) noexcept {
        return sums_[a.value * members_.size() + s];
    }
    [[nodiscard]] Value& slot(AccountId a, InstrumentId i) noexcept {
        return slots_[a.value * sector_of_.size() + i.value];
    }
    /// Values all slots of a sector anew. Returns the exact sum without the one of `left_out`.
    [[nodiscard]] Valued refresh(AccountId a, std::uint32_t s, InstrumentId left_out, Timestamp now,
                                 const Valuation& valuation) noexcept;

    /// The same sum, and nothing is kept.
    [[nodiscard]] Valued exact(AccountId a, std::uint32_t s, InstrumentId left_out,
                               const Valuation& valuation) const noexcept;

    std::vector<std::uint32_t> sector_of_;            // by InstrumentId
    std::vector<std::vector<InstrumentId>> members_;  // by sector
    std::vector<Sector> sums_;                        // by AccountId, sector
    std::vector<Value> slots_;                        // by AccountId, InstrumentId
    bool any_;
};

}  // namespace fermata
