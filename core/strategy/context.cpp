#include "core/strategy/context.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/strategy/shard.hpp"

namespace fermata {

Timestamp StrategyContext::now() const noexcept { return shard_->now_; }

const Instrument& StrategyContext::instrument(InstrumentId id) const noexcept {
    return shard_->instruments_[id];
}

std::uint32_t StrategyContext::open_orders(InstrumentId id) const noexcept {
    return open_by_instrument_[id.value];
}

StreamId StrategyContext::stream() const noexcept { return shard_->stream_; }

Price StrategyContext::mark(InstrumentId id) const noexcept {
    const Mark& mark = shard_->marks_[id];
    return mark.valid() ? mark.price() : Price::zero();
}

Quantity StrategyContext::position(InstrumentId id) const noexcept { return positions_[id.value]; }

Price StrategyContext::opening_cost(InstrumentId id) const noexcept {
    __int128 value = 0;
    std::int64_t quantity = 0;
    for (const OpeningPosition& p : shard_->openings_) {
        if (p.strategy != id_ || p.instrument != id) continue;
        value += static_cast<__int128>(p.cost.raw()) * p.quantity.raw();
        quantity += p.quantity.raw();
    }
    if (quantity == 0) return Price::zero();
    const auto average =
        quantity > 0 ? divide_half_even(value, quantity) : divide_half_even(-value, -quantity);
    FERMATA_ASSERT(average.ok());  // an average is within its parts
    return Price::from_raw(*average);
}

OrderTag StrategyContext::submit(const OrderRequest& request) noexcept {
    if (!shard_->running_ || winding_down_) return OrderTag{};
    return send(request, 0);
}

OrderTag StrategyContext::preview(const OrderRequest& request) noexcept {
    if (!shard_->running_ || winding_down_) return OrderTag{};
    if (previewed_ != now()) {
        previewed_ = now();
        previews_ = 0;
    }
    if (previews_ == kPreviewsMax) return OrderTag{};
    ++previews_;
    OrderEvent e = make_order_event(OrderEventType::kPreview, now(), request.instrument);
    e.data.new_order = next_order(request);
    shard_->emit(e);
    return e.data.new_order.tag;
}

NewOrderData StrategyContext::next_order(const OrderRequest& request) noexcept {
    NewOrderData order;
    order.tag = make_order_tag(id_, ++orders_sent_);
    order.price = request.price;
    order.stop_price = request.stop_price;
    order.quantity = request.quantity;
    order.expire_time = request.expire_time;
    order.display_quantity = request.display_quantity;
    order.offset = request.offset;
    order.parent = request.parent;
    order.link = request.link;
    order.strategy = id_;
    order.account = account_id_;
    order.venue = request.venue.value == 0xffff ? venue_ : request.venue;
    order.side = request.side;
    order.type = request.type;
    order.tif = request.tif;
    order.flags = request.flags;
    order.offset_kind = request.offset_kind;
    order.link_role = request.link_role;
    return order;
}

OrderTag StrategyContext::send(const OrderRequest& request, std::uint8_t extra_flags) noexcept {
    OrderEvent e = make_order_event(OrderEventType::kNewOrder, now(), request.instrument);
    NewOrderData& order = e.data.new_order;
    order = next_order(request);
    order.flags |= extra_flags;
    const OrderTag tag = order.tag;
    OpenOrder open;
    open.tag = tag;
    open.instrument = request.instrument;
    open.managed = (order.flags & kOrderExit) != 0 || request.parent.value != 0 ? 1 : 0;
    open.closing = winding_down_ ? 1 : 0;
    open_.push_back(open);
    if (open.managed == 0) {
        ++open_orders_;
        if (request.instrument.value < open_by_instrument_.size()) {
            ++open_by_instrument_[request.instrument.value];
        }
    }
    shard_->emit(e);
    return tag;
}

BracketTags StrategyContext::submit_bracket(const OrderRequest& entry, Price stop,
                                            Price target) noexcept {
    OrderRequest primary = entry;
    primary.link = new_link();
    primary.link_role = LinkRole::kPrimary;
    OrderRequest leg;
    leg.instrument = entry.instrument;
    leg.side = opposite(entry.side);
    leg.quantity = entry.quantity;
    leg.venue = entry.venue;
    leg.flags = kOrderReduceOnly;
    leg.link = primary.link;
    leg.link_role = LinkRole::kSecondaryOuo;
    BracketTags tags;
    tags.entry = submit(primary);
    leg.type = OrderType::kStop;
    leg.stop_price = stop;
    tags.stop = submit(leg);
    leg.type = OrderType::kLimit;
    leg.stop_price = Price::zero();
    leg.price = target;
    tags.target = submit(leg);
    return tags;
}

OrderTag StrategyContext::submit_basket(std::span<const OrderRequest> orders) noexcept {
    FERMATA_ASSERT(!orders.empty() && orders.size() <= 0xffff);
    if (!shard_->running_ || winding_down_) return OrderTag{};
    OrderEvent e = make_order_event(OrderEventType::kBasket, now(), InstrumentId{0});
    e.data.basket = BasketData{};
    BasketData& basket = e.data.basket;
    basket.link = new_link();
    basket.count = static_cast<std::uint32_t>(orders.size());
    basket.strategy = id_;
    basket.account = account_id_;
    shard_->emit(e);
    OrderTag first;
    for (const OrderRequest& order : orders) {
        OrderRequest member = order;
        member.link = basket.link;
        member.link_role = LinkRole::kNone;
        const OrderTag tag = send(member, kOrderBasket);
        if (first.value == 0) first = tag;
    }
    return first;
}

void StrategyContext::cancel_all() noexcept {
    for (const OpenOrder& order : open_) {
        if (order.closing == 0) cancel(order.tag);
    }
}

void StrategyContext::record(OrderEvent event) noexcept {
    if (shard_->running_) shard_->emit(event);
}

void StrategyContext::wind_down() noexcept {
    if (winding_down_ || !shard_->running_) return;
    cancel_all();
    winding_down_ = true;
    go_on_winding_down();
}

bool StrategyContext::wound_down() const noexcept {
    if (!winding_down_ || !open_.empty()) return false;
    for (const Quantity position : positions_) {
        if (!position.is_zero()) return false;
    }
    return true;
}

/// Positions are closed only when every order is over, so that nothing can open them again.
void StrategyContext::go_on_winding_down() noexcept {
    if (!shard_->running_ || !open_.empty() || now() < close_again_) return;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        const Quantity position = positions_[i];
        if (position.is_zero()) continue;
        OrderRequest close;
        close.instrument = InstrumentId{static_cast<std::uint32_t>(i)};
        close.side = position.is_positive() ? Side::kSell : Side::kBuy;
        close.quantity = position.is_positive() ? position : -position;
        // Reduce-only is about the account's position: with others in it, it says nothing of ours.
        if (account_->position(close.instrument) == position) close.flags = kOrderReduceOnly;
        send(close, 0);
    }
}

