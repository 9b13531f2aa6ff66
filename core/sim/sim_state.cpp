// The simulated exchange's state in an archive. See core/base/state_archive.hpp.

#include <algorithm>

#include "core/base/state_archive.hpp"
#include "core/sim/simulated_exchange.hpp"

namespace fermata {
namespace {

bool is_request(const OrderEvent& e) noexcept {
    const NewOrderData& wanted = e.data.new_order;
    return e.type == OrderEventType::kSendCancel || e.type == OrderEventType::kSendReplace ||
           (e.type == OrderEventType::kSendNew && static_cast<int>(wanted.side) <= 1);
}

bool is_report(const OrderEvent& e) noexcept {
    return e.type == OrderEventType::kExecution || e.type == OrderEventType::kCorrection;
}

}  // namespace

static_assert(sizeof(RestingBook) == 184, "RestingBook::persist must deal with every member");
static_assert(sizeof(DelayQueue) == 144, "DelayQueue::persist must deal with every member");
static_assert(sizeof(SimBroker) == 112, "SimBroker::persist must deal with every member");
static_assert(sizeof(Reporter) == 56, "Reporter::persist must deal with every member");
static_assert(sizeof(Executor) == 120, "Executor::persist must deal with every member");
static_assert(sizeof(Followers) == 64, "Followers have no state so far");
static_assert(sizeof(LinkGroups) == 48, "RestingBook::restore sets LinkGroups");
static_assert(sizeof(QuoteMatcher) == 56, "QuoteMatcher::persist must deal with every member");
static_assert(sizeof(TradeMatcher) == 40, "a TradeMatcher has no state so far");
static_assert(sizeof(BarMatcher) == 64, "BarMatcher::persist must deal with every member");
static_assert(sizeof(SimulatedExchange) == 1176,
              "SimulatedExchange::persist must deal with every member");

void MarketState::persist(StateArchive& a) {
    a.all<MarketState>(bid, ask, bid_size, ask_size, last, derived(live), derived(aggressive),
                       derived(moving), has_quote, size_unknown, has_last, quoted, traded, taken,
                       closed, crossed, fresh, opened, halted);
}

void MarketStates::persist(StateArchive& a) { a(states_); }

void SimOrder::persist(StateArchive& a) {
    a.all<SimOrder>(id, venue_order_id, price, stop_price, bound, quantity, cumulative, display,
                    shown, offset, arrived, priority, fees, traded_value, visited, born, refilled,
                    instrument, derived(next), derived(previous), derived(link_next),
                    derived(link_previous), derived(expiry), link, account, strategy,
                    derived(restated), choice(side, 2), choice(type, kOrderTypeCount),
                    choice(tif, kTimeInForceCount), flags, choice(offset_kind, kOffsetKindCount),
                    choice(link_role, kLinkRoleCount), triggered, aggressive, derived(queued),
                    converted, armed, released);
}

/// The orders queue by queue in their order.
void RestingBook::persist(StateArchive& a) {
    if (a.reading()) {
        a.require(size() == 0, "orders are read over orders");
        a(next_priority_);
        const std::size_t count = a.count(0, orders_.size());
        for (std::size_t n = 0; n < count && a.ok(); ++n) {
            SimOrder order;
            a(order);
            if (a.ok()) restore(a, order);
        }
        return;
    }
    a(next_priority_);
    std::size_t left = a.count(size(), orders_.size());
    for (std::uint32_t i = 0; i < books_.size() && left > 0; ++i) {
        for (const Ends& ends : books_[i].queues) {
            for (SimSlot slot = ends.head; slot != kNoOrder; slot = orders_[slot].next, --left) {
                a(orders_[slot]);
            }
        }
    }
    FERMATA_ASSERT(left == 0);
}

void RestingBook::restore(StateArchive& a, const SimOrder& order) {
    if (!a.require(order.id.value != 0 && find(order.id) == kNoOrder, "an order comes twice") ||
        !a.require(order.instrument.value < books_.size(), "an instrument is not known") ||
        !a.require(order.priority < next_priority_, "an order's priority is from the future") ||
        !a.require(!order.cumulative.is_negative() && order.cumulative < order.quantity,
                   "a live order has nothing left") ||
        !a.require(!order.display.is_negative() && !order.shown.is_negative() &&
                       order.shown <= order.quantity - order.cumulative &&
                       (order.display.is_zero() == order.shown.is_zero()),
                   "an iceberg shows what it has not")) {
        return;
    }
    const SimSlot slot = free_.back();
    free_.pop_back();
    orders_[slot] = order;
    index_.insert({0, order.id.value}, slot);
    if (LinkGroups::is_linked(order)) groups_.join(orders_, slot);
    enter(slot);
    a.require(orders_[slot].next == kNoOrder, "an order is not in the order of its queue");
}

/// What is due, in the order in which it will be popped; the shape of the heap does not matter.
void DelayQueue::persist(StateArchive& a, RestingBook& book) {
    a(next_sequence_);
    if (a.reading()) a.require(heap_.empty(), "messages are read over messages");
    std::vector<Entry> entries(heap_);
    std::sort(entries.begin(), entries.end(), [&](Entry x, Entry y) { return before(x, y); });
    const std::size_t count = a.count(entries.size(), nodes_.size());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        if (!a.reading()) {
            persist_node(a, entries[n], book);
            continue;
        }
        persist_node(a, kNoEntry, book);
        const auto size = heap_.size();
        if (!a.require(size == n + 1 && (n == 0 || before(heap_[n - 1], heap_[n])),
                       "what is due is not in its order")) {
            return;
        }
    }
    // Ascending entries are a heap already.
    if (!heap_.empty()) next_due_ = nodes_[heap_.front()].due;
}

