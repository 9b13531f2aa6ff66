#include "core/sim/simulated_exchange.hpp"

#include <algorithm>

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"
#include "core/market/corporate_action.hpp"

namespace fermata {
namespace {

/// One request or expiry causes at most: New, Triggered, Trade, Canceled.
constexpr std::size_t kEventsPerRequest = 4;
/// One market event causes at most, for each order: Triggered, Trade, Canceled, or Expired.
constexpr std::size_t kEventsPerOrder = 4;

/// Requests and reports that may be under way at a time.
std::size_t messages_max(const SimConfig& config, std::size_t orders_max) noexcept {
    const bool delayed = config.latency_in > Duration{} || config.latency_out > Duration{};
    return delayed ? 8 * orders_max + 1024 : 0;
}

std::int64_t utc_day(Timestamp t) noexcept {
    constexpr std::int64_t kDay = Duration::days(1).ns;
    return t.ns / kDay - (t.ns % kDay < 0 ? 1 : 0);
}

}  // namespace

SimulatedExchange::SimulatedExchange(const SimConfig& config, const InstrumentTable& instruments,
                                     const StreamTable& streams,
                                     std::span<const SimAccount> accounts, std::size_t orders_max)
    : config_(config),
      instruments_(instruments),
      markets_(instruments.size(), config_.fill),
      book_(markets_, orders_max),
      queue_(messages_max(config_, orders_max), orders_max),
      broker_(instruments, accounts),
      reporter_(config_, queue_),
      executor_(config_, instruments, book_, broker_, reporter_, queue_),
      quotes_(config_, markets_, book_, executor_),
      trades_(config_, markets_, book_, executor_, quotes_),
      bars_(config_, streams, instruments.size(), book_, executor_),
      days_(instruments.size()),
      events_max_(kEventsPerOrder * orders_max + kEventsPerRequest) {
    FERMATA_ASSERT(check(config_).empty());
    scratch_.reserve(orders_max);
}

void SimulatedExchange::match(const MarketEvent& e, EventBuffer& out) {
    reporter_.begin(out, now_, make_cause(CauseKind::kMarket, e.seq), e.seq);
    MarketState& m = markets_[e.instrument];
    switch (e.type) {
        case MarketEventType::kQuote:
        case MarketEventType::kTrade:
            expire_days(e);
            if (!markets_.on_ticks(m)) return;
            if (e.type == MarketEventType::kQuote) return quotes_.match(e.instrument);
            return trades_.match(e);
        case MarketEventType::kBarOpen:
        case MarketEventType::kBar:
            if (m.live != 0) expire_days(e);
            return match_bar(e);
        case MarketEventType::kSession:
            return on_session(e);
        case MarketEventType::kCorporateAction:
            return on_corporate_action(e);
        case MarketEventType::kGap:
            return quotes_.discard(e.instrument);
        case MarketEventType::kNone:
        case MarketEventType::kDepth:
        case MarketEventType::kSkipped:
        case MarketEventType::kClock:
            return;
    }
}

void SimulatedExchange::match_bar(const MarketEvent& e) {
    MarketState& m = markets_[e.instrument];
    m.last = e.type == MarketEventType::kBarOpen ? e.data.bar_open.open : e.data.bar.close;
    m.has_last = true;
    if (markets_.on_ticks(m)) return;
    if ((e.flags & kFlagOutOfSession) != 0 && !config_.fill.outside_session) return;
    if (e.type == MarketEventType::kBarOpen) return bars_.on_open(e);
    bars_.on_bar(e);
}

void SimulatedExchange::on_session(const MarketEvent& e) {
    MarketState& m = markets_[e.instrument];
    m.closed = e.data.session.open == 0;
    if (!m.closed) return;
    quotes_.discard(e.instrument);
    expire_day_orders(e.instrument, e.ts);
}

/// Positions, cash and resting orders change by the rules that the order manager applies too, so no
/// report tells about new terms. An order that loses its meaning is canceled.
void SimulatedExchange::on_corporate_action(const MarketEvent& e) {
    const CorporateActionData& action = e.data.corporate_action;
    MarketState& m = markets_[e.instrument];
    quotes_.discard(e.instrument);
    for (Price* price : {&m.bid, &m.ask, &m.last}) {
        *price = rebase_price(action, *price).value_or(*price);
    }
    broker_.on_corporate_action(e.instrument, action, m.mark());

    const Instrument& instrument = instruments_[e.instrument];
    collect(e.instrument);
    // All leave before the first comes back: their queues are sorted by the prices that change.
    for (const SimSlot slot : scratch_) book_.leave(slot);
    for (const SimSlot slot : scratch_) {
        SimOrder& order = book_[slot];
        const AdjustedTerms terms = adjust_open_order(
            action, {order.side, order.type, order.price, order.stop_price, order.leaves()},
            instrument.tick_at(e.ts), instrument.lot);
        std::int64_t total = 0;
        if (terms.outcome == AdjustedTerms::Outcome::kCancel ||
            __builtin_add_overflow(order.cumulative.raw(), terms.quantity.raw(), &total)) {
            executor_.end(slot, ExecType::kCanceled, OrderReason::kCorporateAction);
            continue;
        }
        order.price = terms.price;
        order.stop_price = terms.stop_price;
        order.quantity = Quantity::from_raw(total);
        book_.enter(slot);
    }
}

/// Without a calendar nobody says when the day ends. An order's day is then the UTC day of the
/// first market event after its arrival; the first event of a later day ends it. The end of a bar
/// belongs to the day of its start.
void SimulatedExchange::expire_days(const MarketEvent& e) {
    if (!instruments_[e.instrument].calendar.empty()) return;
    TradingDay& day = days_[e.instrument.value];
    if (e.type != MarketEventType::kBar) {
        const std::int64_t today = utc_day(e.ts);
        if (today > day.day) expire_day_orders(e.instrument, day.last_event);
        day.day = std::max(day.day, today);
    }
    day.last_event = std::max(day.last_event, e.ts);
}

void SimulatedExchange::expire_day_orders(InstrumentId i, Timestamp arrived_before) {
    collect(i);
    for (const SimSlot slot : scratch_) {
        const SimOrder& order = book_[slot];
        if (order.arrived >= arrived_before) continue;  // sent on the close, for the next session
        if (order.tif == TimeInForce::kDay || order.is_immediate()) {
            executor_.end(slot, ExecType::kExpired, OrderReason::kSessionEnd);
        }
    }
}

void SimulatedExchange::collect(InstrumentId i) {
    scratch_.clear();
    for (const Side side : {Side::kBuy, Side::kSell}) {
        for (const OrderQueue queue : {OrderQueue::kActive, OrderQueue::kDormant}) {
            for (SimSlot slot = book_.first(i, side, queue); slot != kNoOrder;
                 slot = book_.next(slot)) {
                scratch_.push_back(slot);
            }
        }
    }
}

void SimulatedExchange::on_order(const OrderEvent& send, EventBuffer& out) {
    if (send.ts > now_) now_ = send.ts;
    if (config_.latency_in > Duration{}) {
        queue_.push_message(DelayQueue::Kind::kRequest, send.ts + config_.latency_in, send);
        return;
    }
    reporter_.begin(out, now_, make_cause(CauseKind::kTrading, send.seq), feed_position_);
    arrive(send);
}

void SimulatedExchange::advance(Timestamp now, EventBuffer& out) {
    while (queue_.next_due() <= now && out.capacity() - out.size() >= kEventsPerRequest) {
        perform_next(out);
    }
}

void SimulatedExchange::perform_next(EventBuffer& out) {
    const DelayQueue::Item item = queue_.pop();
    if (item.due > now_) now_ = item.due;
    switch (item.kind) {
        case DelayQueue::Kind::kRequest: {
            const OrderEvent request = *item.message;  // its place is free for the answer
            reporter_.begin(out, now_, make_cause(CauseKind::kTrading, request.seq),
                            feed_position_);
            return arrive(request);
        }
        case DelayQueue::Kind::kReport:
            reporter_.begin(out, now_, item.message->cause, feed_position_);
            return reporter_.deliver(*item.message);
        case DelayQueue::Kind::kExpiry:
            reporter_.begin(out, now_, make_cause(CauseKind::kTimer, 0), feed_position_);
            book_[item.order].expiry = DelayQueue::kNoEntry;
            return executor_.end(item.order, ExecType::kExpired, OrderReason::kExpireTime);
    }
}

void SimulatedExchange::arrive(const OrderEvent& request) {
    switch (request.type) {
        case OrderEventType::kSendNew:
            return accept(request);
        case OrderEventType::kSendCancel:
            return cancel(request);
        case OrderEventType::kSendReplace:
            return replace(request);
        default:
            FERMATA_ASSERT(false && "only requests are routed to a venue");
    }
}

OrderReason SimulatedExchange::refusal(const OrderEvent& request) const {
    const NewOrderData& wanted = request.data.new_order;
    if (!instruments_.contains(request.instrument)) return OrderReason::kUnknownInstrument;
    if (!broker_.contains(wanted.account)) return OrderReason::kUnsupported;
    if (wanted.order_id.value == 0 || book_.find(wanted.order_id) != kNoOrder) {
        return OrderReason::kUnsupported;
    }
    if (static_cast<int>(wanted.type) >= kOrderTypeCount ||
        static_cast<int>(wanted.tif) >= kTimeInForceCount) {
        return OrderReason::kUnsupported;
    }
    if (!wanted.quantity.is_positive()) return OrderReason::kInvalidQuantity;
    const bool stop = wanted.type == OrderType::kStop || wanted.type == OrderType::kStopLimit;
    const bool immediate = wanted.tif == TimeInForce::kIoc || wanted.tif == TimeInForce::kFok;
    if (stop && immediate) return OrderReason::kUnsupported;
    if (wanted.tif == TimeInForce::kGtd && wanted.expire_time <= now_) {
        return OrderReason::kExpireTime;
    }
    return OrderReason::kNone;
}

void SimulatedExchange::accept(const OrderEvent& request) {
    const NewOrderData& wanted = request.data.new_order;
    SimOrder order;
    order.id = wanted.order_id;
    order.venue_order_id = reporter_.next_venue_order_id();
    order.price = wanted.price;
    order.stop_price = wanted.stop_price;
    order.quantity = wanted.quantity;
    order.arrived = now_;
    order.instrument = request.instrument;
    order.account = wanted.account;
    order.side = wanted.side;
    order.type = wanted.type;
    order.tif = wanted.tif;
    order.aggressive = !order.is_dormant() && (order.has_limit() || order.is_immediate());

    const OrderReason reason = refusal(request);
    if (reason != OrderReason::kNone) {
        return reporter_.report(order, ExecType::kRejected, reason);
    }
    const SimSlot slot = book_.add(order);
    if (slot == kNoOrder) {
        return reporter_.report(order, ExecType::kRejected, OrderReason::kUnsupported);
    }
    newest_ = std::max(newest_, order.id);
    if (order.tif == TimeInForce::kGtd) {
        book_[slot].expiry = queue_.push_expiry(wanted.expire_time, slot);
    }
    reporter_.report(order, ExecType::kNew);
    book_.enter(slot);
    meet_market(slot);
}

void SimulatedExchange::meet_market(SimSlot slot) {
    const MarketState& m = markets_[book_[slot].instrument];
    if (!markets_.on_ticks(m)) return;
    trades_.place_order(slot);
    quotes_.match_order(slot);
}

void SimulatedExchange::refuse_change(const OrderEvent& request, ExecType type,
                                      OrderReason reason) {
    const SimSlot slot = book_.find(request.data.change.order_id);
    if (slot != kNoOrder) return reporter_.report(book_[slot], type, reason);
    SimOrder unknown;
    unknown.id = request.data.change.order_id;
    unknown.instrument = request.instrument;
    // Client ids ascend: one that is not above the newest was here and is over.
    reporter_.report(
        unknown, type,
        unknown.id <= newest_ ? OrderReason::kTooLateToCancel : OrderReason::kUnknownOrder);
}

void SimulatedExchange::cancel(const OrderEvent& request) {
    const SimSlot slot = book_.find(request.data.change.order_id);
    if (slot == kNoOrder) {
        return refuse_change(request, ExecType::kCancelRejected, OrderReason::kUnknownOrder);
    }
    executor_.end(slot, ExecType::kCanceled, OrderReason::kRequested);
}

void SimulatedExchange::replace(const OrderEvent& request) {
    const ChangeOrderData& wanted = request.data.change;
    const SimSlot slot = book_.find(wanted.order_id);
    if (slot == kNoOrder) {
        return refuse_change(request, ExecType::kReplaceRejected, OrderReason::kUnknownOrder);
    }
    SimOrder& order = book_[slot];
    if (wanted.quantity <= order.cumulative) {
        return refuse_change(request, ExecType::kReplaceRejected, OrderReason::kInvalidQuantity);
    }
    const bool new_price = order.has_limit() && wanted.price != order.price;
    const bool new_stop = order.is_dormant() && wanted.stop_price != order.stop_price;
    const bool keeps_place = !new_price && !new_stop && wanted.quantity <= order.quantity;
    book_.leave(slot);
    if (order.has_limit()) order.price = wanted.price;
    if (order.is_dormant()) order.stop_price = wanted.stop_price;
    order.quantity = wanted.quantity;
    if (!keeps_place) {
        order.arrived = now_;
        order.aggressive = !order.is_dormant() && (order.has_limit() || order.is_immediate());
        book_.renew_priority(slot);
    }
    book_.enter(slot);
    reporter_.report(order, ExecType::kReplaced);
    if (!keeps_place) meet_market(slot);
}

std::uint64_t SimulatedExchange::state_hash() const noexcept {
    StateHash hash;
    hash.add(broker_.state_hash());
    hash.add(newest_);
    hash.add(book_.next_priority());
    for (std::size_t n = 0; n < markets_.size(); ++n) {
        const InstrumentId i{static_cast<std::uint32_t>(n)};
        for (const Side side : {Side::kBuy, Side::kSell}) {
            for (const OrderQueue queue : {OrderQueue::kActive, OrderQueue::kDormant}) {
                for (SimSlot slot = book_.first(i, side, queue); slot != kNoOrder;
                     slot = book_.next(slot)) {
                    const SimOrder& order = book_[slot];
                    hash.add(order.id);
                    hash.add(order.quantity);
                    hash.add(order.cumulative);
                    hash.add(order.price);
                    hash.add(order.stop_price);
                }
            }
        }
    }
    return hash.value();
}

}  // namespace fermata
