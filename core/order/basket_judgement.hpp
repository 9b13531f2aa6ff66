#pragma once

#include "core/event/order_event.hpp"
#include "core/order/basket_book.hpp"
#include "core/order/event_buffer.hpp"
#include "core/order/order_manager.hpp"

namespace fermata {

/// All members of a basket, or none: each is judged (`judge` gives its verdict) with those before
/// it in the books, and then all are confirmed or all denied.
template <class Members, class Judge, class ReservePrice>
void judge_basket(const Members& members, Judge judge, ReservePrice reserve_price,
                  OrderManager& orders, EventBuffer& out) {
    bool passed = true;
    for (BasketMember& member : members) {
        const VerdictData verdict = judge(member.intent);
        member.failed = verdict.failed;
        const bool fits = verdict.approved != 0 &&
                          orders.reserve(member.intent, reserve_price(member.intent), out);
        passed = passed && fits;
    }
    for (const BasketMember& member : members) {
        if (passed) {
            orders.confirm(member.intent, out);
        } else {
            orders.deny_member(member.intent, member.failed, out);
        }
    }
}

}  // namespace fermata
