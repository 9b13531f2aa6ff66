// What the order manager sends without a request in hand, judged as things stand when it is due:
// see core/order/release_judge.hpp and docs/risk.md.

#include "risk/gate.hpp"
#include "risk/price.hpp"

namespace fermata {

VerdictData Gate::check_release(const NewOrderData& terms, const Order& live, OrderEventType action,
                                Timestamp now) noexcept {
    Request r;
    r.now = now;
    r.is_release = true;
    r.tag = live.tag;
    r.order_id = live.id;
    r.instrument_id = live.instrument;
    r.strategy = live.strategy;
    r.account = live.account;
    r.venue = live.venue;
    // As it is sent: an emulated stop is a market order by now, and a peg has a limit.
    r.side = terms.side;
    r.type = terms.type;
    r.tif = terms.tif;
    r.expire_time = terms.expire_time;
    r.price = terms.price;
    r.stop_price = terms.stop_price;
    r.quantity = terms.quantity;
    r.flags = live.flags;
    r.offset_kind = terms.offset_kind;
    r.link_role = live.link_role;
    r.link = live.link;
    r.offset = terms.offset;
    r.display = terms.display_quantity;
    // The books have had it since it was approved, and it adds nothing to what they have.
    r.open_before = r.open_after = live.reserved_quantity.raw();
    locate(r);
    VerdictData verdict = verdict_of(r, action);
    Findings out(verdict);
    // One that is sent by the request that asked for it was counted with it.
    const bool counted =
        action == OrderEventType::kSendNew && live.created == now && live.sent_id.value == 0;
    check_state(r, states_, out);
    check_instrument(r, marks_, states_, out);
    if (!counted) rates_.check(r, out);
    drawdown_.check(r, out);
    clock_.check(out);
    health_.check(out);
    losses_.check(r, out);
    restricted_.check(r, out);
    check_collar(r, out);
    // What is for the opening goes out before the first quote of the session can have come.
    const bool at_opening = live.tif == TimeInForce::kAto && action == OrderEventType::kSendNew;
    if (!at_opening) quality_.check(r, out);
    bands_.check(r, out);
    in_flight_.check(r, out);
    own_.check(r, out);
    shorts_.check(r, out);
    if (verdict.failed != 0) {
        if (verdict.failed != bit(ControlId::kSelfMatch)) own_.cancel_none();
        return verdict;
    }
    verdict.approved = 1;
    if (!counted) rates_.count(r.strategy, now);
    if (action == OrderEventType::kSendReplace) ++released_;
    return verdict;
}

}  // namespace fermata
