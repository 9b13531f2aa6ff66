#include "core/order/flattener.hpp"

#include <algorithm>

#include "core/base/state_archive.hpp"
#include "core/order/closing_tag.hpp"
#include "core/order/stage_events.hpp"
#include "core/order/transition.hpp"

namespace fermata {
namespace {

constexpr std::uint32_t kRefusedBeforeAlert = 3;  // smaller slices may pass
constexpr std::uint32_t kUnfilledBeforeAlert = 10;

std::int64_t size(Quantity q) noexcept { return q.raw() < 0 ? -q.raw() : q.raw(); }

}  // namespace

std::string_view name(FlattenStop why) noexcept {
    switch (why) {
        case FlattenStop::kNone:
            return "nothing";
        case FlattenStop::kNoPrice:
            return "it has no price";
        case FlattenStop::kStale:
            return "its price is stale";
        case FlattenStop::kClosed:
            return "its session is closed";
        case FlattenStop::kHalted:
            return "it is halted";
        case FlattenStop::kUnconfirmed:
            return "orders are not confirmed as over";
        case FlattenStop::kRefused:
            return "the gate refuses";
        case FlattenStop::kUnfilled:
            return "nobody trades near the market";
        case FlattenStop::kOffset:
            return "another strategy of the account holds the opposite";
        case FlattenStop::kOddLot:
            return "less is left than can be ordered";
        case FlattenStop::kTradingHalt:
            return "its venue halted trading";
        case FlattenStop::kRejected:
            return "its venue rejects the orders";
    }
    return "?";
}

void Flattener::use_owners(std::vector<FlattenOwner> owners) {
    owners_ = std::move(owners);
    std::size_t venues = 0;
    for (const FlattenOwner& o : owners_)
        venues = std::max<std::size_t>(venues, o.venue.value + 1U);
    const std::array<std::size_t, kControlScopeCount> counts = {
        1, accounts_.accounts(), owners_.size(), instruments_.size(), venues};
    for (std::size_t s = 0; s < counts.size(); ++s) in_force_[s].assign(counts[s], 0);
}

void Flattener::on_control(const ControlData& control) {
    const auto scope = static_cast<std::size_t>(control.scope);
    const std::size_t target = control.scope == ControlScope::kFirm ? 0 : control.target;
    if (scope >= in_force_.size() || target >= in_force_[scope].size()) return;
    std::uint8_t& on = in_force_[scope][target];
    if (control.flatten != 0 && control.state == TradingState::kHalted) {
        if (items_.empty()) items_.resize(owners_.size() * instruments_.size());
        if (on == 0) ++targets_;
        on = 1;
        // Whoever says it again wants it tried again, and told again.
        for (Item& item : items_) {
            const ClientOrderId on_its_way = item.order;
            item = Item{};
            item.order = on_its_way;
        }
        told_flat_ = false;
        wake();
    } else if (control.state != TradingState::kHalted && on != 0) {
        on = 0;
        --targets_;
    }
}

bool Flattener::concerns(StrategyId s, InstrumentId i) const noexcept {
    const FlattenOwner& owner = owners_[s.value];
    return flattened(ControlScope::kFirm, 0) ||
           flattened(ControlScope::kAccount, owner.account.value) ||
           flattened(ControlScope::kStrategy, s.value) ||
           flattened(ControlScope::kInstrument, i.value) ||
           flattened(ControlScope::kVenue, owner.venue.value);
}

void Flattener::due(Item& item, Timestamp at) noexcept {
    item.next = at;
    earliest_ = std::min(earliest_, at);
}

/// How the slice that was sent went: takes note of it when it is over.
Flattener::Sent Flattener::last_slice(Item& item, Timestamp now) {
    if (item.order.value == 0) return Sent::kNothing;
    const Order* order = orders_.find(item.order);
    const bool unknown = order != nullptr && order->state == OrderState::kUnknown;
    if (order != nullptr && !is_terminal(order->state) && !unknown) return Sent::kOpen;
    item.order = ClientOrderId{};
    item.next = now + rules_.between;
    if (order != nullptr && order->state == OrderState::kRejected) {
        item.taken = 0;
        return Sent::kRejected;  // says nothing of the price
    }
    const bool filled = order != nullptr && order->cumulative_quantity.is_positive();
    item.unfilled = filled ? 0 : item.unfilled + 1;
    item.taken = filled ? item.taken + 1 : 0;
    if (item.taken >= rules_.grow_after && item.slice < item.whole) {
        item.slice = Quantity::from_raw(item.whole.raw() - item.slice.raw() < item.slice.raw()
                                            ? item.whole.raw()
                                            : 2 * item.slice.raw());
        item.taken = 0;
    }
    if (filled && item.told != static_cast<std::uint8_t>(FlattenStop::kUnconfirmed)) item.told = 0;
    return Sent::kOver;
}

/// An order of the strategy that the cancels have not ended, and that is not Unknown.
bool Flattener::orders_open(StrategyId s, AccountId a, InstrumentId i) const {
    if (orders_.exposures().at(a, i).open_orders() == 0) return false;
    bool open = false;
    orders_.table().for_each_open([&](const Order& o) {
        open = open || (o.strategy == s && o.account == a && o.instrument == i &&
                        o.state != OrderState::kUnknown && !is_closing(o.tag));
    });
    return open;
}

FlattenStop Flattener::market_stop(InstrumentId i, bool halted, Timestamp now) const {
    const Mark& mark = marks_[i];
    if (halted) return FlattenStop::kHalted;
    if (mark.halted) return FlattenStop::kTradingHalt;
    if (!mark.open) return FlattenStop::kClosed;
    if (!mark.valid()) return FlattenStop::kNoPrice;
    if (mark.stale || now - mark.ts > rules_.price_age) return FlattenStop::kStale;
    return FlattenStop::kNone;
}

/// Marketable: at the other side of the quote, and a step beyond for each slice that got nothing.
Price Flattener::limit_price(InstrumentId i, Side side, std::uint32_t unfilled,
                             Timestamp now) const {
    const Mark& mark = marks_[i];
    const bool buys = side == Side::kBuy;
    const Price touch = !mark.has_quote ? mark.last : buys ? mark.ask : mark.bid;
    const auto part = static_cast<__int128>(touch.raw() < 0 ? -touch.raw() : touch.raw()) *
                      rules_.step.raw() / Ratio::kOne;
    const auto away = static_cast<std::int64_t>(part) * std::min(unfilled, rules_.steps);
    const std::int64_t wanted = touch.raw() + (buys ? away : -away);
    const std::int64_t tick = instruments_[i].tick_at(now).raw();
    std::int64_t rest = wanted % tick;
    if (rest < 0) rest += tick;
    const std::int64_t below = wanted - rest;
    return Price::from_raw(buys && rest != 0 ? below + tick : below);
}

std::optional<OrderEvent> Flattener::stop(Item& item, FlattenStop why, StrategyId s, InstrumentId i,
                                          Timestamp now, std::uint8_t control) {
    due(item, now + rules_.again);
    if (item.told == static_cast<std::uint8_t>(why)) return std::nullopt;
    item.told = static_cast<std::uint8_t>(why);
    AlertData alert = alert_data(AlertCode::kFlattenStopped, static_cast<std::int64_t>(why),
                                 accounts_.strategy_position(s, i).raw());
    alert.strategy = s;
    alert.account = owners_[s.value].account;
    alert.control = control;
    return make_alert(now, i, alert);
}

std::optional<OrderEvent> Flattener::look(Item& item, StrategyId s, InstrumentId i, bool halted,
                                          Timestamp now) {
    const std::int64_t held = accounts_.strategy_position(s, i).raw();
    const Sent sent = last_slice(item, now);
    if (sent == Sent::kOpen) {
        ++left_;
        due(item, now + rules_.again);
        return std::nullopt;
    }
    const FlattenOwner& owner = owners_[s.value];
    const Quantity of_account = accounts_.position(owner.account, i);
    if (held == 0 || of_account.is_zero()) {
        item = Item{};
        return std::nullopt;
    }
    ++left_;
    if (sent == Sent::kRejected) return stop(item, FlattenStop::kRejected, s, i, now);
    if (now < item.next) {
        earliest_ = std::min(earliest_, item.next);
        return std::nullopt;
    }
    if ((of_account.raw() < 0) != (held < 0)) {
        return stop(item, FlattenStop::kOffset, s, i, now);
    }
    bool unconfirmed = false;
    if (orders_open(s, owner.account, i)) {
        if (item.waiting_since.ns == 0) item.waiting_since = now;
        if (now - item.waiting_since < rules_.confirm) {
            due(item, now + rules_.between);
            return std::nullopt;
        }
        unconfirmed = true;  // whatever it does, it is counted below
    } else {
        item.waiting_since = Timestamp{0};
    }
    if (const FlattenStop why = market_stop(i, halted, now); why != FlattenStop::kNone) {
        return stop(item, why, s, i, now);
    }
    const Side side = held > 0 ? Side::kSell : Side::kBuy;
    const Exposure& open = orders_.exposures().at(owner.account, i);
    const std::int64_t may_close = (side == Side::kSell ? open.sell : open.buy).raw();
    const std::int64_t room = std::min(size(Quantity::from_raw(held)),
                                       size(of_account) - std::min(may_close, size(of_account)));
    if (room <= 0 || (unconfirmed && item.told == 0)) {
        return stop(item, FlattenStop::kUnconfirmed, s, i, now);
    }
    const std::int64_t lot = instruments_[i].lot.raw();
    const auto in_lots = [&](std::int64_t quantity) { return quantity / lot * lot; };
    if (item.slice.is_zero()) {
        const std::int64_t part = size(Quantity::from_raw(held)) / rules_.slices;
        item.whole = item.slice = Quantity::from_raw(in_lots(part + lot - 1));
    }
    const std::int64_t least = std::max(lot, instruments_[i].min_quantity.raw());
    const std::int64_t quantity = std::max(in_lots(std::min(room, item.slice.raw())), least);
    if (quantity > room) return stop(item, FlattenStop::kOddLot, s, i, now);
    if (item.unfilled >= kUnfilledBeforeAlert &&
        item.told != static_cast<std::uint8_t>(FlattenStop::kUnfilled)) {
        return stop(item, FlattenStop::kUnfilled, s, i, now);
    }
    // What is over is told of again when it comes again.
    const auto told = static_cast<FlattenStop>(item.told);
    if (told <= FlattenStop::kHalted || told == FlattenStop::kOffset ||
        told == FlattenStop::kTradingHalt) {
        item.told = 0;
    }
    OrderEvent e = make_order_event(OrderEventType::kNewOrder, now, i);
    e.source = s.value;
    e.data.new_order = NewOrderData{};
    NewOrderData& d = e.data.new_order;
    d.tag = make_closing_tag(s, ++sent_);
    d.price = limit_price(i, side, item.unfilled, now);
    d.quantity = Quantity::from_raw(quantity);
    d.strategy = s;
    d.account = owner.account;
    d.venue = owner.venue;
    d.side = side;
    d.type = OrderType::kLimit;
    d.tif = TimeInForce::kIoc;
    return e;
}

/// What the gate said to an order that was sent.
std::optional<OrderEvent> Flattener::judged(Item& item, const OrderEvent& order,
                                            const VerdictData& verdict, Timestamp now) {
    if (verdict.approved != 0) {
        item.order = order.data.new_order.order_id;
        item.refused = 0;
        due(item, now + rules_.again);
        return std::nullopt;
    }
    // Less may pass where a limit is on the size; the price begins at the touch again.
    const std::int64_t lot = instruments_[order.instrument].lot.raw();
    item.slice = Quantity::from_raw(std::max(lot, item.slice.raw() / 2 / lot * lot));
    item.unfilled = item.taken = 0;
    due(item, now + rules_.between);
    if (++item.refused < kRefusedBeforeAlert) return std::nullopt;
    return stop(item, FlattenStop::kRefused, order.data.new_order.strategy, order.instrument, now,
                static_cast<std::uint8_t>(verdict.first_failed + 1));
}

std::optional<OrderEvent> Flattener::end_pass(Timestamp now) {
    const bool flat = left_ == 0;
    // A fill that nobody expects any more may still come.
    wake_ = std::min(earliest_, now + rules_.again);
    left_ = 0;
    earliest_ = Timestamp::never();
    if (!flat) {
        told_flat_ = false;
        return std::nullopt;
    }
    if (std::exchange(told_flat_, true)) return std::nullopt;
    return make_alert(now, InstrumentId{0},
                      alert_data(AlertCode::kFlattened, static_cast<std::int64_t>(sent_), 0));
}

void Flattener::Item::persist(StateArchive& a) {
    a.all<Item>(order, waiting_since, next, whole, slice, taken, unfilled, refused, told);
}

void Flattener::persist(StateArchive& a) {
    for (auto& targets : in_force_) a(targets);
    a.sized(items_, owners_.size() * instruments_.size());
    a.require(items_.empty() || items_.size() == owners_.size() * instruments_.size(),
              "what is to be closed has another size");
    a(targets_, sent_, wake_, told_flat_);
    a.require(targets_ == 0 || !items_.empty(), "what is to be closed is missing");
}

}  // namespace fermata
