#pragma once

#include <cstdint>
#include <string_view>

#include "core/event/order_event.hpp"
#include "risk/controls.hpp"
#include "risk/explanation.hpp"

namespace fermata {

/// What is wrong where a number cannot say it. Stands in journals: append, never reuse.
enum class Fault : std::uint8_t {
    kNone = 0,
    kQuantityNotPositive = 1,
    kPriceMissing = 2,
    kStopPriceMissing = 3,
    kExpired = 4,
    kOverflow = 5,  ///< A value or a sum of quantities does not fit the number types.
    kUnknownAccount = 6,
    kUnknownStrategy = 7,
    kNotOwner = 8,        ///< The order belongs to another strategy or account.
    kNotAboveFilled = 9,  ///< A replace asks for no more than what is already filled.
    kBadEnumeration = 10,
    kUnknownInstrument = 11,
    kClosed = 12,
    kHalted = 13,         ///< The instrument is HALTED here.
    kNoMark = 14,         ///< No price is known, so no value is.
    kUnknownEquity = 15,  ///< A balance or position cannot be valued (no FX mark).
    kTooManyOrders = 16,  ///< More different orders in the window than are remembered.
    kTripped = 17,        ///< The control tripped and was not released.
    kShortSale = 18,      ///< A cash account cannot sell what it does not hold.
    kBadOffset = 19,      ///< A trailing or pegged order without its distance, or another with one.
    kBadDisplay = 20,     ///< A shown quantity that is negative, above the whole, or not for it.
    kBadLink = 21,        ///< A role without a group, or a flag that does not go with it.
    kBadTimeInForce = 22,  ///< A time in force or flag that this type cannot have.
    kDataLost = 23,        ///< Market data was lost, and nothing newer has come.
    kNotPermitted = 24,    ///< No permission of the strategy covers account, instrument and venue.
    kRestricted = 25,      ///< The instrument is on the restricted list.
    kCircuitBreaker = 26,  ///< A short sale needs a limit above the best bid.
    kNotReconciled = 27,   ///< The run is not reconciled with its venues.
    kNotApproved = 28,     ///< What runs is not what was approved.
    kNotExempt = 29,       ///< The exemption from Rule 201 is asked for while it is not in force.
    kMarkedLong = 30,      ///< New terms would make a sale short that was sent as a long one.
    kZeroReference = 31,   ///< The price is zero: no limit on values would bind.
    kTradingHalt = 32,     ///< The venue halted trading in the instrument.
};

[[nodiscard]] std::string_view name(Fault v) noexcept;  ///< "price_missing", ...

/// Writes what the controls find into a verdict: all of it, with the numbers of the first. For who
/// wants the numbers of all of them, also of those that pass, it keeps them in an explanation.
class Findings {
public:
    explicit Findings(VerdictData& verdict, Explanation* explanation = nullptr) noexcept
        : verdict_(verdict), explanation_(explanation) {}

    void checked(ControlId id) noexcept { verdict_.checked |= bit(id); }

    /// The numbers of this control are wanted: so far they would stand in the verdict.
    [[nodiscard]] bool reports(ControlId id) const noexcept {
        return static_cast<std::uint8_t>(id) < verdict_.first_failed || explains();
    }
    /// Refuses where the numbers are another control's, and need not be worked out.
    void refuse(ControlId id) noexcept { verdict_.failed |= bit(id); }

    void refuse(ControlId id, Scope scope, LimitUnit unit, std::int64_t observed,
                std::int64_t limit) noexcept {
        verdict_.failed |= bit(id);
        if (explanation_ != nullptr) [[unlikely]]
            explanation_->add({id, scope, unit, true, observed, limit});
        if (static_cast<std::uint8_t>(id) >= verdict_.first_failed) return;  // 0xff: none yet
        verdict_.first_failed = static_cast<std::uint8_t>(id);
        verdict_.scope = static_cast<std::uint8_t>(scope);
        verdict_.unit = static_cast<std::uint8_t>(unit);
        verdict_.observed = observed;
        verdict_.limit = limit;
    }
    void refuse(ControlId id, Scope scope, Fault fault) noexcept {
        refuse(id, scope, LimitUnit::kFault, static_cast<std::int64_t>(fault), 0);
    }

    /// Somebody wants to know what passes, too: call `passes` with the numbers.
    [[nodiscard]] bool explains() const noexcept { return explanation_ != nullptr; }
    void passes(ControlId id, Scope scope, LimitUnit unit, std::int64_t observed,
                std::int64_t limit) noexcept {
        if (explanation_ != nullptr) explanation_->add({id, scope, unit, false, observed, limit});
    }

private:
    VerdictData& verdict_;
    Explanation* explanation_;
};

}  // namespace fermata
