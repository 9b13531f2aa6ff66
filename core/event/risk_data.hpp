#pragma once

#include <cstdint>
#include <string_view>

#include "core/types/ids.hpp"
#include "core/types/time.hpp"

namespace fermata {

// Payloads of what the gate learns from outside, and of what controls are told; see
// order_event.hpp. Everything that a decision depends on and that is not market data, an order or a
// report stands on record as one of these, before the decision.

enum class TradingState : std::uint8_t { kActive = 0, kReducing = 1, kHalted = 2 };
enum class ControlScope : std::uint8_t {
    kFirm = 0,
    kAccount = 1,
    kStrategy = 2,
    kInstrument = 3,
    kVenue = 4,
};
inline constexpr int kControlScopeCount = 5;

/// Which open orders within its scope a control cancels.
enum class CancelOrders : std::uint8_t { kNone = 0, kAll = 1, kIncreasing = 2 };

/// A person, by the number that the operating system knows them by; kNoActor: none, the machine.
inline constexpr std::uint32_t kNoActor = 0xffff'ffff;

/// An operator's command, or the state that a tripped control set.
struct ControlData {
    std::uint64_t target = 0;  ///< Id within the scope.
    ControlScope scope = ControlScope::kFirm;
    TradingState state = TradingState::kActive;
    std::uint8_t cancel_orders = 0;  ///< A CancelOrders.
    std::uint8_t control = 0xff;     ///< Control number that tripped; 0xff: an operator.
    std::uint32_t actor = kNoActor;  ///< Who commanded it.
    std::int64_t observed = 0;       ///< What made the control trip, in `unit`.
    std::int64_t limit = 0;          ///< What it is held against.
    std::uint8_t unit = 0;           ///< A LimitUnit (risk/controls.hpp).
    std::uint8_t flatten = 0;        ///< HALTED: 1 closes the positions as well (kill level 4).
    std::uint8_t reserved[6] = {};
    std::uint64_t reserved2[6] = {};
};

/// What the gate is told from outside. The numbers are part of the journal's format.
enum class RiskInputKind : std::uint8_t {
    kNone = 0,
    kBand = 1,         ///< LULD, of the instrument: lowest, highest price (raw).
    kNoBand = 2,       ///< The instrument has no band any more.
    kLocate = 3,       ///< SHORT, of the instrument: quantity that may be sold short (raw).
    kClockOffset = 4,  ///< CLOCK: nanoseconds that the machine's clock is ahead of true time.
    kBuyingPower = 5,  ///< CREDIT, of the account: what the broker grants (raw Money).
    kJournalLag = 6,   ///< JOURNAL: nanoseconds, bytes that the journal is behind.
    kDropCopy = 7,     ///< DROP_COPY: nanoseconds for which the drop copy has differed; 0: equal.
    kRecovering = 8,   ///< RECOVERING: 1 not yet reconciled with the venues, 0 reconciled.
    kBuild = 9,        ///< BUILD: the hash that runs, the approved one (both as bits).
    /// A limit is changed while it is in force: `limit` in `scope` and `target`, new raw value.
    /// Tighter: at once. Looser: two different actors, and never beyond its hard maximum.
    kLimit = 10,
    kRestrict = 11,     ///< RESTRICTED, of the instrument: from, until (ns; equal: not any more).
    kAcknowledge = 12,  ///< REPEAT, of strategy `target`: its fills so far are as intended.
};
inline constexpr int kRiskInputKindCount = 13;

struct RiskInputData {
    std::int64_t values[4] = {};  ///< By kind.
    std::uint64_t target = 0;     ///< Id within the scope (kLimit); the account or strategy.
    std::uint32_t actors[2] = {kNoActor, kNoActor};  ///< Who asked for it, who agreed.
    RiskInputKind kind = RiskInputKind::kNone;
    ControlScope scope = ControlScope::kFirm;
    std::uint8_t limit = 0xff;  ///< kLimit: LimitId (risk/controls.hpp).
    std::uint8_t reserved[5] = {};
    std::uint64_t reserved2[4] = {};
};

/// A snapshot of portfolio risk is in force from here on: what it is made of is found by its
/// number, and its digest says that it is the same.
struct RiskSnapshotData {
    std::uint64_t number = 0;  ///< From 1 in a run.
    std::uint64_t digest = 0;  ///< Of everything that the gate reads of it.
    Timestamp as_of;           ///< Of the newest data in it.
    /// Market events that its maker had consumed.
    std::uint64_t feed_position = 0;
    std::uint32_t instruments = 0;
    std::uint32_t measured = 0;  ///< Instruments whose risk it knows.
    std::uint32_t days = 0;      ///< Of returns.
    std::uint32_t reserved = 0;
    std::uint64_t reserved2[5] = {};
};

[[nodiscard]] std::string_view name(TradingState v) noexcept;
[[nodiscard]] std::string_view name(ControlScope v) noexcept;  ///< "firm", ...
[[nodiscard]] std::string_view name(RiskInputKind v) noexcept;

}  // namespace fermata
