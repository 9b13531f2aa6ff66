#include "risk/in_flight.hpp"

#include "core/base/assert.hpp"

namespace fermata {

InFlight::InFlight(const LimitTable& limits, std::size_t instruments)
    : limit_(limits.common().duration(LimitId::kInFlight)),
      on_(limits.common().on(LimitId::kInFlight)) {
    if (!on_) return;
    tripped_.resize(instruments);
    nodes_.resize(kRequestsMax);
    index_ = IdIndex(kRequestsMax);
    for (std::uint32_t n = 0; n < kRequestsMax; ++n) {
        nodes_[n].next = n + 1 < kRequestsMax ? n + 1 : kNone;
    }
    free_ = 0;
}

void InFlight::on_sent(const OrderEvent& e) noexcept {
    if (!on_) return;
    Node node;
    node.due = e.ts + limit_;
    node.instrument = e.instrument;
    if (e.type == OrderEventType::kSendNew) {
        const NewOrderData& d = e.data.new_order;
        node.kind = Kind::kNew;
        node.tag = d.tag;
        node.id = d.order_id;
        node.strategy = d.strategy;
        node.account = d.account;
    } else {
        const ChangeOrderData& d = e.data.change;
        node.kind = e.type == OrderEventType::kSendCancel ? Kind::kCancel : Kind::kReplace;
        node.tag = d.tag;
        node.id = d.order_id;
        node.change = d.change_id;
        node.strategy = d.strategy;
        node.account = d.account;
    }
    // One of a kind is under way at a time: the answer to the one before came with this one.
    answered(node.kind, node.tag);
    insert(node);
}

void InFlight::on_order(const Order& order) noexcept {
    if (!on_) return;
    const bool over = is_terminal(order.state);
    if (over || order.acknowledged) answered(Kind::kNew, order.tag);
    if (over || (!order.cancel_pending && !order.pulled)) answered(Kind::kCancel, order.tag);
    if (over || !order.replace_pending) answered(Kind::kReplace, order.tag);
}

void InFlight::forget(OrderTag tag) noexcept {
    if (!on_) return;
    for (int kind = 0; kind < kKinds; ++kind) answered(static_cast<Kind>(kind), tag);
}

InFlight::Late InFlight::next(Timestamp now) noexcept {
    FERMATA_ASSERT(overdue(now));
    const Node& node = nodes_[oldest_];
    Late late;
    late.alert = make_order_event(OrderEventType::kAlert, now, node.instrument);
    AlertData& alert = late.alert.data.alert = AlertData{};
    alert.code = AlertCode::kUnanswered;
    alert.order_id = node.id;
    alert.strategy = node.strategy;
    alert.account = node.account;
    alert.detail[0] = static_cast<std::int64_t>(node.change);
    alert.detail[1] = (now - (node.due - limit_)).ns;
    if (node.instrument.value < tripped_.size()) {
        late.trips = tripped_[node.instrument.value] == 0;
        tripped_[node.instrument.value] = 1;
    }
    remove(oldest_);
    return late;
}

void InFlight::insert(const Node& node) noexcept {
    if (free_ == kNone) return;  // check() refuses every order while there is no room
    const std::uint32_t at = free_;
    free_ = nodes_[at].next;
    nodes_[at] = node;
    nodes_[at].next = kNone;
    nodes_[at].previous = newest_;
    (newest_ == kNone ? oldest_ : nodes_[newest_].next) = at;
    newest_ = at;
    ++waiting_[static_cast<std::size_t>(node.kind)];
    index_.insert(key(node.kind, node.tag), at);
}

void InFlight::remove(std::uint32_t at) noexcept {
    Node& node = nodes_[at];
    (node.previous == kNone ? oldest_ : nodes_[node.previous].next) = node.next;
    (node.next == kNone ? newest_ : nodes_[node.next].previous) = node.previous;
    --waiting_[static_cast<std::size_t>(node.kind)];
    index_.erase(key(node.kind, node.tag));
    node.next = free_;
    free_ = at;
}

}  // namespace fermata
