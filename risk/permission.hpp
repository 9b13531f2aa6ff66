#pragma once

#include <cstdint>
#include <vector>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"
#include "risk/risk_config.hpp"

namespace fermata {

/// PERMISSION: whether a strategy may trade an instrument in an account at a venue. A strategy that
/// no permission names may do everything; one that is named may do only what one of its permissions
/// allows. Constant after construction: one bit for each combination.
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
/// Nothing new is let through then, not even what reduces; cancels are. Constant after
/// construction.
class RestrictedList {
public:
    RestrictedList(const RiskConfig& config, std::size_t instruments);

    /// Requires a known instrument.
    void check(const Request& r, Findings& out) const noexcept;

private:
    std::vector<std::uint64_t> listed_;      // a bit for each instrument with a restriction
    std::vector<Restriction> restrictions_;  // by instrument, then time
};

}  // namespace fermata
