#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

class StateArchive;

/// PERMISSION: whether a strategy may trade an instrument in an account at a venue. Without any
/// permission everything is allowed; else only what one of them allows. Constant after
/// construction: one bit for each combination.
class Permissions {
public:
    /// Permissions that name what does not exist are a bug of whoever resolved the names.
    Permissions(const RiskConfig& config, std::size_t strategies, std::size_t accounts,
                std::size_t instruments);

    [[nodiscard]] bool allows(StrategyId s, AccountId a, InstrumentId i, VenueId v) const noexcept;
    /// Requires a known instrument, account and strategy.
    void check(const Request& r, Findings& out) const noexcept;

private:
    [[nodiscard]] std::size_t index(std::size_t s, std::size_t a, std::size_t v,
                                    std::size_t i) const noexcept {
        return ((s * accounts_ + a) * venues_ + v) * instruments_ + i;
    }
    std::size_t accounts_;
    std::size_t venues_ = 1;  // those that permissions name, and one for all others
    std::size_t instruments_;
    std::vector<std::uint64_t> bits_;  // empty when there are no permissions
};

/// RESTRICTED: whether an instrument stands on the firm's restricted list at the time of a request.
/// Nothing new is let through then, not even what reduces; cancels are.
///
/// The list of the configuration is constant. Beside it an instrument may have one restriction that
/// was made at run time; a new one takes the place of the one before. What would free a time to
/// come that is restricted at run time is let through with two people's consent alone, and nothing
/// at run time frees what the configuration restricts.
class RestrictedList {
public:
    enum class Outcome : std::uint8_t { kSet, kUnknown, kNeedsTwo };

    RestrictedList(const RiskConfig& config, std::size_t instruments);

    /// From `from` on, before `until`; none when the two are equal or upside down.
    Outcome set(InstrumentId i, Timestamp from, Timestamp until, Timestamp now,
                bool two_agree) noexcept;
    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    struct Window {
        Timestamp from, until;
        [[nodiscard]] bool holds(Timestamp t) const noexcept { return t >= from && t < until; }
        void persist(StateArchive& a);
    };
    [[nodiscard]] bool listed(std::uint32_t i) const noexcept {
        return (listed_[i / 64] >> (i % 64) & 1) != 0;
    }
    void list(std::uint32_t i) noexcept { listed_[i / 64] |= std::uint64_t{1} << (i % 64); }

    std::vector<std::uint64_t> listed_;      // a bit for each instrument with a restriction
    std::vector<Restriction> restrictions_;  // by instrument, then time
    std::vector<Window> at_run_time_;        // by InstrumentId
};

}  // namespace fermata
