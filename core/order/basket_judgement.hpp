#pragma once

#include "core/event/order_event.hpp"
#include "core/order/basket_book.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {

/// All members of a basket, or none: each is judged (`judge` gives its verdict) with those before
/// it in the books, and then all are confirmed or all denied. If they pass, the resting orders that
/// the gate wants out of their way are canceled (`cancel`) before anything is sent; if not, none.
template <class Members, class Judge, class Cancel, class Gate>
void judge_basket(const Members& members, Judge judge, Cancel cancel, Gate& gate,
                  BasketBook& baskets, OrderManager& orders, EventBuffer& out) {
    bool passed = true;
    for (BasketMember& member : members) {
        const VerdictData verdict = judge(member.intent);
        for (auto id = gate.next_self_match(); id; id = gate.next_self_match()) {
            if (!baskets.give_way(*id)) cancel(*id);
        }
        member.failed = verdict.failed;
        const bool fits = verdict.approved != 0 &&
                          orders.reserve(member.intent, gate.reserve_price(member.intent), out);
        passed = passed && fits;
    }
    if (passed) {
        for (const ClientOrderId id : baskets.giving_way()) cancel(id);
    }
    baskets.forget_giving_way();
    for (const BasketMember& member : members) {
        if (passed) {
            orders.confirm(member.intent, out);
        } else {
            orders.deny_member(member.intent, member.failed, out);
        }
    }
}

/// A member of a basket came; the last one has all of them judged.
template <class Judge, class Cancel, class Gate>
void take_member(const OrderEvent& e, Judge judge, Cancel cancel, Gate& gate, BasketBook& baskets,
                 OrderManager& orders, EventBuffer& out) {
    const StrategyId sender = e.data.new_order.strategy;
    if (!baskets.add(e)) {
        orders.deny_member(e, 0, out);  // it was not announced
        return;
    }
    if (!baskets.complete(sender)) return;
    gate.begin_basket(sender);
    judge_basket(baskets.take(sender), judge, cancel, gate, baskets, orders, out);
}

/// What came of a basket that will not be complete.
inline void deny_basket(StrategyId sender, BasketBook& baskets, OrderManager& orders,
                        EventBuffer& out) {
    for (const BasketMember& member : baskets.take(sender)) {
        orders.deny_member(member.intent, 0, out);
    }
}
inline void deny_baskets(std::size_t strategies, BasketBook& baskets, OrderManager& orders,
                         EventBuffer& out) {
    for (std::size_t n = 0; n < strategies; ++n) {
        deny_basket(StrategyId{static_cast<std::uint16_t>(n)}, baskets, orders, out);
    }
}

}  // namespace fermata
