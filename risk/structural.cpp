#include "risk/structural.hpp"

#include "risk/wide.hpp"

namespace fermata {

TradingStates::TradingStates(std::size_t accounts, std::size_t strategies, std::size_t instruments)
    : firm_(1, TradingState::kActive),
      accounts_(accounts, TradingState::kActive),
      strategies_(strategies, TradingState::kActive),
      instruments_(instruments, TradingState::kActive),
      venues_(kVenues, TradingState::kActive) {}

bool TradingStates::set(ControlScope scope, std::uint64_t target, TradingState state) noexcept {
    auto* const states = scope == ControlScope::kFirm         ? &firm_
                         : scope == ControlScope::kAccount    ? &accounts_
                         : scope == ControlScope::kStrategy   ? &strategies_
                         : scope == ControlScope::kInstrument ? &instruments_
                         : scope == ControlScope::kVenue      ? &venues_
                                                              : nullptr;
    if (scope == ControlScope::kFirm) target = 0;
    if (states == nullptr || target >= states->size()) return false;
    (*states)[target] = state;
    return true;
}

std::span<const TradingState> TradingStates::states(ControlScope scope) const noexcept {
    switch (scope) {
        case ControlScope::kFirm:
            return firm_;
        case ControlScope::kAccount:
            return accounts_;
        case ControlScope::kStrategy:
            return strategies_;
        case ControlScope::kInstrument:
            return instruments_;
        case ControlScope::kVenue:
            return venues_;
    }
    return {};
}

TradingState TradingStates::get(ControlScope scope, std::uint64_t target) const noexcept {
    const std::span<const TradingState> all = states(scope);
    if (scope == ControlScope::kFirm) target = 0;
    return target < all.size() ? all[target] : TradingState::kHalted;
}

TradingStates::Effective TradingStates::effective(StrategyId s, InstrumentId i, AccountId a,
                                                  VenueId v) const noexcept {
    Effective worst{firm_[0], Scope::kFirm};
    const auto consider = [&](const std::vector<TradingState>& states, std::size_t id,
                              Scope scope) {
        if (id < states.size() && states[id] > worst.state) worst = {states[id], scope};
    };
    consider(accounts_, a.value, Scope::kAccount);
    consider(strategies_, s.value, Scope::kStrategy);
    consider(instruments_, i.value, Scope::kInstrument);
    consider(venues_, v.value, Scope::kVenue);
    return worst;
}

void check_state(const Request& r, const TradingStates& states, Findings& out) noexcept {
    out.checked(ControlId::kState);
    const auto [state, scope] = states.effective(r.strategy, r.instrument_id, r.account, r.venue);
    const bool passes = state == TradingState::kActive ||
                        (state == TradingState::kReducing && r.reduces_or_shrinks()) || r.closes();
    if (passes) {
        if (out.explains()) [[unlikely]]
            out.passes(ControlId::kState, scope, LimitUnit::kState,
                       static_cast<std::int64_t>(state),
                       static_cast<std::int64_t>(TradingState::kActive));
        return;
    }
    out.refuse(ControlId::kState, scope, LimitUnit::kState, static_cast<std::int64_t>(state),
               static_cast<std::int64_t>(TradingState::kActive));
}

namespace {

/// Every sum that the books form of it fits: the order's value at each of its prices as money, and
/// the quantities of one side together.
bool fits(const Request& r) noexcept {
    constexpr auto kLargestValue = static_cast<Value>(Money::max().raw()) * kValuePerMoney;
    constexpr auto kLargestQuantity = static_cast<WideQuantity>(Quantity::max().raw());
    const WideQuantity side = r.side == Side::kBuy ? r.open_buy : r.open_sell;
    if (r.reach(r.open_after).worst() > kLargestQuantity) return false;
    if (side + r.open_after > kLargestQuantity) return false;
    if (r.instrument == nullptr) return true;
    const auto too_large = [&](Price p) {
        return exact_value(p, r.quantity, r.instrument->multiplier) > kLargestValue;
    };
    if (r.is_limit() && too_large(r.price)) return false;
    if (r.is_stop() && too_large(r.stop_price)) return false;
    return !too_large(r.reserve);
}

bool is_immediate(TimeInForce tif) noexcept {
    return tif == TimeInForce::kIoc || tif == TimeInForce::kFok;
}
bool is_auction(TimeInForce tif) noexcept {
    return tif == TimeInForce::kAto || tif == TimeInForce::kAtc;
}

Fault offset_fault(const Request& r) noexcept {
    const bool pegs = r.offset_kind == OffsetKind::kPegMid ||
                      r.offset_kind == OffsetKind::kPegPrimary ||
                      r.offset_kind == OffsetKind::kPegMarket;
    if (is_trailing(r.type)) {
        const bool percent = r.offset_kind == OffsetKind::kTrailPercent;
        if (!percent && r.offset_kind != OffsetKind::kTrailPrice) return Fault::kBadOffset;
        return r.offset <= 0 || (percent && r.offset >= Ratio::kOne) ? Fault::kBadOffset
                                                                     : Fault::kNone;
    }
    if (r.type == OrderType::kPegged) return pegs ? Fault::kNone : Fault::kBadOffset;
    return r.offset_kind == OffsetKind::kNone && r.offset == 0 ? Fault::kNone : Fault::kBadOffset;
}

/// What only some types, times in force and flags can have, together.
Fault combination_fault(const Request& r) noexcept {
    if (static_cast<int>(r.offset_kind) >= kOffsetKindCount ||
        static_cast<int>(r.link_role) >= kLinkRoleCount) {
        return Fault::kBadEnumeration;
    }
    const Fault offset = offset_fault(r);
    if (offset != Fault::kNone) return offset;
    const bool plain = r.type == OrderType::kMarket || r.type == OrderType::kLimit;
    const bool rests = r.type == OrderType::kLimit || r.type == OrderType::kPegged;
    if (r.display.is_negative() || r.display > r.quantity ||
        (r.display.is_positive() && (r.type == OrderType::kMarket || is_immediate(r.tif)))) {
        return Fault::kBadDisplay;
    }
    if (is_auction(r.tif) && !plain) return Fault::kBadTimeInForce;
    if (is_immediate(r.tif) && !plain && r.type != OrderType::kMarketToLimit) {
        return Fault::kBadTimeInForce;
    }
    if (r.has(kOrderPostOnly) && (!rests || is_immediate(r.tif) || is_auction(r.tif))) {
        return Fault::kBadTimeInForce;
    }
    if ((r.link_role != LinkRole::kNone || r.has(kOrderBasket)) && r.link == 0) {
        return Fault::kBadLink;
    }
    return r.is_parent() && (!plain || r.link_role != LinkRole::kNone || r.display.is_positive())
               ? Fault::kBadLink
               : Fault::kNone;
}

Fault field_fault(const Request& r) noexcept {
    if (!r.knows_account) return Fault::kUnknownAccount;
    if (!r.knows_strategy) return Fault::kUnknownStrategy;
    if (!r.is_owner) return Fault::kNotOwner;
    if (static_cast<unsigned>(r.side) > 1 || static_cast<int>(r.type) >= kOrderTypeCount ||
        static_cast<int>(r.tif) >= kTimeInForceCount) {
        return Fault::kBadEnumeration;
    }
    if (!r.quantity.is_positive()) return Fault::kQuantityNotPositive;
    if (r.is_limit() && r.price.is_zero()) return Fault::kPriceMissing;
    if (r.is_stop() && r.stop_price.is_zero()) return Fault::kStopPriceMissing;
    if (r.tif == TimeInForce::kGtd && r.expire_time <= r.now) return Fault::kExpired;
    const Fault combination = combination_fault(r);
    if (combination != Fault::kNone) return combination;
    if (r.is_replace && r.quantity <= r.cumulative) return Fault::kNotAboveFilled;
    return fits(r) ? Fault::kNone : Fault::kOverflow;
}

}  // namespace

void check_field(const Request& r, Findings& out) noexcept {
    out.checked(ControlId::kField);
    const Fault fault = field_fault(r);
    if (fault != Fault::kNone) out.refuse(ControlId::kField, Scope::kOrder, fault);
}

void check_instrument(const Request& r, const MarkTable& marks, const TradingStates& states,
                      Findings& out) noexcept {
    out.checked(ControlId::kInstrument);
    Fault fault = Fault::kNone;
    if (r.instrument == nullptr) {
        fault = Fault::kUnknownInstrument;
    } else if (marks[r.instrument_id].halted) {
        fault = Fault::kTradingHalt;
    } else if (!marks[r.instrument_id].open && r.tif != TimeInForce::kAto) {  // waits for it
        fault = Fault::kClosed;
    } else if (states.get(ControlScope::kInstrument, r.instrument_id.value) ==
                   TradingState::kHalted &&
               !r.closes()) {
        fault = Fault::kHalted;
    }
    if (fault != Fault::kNone) out.refuse(ControlId::kInstrument, Scope::kInstrument, fault);
}

void check_tick_lot(const Request& r, Findings& out) noexcept {
    out.checked(ControlId::kTickLot);
    const Instrument& instrument = *r.instrument;
    const Price tick = instrument.tick_at(r.now);
    const auto off_tick = [&](Price p) { return p.raw() % tick.raw() != 0; };
    const auto refuse = [&](LimitUnit unit, std::int64_t observed, std::int64_t limit) {
        out.refuse(ControlId::kTickLot, Scope::kOrder, unit, observed, limit);
    };
    if (r.is_limit() && off_tick(r.price)) {
        refuse(LimitUnit::kPrice, r.price.raw(), tick.raw());
    } else if (r.is_stop() && off_tick(r.stop_price)) {
        refuse(LimitUnit::kPrice, r.stop_price.raw(), tick.raw());
    } else if (r.type == OrderType::kPegged && off_tick(r.price)) {
        refuse(LimitUnit::kPrice, r.price.raw(), tick.raw());
    } else if (r.display.raw() % instrument.lot.raw() != 0) {
        refuse(LimitUnit::kQuantity, r.display.raw(), instrument.lot.raw());
    } else if (r.quantity.raw() % instrument.lot.raw() != 0) {
        refuse(LimitUnit::kQuantity, r.quantity.raw(), instrument.lot.raw());
    } else if (r.quantity < instrument.min_quantity) {
        refuse(LimitUnit::kQuantity, r.quantity.raw(), instrument.min_quantity.raw());
    }
}

}  // namespace fermata
