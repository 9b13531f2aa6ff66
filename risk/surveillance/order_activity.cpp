#include "risk/surveillance/order_activity.hpp"

#include <algorithm>

namespace fermata::surveillance {
namespace {

Activity activity_of(Activity::Kind kind, const OrderEvent& e, const PlacedOrder& order) {
    Activity a;
    a.kind = kind;
    a.ts = e.ts;
    a.position = e.seq;
    a.order = order;
    return a;
}

bool rests(const PlacedOrder& order) noexcept {
    if (order.tif != TimeInForce::kDay && order.tif != TimeInForce::kGtc &&
        order.tif != TimeInForce::kGtd) {
        return false;  // gone at once, or for an auction only
    }
    return has_limit_price(order.type) || order.type == OrderType::kPegged ||
           order.type == OrderType::kMarketToLimit || order.type == OrderType::kTrailingStopLimit;
}

}  // namespace

Evidence row_of(Deed deed, Timestamp ts, std::uint64_t position, const PlacedOrder& order,
                Price price, Quantity quantity) {
    Evidence row;
    row.ts = ts;
    row.position = position;
    row.deed = deed;
    row.tag = order.tag;
    row.order_id = order.id;
    row.side = order.side;
    row.price = price;
    row.quantity = quantity;
    row.strategy = order.strategy;
    row.account = order.account;
    return row;
}

Evidence message_row(const Activity& a) {
    return row_of(Deed::kSent, a.ts, a.position, a.order, a.order.price, a.order.open);
}

Evidence fill_row(const Activity& a) {
    return row_of(Deed::kFilled, a.ts, a.position, a.order, a.fill_price, a.fill_quantity);
}

Quantity PlacedOrder::shown() const noexcept {
    if (!at_work() || !rests(*this)) return Quantity::zero();
    return display.is_positive() ? std::min(open, display) : open;
}

Party OrderTracker::party_of(AccountId account, InstrumentId instrument) const noexcept {
    const bool known = account.value < owners_.size();
    return {known ? owners_[account.value] : std::uint16_t{0}, instrument};
}

PlacedOrder* OrderTracker::find(ClientOrderId id) {
    const auto found = orders_.find(id.value);
    return found == orders_.end() ? nullptr : &found->second;
}

PlacedOrder* OrderTracker::find(OrderTag tag) {
    const auto found = last_placement_.find(tag.value);
    return found == last_placement_.end() ? nullptr : find(ClientOrderId{found->second});
}

void OrderTracker::set_live(PlacedOrder& order, bool live) {
    if (order.live == live) return;
    order.live = live;
    auto& ids = live_[order.party][static_cast<std::size_t>(order.side)];
    if (live) {
        ids.insert(order.id.value);
    } else {
        ids.erase(order.id.value);
    }
}

void OrderTracker::end(PlacedOrder& order) {
    set_live(order, false);
    order.open = Quantity::zero();
    ended_.push_back(order.id.value);
    while (ended_.size() > kEndedMax) {
        const auto oldest = orders_.find(ended_.front());
        ended_.pop_front();
        if (oldest == orders_.end()) continue;  // it ended twice
        const auto last = last_placement_.find(oldest->second.tag.value);
        if (last != last_placement_.end() && last->second == oldest->first) {
            last_placement_.erase(last);
        }
        orders_.erase(oldest);
    }
}

Activity OrderTracker::take_new(const OrderEvent& e, const MarketView& market) {
    const NewOrderData& d = e.data.new_order;
    PlacedOrder order;
    order.id = d.order_id;
    order.tag = d.tag;
    order.party = party_of(d.account, e.instrument);
    order.strategy = d.strategy;
    order.account = d.account;
    order.venue = d.venue;
    order.side = d.side;
    order.type = d.type;
    order.tif = d.tif;
    order.price = d.price;
    order.open = d.quantity;
    order.display = d.display_quantity;
    order.since = e.ts;
    order.terms_position = e.seq;
    order.sent_terms_position = e.seq;
    order.entry_mark = market.price(e.instrument);
    if (PlacedOrder* earlier = find(d.order_id)) set_live(*earlier, false);
    orders_.insert_or_assign(d.order_id.value, order);
    last_placement_[d.tag.value] = d.order_id.value;
    return activity_of(Activity::Kind::kSent, e, order);
}

std::optional<Activity> OrderTracker::take_change(const OrderEvent& e) {
    const ChangeOrderData& d = e.data.change;
    PlacedOrder* order = find(d.order_id);
    if (order == nullptr) order = find(d.tag);
    if (order == nullptr) return std::nullopt;  // sent before this journal begins
    if (e.type == OrderEventType::kSendCancel) {
        order->cancel_requested = true;
        return activity_of(Activity::Kind::kCancelRequested, e, *order);
    }
    order->sent_terms_position = e.seq;
    Activity a = activity_of(Activity::Kind::kReplaceRequested, e, *order);
    a.requested = d.quantity;
    return a;
}

std::optional<Activity> OrderTracker::amend(PlacedOrder& order, const OrderEvent& e) {
    const ExecutionData& d = e.data.execution;
    const Price price_before = order.price;
    const Quantity open_before = order.open;
    order.price = d.price;
    order.open = d.leaves_quantity;
    if (d.exec_type == ExecType::kRestated) return std::nullopt;  // the venue's doing
    order.since = e.ts;
    order.shown_position = e.seq;
    order.terms_position = order.sent_terms_position;
    Activity a = activity_of(Activity::Kind::kAmended, e, order);
    const bool away =
        order.side == Side::kBuy ? order.price < price_before : order.price > price_before;
    if (away) {
        a.withdrawn = open_before;
    } else if (order.open < open_before) {
        a.withdrawn = open_before - order.open;
    }
    if (order.open.is_zero()) end(order);
    return a;
}

std::optional<Activity> OrderTracker::take_report(const OrderEvent& e) {
    const ExecutionData& d = e.data.execution;
    PlacedOrder* order = find(d.order_id);
    if (order == nullptr || order->open.is_zero()) return std::nullopt;
    switch (d.exec_type) {
        case ExecType::kNew:
            set_live(*order, true);
            order->since = e.ts;
            order->shown_position = e.seq;
            return activity_of(Activity::Kind::kShown, e, *order);
        case ExecType::kTriggered:
            set_live(*order, true);
            order->triggered = true;
            order->since = e.ts;
            order->shown_position = e.seq;
            return activity_of(Activity::Kind::kShown, e, *order);
        case ExecType::kReplaced:
        case ExecType::kRestated:
            return amend(*order, e);
        case ExecType::kCanceled: {
            const bool own = order->cancel_requested || d.reason == OrderReason::kRequested;
            const Quantity open = order->open;
            end(*order);
            Activity a =
                activity_of(own ? Activity::Kind::kWithdrawn : Activity::Kind::kOver, e, *order);
            if (own) a.withdrawn = open;
            return a;
        }
        case ExecType::kRejected:
        case ExecType::kExpired:
            end(*order);
            return activity_of(Activity::Kind::kOver, e, *order);
        case ExecType::kSuspended:
        case ExecType::kDoneForDay:
            set_live(*order, false);
            return activity_of(Activity::Kind::kOver, e, *order);
        case ExecType::kCancelRejected:
            order->cancel_requested = false;
            return std::nullopt;
        case ExecType::kTrade:  // the fill counts when it is booked
            if (order->live) return std::nullopt;
            set_live(*order, true);
            order->since = e.ts;
            order->shown_position = e.seq;
            return activity_of(Activity::Kind::kShown, e, *order);
        case ExecType::kReplaceRejected:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Activity> OrderTracker::take_fill(const OrderEvent& e) {
    const FillData& d = e.data.fill;
    PlacedOrder* order = find(d.order_id);
    // An order that is placed again and again is filled under its first id.
    PlacedOrder* last = find(d.tag);
    if (last != nullptr && (order == nullptr || order->open.is_zero())) order = last;
    PlacedOrder unknown;
    if (order == nullptr) {  // sent before this journal begins
        unknown.id = d.order_id;
        unknown.tag = d.tag;
        unknown.party = party_of(d.account, e.instrument);
        unknown.strategy = d.strategy;
        unknown.account = d.account;
        unknown.side = d.side;
        order = &unknown;
    }
    const VenueId venue =
        last_trade_.second == d.exec_id && d.exec_id.value != 0 ? last_trade_.first : order->venue;
    const Corrections::Fate* fate = corrections_.find(venue, d.exec_id);
    const bool busted = fate != nullptr && fate->busted;
    const Quantity quantity = fate != nullptr ? fate->quantity : d.quantity;
    order->filled += quantity.raw();
    const bool ends = order->open.is_positive() && d.quantity >= order->open;
    if (ends) {
        end(*order);
    } else if (order->open.is_positive()) {
        order->open -= d.quantity;
    }  // else it is late
    if (busted) {
        if (!ends) return std::nullopt;
        return activity_of(Activity::Kind::kOver, e, *order);
    }
    Activity a = activity_of(Activity::Kind::kFilled, e, *order);
    a.fill_price = fate != nullptr ? fate->price : d.price;
    a.fill_quantity = quantity;
    a.liquidity = d.liquidity;
    return a;
}

/// What the order still offers, its venue says. An order that was over may live again.
std::optional<Activity> OrderTracker::take_correction(const OrderEvent& e) {
    const CorrectionData& c = e.data.correction;
    if (is_nonsense(c) ||
        (c.exec_id.value != 0 && !corrections_taken_.emplace(c.venue, c.exec_id).second)) {
        return std::nullopt;
    }
    PlacedOrder* order = find(c.order_id);
    if (order == nullptr || c.leaves_quantity == order->open) return std::nullopt;
    const bool was_over = order->open.is_zero();
    order->open = c.leaves_quantity;
    if (order->open.is_zero()) {
        end(*order);
        return activity_of(Activity::Kind::kOver, e, *order);
    }
    if (!was_over) return std::nullopt;
    std::erase(ended_, order->id.value);
    order->cancel_requested = false;
    order->since = e.ts;
    order->shown_position = e.seq;
    set_live(*order, true);
    return activity_of(Activity::Kind::kShown, e, *order);
}

std::optional<Activity> OrderTracker::take(const OrderEvent& e, const MarketView& market) {
    switch (e.type) {
        case OrderEventType::kSendNew:
            return take_new(e, market);
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
            return take_change(e);
        case OrderEventType::kExecution:
            if (e.data.execution.exec_type == ExecType::kTrade) {
                last_trade_ = {e.data.execution.venue, e.data.execution.exec_id};
            }
            return take_report(e);
        case OrderEventType::kCorrection:
            return take_correction(e);
        case OrderEventType::kFill:
            return take_fill(e);
        default:
            return std::nullopt;
    }
}

}  // namespace fermata::surveillance
