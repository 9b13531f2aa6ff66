// The order manager's state in an archive. See core/base/state_archive.hpp.

#include "core/base/state_archive.hpp"
#include "core/order/execution_set.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/order_table.hpp"

namespace fermata {

static_assert(sizeof(ExecutionSet) == 80, "ExecutionSet::persist must deal with every member");
static_assert(sizeof(OrderTable) == 192, "OrderTable::persist must deal with every member");
static_assert(sizeof(OrderManager) == 440, "OrderManager::persist must deal with every member");

void Order::persist(StateArchive& a) {
    a.all<Order>(tag, id, venue_order_id, instrument, strategy, account, venue,
                 choice(reason, kOrderReasonCount), choice(side, 2), choice(type, kOrderTypeCount),
                 choice(tif, kTimeInForceCount), choice(state, kOrderStateCount), acknowledged,
                 triggered, cancel_pending, replace_pending, price, stop_price, quantity,
                 cumulative_quantity, filled_value, expire_time, created, updated, changes,
                 pending_price, pending_stop_price, pending_quantity, reserve_price,
                 pending_reserve_price, reserved_quantity, reserved_value);
}

/// The keys in the order of insertion; where in the ring they stand does not matter.
void ExecutionSet::persist(StateArchive& a) {
    const std::size_t held = index_.size();
    if (a.reading()) a.require(held == 0, "executions are read over executions");
    const std::size_t count = a.count(held, ring_.size());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        IdIndex::Key key;
        if (!a.reading()) key = ring_[(next_ + ring_.size() - count + n) % ring_.size()];
        a.all<IdIndex::Key>(key.high, key.low);
        if (!a.reading()) continue;
        const auto venue = static_cast<VenueId::rep>(key.high);
        if (!a.require(venue == key.high, "a venue has no such number") ||
            !a.require(!contains(VenueId{venue}, ExecId{key.low}), "an execution comes twice")) {
            return;
        }
        insert(VenueId{venue}, ExecId{key.low});
    }
}

void OrderTable::persist(StateArchive& a) {
    a(newest_);
    persist(a, open_);
    persist(a, terminal_);
}

/// The orders of one list in its order; slots and generations do not matter.
void OrderTable::persist(StateArchive& a, List& list) {
    if (a.reading()) a.require(list.count == 0, "orders are read over orders");
    const std::size_t count = a.count(list.count, orders_.size() - by_id_.size() * a.reading());
    std::uint32_t index = list.head;
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        if (!a.reading()) {
            a(orders_[index]);
            index = links_[index].next;
            continue;
        }
        Order order;
        a(order);
        const bool terminal = &list == &terminal_;
        if (!a.require(is_terminal(order.state) == terminal, "an order is in the wrong list") ||
            !a.require(order.id <= newest_ && order.id.value != 0, "an order has a wrong id") ||
            !a.require(find(order.id) == nullptr && find(order.tag) == nullptr,
                       "an order comes twice")) {
            return;
        }
        index = take_slot(order);
        links_[index].terminal = terminal;
        append(list, index);
    }
}

void OrderManager::persist(StateArchive& a) {
    a.section("orders", 1, [&] {
        a(table_, executions_, newest_tag_, next_id_);
        if (a.reading()) restore_exposures(a);
    });
}

/// Exposure is the sum of what the orders say that they add to it.
void OrderManager::restore_exposures(StateArchive& a) {
    a.require(next_id_.value != 0, "the next id is none");
    const auto known = [&](const Order& order) {
        return instruments_.contains(order.instrument) && accounts_.contains(order.account) &&
               accounts_.contains(order.strategy);
    };
    table_.for_each_terminal([&](const Order& order) {
        a.require(known(order), "an order belongs to nobody that is known");
        a.require(order.reserved_quantity.is_zero() && order.reserved_value.is_zero(),
                  "an order that is over is still reserved for");
    });
    table_.for_each_open([&](const Order& order) {
        const ExposureShare share{order.reserved_quantity, order.reserved_value};
        if (!a.require(known(order), "an order belongs to nobody that is known") ||
            !a.require(!share.quantity.is_negative() && !share.value.is_negative() &&
                           exposures_.fits(order, {}, share),
                       "an order's exposure does not fit")) {
            return;
        }
        exposures_.open(order, share);
    });
}

}  // namespace fermata
