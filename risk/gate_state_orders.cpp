// The state of the controls that follow single orders and fills. See gate_state.cpp.

#include <algorithm>

#include "core/base/state_archive.hpp"
#include "risk/credit.hpp"
#include "risk/in_flight.hpp"
#include "risk/intraday_margin.hpp"
#include "risk/margin_need.hpp"
#include "risk/order_reserves.hpp"
#include "risk/wash_sale_tag.hpp"

namespace fermata {

static_assert(sizeof(InFlight) == 136, "InFlight::persist must deal with every member");
static_assert(sizeof(MarginClock) == 8, "MarginClock::persist must deal with every member");
static_assert(sizeof(OrderReserves) == 104, "OrderReserves::persist must deal with every member");
static_assert(sizeof(Credit) == 144, "Credit::persist must deal with every member");
static_assert(sizeof(IntradayMargin) == 160, "IntradayMargin::persist must deal with every member");
static_assert(sizeof(WashSaleTag) == 80, "WashSaleTag::persist must deal with every member");

void InFlight::Node::persist(StateArchive& a) {
    a.all<Node>(tag, id, change, due, instrument, strategy, account, derived(next),
                derived(previous), choice(kind, kKinds));
}

/// The requests as they were sent; slots and index follow from them.
void InFlight::persist(StateArchive& a) {
    a(tripped_);
    if (a.reading()) a.require(index_.size() == 0, "requests are read over requests");
    const std::size_t count = a.count(index_.size(), nodes_.size());
    std::uint32_t at = oldest_;
    for (std::size_t n = 0; n < count && a.ok(); ++n) {
        Node node;
        if (!a.reading()) {
            node = nodes_[at];
            at = node.next;
        }
        a(node);
        if (!a.reading()) continue;
        if (!a.require(index_.find(key(node.kind, node.tag)) == kNone, "a request comes twice")) {
            return;
        }
        insert(node);
    }
}

void MarginClock::persist(StateArchive& a) { a(refreshed_); }

void OrderReserves::Reserve::persist(StateArchive& a) {
    a.all<Reserve>(tag, account, reserved, filled, approved, derived(next), derived(previous));
}
void OrderReserves::Account::persist(StateArchive& a) {
    a.all<Account>(derived(reserved), spent, spent_at, derived(oldest), derived(newest));
}

/// The orders of each account as they were approved; sums, slots and index follow from them.
void OrderReserves::persist(StateArchive& a) {
    if (a.reading()) a.require(index_.size() == 0, "orders are read over orders");
    a(accounts_);
    for (std::size_t n = 0; n < accounts_.size() && a.ok(); ++n) {
        Account& account = accounts_[n];
        std::size_t count = 0;
        for (std::uint32_t at = account.oldest; at != kNone; at = orders_[at].next) ++count;
        count = a.count(count, orders_.size() - (a.reading() ? index_.size() : 0));
        std::uint32_t at = account.oldest;
        for (std::size_t k = 0; k < count && a.ok(); ++k) {
            Reserve order;
            if (!a.reading()) {
                order = orders_[at];
                at = order.next;
            }
            a(order);
            if (!a.reading()) continue;
            if (!a.require(order.account.value == n && index_.find(key(order.tag)) == kNone,
                           "an order is another account's or comes twice")) {
                return;
            }
            const std::uint32_t slot = free_;
            free_ = orders_[slot].next;
            orders_[slot] = order;
            index_.insert(key(order.tag), slot);
            account.reserved = saturating_add(account.reserved, order.reserved);
            link_newest(slot);
        }
    }
}

void Credit::Account::persist(StateArchive& a) {
    a.all<Account>(granted, asked, configured(on), configured(has_model), polled, known);
}
void Credit::persist(StateArchive& a) { a(accounts_, reserves_); }

void IntradayMargin::Account::persist(StateArchive& a) {
    a.all<Account>(maintenance, shortfall, equity_at_shortfall, day, configured(on),
                   configured(has_model), known);
    a.require(!shortfall.is_negative(), "a shortfall is below zero");
}
void IntradayMargin::persist(StateArchive& a) { a(accounts_, reserves_, clock_); }

void WashSaleTag::Day::persist(StateArchive& a) {
    a.all<Day>(lost_quantity, lost, bought);
    a.require(lost_quantity >= 0 && lost >= 0 && bought >= 0, "a sum is below zero");
}
void WashSaleTag::Slot::persist(StateArchive& a) {
    a.all<Slot>(derived(sum), held, today, days);
    a.require(held >= 0 && today >= 0, "a position or a day is below zero");
    if (!a.reading()) return;
    for (const Day& d : days) {
        const bool fits =
            !__builtin_add_overflow(sum.lost_quantity, d.lost_quantity, &sum.lost_quantity) &&
            !__builtin_add_overflow(sum.lost, d.lost, &sum.lost) &&
            !__builtin_add_overflow(sum.bought, d.bought, &sum.bought);
        if (!a.require(fits, "a sum of days does not fit")) return;
    }
}
void WashSaleTag::persist(StateArchive& a) { a(slots_); }

}  // namespace fermata
