#include "risk/own_book.hpp"

#include <algorithm>

#include "core/market/moving_price.hpp"
#include "risk/moving_limit.hpp"

namespace fermata {

OwnBook::OwnBook(const LimitTable& limits, std::size_t instruments)
    : on_(limits.common().on(LimitId::kSelfMatch)) {
    if (!on_) return;
    mode_ = static_cast<Mode>(limits.common().raw(LimitId::kSelfMatch));
    sides_.resize(instruments * 2);
    nodes_.resize(kOrdersMax);
    index_ = IdIndex(kOrdersMax);
    for (std::uint32_t n = 0; n < kOrdersMax; ++n) {
        nodes_[n].next = n + 1 < kOrdersMax ? n + 1 : kNone;
    }
    free_ = 0;
}

void OwnBook::on_order(const Order& order) noexcept {
    if (!on_ || order.instrument.value * 2 >= sides_.size()) return;
    const std::uint32_t at = index_.find(key(order.id));
    if (is_terminal(order.state)) {
        if (at != kNone) remove(at);
        return;
    }
    const auto price = resting(order);
    if (!price) {
        if (at != kNone) remove(at);
    } else if (at == kNone) {
        insert(order.id, order.instrument, order.side, *price);
    } else {
        reprice(at, *price);
    }
}

std::optional<Price> OwnBook::resting(const Order& order) noexcept {
    if (order.is_parent() || order.held) return std::nullopt;  // what is held meets nobody
    Price price = order.price;
    Price pending = order.pending_price;
    if (order.type != OrderType::kLimit) {
        const bool at_work = order.triggered || order.cumulative_quantity.is_positive();
        const Price unknown = order.side == Side::kBuy ? Price::max() : Price::min();
        const auto known = [&](Price p) { return p.is_zero() ? unknown : p; };
        const bool sent_as_limit = order.is_placed_here();
        if (has_limit_price(order.type)) {
            if (!at_work) return std::nullopt;
        } else if (order.type == OrderType::kTrailingStopLimit) {
            if (!at_work) return std::nullopt;
            if (!sent_as_limit) {
                if (order.stop_price.is_zero()) return unknown;
                price = trailing_limit(order.stop_price, order.bound);
                pending = trailing_limit(order.stop_price, pending);
            }
        } else if (order.type == OrderType::kPegged) {
            if (!sent_as_limit) {
                price = known(order.bound);
                pending = known(pending);
            }
        } else if (order.type == OrderType::kMarketToLimit) {
            price = known(price);
            pending = known(pending);
        } else {
            return std::nullopt;
        }
    }
    return order.replace_pending && better(order.side, pending, price) ? pending : price;
}

void OwnBook::on_member(const Request& r) noexcept {
    if (!on_ || index_.find(key(r.order_id)) != kNone) return;
    if (r.type == OrderType::kLimit) {
        insert(r.order_id, r.instrument_id, r.side, r.price);
    } else if (r.type == OrderType::kPegged) {
        insert(r.order_id, r.instrument_id, r.side, r.worst);
    } else if (r.type == OrderType::kMarketToLimit) {
        insert(r.order_id, r.instrument_id, r.side,
               r.side == Side::kBuy ? Price::max() : Price::min());
    }
}

void OwnBook::forget(ClientOrderId id) noexcept {
    if (!on_) return;
    const std::uint32_t at = index_.find(key(id));
    if (at != kNone) remove(at);
}

void OwnBook::insert(ClientOrderId id, InstrumentId i, Side side, Price price) noexcept {
    if (free_ == kNone) return;  // check() refuses every order while there is no room
    const std::uint32_t at = free_;
    Node& node = nodes_[at];
    free_ = node.next;
    Rested& list = rested(i, side);
    node = Node{id, price, i, side, kNone, list.last};
    (list.last == kNone ? list.first : nodes_[list.last].next) = at;
    if (list.known && (list.last == kNone || better(side, price, list.best))) list.best = price;
    list.last = at;
    index_.insert(key(id), at);
}

void OwnBook::remove(std::uint32_t at) noexcept {
    Node& node = nodes_[at];
    Rested& list = rested(node.instrument, node.side);
    (node.previous == kNone ? list.first : nodes_[node.previous].next) = node.next;
    (node.next == kNone ? list.last : nodes_[node.next].previous) = node.previous;
    if (list.first == kNone) {
        list.known = true;
    } else if (node.price == list.best) {
        list.known = false;
    }
    index_.erase(key(node.id));
    node.next = free_;
    free_ = at;
}

void OwnBook::reprice(std::uint32_t at, Price price) noexcept {
    Node& node = nodes_[at];
    if (node.price == price) return;
    Rested& list = rested(node.instrument, node.side);
    if (list.known) {
        if (!better(node.side, list.best, price)) {
            list.best = price;
        } else if (node.price == list.best) {
            list.known = false;
        }
    }
    node.price = price;
}

std::optional<Price> OwnBook::best(InstrumentId i, Side side) noexcept {
    Rested& list = rested(i, side);
    if (list.first == kNone) return std::nullopt;
    if (!list.known) {
        list.best = nodes_[list.first].price;
        for (std::uint32_t n = list.first; n != kNone; n = nodes_[n].next) {
            if (better(side, nodes_[n].price, list.best)) list.best = nodes_[n].price;
        }
        list.known = true;
    }
    return list.best;
}

std::optional<Price> OwnBook::reach(const Request& r) noexcept {
    if (r.type == OrderType::kLimit) return r.price;
    if (r.type == OrderType::kPegged) {
        return r.limited && !peg_takes(r.side, r.offset_kind, r.offset) ? r.limit : r.worst;
    }
    const bool converted = r.is_replace && r.type == OrderType::kMarketToLimit;
    if ((r.was_touched || converted) && r.limited) return r.limit;
    if (r.type != OrderType::kMarket && r.type != OrderType::kMarketToLimit) return std::nullopt;
    if (r.mark == nullptr) return r.side == Side::kBuy ? Price::max() : Price::min();
    if (!r.mark->has_quote) return r.mark->last;
    return r.side == Side::kBuy ? r.mark->ask : r.mark->bid;
}

void OwnBook::check(const Request& r, Findings& out) noexcept {
    cancel_from_ = kNone;
    if (!on_) return;
    constexpr ControlId kMe = ControlId::kSelfMatch;
    out.checked(kMe);
    if (r.is_parent()) return;
    if (free_ == kNone) {
        out.refuse(kMe, Scope::kFirm, Fault::kTooManyOrders);
        return;
    }
    const Side other = opposite(r.side);
    const auto own = best(r.instrument_id, other);
    if (!own) return;
    const auto reached = reach(r);
    if (!reached) return;
    if (better(r.side, *own, *reached)) {
        if (out.explains()) [[unlikely]]
            out.passes(kMe, Scope::kFirm, LimitUnit::kPrice, reached->raw(), own->raw());
        return;
    }
    if (mode_ != Mode::kCancelNewest) {
        cancel_from_ = rested(r.instrument_id, other).first;
        cancel_at_ = *reached;
    }
    if (mode_ == Mode::kCancelOldest) return;
    out.refuse(kMe, Scope::kFirm, LimitUnit::kPrice, reached->raw(), own->raw());
}

std::optional<ClientOrderId> OwnBook::next_to_cancel() noexcept {
    while (cancel_from_ != kNone) {
        const Node& node = nodes_[cancel_from_];
        cancel_from_ = node.next;
        if (!better(opposite(node.side), node.price, cancel_at_)) return node.id;
    }
    return std::nullopt;
}

}  // namespace fermata
