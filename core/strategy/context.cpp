#include "core/strategy/context.hpp"

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

Quantity StrategyContext::position(InstrumentId id) const noexcept { return positions_[id.value]; }

OrderTag StrategyContext::submit(const OrderRequest& request) noexcept {
    if (!shard_->running_) return OrderTag{};
    const OrderTag tag = make_order_tag(id_, ++orders_sent_);
    OrderEvent e = make_order_event(OrderEventType::kNewOrder, now(), request.instrument);
    NewOrderData order;
    order.tag = tag;
    order.price = request.price;
    order.stop_price = request.stop_price;
    order.quantity = request.quantity;
    order.expire_time = request.expire_time;
    order.strategy = id_;
    order.account = account_id_;
    order.venue = venue_;
    order.side = request.side;
    order.type = request.type;
    order.tif = request.tif;
    e.data.new_order = order;
    ++open_orders_;
    if (request.instrument.value < open_by_instrument_.size()) {
        ++open_by_instrument_[request.instrument.value];
    }
    shard_->emit(e);
    return tag;
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
    change.strategy = id_;
    change.account = account_id_;
    change.venue = venue_;
    e.data.change = change;
    shard_->emit(e);
}

void StrategyContext::set_timer(std::uint64_t timer_id, Timestamp due) noexcept {
    if (!shard_->running_) return;
    const PendingTimer timer{due, id_, ++timers_set_, timer_id};
    if (!shard_->timers_.push(timer)) shard_->overflowed_ = true;
}

Quantity StrategyContext::size(InstrumentId id, Price price) const noexcept {
    const Instrument& instrument = shard_->instruments_[id];
    switch (sizing_.type) {
        case Sizing::Type::kFixed:
            return sizing_.quantity;
        case Sizing::Type::kValue:
            return affordable(sizing_.value, price, instrument.multiplier, instrument.lot);
        case Sizing::Type::kPercent: {
            const auto budget = scale(account_->equity(), sizing_.fraction);
            if (!budget) return Quantity::zero();
            return affordable(*budget, price, instrument.multiplier, instrument.lot);
        }
    }
    return Quantity::zero();
}

}  // namespace fermata
