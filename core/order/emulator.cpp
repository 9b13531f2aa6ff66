#include "core/order/emulator.hpp"

#include "core/base/state_archive.hpp"

namespace fermata {

Emulation Emulator::of(const Order& order, const VenueCapabilities& venue) noexcept {
    Emulation e;
    if (venue.everything()) return e;
    const bool offset_lacks =
        order.offset_kind != OffsetKind::kNone && !venue.has(order.offset_kind);
    e.type = !venue.has(order.type) || offset_lacks;
    e.at_open = order.tif == TimeInForce::kAto && !venue.has(order.tif);
    e.until = order.tif == TimeInForce::kGtd && !venue.has(order.tif);
    e.iceberg = order.display_quantity.is_positive() && !venue.has(kVenueIceberg);
    e.post_only = order.has(kOrderPostOnly) && !venue.has(kVenuePostOnly);
    e.reduce_only = order.has(kOrderReduceOnly) && !venue.has(kVenueReduceOnly);
    // What is sent instead must be had.
    if (e.type && !venue.has(plain(order.type))) e.impossible = true;
    if (e.at_open && !venue.has(TimeInForce::kDay)) e.impossible = true;
    if (e.until && !venue.has(TimeInForce::kGtc)) e.impossible = true;
    if (!e.at_open && !e.until && !venue.has(order.tif)) e.impossible = true;
    return e;
}

OrderType Emulator::plain(OrderType t) noexcept {
    switch (t) {
        case OrderType::kMarket:
        case OrderType::kStop:
        case OrderType::kMarketIfTouched:
        case OrderType::kTrailingStop:
            return OrderType::kMarket;
        default:
            return OrderType::kLimit;
    }
}

void Emulator::count(const Order& order, std::uint32_t before, std::uint32_t slot) noexcept {
    watched_[order.instrument.value] += uses(slot) - before;
}

void Emulator::hold(const Order& order, std::uint32_t slot) noexcept {
    if (held_.contains(slot)) return;
    const std::uint32_t before = uses(slot);
    held_.add({0, order.instrument.value}, slot);
    count(order, before, slot);
}

void Emulator::watch(const Order& order, std::uint32_t slot) noexcept {
    triggers_.remove(slot);
    const bool above = triggers_above(order.type, order.side);
    const std::int64_t price = order.stop_price.raw();
    // The trigger that is touched first comes first: the lowest above, the highest below. The
    // complement turns the order round and has no overflow.
    triggers_.insert(heap(order.instrument, order.side, above), slot, above ? price : ~price,
                     order.id.value);
}

void Emulator::follow(const Order& order, std::uint32_t slot) noexcept {
    if (followers_.contains(slot)) return;
    const std::uint32_t before = uses(slot);
    followers_.add({0, order.instrument.value}, slot);
    count(order, before, slot);
}

void Emulator::set_deadline(const Order& order, std::uint32_t slot) noexcept {
    deadlines_.remove(slot);
    deadlines_.insert(0, slot, order.expire_time.ns, order.id.value);
}

void Emulator::unfollow(const Order& order, std::uint32_t slot) noexcept {
    const std::uint32_t before = uses(slot);
    followers_.remove(slot);
    count(order, before, slot);
}

void Emulator::release(const Order& order, std::uint32_t slot) noexcept {
    triggers_.remove(slot);
    const std::uint32_t before = uses(slot);
    held_.remove(slot);
    count(order, before, slot);
}

void Emulator::forget(const Order& order, std::uint32_t slot) noexcept {
    release(order, slot);
    unfollow(order, slot);
    deadlines_.remove(slot);
    retries_.remove(slot);
}

PriceReach Emulator::reach(const MarketEvent& e, const Mark& mark, Side side) noexcept {
    const auto at = [](Price p) { return PriceReach{p, p, p, false, true}; };
    switch (e.type) {
        case MarketEventType::kTrade:
            return at(e.data.trade.price);
        case MarketEventType::kBarOpen:
            return at(e.data.bar_open.open);
        case MarketEventType::kBar:
            return {e.data.bar.low, e.data.bar.high, e.data.bar.close, true, true};
        case MarketEventType::kQuote:
            if (mark.has_last) return {};
            if (side == Side::kBuy) {
                if (e.data.quote.ask_quantity.is_zero() && (e.flags & kFlagSizeUnknown) == 0) {
                    return {};
                }
                return at(e.data.quote.ask);
            }
            if (e.data.quote.bid_quantity.is_zero() && (e.flags & kFlagSizeUnknown) == 0) return {};
            return at(e.data.quote.bid);
        default:
            return {};
    }
}

std::uint32_t Emulator::take_touched(InstrumentId i, Side side, const PriceReach& reach) noexcept {
    const std::uint32_t above = triggers_.first(heap(i, side, true));
    if (above != kNone && triggers_.key(above) <= reach.high.raw()) {
        triggers_.remove(above);
        return above;
    }
    const std::uint32_t below = triggers_.first(heap(i, side, false));
    if (below != kNone && ~triggers_.key(below) >= reach.low.raw()) {
        triggers_.remove(below);
        return below;
    }
    return kNone;
}

static_assert(sizeof(Emulator) == 336, "Emulator::persist must deal with every member");

/// What is held and followed is the order manager's to store: it knows the orders' ids.
void Emulator::persist(StateArchive& a) { a(bar_open_); }

}  // namespace fermata
