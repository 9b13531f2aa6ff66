// The order manager's state in an archive. See core/base/state_archive.hpp.

#include <algorithm>
#include <vector>

#include "core/base/state_archive.hpp"
#include "core/order/order_manager.hpp"
#include "core/order/order_table.hpp"

namespace fermata {

static_assert(sizeof(OrderTable) == 224, "OrderTable::persist must deal with every member");
static_assert(sizeof(OrderManager) == 1'232, "OrderManager::persist must deal with every member");

void Order::persist(StateArchive& a) {
    a.all<Order>(tag, id, venue_order_id, instrument, strategy, account, venue,
                 choice(reason, kOrderReasonCount), choice(side, 2), choice(type, kOrderTypeCount),
                 choice(tif, kTimeInForceCount), choice(state, kOrderStateCount), acknowledged,
                 triggered, cancel_pending, replace_pending, replaced, suspended, done_for_day,
                 held, flags, choice(offset_kind, kOffsetKindCount),
                 choice(link_role, kLinkRoleCount), sliced, link, quantity, cumulative_quantity,
                 price, stop_price, filled_value, reserve_price, reserved_quantity, reserved_value,
                 updated, created, expire_time, changes, pending_price, pending_stop_price,
                 pending_quantity, pending_reserve_price, display_quantity, parent, offset,
                 pending_display, pending_offset, sent_id, sent_from, sent_to, armed, children,
                 counted, held_since, repriced_at, bound, asked, pending_asked, pulled, ends_as,
                 choice(ends_because, kOrderReasonCount), kept_by);
}

void OrderTable::persist(StateArchive& a) {
    a(newest_);
    persist(a, open_);
    persist(a, terminal_);
}

/// The orders of one list in its order; slots and generations do not matter.
void OrderTable::persist(StateArchive& a, List& list) {
    if (a.reading()) a.require(list.count == 0, "orders are read over orders");
    const std::size_t count = a.count(list.count, orders_.size() - by_tag_.size() * a.reading());
    std::uint32_t index = list.head;
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        if (!a.reading()) {
            a(orders_[index]);
            persist_aliases(a, index);
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
        persist_aliases(a, index);
    }
}

/// The other ids of one order, the oldest first.
void OrderTable::persist_aliases(StateArchive& a, std::uint32_t index) {
    std::vector<ClientOrderId> ids;
    for (std::uint32_t n = links_[index].aliases; n != kNone; n = aliases_[n].next) {
        ids.insert(ids.begin(), aliases_[n].id);
    }
    const std::size_t count = a.count(ids.size(), orders_.size());
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        ClientOrderId id = a.reading() ? ClientOrderId{} : ids[n];
        a(id);
        if (!a.reading()) continue;
        if (!a.require(id.value != 0 && find(id) == nullptr, "an order's other id comes twice") ||
            !a.require(free_alias_ != kNone && add_alias(orders_[index], id),
                       "there are more other ids than there is room for")) {
            return;
        }
    }
}

void OrderManager::persist(StateArchive& a) {
    a.section("orders", 4, [&] {
        a(table_, executions_, newest_tag_, next_id_, next_fill_, emulator_);
        if (a.reading()) restore_exposures(a);
        if (a.ok()) persist_held(a);
        if (a.reading() && a.ok()) restore_relations();
    });
}

/// What is held and followed, in the order in which it is walked; what waits for a price or a time.
void OrderManager::persist_held(StateArchive& a) {
    const auto list = [&](auto first, auto next, auto add) {
        std::vector<ClientOrderId> ids;
        for (std::uint32_t i = 0; i < instruments_.size(); ++i) {
            for (std::uint32_t s = first(InstrumentId{i}); s != Emulator::kNone; s = next(s)) {
                ids.push_back(table_.in_slot(s).id);
            }
        }
        if (a.reading()) ids.clear();
        a.sized(ids, table_.capacity());
        if (!a.reading()) return;
        for (const ClientOrderId id : ids) {
            const Order* order = table_.find(id);
            if (!a.require(order != nullptr && !is_terminal(order->state),
                           "an order that is held is not open")) {
                return;
            }
            add(*order, slot_of(*order));
        }
    };
    list([&](InstrumentId i) { return emulator_.first_held(i); },
         [&](std::uint32_t s) { return emulator_.next_held(s); },
         [&](const Order& o, std::uint32_t s) { emulator_.hold(o, s); });
    list([&](InstrumentId i) { return emulator_.first_follower(i); },
         [&](std::uint32_t s) { return emulator_.next_follower(s); },
         [&](const Order& o, std::uint32_t s) { emulator_.follow(o, s); });
    table_.for_each_open([&](const Order& order) {
        const std::uint32_t slot = slot_of(order);
        bool trigger = emulator_.watches_trigger(slot);
        bool deadline = emulator_.has_deadline(slot);
        Timestamp retry = emulator_.retry_at(slot);
        a(trigger, deadline, retry);
        if (!a.reading() || !a.ok()) return;
        if (retry.ns != 0) emulator_.set_retry(order, slot, retry);
        if (trigger) emulator_.watch(order, slot);
        if (deadline) emulator_.set_deadline(order, slot);
    });
}

/// Groups hold their members in the order of their ids.
void OrderManager::restore_relations() {
    std::vector<const Order*> orders;
    const auto add = [&](const Order& order) { orders.push_back(&order); };
    table_.for_each_terminal(add);
    table_.for_each_open(add);
    std::sort(orders.begin(), orders.end(),
              [](const Order* x, const Order* y) { return x->id < y->id; });
    for (const Order* order : orders) {
        join_groups(*order);
        count_once(*order);
        if (!is_terminal(order->state) && reduces_here(*order)) watch_position(*order, true);
    }
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
