#include "daemon/live/sent_book.hpp"

#include <algorithm>

namespace fermata {

void SentBook::on_record(const OrderEvent& event) {
    switch (event.type) {
        case OrderEventType::kSendNew:
        case OrderEventType::kSendReplace:
        case OrderEventType::kSendCancel:
            return on_sent(event);
        case OrderEventType::kExecution:
        case OrderEventType::kCorrection:
            return on_report(event);
        default:
            return;
    }
}

void SentBook::on_sent(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    if (event.type == OrderEventType::kSendNew) {
        const NewOrderData& d = event.data.new_order;
        KnownOrder order;
        order.id = d.order_id;
        order.instrument = event.instrument;
        order.venue = d.venue;
        order.account = d.account;
        order.side = d.side;
        order.type = d.type;
        order.tif = d.tif;
        order.flags = d.flags;
        order.quantity = d.quantity;
        order.price = d.price;
        order.stop_price = d.stop_price;
        order.expire_time = d.expire_time;
        orders_.insert_or_assign({d.venue, d.order_id}, order);
        return;
    }
    const ChangeOrderData& d = event.data.change;
    const auto found = orders_.find({d.venue, d.order_id});
    if (found == orders_.end()) return;
    KnownOrder& order = found->second;
    order.requests = static_cast<std::uint32_t>(d.change_id);
    if (event.type == OrderEventType::kSendReplace) order.asked = order.requests;
}

void SentBook::on_report(const OrderEvent& event) {
    const std::lock_guard lock(mutex_);
    const bool correction = event.type == OrderEventType::kCorrection;
    const VenueId venue = correction ? event.data.correction.venue : event.data.execution.venue;
    if (cause_kind(event.cause) == CauseKind::kMessage && venue.value < newest_.size()) {
        std::uint64_t& newest = newest_[venue.value];
        newest = cause_seq(event.cause);  // not the highest: a session begins with 1 again
    }
    if (correction) return on_correction(event.data.correction);
    const ExecutionData& x = event.data.execution;
    const Key key{venue, x.order_id};
    const auto found = orders_.find(key);
    if (found == orders_.end()) return;
    KnownOrder& order = found->second;
    switch (x.exec_type) {
        case ExecType::kReplaced:
            order.accepted = order.asked;
            [[fallthrough]];
        case ExecType::kRestated:
            order.quantity = x.cumulative_quantity + x.leaves_quantity;
            order.price = x.price;
            order.stop_price = x.stop_price;
            order.acknowledged = true;
            return update(key, x.cumulative_quantity, x.leaves_quantity);
        case ExecType::kRejected:
        case ExecType::kCanceled:
        case ExecType::kExpired:
            return update(key, x.cumulative_quantity, Quantity{});
        case ExecType::kCancelRejected:
        case ExecType::kReplaceRejected:
            // Zero says that the venue has nothing of it open any more.
            if (x.leaves_quantity.is_zero()) update(key, order.cumulative_quantity, Quantity{});
            return;
        case ExecType::kTrade:
            order.acknowledged = true;
            return update(key, std::max(order.cumulative_quantity, x.cumulative_quantity),
                          x.leaves_quantity);
        default:
            order.acknowledged = true;
            return;
    }
}

void SentBook::on_correction(const CorrectionData& d) {
    const Key key{d.venue, d.order_id};
    if (!orders_.contains(key)) {
        const auto over = over_.find(key);
        if (over == over_.end()) return;
        orders_.insert(over_.extract(over));
    }
    update(key, d.cumulative_quantity, d.leaves_quantity);
}

void SentBook::update(const Key& key, Quantity cumulative, Quantity leaves) {
    const auto found = orders_.find(key);
    found->second.cumulative_quantity = cumulative;
    if (!leaves.is_zero()) return;
    over_.insert_or_assign(key, found->second);
    orders_.erase(found);
}

std::vector<KnownOrder> SentBook::open(VenueId venue) const {
    const std::lock_guard lock(mutex_);
    std::vector<KnownOrder> open;
    for (const auto& [key, order] : orders_) {
        if (key.venue == venue) open.push_back(order);
    }
    return open;
}

std::optional<KnownOrder> SentBook::find(VenueId venue, ClientOrderId id) const {
    const std::lock_guard lock(mutex_);
    for (const auto* orders : {&orders_, &over_}) {
        const auto found = orders->find({venue, id});
        if (found != orders->end()) return found->second;
    }
    return std::nullopt;
}

std::uint64_t SentBook::newest_message(VenueId venue) const {
    const std::lock_guard lock(mutex_);
    return venue.value < newest_.size() ? newest_[venue.value] : 0;
}

}  // namespace fermata
