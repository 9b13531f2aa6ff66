// What the simulated exchange does with requests: new orders, cancels, changes; and corrections of
// fills. See simulated_exchange.hpp.

#include <algorithm>

#include "core/sim/simulated_exchange.hpp"

namespace fermata {
namespace {

constexpr bool is_immediate(TimeInForce tif) noexcept {
    return tif == TimeInForce::kIoc || tif == TimeInForce::kFok;
}
constexpr bool is_auction(TimeInForce tif) noexcept {
    return tif == TimeInForce::kAto || tif == TimeInForce::kAtc;
}
constexpr bool has_trail(OffsetKind kind) noexcept {
    return kind == OffsetKind::kTrailPrice || kind == OffsetKind::kTrailPercent;
}
constexpr bool has_peg(OffsetKind kind) noexcept {
    return kind == OffsetKind::kPegMid || kind == OffsetKind::kPegPrimary ||
           kind == OffsetKind::kPegMarket;
}
/// May rest at a limit that others see, or do not.
constexpr bool rests(OrderType type) noexcept {
    return has_limit_price(type) || type == OrderType::kTrailingStopLimit ||
           type == OrderType::kPegged;
}
constexpr bool valid_trail(OffsetKind kind, std::int64_t offset) noexcept {
    return offset > 0 && (kind != OffsetKind::kTrailPercent || offset < Ratio::kOne);
}

/// What the venue does not know of an order, or what contradicts itself in it.
OrderReason refusal_of_terms(const VenueCapabilities& supports,
                             const NewOrderData& wanted) noexcept {
    const bool post_only = (wanted.flags & kOrderPostOnly) != 0;
    const bool reduce_only = (wanted.flags & kOrderReduceOnly) != 0;
    const bool iceberg = !wanted.display_quantity.is_zero();
    if (!supports.has(wanted.type) || !supports.has(wanted.tif) ||
        (post_only && !supports.has(kVenuePostOnly)) ||
        (reduce_only && !supports.has(kVenueReduceOnly)) ||
        (iceberg && !supports.has(kVenueIceberg))) {
        return OrderReason::kUnsupported;
    }
    const bool at_once = wanted.type == OrderType::kMarket || wanted.type == OrderType::kLimit ||
                         wanted.type == OrderType::kMarketToLimit;
    if (is_immediate(wanted.tif) && !at_once) return OrderReason::kUnsupported;
    if (is_auction(wanted.tif) &&
        ((wanted.type != OrderType::kMarket && wanted.type != OrderType::kLimit) || iceberg)) {
        return OrderReason::kUnsupported;
    }
    if (post_only && (!rests(wanted.type) || is_immediate(wanted.tif) || is_auction(wanted.tif))) {
        return OrderReason::kUnsupported;
    }
    if (is_trailing(wanted.type) || wanted.type == OrderType::kPegged) {
        const bool trails = is_trailing(wanted.type);
        if (trails ? !has_trail(wanted.offset_kind) : !has_peg(wanted.offset_kind)) {
            return OrderReason::kInvalidPrice;
        }
        if (!supports.has(wanted.offset_kind)) return OrderReason::kUnsupported;
        if (trails && !valid_trail(wanted.offset_kind, wanted.offset)) {
            return OrderReason::kInvalidPrice;
        }
    }
    if (iceberg && (wanted.display_quantity.is_negative() || !rests(wanted.type) ||
                    wanted.display_quantity > wanted.quantity)) {
        return OrderReason::kInvalidQuantity;
    }
    return OrderReason::kNone;
}

SimOrder make_order(const NewOrderData& wanted, InstrumentId instrument, Timestamp now) noexcept {
    SimOrder order;
    order.id = wanted.order_id;
    order.price = wanted.price;
    order.stop_price = wanted.stop_price;
    order.quantity = wanted.quantity;
    order.display = order.shown = wanted.display_quantity;
    order.offset = wanted.offset;
    order.arrived = now;
    order.instrument = instrument;
    order.link = wanted.link;
    order.account = wanted.account;
    order.strategy = wanted.strategy;
    order.side = wanted.side;
    order.type = wanted.type;
    order.tif = wanted.tif;
    order.flags = wanted.flags;
    order.offset_kind = wanted.offset_kind;
    order.link_role = wanted.link_role;
    if (order.is_pegged()) {
        order.bound = wanted.price;
        order.price = unreachable_limit(order.side);
    } else if (order.is_trailing()) {
        order.bound = wanted.price;
        order.price = Price::zero();
        if (wanted.stop_price.is_zero()) order.stop_price = unreachable_trigger(order.side);
    }
    return order;
}

}  // namespace

OrderReason SimulatedExchange::refusal(const OrderEvent& request) const {
    const NewOrderData& wanted = request.data.new_order;
    if (!instruments_.contains(request.instrument)) return OrderReason::kUnknownInstrument;
    if (markets_[request.instrument].halted) return OrderReason::kMarketClosed;
    if (!broker_.contains(wanted.account)) return OrderReason::kUnsupported;
    if (wanted.order_id.value == 0 || book_.find(wanted.order_id) != kNoOrder) {
        return OrderReason::kUnsupported;
    }
    if (static_cast<int>(wanted.type) >= kOrderTypeCount ||
        static_cast<int>(wanted.tif) >= kTimeInForceCount ||
        static_cast<int>(wanted.offset_kind) >= kOffsetKindCount ||
        static_cast<int>(wanted.link_role) >= kLinkRoleCount) {
        return OrderReason::kUnsupported;
    }
    if (!wanted.quantity.is_positive()) return OrderReason::kInvalidQuantity;
    const OrderReason terms = refusal_of_terms(config_.supports, wanted);
    if (terms != OrderReason::kNone) return terms;
    if (wanted.tif == TimeInForce::kGtd && wanted.expire_time <= now_) {
        return OrderReason::kExpireTime;
    }
    return OrderReason::kNone;
}

/// It takes what stands there when it comes.
bool SimulatedExchange::comes_taking(const SimOrder& order) const {
    if (order.is_dormant() || order.awaits_auction() || order.is_post_only()) return false;
    if (order.is_pegged()) return followers_.may_take(order);
    return order.has_limit() || order.is_immediate();
}

/// The market is at the order's limit now, as far as it is known.
bool SimulatedExchange::would_take(const SimOrder& order) const {
    if (order.is_dormant() || order.awaits_auction() || !order.has_limit()) return false;
    const MarketState& m = markets_[order.instrument];
    if (!markets_.on_ticks(m) || !m.quoted) {
        return m.has_last && reaches(order.side, order.price, m.last);
    }
    if (!markets_.quote_stands(m)) return false;
    if (order.side == Side::kBuy) return m.has_ask() && m.ask <= order.price;
    return m.has_bid() && m.bid >= order.price;
}

void SimulatedExchange::accept(const OrderEvent& request) {
    const NewOrderData& wanted = request.data.new_order;
    SimOrder order = make_order(wanted, request.instrument, now_);
    order.venue_order_id = reporter_.next_venue_order_id();
    const auto reject = [&](OrderReason reason) {
        reporter_.report(order, ExecType::kRejected, reason);
    };
    const OrderReason reason = refusal(request);
    if (reason != OrderReason::kNone) return reject(reason);

    OrderReason restated = OrderReason::kNone;
    const Quantity allowed = executor_.allowed(order);
    if (allowed.is_zero()) return reject(OrderReason::kReduceOnly);
    if (followers_.place(order)) restated = OrderReason::kRepriced;
    if (order.is_post_only() && would_take(order)) return reject(OrderReason::kPostOnly);
    if (book_.linked(order) >= LinkGroups::kMembersMax) return reject(OrderReason::kUnsupported);
    order.aggressive = comes_taking(order);
    const SimSlot slot = book_.add(order);
    if (slot == kNoOrder) return reject(OrderReason::kUnsupported);

    newest_ = std::max(newest_, order.id);
    if (order.tif == TimeInForce::kGtd) {
        book_[slot].expiry = queue_.push_expiry(wanted.expire_time, slot);
    }
    reporter_.report(order, ExecType::kNew);
    if (allowed < order.quantity) {
        restated = OrderReason::kReduceOnly;
        SimOrder& reduced = book_[slot];
        reduced.quantity = allowed;
        reduced.display = std::min(reduced.display, allowed);
        reduced.shown = reduced.display;
    }
    if (restated != OrderReason::kNone) {
        reporter_.report(book_[slot], ExecType::kRestated, restated);
    }
    // An instrument with a calendar that has not shown a price in its open session opens yet.
    const MarketState& m = markets_[order.instrument];
    book_[slot].armed = order.tif == TimeInForce::kAto && m.opened && !m.closed && !m.fresh;
    book_.enter(slot);
    meet_market(slot);
}

void SimulatedExchange::meet_market(SimSlot slot) {
    const MarketState& m = markets_[book_[slot].instrument];
    if (!markets_.on_ticks(m) || book_[slot].awaits_auction()) return;
    trades_.place_order(slot);
    quotes_.match_order(slot);
}

void SimulatedExchange::refuse_change(const OrderEvent& request, ExecType type,
                                      OrderReason reason) {
    const SimSlot slot = book_.find(request.data.change.order_id);
    if (slot != kNoOrder) return reporter_.report(book_[slot], type, reason);
    SimOrder unknown;
    unknown.id = request.data.change.order_id;
    unknown.instrument = request.instrument;
    // Client ids ascend: one that is not above the newest was here and is over.
    reporter_.report(
        unknown, type,
        unknown.id <= newest_ ? OrderReason::kTooLateToCancel : OrderReason::kUnknownOrder);
}

void SimulatedExchange::cancel(const OrderEvent& request) {
    const SimSlot slot = book_.find(request.data.change.order_id);
    if (slot == kNoOrder) {
        return refuse_change(request, ExecType::kCancelRejected, OrderReason::kUnknownOrder);
    }
    executor_.end(slot, ExecType::kCanceled, OrderReason::kRequested);
}

OrderReason SimulatedExchange::change_refusal(const SimOrder& order,
                                              const ChangeOrderData& wanted) const {
    if (markets_[order.instrument].halted) return OrderReason::kMarketClosed;
    if (wanted.quantity <= order.cumulative) return OrderReason::kInvalidQuantity;
    if (wanted.display_quantity.is_negative() ||
        (!wanted.display_quantity.is_zero() && !rests(order.type))) {
        return OrderReason::kInvalidQuantity;
    }
    if (!wanted.display_quantity.is_zero() && !config_.supports.has(kVenueIceberg)) {
        return OrderReason::kUnsupported;
    }
    if (order.is_trailing() && wanted.offset != 0 &&
        !valid_trail(order.offset_kind, wanted.offset)) {
        return OrderReason::kInvalidPrice;
    }
    return executor_.allowed(order).is_zero() ? OrderReason::kReduceOnly : OrderReason::kNone;
}

/// The new terms are absolute. Zero keeps what a plain order does not have: the shown quantity of
/// an iceberg, the distance of a trailing order, and, with the same distance, its trigger. With
/// another distance and no trigger a trailing order begins anew at the market.
void SimulatedExchange::replace(const OrderEvent& request) {
    const ChangeOrderData& wanted = request.data.change;
    const SimSlot slot = book_.find(wanted.order_id);
    if (slot == kNoOrder) {
        return refuse_change(request, ExecType::kReplaceRejected, OrderReason::kUnknownOrder);
    }
    const auto refuse = [&](OrderReason reason) {
        refuse_change(request, ExecType::kReplaceRejected, reason);
    };
    SimOrder& order = book_[slot];
    const OrderReason reason = change_refusal(order, wanted);
    if (reason != OrderReason::kNone) return refuse(reason);

    SimOrder changed = order;
    changed.quantity = wanted.quantity;
    changed.quantity = changed.cumulative + executor_.allowed(changed);
    if (!wanted.display_quantity.is_zero()) changed.display = wanted.display_quantity;
    if (changed.is_pegged()) {
        changed.bound = wanted.price;
        changed.offset = wanted.offset;
        (void)followers_.place(changed);
    } else if (changed.is_trailing()) {
        if (changed.type == OrderType::kTrailingStopLimit) changed.bound = wanted.price;
        if (!changed.triggered) {
            const bool anew = wanted.offset != 0 && wanted.offset != order.offset;
            if (anew) changed.offset = wanted.offset;
            if (!wanted.stop_price.is_zero()) changed.stop_price = wanted.stop_price;
            if (anew && wanted.stop_price.is_zero()) {
                changed.stop_price = unreachable_trigger(order.side);
            }
            (void)followers_.place(changed);
        } else if (changed.bound != order.bound) {
            changed.price = order.stop_price + changed.bound;
        }
    } else {
        if (changed.has_limit()) changed.price = wanted.price;
        if (changed.is_dormant()) changed.stop_price = wanted.stop_price;
    }
    const bool keeps_place = changed.price == order.price &&
                             changed.stop_price == order.stop_price &&
                             changed.display == order.display && changed.quantity <= order.quantity;
    if (!keeps_place && changed.is_post_only() && would_take(changed)) {
        return refuse(OrderReason::kPostOnly);
    }
    changed.shown = std::min(keeps_place ? order.shown : changed.display, changed.leaves());
    if (!keeps_place) {
        changed.arrived = now_;
        changed.aggressive = comes_taking(changed);
    }
    book_.leave(slot);
    changed.next = changed.previous = kNoOrder;
    changed.queued = false;
    if (keeps_place) changed.aggressive = order.aggressive;
    order = changed;
    if (!keeps_place) book_.renew_priority(slot);
    book_.enter(slot);
    reporter_.report(order, ExecType::kReplaced);
    if (!keeps_place) meet_market(slot);
}

bool SimulatedExchange::bust(ExecId fill, EventBuffer& out) {
    CorrectionData terms;
    terms.kind = CorrectionKind::kBust;
    return correct_fill(fill, terms, out);
}

bool SimulatedExchange::correct(ExecId fill, Price price, Quantity quantity, EventBuffer& out) {
    CorrectionData terms;
    terms.kind = CorrectionKind::kCorrect;
    terms.price = price;
    terms.quantity = quantity;
    return correct_fill(fill, terms, out);
}

bool SimulatedExchange::correct_fill(ExecId id, const CorrectionData& terms, EventBuffer& out) {
    TapedFill* fill = executor_.tape().find(id);
    if (fill == nullptr) return false;
    const bool bust = terms.kind == CorrectionKind::kBust;
    if (!bust && !terms.quantity.is_positive()) return false;
    const auto value =
        bust ? Result<Money, NumberError>(Money::zero())
             : notional(terms.price, terms.quantity, instruments_[fill->instrument].multiplier);
    // The fee stays what it was unless the fill is gone.
    const Money fee = bust ? Money::zero() : fill->fee;
    const SimSlot slot = book_.find(fill->order_id);
    Quantity total = fill->cumulative;
    if (slot != kNoOrder) total = book_[slot].cumulative;
    const Quantity cumulative = total - fill->quantity + (bust ? Quantity::zero() : terms.quantity);
    if (!value || !broker_.rebook(*fill, bust ? Quantity::zero() : terms.quantity, *value, fee)) {
        return false;
    }
    CorrectionData data = terms;
    data.order_id = fill->order_id;
    data.venue_order_id = fill->venue_order_id;
    data.ref_exec_id = id;
    data.fee = fee;
    data.fee_currency = fill->fee_currency;
    data.cumulative_quantity = cumulative;
    if (slot != kNoOrder) {
        SimOrder& order = book_[slot];
        order.cumulative = cumulative;
        if (order.quantity <= cumulative) order.quantity = cumulative;
        data.leaves_quantity = order.leaves();
    }
    reporter_.begin(out, now_, make_cause(CauseKind::kMarket, feed_position_), feed_position_);
    const ExecId correction = reporter_.correct(fill->instrument, data);
    if (bust) {
        fill->exec_id = ExecId{};
    } else {
        fill->exec_id = correction;
        fill->cumulative = cumulative;
        fill->price = terms.price;
        fill->quantity = terms.quantity;
        fill->value = *value;
    }
    if (slot != kNoOrder && book_[slot].leaves().is_zero()) {
        executor_.end(slot, ExecType::kCanceled, OrderReason::kTradeCorrected);
    }
    return true;
}

}  // namespace fermata
