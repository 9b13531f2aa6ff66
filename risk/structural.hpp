#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/event/order_event.hpp"
#include "core/market/mark_table.hpp"
#include "core/types/ids.hpp"
#include "risk/findings.hpp"
#include "risk/request.hpp"

namespace fermata {

class StateArchive;

/// Trading states of the firm and of every account, strategy, instrument and venue. The strictest
/// that concerns an order applies to it.
class TradingStates {
public:
    TradingStates(std::size_t accounts, std::size_t strategies, std::size_t instruments);

    /// False when the target does not exist; nothing changes then.
    bool set(ControlScope scope, std::uint64_t target, TradingState state) noexcept;
    /// Of one scope alone. Unknown targets are HALTED.
    [[nodiscard]] TradingState get(ControlScope scope, std::uint64_t target) const noexcept;

    struct Effective {
        TradingState state = TradingState::kActive;
        Scope scope = Scope::kFirm;  ///< Where the strictest state stands.
    };
    /// Ids that do not exist are left out: other controls refuse those.
    [[nodiscard]] Effective effective(StrategyId s, InstrumentId i, AccountId a,
                                      VenueId v) const noexcept;

    /// See core/base/state_archive.hpp.
    void persist(StateArchive& a);

private:
    /// More venues than a configuration may have.
    static constexpr std::size_t kVenues = 64;

    [[nodiscard]] std::span<const TradingState> states(ControlScope scope) const noexcept;

    std::vector<TradingState> firm_, accounts_, strategies_, instruments_, venues_;
};

/// STATE: HALTED lets nothing new through; REDUCING lets through what only reduces the position,
/// and a replace to a smaller quantity.
void check_state(const Request& r, const TradingStates& states, Findings& out) noexcept;

/// FIELD: what makes an order meaningless, whatever the limits are.
void check_field(const Request& r, Findings& out) noexcept;

/// INSTRUMENT: known, its session open, trading halted neither by its venue nor here.
void check_instrument(const Request& r, const MarkTable& marks, const TradingStates& states,
                      Findings& out) noexcept;

/// TICK_LOT: with the tick in force at the time of the request.
void check_tick_lot(const Request& r, Findings& out) noexcept;

}  // namespace fermata
