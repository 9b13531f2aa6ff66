#include "core/sim/simulated_exchange.hpp"

#include <algorithm>

#include "core/account/state_hash.hpp"
#include "core/base/assert.hpp"
#include "core/market/corporate_action.hpp"
#include "core/market/moving_price.hpp"
#include "core/sim/utc_day.hpp"

namespace fermata {
namespace {

/// One request or expiry causes at most: New, Restated, Triggered, Trade, Restated, Canceled, and a
/// report about every other order of its group.
constexpr std::size_t kEventsPerRequest = 6 + LinkGroups::kMembersMax;
/// One market event causes at most, for each order: Triggered, Trade (twice: an iceberg; twice
/// more: by the trade and by the quote), Restated, and Canceled or Expired.
constexpr std::size_t kEventsPerOrder = 6;

/// Requests and reports that may be under way at a time.
std::size_t messages_max(const SimConfig& config, std::size_t orders_max) noexcept {
    const bool delayed = config.latency_in > Duration{} || config.latency_out > Duration{};
    return delayed ? 8 * orders_max + 1024 : 0;
}

std::optional<Price> price_of(const MarketEvent& e) noexcept {
    switch (e.type) {
        case MarketEventType::kTrade:
            return e.data.trade.price;
        case MarketEventType::kBarOpen:
            return e.data.bar_open.open;
        case MarketEventType::kBar:
            return e.data.bar.close;
        case MarketEventType::kQuote:
            return middle(e.data.quote.bid, e.data.quote.ask);
        default:
            return std::nullopt;
    }
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
      executor_(config_, instruments, book_, broker_, reporter_, queue_, orders_max),
      followers_(instruments, markets_, book_, executor_, reporter_, orders_max),
      quotes_(config_, markets_, book_, executor_),
      trades_(config_, markets_, book_, executor_, quotes_),
      bars_(config_, streams, instruments.size(), book_, executor_, followers_),
      days_(instruments.size()),
      events_max_(kEventsPerOrder * orders_max + kEventsPerRequest) {
    FERMATA_ASSERT(check(config_).empty());
    scratch_.reserve(orders_max);
}

void SimulatedExchange::match(const MarketEvent& e, EventBuffer& out) {
    reporter_.begin(out, now_, make_cause(CauseKind::kMarket, e.seq), e.seq);
    dispatch(e);
    executor_.report_restated();
}

void SimulatedExchange::dispatch(const MarketEvent& e) {
    MarketState& m = markets_[e.instrument];
    switch (e.type) {
        case MarketEventType::kQuote:
            expire_days(e);
            if (markets_.on_ticks(m)) match_quote(e);
            return;
        case MarketEventType::kTrade:
            expire_days(e);
            if (markets_.on_ticks(m)) match_trade(e);
            return;
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

void SimulatedExchange::match_quote(const MarketEvent& e) {
    if (markets_[e.instrument].halted) return;
    if (markets_.quote_stands(markets_[e.instrument])) release_opening(e);
    quotes_.match(e.instrument);
    // What stood before met the quote first; what moves with it meets it from its new place.
    if (followers_.follow(e.instrument, Timestamp::never())) quotes_.match(e.instrument);
}

void SimulatedExchange::match_trade(const MarketEvent& e) {
    const MarketState& m = markets_[e.instrument];
    if (!m.quoted && markets_.in_session(m)) release_opening(e);
    trades_.match(e);
    if (markets_.in_session(m)) followers_.follow(e.instrument, Timestamp::never());
}

void SimulatedExchange::match_bar(const MarketEvent& e) {
    MarketState& m = markets_[e.instrument];
    const bool opens = e.type == MarketEventType::kBarOpen;
    m.last = opens ? e.data.bar_open.open : e.data.bar.close;
    m.has_last = true;
    m.fresh = true;
    if (m.halted || markets_.on_ticks(m)) return;
    if ((e.flags & kFlagOutOfSession) != 0 && !config_.fill.outside_session) return;
    if (opens) {
        release_opening(e);
        bars_.on_open(e);
        return;
    }
    if (!bars_.on_bar(e)) return;
    // Without a calendar the bar that ends with its UTC day has its close.
    if (m.live != 0 && instruments_[e.instrument].calendar.empty() &&
        utc_day(e.ts) > utc_day(bars_.opened(e.instrument))) {
        close_auction(e.instrument, e.ts);
    }
}

/// The quote of before, and what was quoted in the halt, is nobody's offer any more.
void SimulatedExchange::halt(InstrumentId i, bool halted) {
    if (markets_[i].halted == halted) return;
    markets_[i].halted = halted;
    quotes_.discard(i);
}

void SimulatedExchange::on_session(const MarketEvent& e) {
    if (e.data.session.change != SessionChange::kBoundary) {
        return halt(e.instrument, e.data.session.halts());
    }
    MarketState& m = markets_[e.instrument];
    m.opened = true;
    if (e.data.session.opens()) {
        m.closed = false;
        m.fresh = false;
        return arm_opening(e.instrument);
    }
    if (m.live != 0) close_auction(e.instrument, e.ts);
    m.closed = true;
    quotes_.discard(e.instrument);
    expire_day_orders(e.instrument, e.ts);
}

namespace {

/// The terms as the order's owner gave them, and as they are now.
OpenTerms open_terms(const SimOrder& order) noexcept {
    OpenTerms terms{order.side, order.type, order.price, order.stop_price, order.leaves()};
    if (order.is_pegged() || order.type == OrderType::kTrailingStopLimit) terms.price = order.bound;
    if (is_unreachable(terms.stop_price)) terms.stop_price = Price::zero();
    if (order.converted) terms.type = OrderType::kLimit;
    terms.display_quantity = order.display;
    terms.offset = order.offset;
    terms.offset_kind = order.offset_kind;
    return terms;
}

void take_over(SimOrder& order, const AdjustedTerms& terms) noexcept {
    order.display = terms.display_quantity;
    order.shown = std::min(order.display, order.leaves());
    order.offset = terms.offset;
    if (!is_unreachable(order.stop_price)) order.stop_price = terms.stop_price;
    if (order.is_pegged()) {
        order.bound = terms.price;
        order.price = unreachable_limit(order.side);  // until it sees the new market
    } else if (order.type == OrderType::kTrailingStopLimit) {
        order.bound = terms.price;
        if (order.triggered) order.price = trailing_limit(order.stop_price, order.bound);
    } else {
        order.price = terms.price;
    }
}

}  // namespace

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
        const AdjustedTerms terms =
            adjust_open_order(action, open_terms(order), instrument.tick_at(e.ts), instrument.lot);
        std::int64_t total = 0;
        if (terms.outcome == AdjustedTerms::Outcome::kCancel ||
            __builtin_add_overflow(order.cumulative.raw(), terms.quantity.raw(), &total)) {
            executor_.end(slot, ExecType::kCanceled, OrderReason::kCorporateAction);
            continue;
        }
        order.quantity = Quantity::from_raw(total);
        take_over(order, terms);
        followers_.place(order);
        book_.enter(slot);
    }
}

/// Without a calendar nobody says when the day ends. An order's day is then the UTC day of the
/// first market event after its arrival; the first event of a later day ends it. The end of a bar
/// belongs to the day before it, and ends none: its path comes first.
void SimulatedExchange::expire_days(const MarketEvent& e) {
    if (!instruments_[e.instrument].calendar.empty()) return;
    TradingDay& day = days_[e.instrument.value];
    if (e.type == MarketEventType::kBar) {
        day.day = std::max(day.day, utc_day(e.ts - Duration::nanoseconds(1)));
    } else if (utc_day(e.ts) > day.day) {
        close_auction_at(e.instrument, day.last_event,
                         day.has_last ? std::optional(day.last) : std::nullopt);
        expire_day_orders(e.instrument, day.last_event);
        day.day = utc_day(e.ts);
    }
    day.last_event = std::max(day.last_event, e.ts);
    const std::optional<Price> price = price_of(e);
    if (!price) return;
    day.last = *price;
    day.has_last = true;
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
        for (const OrderQueue queue : kOrderQueues) {
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
    executor_.report_restated();
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
            arrive(request);
            return executor_.report_restated();
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

std::uint64_t SimulatedExchange::state_hash() const noexcept {
    StateHash hash;
    hash.add(broker_.state_hash());
    hash.add(newest_);
    hash.add(book_.next_priority());
    for (std::size_t n = 0; n < markets_.size(); ++n) {
        const InstrumentId i{static_cast<std::uint32_t>(n)};
        for (const Side side : {Side::kBuy, Side::kSell}) {
            for (const OrderQueue queue : kOrderQueues) {
                for (SimSlot slot = book_.first(i, side, queue); slot != kNoOrder;
                     slot = book_.next(slot)) {
                    const SimOrder& order = book_[slot];
                    hash.add(order.id);
                    hash.add(order.quantity);
                    hash.add(order.cumulative);
                    hash.add(order.price);
                    hash.add(order.stop_price);
                    hash.add(order.bound);
                    hash.add(order.display);
                    hash.add(order.shown);
                    hash.add(static_cast<std::uint64_t>(order.offset));
                    hash.add(std::uint64_t{order.link} << 32 | std::uint64_t{order.flags} << 8 |
                             std::uint64_t{order.triggered} | std::uint64_t{order.converted} << 1 |
                             std::uint64_t{order.armed} << 2 | std::uint64_t{order.released} << 3);
                }
            }
        }
    }
    return hash.value();
}

}  // namespace fermata