void StrategyContext::on_over(OrderTag tag) noexcept {
    const auto at = std::lower_bound(
        open_.begin(), open_.end(), tag,
        [](const OpenOrder& order, OrderTag wanted) { return order.tag < wanted; });
    FERMATA_ASSERT(at != open_.end() && at->tag == tag);
    if (at->managed == 0) {
        --open_orders_;
        if (at->instrument.value < open_by_instrument_.size()) {
            --open_by_instrument_[at->instrument.value];
        }
    }
    open_.erase(at);
}

/// A fill of a terminal order was taken back, and its venue works it again.
void StrategyContext::on_again(OrderTag tag, InstrumentId instrument, std::uint8_t flags) noexcept {
    const auto at = std::lower_bound(
        open_.begin(), open_.end(), tag,
        [](const OpenOrder& order, OrderTag wanted) { return order.tag < wanted; });
    if (at != open_.end() && at->tag == tag) return;
    OpenOrder open;
    open.tag = tag;
    open.instrument = instrument;
    open.managed = (flags & kOrderExit) != 0 ? 1 : 0;
    open_.insert(at, open);
    if (open.managed != 0) return;
    ++open_orders_;
    if (instrument.value < open_by_instrument_.size()) ++open_by_instrument_[instrument.value];
}

void StrategyContext::on_action(InstrumentId id, const MarketEvent& e) noexcept {
    const CorporateActionData& action = e.data.corporate_action;
    if (action.kind != CorporateActionKind::kSplit) return;
    sizing_.on_split(
        id, static_cast<double>(action.denominator) / static_cast<double>(action.numerator));
}

void StrategyContext::cancel(OrderTag tag) noexcept {
    if (!shard_->running_) return;
    OrderEvent e = make_order_event(OrderEventType::kCancel, now(), InstrumentId{0});
    ChangeOrderData change;
    change.tag = tag;
    change.strategy = id_;
    change.account = account_id_;
    change.venue = venue_;
    e.data.change = change;
    shard_->emit(e);
}

void StrategyContext::replace(OrderTag tag, const OrderTerms& terms) noexcept {
    if (!shard_->running_) return;
    OrderEvent e = make_order_event(OrderEventType::kReplace, now(), InstrumentId{0});
    ChangeOrderData change;
    change.tag = tag;
    change.price = terms.price;
    change.stop_price = terms.stop_price;
    change.quantity = terms.quantity;
    change.display_quantity = terms.display_quantity;
    change.offset = terms.offset;
    change.strategy = id_;
    change.account = account_id_;
    change.venue = venue_;
    e.data.change = change;
    shard_->emit(e);
}

void StrategyContext::set_timer(std::uint64_t timer_id, Timestamp due) noexcept {
    FERMATA_ASSERT(timer_id >> kTimerIdBits == 0);
    if (!shard_->running_) return;
    const PendingTimer timer{due, id_, ++timers_set_,
                             std::uint64_t{caller_} << kTimerIdBits | timer_id};
    if (!shard_->timers_.push(timer)) shard_->overflowed_ = true;
}

Quantity StrategyContext::size(InstrumentId id, Price price) const noexcept {
    const Instrument& instrument = shard_->instruments_[id];
    return sizing_.size(instrument, price,
                        account_->equity_in(instrument.currency).value_or(Money::zero()));
}

}  // namespace fermata