void DelayQueue::persist_node(StateArchive& a, Entry entry, RestingBook& book) {
    constexpr int kKinds = static_cast<int>(Kind::kExpiry) + 1;
    Node node;
    if (!a.reading()) node = nodes_[entry];
    a.all<Node>(node.due, node.sequence, derived(node.heap_position), derived(node.order),
                choice(node.kind, kKinds));
    const bool expiry = node.kind == Kind::kExpiry;
    if (a.reading()) {
        std::vector<Entry>& free = expiry ? free_expiries_ : free_messages_;
        if (!a.require(!free.empty(), "more is under way than there is room for") ||
            !a.require(node.sequence < next_sequence_, "a sequence is from the future")) {
            return;
        }
        entry = free.back();
        free.pop_back();
    }
    if (expiry) {
        persist_expiry(a, node, entry, book);
    } else {
        OrderEvent& message = messages_[entry];
        a.plain(message);
        const bool fits = node.kind == Kind::kRequest ? is_request(message) : is_report(message);
        if (!a.require(fits, "what is under way is neither a request nor a report")) return;
    }
    if (!a.reading() || !a.ok()) return;
    nodes_[entry] = node;
    heap_.push_back(entry);
    place(heap_.size() - 1, entry);
}

/// An expiry names its order by the id that both sides know.
void DelayQueue::persist_expiry(StateArchive& a, Node& node, Entry entry, RestingBook& book) {
    ClientOrderId id;
    if (!a.reading()) id = book[node.order].id;
    a(id);
    if (!a.reading()) return;
    node.order = book.find(id);
    if (!a.require(node.order != kNoOrder && book[node.order].expiry == kNoEntry,
                   "an expiry is of no order")) {
        return;
    }
    book[node.order].expiry = entry;
}

void SimBroker::persist(StateArchive& a) { a(cash_, positions_); }

void Reporter::persist(StateArchive& a) { a(orders_, executions_); }

void TapedFill::persist(StateArchive& a) {
    a.all<TapedFill>(exec_id, order_id, venue_order_id, price, quantity, value, fee, cumulative,
                     instrument, account, fee_currency, choice(side, 2));
}

void FillTape::persist(StateArchive& a) { a(count_, fills_); }

/// What an event restates it also reports.
void Executor::persist(StateArchive& a) {
    FERMATA_ASSERT(restated_.empty());
    a(tape_, pass_, disturbances_);
}

void QuoteMatcher::Taken::persist(StateArchive& a) { a.all<Taken>(bid, ask); }

void QuoteMatcher::persist(StateArchive& a) { a(taken_); }

void BarMatcher::BarState::persist(StateArchive& a) {
    a.all<BarState>(taken, taken_last, volume, opened, stream, has_stream);
}

void BarMatcher::persist(StateArchive& a) {
    a(bars_);
    for (const BarState& bar : bars_) {
        a.require(!bar.has_stream || bar.stream.value < streams_.size(), "a stream is not known");
    }
}

void SimulatedExchange::TradingDay::persist(StateArchive& a) {
    a.all<TradingDay>(last_event, day, last, has_last);
}

void SimulatedExchange::persist(StateArchive& a) {
    a.section("exchange", 3, [&] {
        a(markets_, book_);
        queue_.persist(a, book_);
        a(broker_, reporter_, executor_, quotes_, bars_, days_, now_, feed_position_, newest_);
    });
}

}  // namespace fermata
