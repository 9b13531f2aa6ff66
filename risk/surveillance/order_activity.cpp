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

Evidence message_row(const Activity& a) {
    Evidence row;
    row.ts = a.ts;
    row.position = a.position;
    row.deed = Deed::kSent;
    row.tag = a.order.tag;
    row.order_id = a.order.id;
    row.side = a.order.side;
    row.price = a.order.price;
    row.quantity = a.order.open;
    row.strategy = a.order.strategy;
    row.account = a.order.account;
    return row;
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

Activity OrderTracker::take_fill(const OrderEvent& e) {
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
    } else if (!order->open.is_zero()) {
        order->filled += d.quantity.raw();
        order->open = d.quantity < order->open ? order->open - d.quantity : Quantity::zero();
        if (order->open.is_zero()) end(*order);
    } else {
        order->filled += d.quantity.raw();  // late
    }
    Activity a = activity_of(Activity::Kind::kFilled, e, *order);
    a.fill_price = d.price;
    a.fill_quantity = d.quantity;
    a.liquidity = d.liquidity;
    return a;
}

std::optional<Activity> OrderTracker::take(const OrderEvent& e, const MarketView& market) {
    switch (e.type) {
        case OrderEventType::kSendNew:
            return take_new(e, market);
        case OrderEventType::kSendCancel:
        case OrderEventType::kSendReplace:
            return take_change(e);
        case OrderEventType::kExecution:
            return take_report(e);
        case OrderEventType::kFill:
            return take_fill(e);
        default:
            return std::nullopt;
    }
}

}  // namespace fermata::surveillance
