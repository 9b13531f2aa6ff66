// What of an order is at the venue, and what is held here. See order_manager.hpp and
// docs/orders.md.

#include <algorithm>

#include "core/order/order_manager.hpp"
#include "core/order/stage_events.hpp"

namespace fermata {

/// A replace that asks for the terms in force, for its caller to change some of them.
Order OrderManager::as_it_stands(const Order& order) noexcept {
    Order wanted = order;
    wanted.pending_price = order.named_price();
    wanted.pending_stop_price = order.stop_price;
    wanted.pending_quantity = order.quantity;
    wanted.pending_asked = order.asked;
    wanted.pending_reserve_price = order.reserve_price;
    wanted.pending_display = order.display_quantity;
    wanted.pending_offset = order.offset;
    return wanted;
}

bool OrderManager::reduces_here(const Order& order) const noexcept {
    return order.has(kOrderReduceOnly) && !order.is_parent() &&
           !capabilities(order.venue).has(kVenueReduceOnly);
}

/// Whether its account's position decides about an order.
void OrderManager::watch_position(const Order& order, bool open) noexcept {
    const std::uint32_t slot = slot_of(order);
    if (reducing_.contains(slot) == open) return;
    if (open) {
        reducing_.add({order.account.value, order.instrument.value}, slot);
    } else {
        reducing_.remove(slot);
    }
    reduce_only_ += open ? 1U : -1U;
}

/// An order that is not simply sent: it is in the table, and announced.
void OrderManager::begin_special(Order& order, Timestamp now, EventBuffer& out) noexcept {
    order.held = true;
    order.held_since = now;
    if (order.is_parent()) {
        order.acknowledged = true;
        apply_own(order, OrderInput::kHeld, OrderReason::kNone, now, out);
        return;
    }
    const Emulation e = Emulator::of(order, capabilities(order.venue));
    if (e.any()) order.flags |= kOrderEmulated;
    if (reduces_here(order)) watch_position(order, true);
    const bool secondary = is_secondary(order.link_role);
    order.bound = order.price;
    order.sliced = secondary || order.link_role == LinkRole::kOuo || e.iceberg;
    order.armed = secondary ? Quantity::zero() : order.quantity;
    order.sent_id = ClientOrderId{};
    order.sent_to = Quantity::zero();
    const std::uint32_t slot = slot_of(order);
    if (e.until) emulator_.set_deadline(order, slot);
    if (!secondary && !e.at_open && !e.type) {
        work(order, OrderReason::kNone, now, out);  // nothing to wait for
        return;
    }
    emulator_.hold(order, slot);
    if (order.tif == TimeInForce::kGtd) emulator_.set_deadline(order, slot);
    apply_own(order, OrderInput::kHeld, secondary ? OrderReason::kLinked : OrderReason::kEmulated,
              now, out);
    if (secondary && !is_terminal(order.state)) size_group(order, Change::kSize, now, out);
}

/// Brings what is at the venue to what may be there as things stand. Does nothing while a request
/// is unanswered; whatever answers it comes here again.
void OrderManager::work(Order& order, OrderReason reason, Timestamp now,
                        EventBuffer& out) noexcept {
    if (order.ends_as != 0) return;
    if (order.sliced && !order.held && order.cancel_pending && !order.replace_pending &&
        !is_terminal(order.state) && order.cumulative_quantity >= order.sent_to &&
        order.state != OrderState::kUnknown) {
        // The placement was filled before its cancel came, and nothing else is at the venue.
        return apply_own(order, OrderInput::kCanceled, OrderReason::kRequested, now, out);
    }
    if ((!order.held && !order.sliced) || order.is_parent() || is_terminal(order.state) ||
        order.cancel_pending || order.replace_pending || order.pulled ||
        order.state == OrderState::kUnknown) {
        return;
    }
    const Quantity done = order.cumulative_quantity;
    const bool placed = !order.held && done < order.sent_to;
    Quantity to =
        is_secondary(order.link_role) ? std::min(order.quantity, order.armed) : order.quantity;
    if (Emulator::of(order, capabilities(order.venue)).iceberg) {
        to = std::min(to, placed ? order.sent_to : done + order.display_quantity);
    }
    if (placed) {
        if (to == order.sent_to || emulator_.waits(slot_of(order))) return;
        if (to <= done) return pull(order, now, out);
        if (to > order.sent_to) {
            NewOrderData terms = sent_terms(order);
            terms.quantity = to - order.sent_from;
            if (!may_send(order, terms, OrderEventType::kSendReplace, now, out)) {
                emulator_.follow(order, slot_of(order));
                return;
            }
        }
        Order wanted = as_it_stands(order);
        static_cast<void>(send_replace(order, wanted, OrderReason::kLinked, now, out));
        return;
    }
    if (!order.held) {
        order.held = true;
        order.held_since = now;
        emulator_.hold(order, slot_of(order));
    }
    const Price price = order.price, reserve_price = order.reserve_price;
    if (to <= done || !ready(order, now) || place(order, to, reason, now, out)) return;
    order.price = price;  // of a peg that may not go out there
    order.reserve_price = reserve_price;
    emulator_.follow(order, slot_of(order));
}

/// The gate is asked about what no request asked for just now, and its answer goes on record: with
/// what is placed, and whenever another control than before (or none any more) keeps it here.
bool OrderManager::may_send(Order& order, const NewOrderData& terms, OrderEventType action,
                            Timestamp now, EventBuffer& out) noexcept {
    // The verdict about a new order that waits for nothing has just been given.
    if (judge_ == nullptr || order.state == OrderState::kPendingNew) return true;
    const VerdictData verdict = judge_->judge(terms, order, action, now);
    const bool passes = verdict.approved != 0;
    const auto kept_by = static_cast<std::uint8_t>(passes ? 0 : verdict.first_failed + 1);
    if (kept_by != order.kept_by || (passes && action == OrderEventType::kSendNew)) {
        out.push(make_verdict(now, order.instrument, verdict));
    }
    order.kept_by = kept_by;
    for (auto id = judge_->next_self_match(); id; id = judge_->next_self_match()) {
        const Order* other = table_.find(*id);
        if (other != nullptr && !other->held) cancel(*id, now, out);  // what is held meets nobody
    }
    return passes;
}

/// Sends the order up to a total of `to`, under its own id the first time. False: the gate does not
/// let it go as things stand, and it stays held.
bool OrderManager::place(Order& order, Quantity to, OrderReason reason, Timestamp now,
                         EventBuffer& out) noexcept {
    const Emulation e = Emulator::of(order, capabilities(order.venue));
    if (e.reduce_only && would_open(order)) {
        refuse_held(order, OrderReason::kReduceOnly, now, out);
        return true;
    }
    if (order.type == OrderType::kTrailingStopLimit && e.type) {
        order.price = on_tick(order.stop_price + order.bound, order, now);
        order.repriced_at = now;
    }
    if (e.post_only && would_take(order)) {
        refuse_held(order, OrderReason::kPostOnly, now, out);
        return true;
    }
    mark_sale(order, Quantity::zero());
    NewOrderData terms = sent_terms(order);
    terms.quantity = to - order.cumulative_quantity;
    if (!may_send(order, terms, OrderEventType::kSendNew, now, out)) return false;
    ClientOrderId id = order.id;
    if (order.sent_id.value != 0) {
        id = next_id_;
        if (!table_.add_alias(order, id)) {
            alert_order(order, AlertCode::kLaneFull, static_cast<std::int64_t>(table_.open_count()),
                        static_cast<std::int64_t>(table_.capacity()), now, out);
            return true;  // tried again at the next event of the order
        }
        ++next_id_.value;
    }
    order.sent_id = id;
    order.sent_from = order.cumulative_quantity;
    order.sent_to = to;
    order.held = false;
    const std::uint32_t slot = slot_of(order);
    emulator_.release(order, slot);
    if (!e.until) emulator_.clear_deadline(slot);
    if (!e.type || order.type != OrderType::kPegged) emulator_.unfollow(order, slot);
    if (order.state == OrderState::kSuspended) {
        if (order.triggered) reason = OrderReason::kConditionMet;
        apply_own(order, OrderInput::kReleased, reason, now, out);
    } else {
        move(order, order.state, now);
    }
    OrderEvent send = make_order_event(OrderEventType::kSendNew, now, order.instrument);
    send.data.new_order = sent_terms(order);
    out.push(send);
    return true;
}

/// Marks a sale as Regulation SHO, 17 CFR 242.200(g), asks for: long only if what is held covers
/// all of it, and all that is open to be sold beside it; `own` is what of it is not among that yet.
/// Nobody but the order manager says so; a strategy only asks for the exemption from Rule 201.
void OrderManager::mark_sale(Order& order, Quantity own) const noexcept {
    constexpr std::uint8_t kMarks = kOrderShort | kOrderShortExempt;
    if (order.side == Side::kBuy && (order.flags & kMarks) == 0) return;
    const bool exempt = order.has(kOrderShortExempt);
    order.flags &= static_cast<std::uint8_t>(~kMarks);
    if (order.side == Side::kBuy || order.has(kOrderReduceOnly) || order.is_parent()) return;
    const AssetClass asset = instruments_[order.instrument].asset_class;
    if (asset != AssetClass::kEquity && asset != AssetClass::kEtf) return;
    if (accounts_.type(order.account) != AccountConfig::Type::kMargin) return;
    const Quantity held =
        std::max(accounts_.position(order.account, order.instrument), Quantity::zero());
    // Orders that share a quantity sell it once.
    const Exposure& exposure = exposures_.at(order.account, order.instrument);
    const Quantity open = exposure.sell - exposure.sell_shared;
    if (own <= held && open <= held - own) return;
    order.flags |= exempt ? kOrderShortExempt : kOrderShort;
}

/// The venue would have refused it: so does the order manager.
void OrderManager::refuse_held(Order& order, OrderReason reason, Timestamp now,
                               EventBuffer& out) noexcept {
    const bool fresh = order.cumulative_quantity.is_zero();
    apply_own(order, fresh ? OrderInput::kRejected : OrderInput::kCanceled, reason, now, out);
}

/// The placement that was just decided, in words that the venue understands.
NewOrderData OrderManager::sent_terms(const Order& order) const noexcept {
    const VenueCapabilities& venue = capabilities(order.venue);
    const Emulation e = Emulator::of(order, venue);
    NewOrderData d;
    d.tag = order.tag;
    d.order_id = order.sent_id;
    d.price = order.price;
    d.stop_price = order.stop_price;
    d.quantity = order.sent_to - order.sent_from;
    d.expire_time = order.expire_time;
    d.display_quantity = order.display_quantity;
    d.offset = order.offset;
    d.parent = order.parent;
    d.link = order.link;
    d.strategy = order.strategy;
    d.account = order.account;
    d.venue = order.venue;
    d.side = order.side;
    d.type = order.type;
    d.tif = order.tif;
    d.flags = order.flags & static_cast<std::uint8_t>(~kOrderEmulated);
    d.offset_kind = order.offset_kind;
    d.link_role = order.link_role;
    if (e.type) {
        d.type = Emulator::plain(order.type);
        d.stop_price = Price{};
        d.offset = 0;
        d.offset_kind = OffsetKind::kNone;
        if (d.type == OrderType::kMarket) d.price = Price{};
    }
    if (e.at_open) d.tif = TimeInForce::kDay;
    if (e.until) {
        d.tif = TimeInForce::kGtc;
        d.expire_time = Timestamp{};
    }
    if (e.iceberg) d.display_quantity = Quantity::zero();
    if (e.post_only) d.flags &= static_cast<std::uint8_t>(~kOrderPostOnly);
    if (e.reduce_only) d.flags &= static_cast<std::uint8_t>(~kOrderReduceOnly);
    if (!venue.has(kVenueLinks)) {
        d.link = 0;
        d.link_role = LinkRole::kNone;
    }
    return d;
}

void OrderManager::strip_emulated(const Order& order, ChangeOrderData& d) const noexcept {
    const Emulation e = Emulator::of(order, capabilities(order.venue));
    if (e.type) {
        d.stop_price = Price{};
        d.offset = 0;
        if (Emulator::plain(order.type) == OrderType::kMarket) d.price = Price{};
    }
    if (e.iceberg) d.display_quantity = Quantity::zero();
}

/// How much of a total may be at the venue: the target of a placement that is changed.
Quantity OrderManager::sent_part(const Order& order, Quantity total) const noexcept {
    Quantity part = is_secondary(order.link_role) ? std::min(total, order.armed) : total;
    if (Emulator::of(order, capabilities(order.venue)).iceberg) {
        part = std::min(part, order.sent_to);
    }
    return part;
}

/// The placement is canceled, the order goes on without it.
void OrderManager::pull(Order& order, Timestamp now, EventBuffer& out) noexcept {
    order.pulled = true;
    ++order.changes;
    order.updated = now;
    answer(order, {order.state, OrderReason::kLinked}, now, out);
    OrderEvent send = make_order_event(OrderEventType::kSendCancel, now, order.instrument);
    send.data.change = change_of(order);
    out.push(send);
}

/// A report that ends a placement, or the attempt to end it, and not the order. `open`: something
/// of the placement is still open.
bool OrderManager::placement_ended(Order& order, OrderInput input, OrderReason why, Timestamp now,
                                   bool open, EventBuffer& out) noexcept {
    if (is_terminal(order.state) || order.cancel_pending || order.held) return false;
    const bool kept = order.pulled && input == OrderInput::kCancelRejected;
    const bool ended = input == OrderInput::kCanceled &&
                       (order.pulled || (why == OrderReason::kLinked &&
                                         is_secondary(order.link_role) && expects_more(order)));
    if (!kept && !ended) return false;
    const OrderState previous = order.state;
    order.pulled = false;
    if (ended) {
        order.held = true;
        order.held_since = now;
        order.replace_pending = false;
        order.sent_to = order.cumulative_quantity;
        emulator_.hold(order, slot_of(order));
    }
    order.reason = OrderReason::kLinked;
    move(order, resumed(order), now);
    answer(order, {previous, OrderReason::kLinked}, now, out);
    // What could not be pulled is over at its venue, and the report of that is under way, or is
    // asked for again later: to ask again at once would be to ask for ever.
    if (ended) follow_up(order, Change::kState, now, out);
    if (!ended && open) refused(order, now);
    return true;
}

}  // namespace fermata
