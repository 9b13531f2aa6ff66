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

}  // namespace fermata
